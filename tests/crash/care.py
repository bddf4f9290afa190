# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills inside erasure, rotation of the vault, retention, backup and restore.

Three people have written and been learnt from, and a backup was made before the third one
did.  One of the commands is killed (kill -9) at one of its system calls as that begins;
the keeper is started, and when it has nothing more to do the state must be the one before
or the one after, all of it: who was erased is found nowhere, no byte of his is left, all
others are whole, and model and audit trail fit together.
"""
import random
import shutil
import subprocess
import time

import doors
import nth
from place import Place, Sums, begin, kill_group

WAIT_SECONDS = 30
ONE, ALL = {0, 1}, {0, 1, 2}


def needs(build):
    return nth.needs(build)


class Archive(Place):
    """Three people's mail, and copies of the state to begin each fault with."""

    def __init__(self, build):
        super().__init__(build)
        for number in range(3):
            name, data = self.message()
            assert doors.Accept(self).send(data) == "accepted"
            self.must("train", "spam" if number else "ham", "-", input=data)
            kill_group(self.settle())
            if number == 1:
                self.must("backup", self.folder / "old", "--vault", self.folder / "vault")
        self.keep = self.folder / "keep"
        self.keep.mkdir()
        for one in (self.state, self.keys()):
            subprocess.run(["cp", "-a", one, self.keep], check=True)

    def keys(self):
        return self.state.with_name(self.state.name + "-keys")

    def must(self, *words, **more):
        done = self.tool(*words, **more)
        if done.returncode:
            raise OSError(f"{words}: {done.stderr.decode()}")
        return done.stdout.decode()

    def again(self):
        """As it was in the beginning."""
        for one in (self.state, self.keys()):
            shutil.rmtree(one, ignore_errors=True)
            subprocess.run(["cp", "-a", self.keep / one.name, one.parent], check=True)
        shutil.rmtree(self.folder / "new", ignore_errors=True)

    def address(self, number):
        return f"nth{number:05}@example.org"

    def people(self):
        """Who is there: the numbers of those that have one ticket, whole."""
        subjects, texts = self.tickets(), self.raw()
        return {number for number, (name, data) in enumerate(self.sent.items())
                if subjects.count(f"Question {name}") == 1
                and data.replace(b"\r\n", b"\n") in texts}

    def traces(self, number):
        """Where something of a person is that should not be."""
        said = self.tool("privacy", "find", "--plain", self.address(number))
        found = [line for line in said.stdout.decode().splitlines()
                 if line.split("\t")[1] != "nothing"] + said.stderr.decode().splitlines()
        grep = subprocess.run(["grep", "-rlaF", f"nth{number:05}", self.state],
                              capture_output=True, text=True)
        return found + grep.stdout.splitlines()

    def at_rest(self):
        """The keeper, until nothing is open."""
        keeper = begin(self.argv("deskgate-deliver"), self.folder / "log")
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            time.sleep(0.1)
            requests = self.tool("privacy", "requests", "--plain")
            if requests.returncode == 0 and b"\topen\t" not in requests.stdout \
                    and self.settled():
                break
        else:
            return keeper, ["is not done"]
        return keeper, []


class Command:
    """A command and who may be there after it was killed."""

    def __init__(self, words, either, gone=None):
        self.words, self.either, self.gone = words, either, gone

    def argv(self, place):
        return place.argv("deskgate", *[word.format(place.folder) for word in self.words])

    def wrong(self, place):
        """What is not as it should be after the kill."""
        keeper, wrong = place.at_rest()
        try:
            there = place.people()
            if there not in self.either:
                wrong.append(f"{sorted(there)} are there")
            if self.gone is not None and self.gone not in there:
                wrong += place.traces(self.gone)
            wrong += place.unsound()
        finally:
            kill_group(keeper)
        return wrong


COMMANDS = {
    "erase": Command(["privacy", "erase", "nth00001@example.org"], [ALL, {0, 2}], gone=1),
    "rotate": Command(["vault", "rotate"], [ALL]),
    "schedule": Command(["privacy", "schedule", "--run"], [ALL]),
    "backup": Command(["backup", "{}/new", "--vault", "{}/vault-new"], [ALL]),
    "restore": Command(["restore", "{}/old", "--vault", "{}/vault", "--replace"], [ALL, ONE]),
}


def killed(place, command, fault=None):
    log = place.folder / "trace"
    words = doors.trace(log, ",".join(nth.KILLS) if fault is None else fault[0],
                        fault and f"{fault[0]}:signal=KILL:when={fault[1]}")
    subprocess.run([*words, *command.argv(place)], capture_output=True, timeout=60)
    return log


def one_command(place, name, command, chance, most, sums):
    place.again()
    known = sorted(doors.places(killed(place, command), str(place.conf)))
    for fault in chance.sample(known, min(most, len(known))):
        place.again()
        killed(place, command, fault)
        sums.faults += 1
        sums.add("torn", [f"care: {name} killed at {fault[0]} {fault[1]}: {one}"
                          for one in command.wrong(place)])


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    place = Archive(build)
    for name, command in COMMANDS.items():
        one_command(place, name, command, chance, -(-count // len(COMMANDS)), sums)
    if sums.good():
        place.remove()
    return sums
