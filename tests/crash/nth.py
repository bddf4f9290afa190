#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails the Nth system call, once and from then on, and counts the mail afterwards.

    nth.py [--seed N] [--count N] [--door accept|milter|deliver] BUILD-FOLDER

One message after the other goes in by `deskgate accept` and by deskgate-milter, or is
delivered by deskgate-deliver, while strace makes one system call of the program fail: each
kind of call, at each place where it is made, with an error that the kernel has for it.
What was not taken is sent again, as an MTA would; the programs are killed (kill -9) after
each fault.  In the end all starts anew without faults, and every message must be one
ticket, byte for byte.  --count takes that many faults of each door, at random; without it
all of them, which takes hours.

Prints what is wrong, and a sum:

    300 faults: lost 0, doubled 0, torn 0, stuck 0, refused 0

Exit 0 when all are 0; 77 without strace.  "refused": a door said no for good, where only
"later" is true.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

# What each call may fail with, by way of example.  Not close(2): one that fails has closed
# it all the same on Linux, which cannot be acted out here.
CALLS = {
    "openat": "EMFILE", "read": "EIO", "pread64": "EIO", "write": "ENOSPC",
    "pwrite64": "ENOSPC", "pwritev": "ENOSPC", "writev": "EIO",
    "fsync": "EIO", "fdatasync": "EIO", "ftruncate": "ENOSPC",
    "link": "ENOSPC", "linkat": "ENOSPC", "rename": "ENOSPC", "renameat": "ENOSPC",
    "renameat2": "ENOSPC", "unlink": "EIO", "unlinkat": "EIO", "mkdir": "ENOSPC",
    "mkdirat": "ENOSPC", "mmap": "ENOMEM", "memfd_create": "ENFILE",
    "accept4": "EMFILE", "accept": "EMFILE", "socketpair": "EMFILE", "fcntl": "EIO",
    "newfstatat": "EIO", "flock": "ENOLCK", "clone": "EAGAIN", "clone3": "EAGAIN",
}
FAULT_SECONDS = 4      # a program that is slow with a fault is killed then
SETTLE_SECONDS = 120   # what all of it may take in the end
ROUND = 400            # faults of one state
ACCEPTED, LATER, REFUSED = "accepted", "later", "refused"


class Place:
    """A state of our own and the programs on it."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deskgate-nth."))
        self.folder.chmod(0o755)
        self.conf = self.folder / "dg.conf"
        text = (f'state-dir = "{self.folder}/state"\nretry-min = 1s\nretry-max = 1s\n'
                'rate-per-sender = 0\nopen-per-sender = 0\n'
                'inbox "support@example.com" {\n\taction-unsure = ticket\n'
                '\taction-spam = ticket\n}\n')
        if os.getuid() == 0:
            text += 'user = "nobody"\n'
        self.conf.write_text(text)
        self.tool("stats")
        self.sent = {}   # Message-ID to bytes

    def argv(self, program, *words):
        return [str(self.build / program), "-c", str(self.conf), *words]

    def tool(self, *words, **more):
        return subprocess.run(self.argv("deskgate", *words), capture_output=True,
                              timeout=60, **more)

    def remove(self):
        shutil.rmtree(self.folder)

    def settle(self):
        """All of it without faults; the keeper that is left running."""
        keeper = begin(self.argv("deskgate-deliver"))
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            time.sleep(0.3)
            queue = self.tool("queue", "list", "--plain")
            if queue.returncode == 0 and not queue.stdout.strip():
                break
        return keeper

    def count(self, sums, refused):
        """Adds what is wrong to the sums.  The place goes when all is well."""
        keeper = self.settle()
        tickets = json.loads(self.tool("tickets", "list", "--json", "--limit",
                                       "1000").stdout)["tickets"]
        subjects = [t["subject"] for t in tickets]
        stuck = self.tool("queue", "list", "--plain").stdout.decode().split("\n")
        texts = {self.tool("queue", "show", "--raw", key).stdout.replace(b"\r\n", b"\n")
                 for key in os.listdir(self.folder / "state/spool/done")}
        kill_group(keeper)
        made = {name: subjects.count(f"Question {name}") for name in self.sent}
        found = {
            "lost": [n for n, k in made.items() if k == 0],
            "doubled": [n for n, k in made.items() if k > 1],
            "torn": [n for n, data in self.sent.items()
                     if made[n] and data.replace(b"\r\n", b"\n") not in texts],
            "stuck": [s for s in stuck if s],
            "refused": refused,
        }
        for what, names in found.items():
            sums[what] += [f"{one} in {self.folder}" for one in names]
        if not any(found.values()):
            self.remove()

    def message(self):
        """A new one; (id, bytes)."""
        name = f"nth{len(self.sent):05}"
        data = (f"From: Someone <{name}@example.org>\r\nTo: support@example.com\r\n"
                f"Subject: Question {name}\r\nMessage-ID: <{name}@client.example.org>\r\n"
                "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n"
                f"What is {name}?\r\n").encode()
        self.sent[name] = data
        return name, data


def trace(log, only=None, fault=None):
    """The words before a command that is traced into `log`."""
    calls = only or ",".join(CALLS)
    words = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={calls}"]
    if fault:
        words += ["-e", f"inject={fault}"]
    return words


def places(log, start):
    """The places where a call is made, (call, nth of its process), from the line on where
    `start` first stands."""
    made, most, begun = {}, {}, {}
    for line in open(log, errors="replace"):
        found = re.match(r"(\d+)\s+(\w+)\(", line)
        if not found:
            continue
        pid, call = found.groups()
        made[pid, call] = made.get((pid, call), 0) + 1
        if pid not in begun and (start in line or begun):
            begun[pid] = {c: n for (p, c), n in made.items() if p == pid}
        if pid in begun:
            most.setdefault(call, set()).add(made[pid, call])
    return {(call, nth) for call, all_ in most.items() for nth in all_}


def ended(process, seconds):
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def begin(argv, **more):
    return subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, **more)


# --- the doors


class Accept:
    """deskgate accept: its exit code is what the MTA hears."""

    def __init__(self, place):
        self.place = place

    def send(self, data, before=()):
        done = subprocess.Popen(
            [*before, *self.place.argv("deskgate", "accept", "-i", "support@example.com",
                                       "-f", "a@example.org")],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True)
        try:
            _, words = done.communicate(data, 30)
        except subprocess.TimeoutExpired:
            kill_group(done)  # the tracer and who is traced
            return LATER
        if done.returncode == 0:
            return ACCEPTED
        # Killed, or never begun: the MTA keeps it.
        return LATER if done.returncode in (75, 127) or done.returncode < 0 \
            else f"{REFUSED}: exit {done.returncode} {words.decode(errors='replace')}"

    def learn(self, log):
        _, data = self.place.message()
        assert self.send(data, trace(log)) == ACCEPTED
        return places(log, str(self.place.conf)), places(log, "/spool")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        answer = self.send(data, trace(log, call, fault))
        return answer, data


class Mta:
    """The little of an MTA that hands one message to a milter."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)

    def put(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def take(self):
        need = struct.unpack("!I", self.exactly(4))[0]
        packet = self.exactly(need)
        return packet[:1], packet[1:]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("hung up")
            data += more
        return data

    def ask(self, command, data=b""):
        """The first answer that is no edit and no sign of life."""
        self.put(command, data)
        while True:
            answer, text = self.take()
            if answer not in b"+-p" + b"hmbi2qe":
                return answer, text

    def message(self, data):
        head, body = data.split(b"\r\n\r\n", 1)
        self.put(b"O", struct.pack("!III", 6, 0x1FF, 0))
        _, offer = self.take()
        steps = struct.unpack("!III", offer[:12])[2]
        asks = [(b"C", b"client.example.org\0" + b"4" + struct.pack("!H", 25) + b"192.0.2.7\0"),
                (b"H", b"client.example.org\0"), (b"M", b"<a@example.org>\0"),
                (b"R", b"<support@example.com>\0"), (b"T", b"")]
        silent = {b"L": 0x80, b"N": 0x40000, b"B": 0x80000}
        left_out = {b"C": 1, b"H": 2, b"T": 0x200}
        for field in head.split(b"\r\n"):
            name, value = field.split(b": ", 1)
            asks.append((b"L", name + b"\0" + value + b"\0"))
        asks += [(b"N", b""), (b"B", body), (b"E", b"")]
        for command, text in asks:
            if steps & left_out.get(command, 0):
                continue
            if steps & silent.get(command, 0):
                self.put(command, text)
                continue
            answer, words = self.ask(command, text)
            if answer in b"a":
                return ACCEPTED
            if answer in b"t" or (answer == b"y" and words[:1] == b"4"):
                return LATER
            if answer != b"c":
                return f"{REFUSED}: {answer} {words}"
        return ACCEPTED


class Milter:
    """deskgate-milter, started for each fault."""

    def __init__(self, place):
        self.place = place
        self.path = str(place.folder / "state/run/milter/milter.sock")

    def start(self, before=()):
        if os.path.exists(self.path):
            os.unlink(self.path)
        process = begin([*before, *self.place.argv("deskgate-milter")])
        until = time.monotonic() + FAULT_SECONDS
        while time.monotonic() < until and process.poll() is None:
            if os.path.exists(self.path):
                return process
            time.sleep(0.02)
        return process

    def talk(self, data):
        until = time.monotonic() + FAULT_SECONDS
        while True:
            try:
                return Mta(self.path).message(data)
            except (ConnectionRefusedError, FileNotFoundError):
                if time.monotonic() > until:
                    return LATER
                time.sleep(0.05)
            except (OSError, ConnectionError, struct.error):
                return LATER

    def send(self, data):
        process = self.start()
        try:
            return self.talk(data)
        finally:
            kill_group(process)

    def learn(self, log):
        _, data = self.place.message()
        process = self.start(trace(log))
        assert self.talk(data) == ACCEPTED
        kill_group(process)
        return places(log, str(self.place.conf)), places(log, "accept(")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        process = self.start(trace(log, call, fault))
        answer = self.talk(data) if process.poll() is None else LATER
        kill_group(process)
        return answer, data


class Deliver:
    """deskgate-deliver: what it has to deliver was taken before."""

    def __init__(self, place):
        self.place = place
        self.accept = Accept(place)
        self.done = place.folder / "state/spool/done"

    def run(self, before=()):
        """Until one more is done, or it ends."""
        count = len(os.listdir(self.done))
        process = begin([*before, *self.place.argv("deskgate-deliver")])
        until = time.monotonic() + FAULT_SECONDS
        while time.monotonic() < until and process.poll() is None and \
                len(os.listdir(self.done)) == count:
            time.sleep(0.02)
        kill_group(process)

    def send(self, data):
        return self.accept.send(data)

    def learn(self, log):
        self.send(self.place.message()[1])
        self.run(trace(log))
        return places(log, str(self.place.conf)), places(log, "control.sock")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        answer = self.send(data)
        self.run(trace(log, call, fault))
        return answer, data


DOORS = {"accept": Accept, "milter": Milter, "deliver": Deliver}


# --- all of it


def campaign(place, door, faults):
    """Messages that a door took, and those it refused."""
    refused, again, log = [], [], place.folder / "trace"
    for number, (call, nth, more) in enumerate(faults):
        fault = f"{call}:error={CALLS[call]}:when={nth}{more}"
        began = time.monotonic()
        answer, data = door.with_fault(log, call, fault)
        if os.environ.get("NTH_TELL"):
            print(f"{time.monotonic() - began:.2f} {fault}: {answer}", file=sys.stderr)
        if answer.startswith(REFUSED):
            refused.append(f"{fault}: {answer}")
        if answer != ACCEPTED:
            again.append(data)
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(faults)}", end="", file=sys.stderr)
    for data in again:
        answer = door.send(data)
        if answer != ACCEPTED:
            refused.append(f"without a fault: {answer}")
    return refused


def choose(chance, all_places, late, most):
    """Faults, and how many there are; three of four at the work itself, not at the start."""
    groups = [sorted((call, nth, more) for call, nth in group for more in ("", "+"))
              for group in (all_places - late, late)]
    for group in groups:
        chance.shuffle(group)
    early = groups[0][:None if most is None else most // 4]
    late = groups[1][:None if most is None else most - len(early)]
    return early + late, sum(map(len, groups))


def main():
    parser = argparse.ArgumentParser(description="Fails the Nth system call.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int)
    parser.add_argument("--door", choices=DOORS, action="append")
    parser.add_argument("build")
    options = parser.parse_args()
    if not shutil.which("strace"):
        print("skipped: strace is not installed")
        sys.exit(77)
    if b"__asan_init" in (pathlib.Path(options.build) / "deskgate").read_bytes():
        del CALLS["mmap"]  # the sanitizer's own memory, which it does not do without
    chance = random.Random(options.seed)
    sums = {what: [] for what in ("lost", "doubled", "torn", "stuck", "refused")}
    done = 0
    for name in options.door or DOORS:
        place = Place(options.build)
        faults, known = choose(chance, *DOORS[name](place).learn(place.folder / "trace"),
                               options.count)
        print(f"{name}: {len(faults)} faults of {known}", flush=True)
        while faults:
            refused = campaign(place, DOORS[name](place), faults[:ROUND])
            done += len(faults[:ROUND])
            faults = faults[ROUND:]
            place.count(sums, [f"{name}: {text}" for text in refused])
            place = Place(options.build)
        place.remove()
    for what, names in sums.items():
        for one in names[:20]:
            print(f"{what}: {one}")
    print(f"{done} faults: " + ", ".join(f"{w} {len(n)}" for w, n in sums.items()))
    sys.exit(1 if any(sums.values()) else 0)


if __name__ == "__main__":
    main()
