# SPDX-License-Identifier: GPL-3.0-or-later
"""The Nth system call fails, once or from then on, or the program is killed at it.

One message after the other goes in by each door while strace hits one system call of the
program: each kind of call, at each place where it is made, with an error that the kernel
has for it, or with SIGKILL as it begins.  What was not taken is sent again, as an MTA
would; the programs are killed (kill -9) after each fault.  In the end all starts anew
without faults.
"""
import os
import random
import shutil
import sys
import time

from doors import DOORS
from place import ACCEPTED, REFUSED, Place, Sums, sanitized

# What each call may fail with, by way of example.  Not close(2): one that fails has closed
# it all the same on Linux, which cannot be acted out here.
ERRORS = {
    "openat": "EMFILE", "read": "EIO", "pread64": "EIO", "write": "ENOSPC",
    "pwrite64": "EDQUOT", "pwritev": "ENOSPC", "writev": "EIO",
    "fsync": "EIO", "fdatasync": "EIO", "ftruncate": "ENOSPC",
    "link": "ENOSPC", "linkat": "ENOSPC", "rename": "ENOSPC", "renameat": "ENOSPC",
    "renameat2": "ENOSPC", "unlink": "EIO", "unlinkat": "EIO", "mkdir": "ENOSPC",
    "mkdirat": "EDQUOT", "mmap": "ENOMEM", "memfd_create": "ENFILE",
    "accept4": "EMFILE", "accept": "EMFILE", "socketpair": "EMFILE", "fcntl": "EIO",
    "newfstatat": "EIO", "flock": "ENOLCK", "clone": "EAGAIN", "clone3": "EAGAIN",
}
# Where a kill can leave something half done.
KILLS = ("openat", "write", "pwrite64", "pwritev", "writev", "fsync", "fdatasync",
         "ftruncate", "link", "linkat", "rename", "renameat", "renameat2", "unlink",
         "unlinkat", "mkdir", "mkdirat", "mmap", "munmap", "flock", "accept", "accept4",
         "sendto", "sendmsg", "close")
ROUND = 400  # faults of one state


def needs(build):
    """Why this cannot run here, or None."""
    return None if shutil.which("strace") else "strace is not installed"


def errors(build):
    """The calls that are made to fail, with how strace says it; one fails for good, too."""
    made = dict(ERRORS)
    if sanitized(build):
        del made["mmap"]  # the sanitizer's own memory, which it does not do without
    return {call: [f"error={error}:when={{}}", f"error={error}:when={{}}+"]
            for call, error in made.items()}


def kills(build):
    return {call: ["signal=KILL:when={}"] for call in KILLS}


def choose(chance, all_places, late, ways, most):
    """Faults; three of four at the work itself, not at the start."""
    groups = [sorted((call, nth, way) for call, nth in group for way in ways.get(call, ()))
              for group in (all_places - late, late)]
    for group in groups:
        chance.shuffle(group)
    early = groups[0][:None if most is None else most // 4]
    late = groups[1][:None if most is None else most - len(early)]
    return early + late


def hit(place, door, faults):
    """What was refused."""
    refused, again, log = [], [], place.folder / "trace"
    for call, nth, way in faults:
        fault = f"{call}:{way.format(nth)}"
        began = time.monotonic()
        answer, data = door.with_fault(log, call, fault)
        if os.environ.get("NTH_TELL"):
            print(f"{time.monotonic() - began:.2f} {fault}: {answer}", file=sys.stderr)
        if answer.startswith(REFUSED):
            refused.append(f"{fault}: {answer}")
        if answer != ACCEPTED:
            again.append(data)
    for data in again:
        answer = door.send(data)
        if answer != ACCEPTED:
            refused.append(f"without a fault: {answer}")
    return refused


def one_door(make, door, ways, chance, most, sums, tag):
    """`most` faults of a door, in places that `make` makes; None: all that there are."""
    place = make()
    faults = choose(chance, *door(place).learn(place.folder / "trace", ",".join(ways)),
                    ways, most)
    place.remove()
    while faults:
        place = make()
        refused = hit(place, door(place), faults[:ROUND])
        sums.faults += len(faults[:ROUND])
        sums.add("refused", [f"{tag}: {text}" for text in refused])
        if place.count(sums, tag=f"{tag}: ") and not refused:
            place.remove()
        place.stop()
        faults = faults[ROUND:]


def run(build, seed, count, ways):
    """`count` faults of all doors together, at random; None: all of them, which takes
    hours."""
    chance, sums = random.Random(seed), Sums()
    for name, door in DOORS.items():
        one_door(lambda: Place(build), door, ways(build), chance,
                 count and -(-count // len(DOORS)), sums, name)
    return sums
