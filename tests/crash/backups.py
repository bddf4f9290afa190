#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups while mail comes in by the milter, an erasure, and one of before it put back.

    backups.py [--backups N] [--pause SECONDS] BUILD-FOLDER

Strangers and one person write through the milter all the time, at once (--pause: between
two messages), while N backups are made one after the other.  Then the person is
erased and one more backup is made, whose copy of the vault takes the place of the one
before; strangers go on writing.  The newest backup of before the erasure is put back
elsewhere, with that vault.  Looked at, there and where it all came in:

    each stranger's message that the milter took (there: before the backup was begun) is
    one ticket, byte for byte, and no message is two of them;
    the person is not there: no command finds her, and neither her words nor one of the
    wrapped keys that were destroyed are in any byte.

And so that it could be found out: with the vault's copy of before the erasure the same
backup has all of her messages, and the bytes of her key.  Prints what was done, and a line
with what is lost, doubled, torn, stuck and found of her; exit 0 when nothing is.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

import doors
from place import ACCEPTED, INBOX, Place, Sums, begin, ended, kill_group

TRACES = pathlib.Path(__file__).parents[1] / "traces.py"
HER, HER_ADDRESS = "qxanna", "qxannaaddressqxanna@example.org"
MARKERS = [f"{HER}{part}{HER}" for part in ("display", "address", "subject", "body")]
FEWEST = 6  # messages taken between two backups
WAIT_SECONDS = 30


class House(Place):
    """Where mail comes in."""

    def __init__(self, build):
        super().__init__(build)
        self.hers = {}  # name to bytes
        self.texts = set()  # that raw() has seen last

    def her_message(self):
        with self.lock:
            name = f"her{len(self.hers):05}"
            data = (f"From: {MARKERS[0]} <{HER_ADDRESS}>\r\nTo: {INBOX}\r\n"
                    f"Subject: {MARKERS[2]} {name}\r\nMessage-ID: <{name}@client.example.org>"
                    "\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n"
                    f"What is {name}, {MARKERS[3]}?\r\n").encode()
            self.hers[name] = data
        return name, data

    def keys(self):
        return self.state.with_name(self.state.name + "-keys")

    def folder_of(self, name):
        """One that the keeper may write to."""
        path = self.folder / name
        path.mkdir()
        self.own(path)
        return path

    def must(self, *words, **more):
        done = self.tool(*words, **more)
        if done.returncode:
            raise OSError(f"{words}: {done.stderr.decode()}")
        return done.stdout.decode()

    def found_of_her(self):
        """What the commands find of the person."""
        said = self.must("privacy", "find", "--plain", HER_ADDRESS)
        found = [line for line in said.splitlines() if line.split("\t")[1] != "nothing"]
        return found + [one for one in self.tickets() if MARKERS[2] in one]

    def wrapped(self):
        """The wrapped keys of people, as digits."""
        said = subprocess.run(["mdb_dump", "-s", "person", self.keys() / "vault"],
                              check=True, capture_output=True, text=True).stdout
        lines = re.findall(r"^ ([0-9a-f]+)$", said, re.M)
        return set(lines[1::2])  # before each the subject's digest

    def raw(self):
        self.texts = super().raw()
        return self.texts

    def at_work(self, ask):
        """What `ask` answers while a keeper runs that has nothing left to do."""
        keeper = self.settle()
        try:
            return ask()
        finally:
            keeper.terminate()
            if not ended(keeper, WAIT_SECONDS):
                kill_group(keeper)


class Writers:
    """Threads that send messages until they are stopped; `taken`: names that the milter
    said yes to, `refused`: what it said else."""

    def __init__(self, house, pause):
        self.house, self.pause, self.taken, self.refused = house, pause, [], []
        self.ends = {house.message: threading.Event(), house.her_message: threading.Event()}
        self.threads = {make: threading.Thread(target=self.work, args=(make,), daemon=True)
                        for make in self.ends}
        for thread in self.threads.values():
            thread.start()

    def work(self, make):
        while not self.ends[make].is_set():
            name, data = make()
            answer = doors.talk(self.house.milter_path(), data)
            if answer == ACCEPTED:
                self.taken.append(name)
            else:
                self.refused.append(f"{name}: {answer}")
            time.sleep(self.pause)

    def more(self, count):
        """Waits until so many more were taken; all that were."""
        had, until = len(self.taken), time.monotonic() + WAIT_SECONDS
        while len(self.taken) < had + count:
            if time.monotonic() > until:
                raise OSError(f"{len(self.taken) - had} messages in {WAIT_SECONDS} s: "
                              f"{self.refused[-3:]}")
            time.sleep(0.05)
        return list(self.taken)

    def stop(self, make):
        self.ends[make].set()
        self.threads[make].join(20)


def traces(markers, *paths):
    """Where something of the markers is, by byte."""
    where = paths[0].parent / "markers"
    where.write_text("\n".join(markers))
    done = subprocess.run([sys.executable, TRACES, where, *paths], capture_output=True,
                          text=True)
    if done.returncode not in (0, 1):
        raise OSError(done.stderr)
    return done.stdout.splitlines()


def put_back(house, name, backup, vault):
    """Another place with that backup, its settings and its strangers."""
    other = house.twin(house.folder_of(name) / "state", f"{name}.conf")
    said = other.must("restore", backup, "--vault", vault)
    print(f"{name}: {said.strip()}", flush=True)
    return other


def erase(house):
    house.must("privacy", "erase", HER_ADDRESS)
    until = time.monotonic() + WAIT_SECONDS
    while "\topen\t" in house.must("privacy", "requests", "--plain"):
        if time.monotonic() > until:
            raise OSError("the erasure is not done")
        time.sleep(0.1)


def under_load(house, options):
    """Backups, the erasure, and the backup behind it, while mail comes in: what was taken
    when the last one of before was begun, what was in the end, what was refused, and the
    wrapped keys that are gone."""
    backups = house.folder_of("backups")
    began = time.monotonic()
    writers = Writers(house, options.pause)
    for number in range(options.backups):
        before = writers.more(FEWEST)
        if number == 0:
            name = next(name for name in before if name in house.hers)
            house.must("train", "ham", "-", input=house.hers[name])
        if number == options.backups - 1:
            # What she wrote behind the erasure would be there, and rightly.
            writers.stop(house.her_message)
            before = list(writers.taken)
        house.must("backup", backups / str(number), "--vault", backups / "vault")
    writers.more(FEWEST)
    shutil.copytree(backups / "vault", backups / "old-vault")
    keys = house.wrapped()
    erase(house)
    house.must("backup", backups / "behind", "--vault", backups / "vault")
    writers.more(FEWEST)
    writers.stop(house.message)
    print(f"{len(writers.taken)} messages in {time.monotonic() - began:.0f} s, "
          f"{len(before)} of them before the last of {options.backups} backups", flush=True)
    return before, writers.taken, writers.refused, keys - house.wrapped()


def look(place, sums, taken, gone, tag):
    """Adds what is wrong with strangers' mail; what there is of her."""
    place.count(sums, [name for name in taken if name in place.sent], tag)
    her, unsound = place.at_work(lambda: (place.found_of_her(), place.unsound()))
    sums.add("torn", [f"{tag}{one}" for one in unsound])
    her += [f"in a message: {text[:60]}" for text in place.texts
            if any(marker.encode() in text for marker in MARKERS)]
    her += traces(MARKERS + [f"hex:{key}" for key in gone], place.state, place.keys(),
                  place.folder / "log")
    return [f"{tag}{one}" for one in her]


def could_fail(house, before, gone):
    """With the vault of before the erasure she is back, all of her."""
    backups = house.folder / "backups"
    other = put_back(house, "undone", backups / "last", backups / "old-vault")
    shown = [one for one in other.at_work(other.tickets) if MARKERS[2] in one]
    hers = [name for name in before if name in house.hers]
    wrong = []
    if len(hers) < 2 or sorted(shown) != sorted(f"{MARKERS[2]} {name}" for name in hers):
        wrong.append(f"undone: {len(shown)} of her {len(hers)} tickets are back")
    if not traces([f"hex:{key}" for key in gone], backups / "old-vault"):
        wrong.append("undone: the keys that went were not in the older copy of the vault")
    return wrong


def run(options):
    house, sums = House(options.build), Sums()
    programs = [begin(house.argv(name), house.folder / "log")
                for name in ("deskgate-deliver", "deskgate-milter")]
    try:
        before, taken, refused, gone = under_load(house, options)
    finally:
        for process in programs:
            kill_group(process)
    sums.add("refused", refused)
    backups = house.folder / "backups"
    (backups / str(options.backups - 1)).rename(backups / "last")
    her = look(house, sums, taken, gone, "at home: ")
    there = put_back(house, "elsewhere", backups / "last", backups / "vault")
    her += look(there, sums, before, gone, "elsewhere: ")
    her += could_fail(house, before, gone)
    print(*sums.details(), *her, sep="\n", flush=True)
    print(", ".join(f"{what} {len(names)}" for what, names in sums.wrong.items()) +
          f", of the person {len(her)}")
    if sums.good() and not her:
        house.remove()
    return sums.good() and not her


def main():
    parser = argparse.ArgumentParser(description="Backups under load, and an erasure.")
    parser.add_argument("--backups", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.2)
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-FOLDER")
    sys.exit(not run(parser.parse_args()))


if __name__ == "__main__":
    main()
