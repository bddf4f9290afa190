# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways of a message into Deskgate: by deskgate accept, by the milter, and what
deskgate-deliver does with it.

Each door sends a message (send), does so under strace to learn where its program makes
which system call (learn), and under a fault (with_fault).
"""
import os
import pathlib
import re
import socket
import struct
import subprocess
import time

from place import ACCEPTED, INBOX, LATER, REFUSED, begin, kill_group

HERE = pathlib.Path(__file__).parent
FAULT_SECONDS = 4  # a program that is slow with a fault is killed then


def trace(log, calls, fault=None):
    """The words before a command that is traced into `log`."""
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


class Accept:
    """deskgate accept: its exit code is what the MTA hears."""

    def __init__(self, place):
        self.place = place

    def send(self, data, before=()):
        done = subprocess.Popen(
            [*before, *self.place.argv("deskgate", "accept", "-i", INBOX,
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

    def learn(self, log, calls):
        _, data = self.place.message()
        assert self.send(data, trace(log, calls)) == ACCEPTED
        return places(log, str(self.place.conf)), places(log, "/spool")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        return self.send(data, trace(log, call, fault)), data


class Mta:
    """The little of an MTA that hands one message to a milter."""

    def __init__(self, path, seconds=10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
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

    def greet(self):
        """Begins a session; what the milter says to it is to be taken."""
        self.put(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF))

    def steps(self, data):
        """What is said of a message, after the greeting: (command, words, whether an
        answer comes)."""
        self.greet()
        return self.steps_after(data)

    def steps_after(self, data):
        """The same where the milter was greeted before."""
        head, body = data.split(b"\r\n\r\n", 1)
        _, offer = self.take()
        flags = struct.unpack("!III", offer[:12])[2]
        asks = [(b"C", b"client.example.org\0" + b"4" + struct.pack("!H", 25) + b"192.0.2.7\0"),
                (b"H", b"client.example.org\0"), (b"M", b"<a@example.org>\0"),
                (b"R", f"<{INBOX}>\0".encode()), (b"T", b"")]
        space = b" " if flags & 0x100000 else b""
        for field in head.split(b"\r\n"):
            name, value = field.split(b": ", 1)
            asks.append((b"L", name + b"\0" + space + value + b"\0"))
        asks += [(b"N", b""), (b"B", body), (b"E", b"")]
        left_out = {b"C": 1, b"H": 2, b"T": 0x200}
        silent = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000,
                  b"L": 0x80, b"N": 0x40000, b"B": 0x80000}
        return [(command, text, not flags & silent.get(command, 0))
                for command, text in asks if not flags & left_out.get(command, 0)]

    def message(self, data):
        """What the milter says of it."""
        return self.tell(self.steps(data))

    def tell(self, steps):
        """What it says to those steps."""
        for command, text, answered in steps:
            if not answered:
                self.put(command, text)
                continue
            answer, words = self.ask(command, text)
            if answer in b"a":
                return ACCEPTED
            if answer in b"t" or (answer == b"y" and words[:1] == b"4"):
                return LATER
            if answer not in b"cs":
                return f"{REFUSED}: {answer} {words}"
        return ACCEPTED


def talk(path, data):
    """A message to the milter at that path, which may only just begin."""
    until = time.monotonic() + FAULT_SECONDS
    while True:
        try:
            return Mta(path).message(data)
        except (ConnectionRefusedError, FileNotFoundError):
            if time.monotonic() > until:
                return LATER
            time.sleep(0.05)
        except (OSError, ConnectionError, struct.error):
            return LATER


class Milter:
    """deskgate-milter, started for each fault."""

    def __init__(self, place):
        self.place = place

    def start(self, before=()):
        path = self.place.milter_path()
        if os.path.exists(path):
            os.unlink(path)
        process = begin([*before, *self.place.argv("deskgate-milter")])
        until = time.monotonic() + FAULT_SECONDS
        while time.monotonic() < until and process.poll() is None and \
                not os.path.exists(path):
            time.sleep(0.02)
        return process

    def send(self, data, before=()):
        process = self.start(before)
        try:
            if process.poll() is not None:
                return LATER
            return talk(self.place.milter_path(), data)
        finally:
            kill_group(process)

    def learn(self, log, calls):
        _, data = self.place.message()
        assert self.send(data, trace(log, calls)) == ACCEPTED
        return places(log, str(self.place.conf)), places(log, "accept(")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        return self.send(data, trace(log, call, fault)), data


class Deliver:
    """deskgate-deliver: what it has to deliver was taken before."""

    def __init__(self, place):
        self.place = place
        self.accept = Accept(place)

    def run(self, before=()):
        """Until one more is done, or it ends."""
        done = self.place.state / "spool/done"
        count = len(os.listdir(done))
        process = begin([*before, *self.place.argv("deskgate-deliver")])
        until = time.monotonic() + FAULT_SECONDS
        while time.monotonic() < until and process.poll() is None and \
                len(os.listdir(done)) == count:
            time.sleep(0.02)
        kill_group(process)

    def send(self, data):
        return self.accept.send(data)

    def learn(self, log, calls):
        self.send(self.place.message()[1])
        self.run(trace(log, calls))
        return places(log, str(self.place.conf)), places(log, "control.sock")

    def with_fault(self, log, call, fault):
        _, data = self.place.message()
        answer = self.send(data)
        self.run(trace(log, call, fault))
        return answer, data


DOORS = {"accept": Accept, "milter": Milter, "deliver": Deliver}
