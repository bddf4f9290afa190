# SPDX-License-Identifier: GPL-3.0-or-later
"""The Nth allocation fails, once or from then on.

By a preload (no_memory.c) in each of the doors' programs.  GLib ends its program when there
is no memory, which must be as good as any other kill; where Deskgate asks by itself it has
to go on or to say "later".
"""
import random
import subprocess

import doors
from place import ACCEPTED, REFUSED, Place, Sums, sanitized, unix_lines

UNREAD = "(a message that could not be read)"
ROUND = 200  # faults of one state


def needs(build):
    if sanitized(build):
        return "a sanitizer has the memory; a build without one is needed"
    return None


class Guarded(Place):
    """A place where a message may have become a ticket with its raw source alone, since
    its readers died of it twice."""

    def tickets(self):
        subjects, texts = super().tickets(), self.raw()
        unread = [f"Question {name}" for name, data in self.sent.items()
                  if f"Question {name}" not in subjects and unix_lines(data) in texts]
        return subjects + unread[:subjects.count(UNREAD)]


def preload(folder):
    source, made = doors.HERE / "no_memory.c", folder / "no_memory.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, source], check=True)
    made.chmod(0o755)
    return made


def environment(library, at=0, ever=False, log=None):
    """The words before a command that is to fail so."""
    words = ["env", f"LD_PRELOAD={library}", f"NO_MEMORY_AT={at}"]
    words += ["NO_MEMORY_EVER=1"] if ever else []
    return words + ([f"NO_MEMORY_LOG={log}"] if log else [])


def allocations(place, library, door):
    """How many a message takes from the start of its program on: the most of all
    processes that end well.  The daemons are killed, so that theirs is what the command
    takes, and as much again for the work."""
    log = place.folder / "counts"
    door.send(place.message()[1], environment(library, log=log))
    counts = [int(line) for line in log.read_text().split()] if log.exists() else []
    return max(counts, default=0)


def one_door(build, name, chance, count, sums):
    place = Guarded(build)
    library = preload(place.folder)
    most = 2 * allocations(place, library, doors.Accept(place))
    door, again, refused = doors.DOORS[name](place), [], []
    for _ in range(count):
        at, ever = chance.randint(1, most), chance.random() < 0.3
        words = environment(library, at, ever)
        _, data = place.message()
        if name == "deliver":
            answer = door.send(data)
            door.run(words)
        else:
            answer = door.send(data, words)
        sums.faults += 1
        if answer.startswith(REFUSED):
            refused.append(f"memory: {name} {' '.join(words[2:])}: {answer}")
        if answer != ACCEPTED:
            again.append(data)
    for data in again:
        if (answer := door.send(data)) != ACCEPTED:
            refused.append(f"memory: {name} without a fault: {answer}")
    sums.add("refused", refused)
    if place.count(sums, tag=f"memory: {name}: ") and not refused:
        place.remove()


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    for name in doors.DOORS:
        left = -(-count // len(doors.DOORS))
        while left > 0:
            one_door(build, name, chance, min(ROUND, left), sums)
            left -= ROUND
    return sums
