#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Races of threads: the programs under load in a build with the thread sanitizer.

    races.py [--messages N] [--chores N] [--workers N] [--seed N] [--desk local|webhook]
             BUILD-FOLDER

Milter and keeper run while workers hand N messages to them, most by the milter, and three
clerks do N chores meanwhile, evenly, of what people do: teach and take back, mark tickets,
look, search, find, hand out, restrict and erase people, rotate the vault, back up, push, and
tell the milter to read its settings anew.  Then both are told to end.  A report of the
sanitizer, of whatever program, is a failure; so is a program that ended by itself, and a
message that was taken and is no ticket.  BUILD-FOLDER is one of --enable-sanitizers=thread.
Prints how much was done, each report once, and a line with the sum; exit 0 when there is
nothing wrong, 1 when there is, 77 when the build has no such sanitizer.
"""
import argparse
import collections
import http.client
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

import doors
import outage
from place import SETTLE_SECONDS, Place, Sums, begin, ended, kill_group, unix_lines

PORT = pathlib.Path(__file__).parents[1] / "port.py"
CLERKS = 3
END_SECONDS = 60
# GLib's slices would hide from the sanitizer what is freed and had again.
ENVIRONMENT = {"TSAN_OPTIONS": "halt_on_error=0 second_deadlock_stack=1 history_size=4",
               "G_SLICE": "always-malloc"}
REPORT = re.compile(r"^WARNING: ThreadSanitizer: .*?^={18}$", re.S | re.M)
PROGRAMS = ("deskgate-deliver", "deskgate-milter")

# What clerks do; {mail} is given to the command, {who} is somebody who wrote, {ticket} a
# ticket's number, {out} a name that is not there yet.
CHORES = [
    "train ham -", "train spam -", "untrain -", "score -", "explain -", "stats",
    "queue list --all", "quarantine list", "quarantine release {held}",
    "tickets list --limit 20", "tickets show {ticket}", "tickets search question",
    "tickets spam {ticket}", "tickets not-spam {ticket}", "tickets close {ticket}",
    "tickets reopen {ticket}", "reprocess {done}", "privacy find {who}",
    "privacy export {who} -o {out}", "privacy restrict {who}",
    "privacy restrict --lift {who}", "privacy requests --all", "privacy schedule --run",
    "vault rotate", "model verify", "model export {out}", "audit --verify",
    "backup {out} --vault {out}.vault", "inbox status", "rules test -", "check",
]
# Seldom: it takes a person out of what must be there in the end.
ERASE = "privacy erase {who}"


class Busy(Place):
    """A place of which some mail is held, and whose keeper takes pushes."""

    def more_settings(self):
        self.push = int(subprocess.run([PORT], capture_output=True, check=True).stdout)
        token = self.folder / "push-token"
        token.write_text("it-is-a-secret\n")
        token.chmod(0o600)
        self.own(token)
        return (super().more_settings() + f'push-listen = "127.0.0.1:{self.push}"\n'
                f'push-token-file = "{token}"\npush-rate = 100000\ntrain-rate = 0\n'
                "rule \"held\" { subject = 'nth\\d*7$' action = quarantine }\n")

    def settle(self):
        """As of all; what is held is let go first."""
        keeper = super().settle()
        for key in os.listdir(self.state / "spool/held"):
            self.tool("quarantine", "release", key)
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until and not self.settled():
            time.sleep(0.2)
        return keeper

    def tickets(self):
        """Those too that a clerk has marked as spam, which the list leaves out."""
        return super().tickets() + super().tickets("--status", "spam")

    def raw(self):
        """Not looked at: a command for each message takes long with a sanitizer in it."""
        return {unix_lines(data) for data in self.sent.values()}


class Hooked(Busy, outage.Hooked):
    """The same with a webhook's desk, which is there."""

    def __init__(self, build):
        outage.Desk.away = False
        super().__init__(build, 1000000, 100000)

    def tickets(self):
        return outage.Desk.made


class Clerks:
    """Threads that do chores; `done` counts how often each, `said` is what commands said,
    `gone` who is not in the desk's list any more."""

    ahead = 20  # messages that come before the first chore is done

    def __init__(self, place, programs, seed):
        self.place, self.programs = place, programs
        self.done, self.said, self.gone = collections.Counter(), [], set()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(random.Random(seed + n),),
                                         daemon=True) for n in range(CLERKS)]
        for thread in self.threads:
            thread.start()

    def work(self, chance):
        while not self.stopped.is_set():
            if not self.place.sent:
                time.sleep(0.1)
                continue
            what = chance.random()
            if what < 0.06:
                self.tell()
            elif what < 0.12:
                self.push()
            else:
                self.chore(chance, ERASE if what < 0.15 else chance.choice(CHORES))

    def key(self, chance, state):
        keys = os.listdir(self.place.state / "spool" / state)
        return chance.choice(keys) if keys else "0" * 32

    def chore(self, chance, chore):
        name, mail = chance.choice(list(self.place.sent.items()))
        if chore is ERASE or chore.startswith("privacy restrict"):
            self.gone.add(name)
        words = chore.format(
            who=f"{name}@example.org", ticket=chance.randint(1, len(self.place.sent)),
            held=self.key(chance, "held"), done=self.key(chance, "done"),
            out=f"{self.place.folder}/out/{chance.getrandbits(64):x}")
        more = {"input": mail} if words.endswith(" -") else {"stdin": subprocess.DEVNULL}
        begun = self.place.tool(*words.split(), **more)
        with self.place.lock:
            self.done[" ".join(chore.split()[:2])] += 1
            self.said.append(begun.stderr.decode(errors="replace"))

    def tell(self):
        """The milter reads its settings anew; the keeper would start itself anew."""
        os.kill(self.programs["deskgate-milter"].pid, signal.SIGUSR1)
        self.done["reload"] += 1

    def push(self):
        try:
            desk = http.client.HTTPConnection("127.0.0.1", self.place.push, timeout=10)
            desk.request("POST", "/push/local", headers={"X-Deskgate-Token": "it-is-a-secret"})
            desk.getresponse().read()
            self.done["push"] += 1
        except OSError:
            pass  # it reads its settings

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(120)


class Senders(outage.Senders):
    """Threads that hand all messages over, no faster than clerks do their chores; each
    twentieth comes by deskgate accept."""

    def __init__(self, place, options, clerks):
        self.clerks, self.each = clerks, options.chores / options.messages
        super().__init__(place, options.messages, options.workers)

    def send(self, name, data):
        while len(self.clerks.said) < (int(name[3:]) - self.clerks.ahead) * self.each:
            time.sleep(0.05)
        if name.endswith(("13", "33", "53", "73", "93")):
            return doors.Accept(self.place).send(data)
        return super().send(name, data)


def end(programs):
    """Tells them to; what is wrong with how they did."""
    wrong = [f"{name} ended by itself with {one.returncode}"
             for name, one in programs.items() if one.poll() is not None]
    for one in programs.values():
        if one.poll() is None:
            one.send_signal(signal.SIGTERM)
    for name, one in programs.items():
        if not ended(one, END_SECONDS):
            wrong.append(f"{name} did not end")
        elif one.returncode:
            wrong.append(f"{name} ended with {one.returncode}")
        kill_group(one)
    return wrong


def reports(text):
    """Each report once: (first line that names the place, how often, the report)."""
    found = collections.defaultdict(list)
    for report in REPORT.findall(text):
        where = re.search(r"^SUMMARY: (.*)$", report, re.M)
        found[where.group(1) if where else report.splitlines()[0]].append(report)
    return [(where, len(all_), all_[0]) for where, all_ in found.items()]


def load(place, options):
    """All messages, while clerks are at work; what is wrong, and the clerks."""
    programs = {name: begin(place.argv(name), place.folder / "log") for name in PROGRAMS}
    clerks = Clerks(place, programs, options.seed)
    began = time.monotonic()
    senders = Senders(place, options, clerks)
    for thread in senders.threads:
        thread.join()
    print(f"{options.messages} messages in {time.monotonic() - began:.0f} s, told to come "
          f"later {senders.later} times", flush=True)
    clerks.stop()
    return end(programs) + senders.refused, clerks


def run(options):
    os.environ.update(ENVIRONMENT)
    place = (Hooked if options.desk == "webhook" else Busy)(options.build)
    (place.folder / "out").mkdir(mode=0o777)
    (place.folder / "out").chmod(0o777)
    wrong, clerks = load(place, options)
    sums = Sums()
    place.count(sums, set(place.sent) - clerks.gone)
    text = (place.folder / "log").read_text(errors="replace") + "".join(clerks.said)
    races = reports(text)
    print("clerks: " + ", ".join(f"{what} {n}" for what, n in sorted(clerks.done.items())))
    for where, count, report in races:
        print(f"{where} ({count} times)\n{report}")
    for one in wrong + sums.details():
        print(one)
    print(f"{sum(clerks.done.values())} chores, {len(clerks.gone)} erased or restricted: "
          f"{len(races)} races, {len(wrong)} programs or messages wrong, {sums}")
    if not races and not wrong and sums.good():
        place.remove()
        return True
    print(f"see {place.folder}")
    return False


def main():
    parser = argparse.ArgumentParser(description="Races of threads under load.")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--chores", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desk", choices=["local", "webhook"], default="local")
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-FOLDER")
    options = parser.parse_args()
    if not (options.build / "deskgate-milter").exists():
        parser.error(f"{options.build} has no deskgate-milter: build it there first")
    if b"__tsan_init" not in (options.build / "deskgate-milter").read_bytes():
        print("skipped: the build has no thread sanitizer (--enable-sanitizers=thread)")
        sys.exit(77)
    sys.exit(not run(options))


if __name__ == "__main__":
    main()
