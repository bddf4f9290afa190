#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A campaign of faults: nothing lost, nothing twice.

    campaign.py [--seed N] [--faults N | --long] [--kind KIND]... BUILD-FOLDER

Faults of every kind hit the programs of BUILD-FOLDER, one after the other; after them all
starts anew without any, and every message that was taken must be one ticket, byte for byte:

    call      the Nth system call fails, once or from then on
    kill      the program is killed at its Nth system call
    memory    the Nth allocation fails, once or from then on
    power     the power is cut under load (ext4 in a file on XFS)
    disk      no room, no inodes, few descriptors, a file system that broke
    desk      the keeper is killed around the call of a desk that goes wrong
    mta       the MTA hangs up, runs out of time, asks twice
    care      kills inside erasure, rotation, retention, backup and restore
    load      kills, stops and clock jumps of the programs under load
    damage    stores whose bytes were flipped, pages zeroed, moved or cut off

--faults N shares N of them out among the kinds, 500 unless told; --long takes a little
more than 10,000, some hours.  The same seed takes the same faults.  A kind that this
machine cannot have is left out, and why is said.  Prints a line for each kind, what is
wrong, and the sum; exit 0 when all is 0, 1 when not, 77 when no kind could run.
"""
import argparse
import pathlib
import sys
import time

import care
import damage
import desk
import disk
import load
import memory
import mta
import nth
import power
from place import Sums

# What runs a kind, what it needs, and its share of all faults.
KINDS = {
    "call": (lambda *words: nth.run(*words, nth.errors), nth.needs, 25),
    "kill": (lambda *words: nth.run(*words, nth.kills), nth.needs, 16),
    "memory": (memory.run, memory.needs, 8),
    "power": (power.run, power.needs, 9),
    "disk": (disk.run, disk.needs, 10),
    "desk": (desk.run, desk.needs, 10),
    "mta": (mta.run, mta.needs, 12),
    "care": (care.run, care.needs, 3),
    "load": (load.run, load.needs, 10),
    "damage": (damage.run, damage.needs, 4),
}
SHORT, LONG = 500, 10300


def shares(names, faults):
    """How many faults each kind has, at least one."""
    whole = sum(KINDS[name][2] for name in names)
    return {name: max(1, faults * KINDS[name][2] // whole) for name in names}


def main():
    parser = argparse.ArgumentParser(description="A campaign of faults.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=SHORT, metavar="N")
    parser.add_argument("--long", dest="faults", action="store_const", const=LONG)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-FOLDER")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "deskgate").exists():
        parser.error(f"{build} has no deskgate: build it there first")
    names = []
    for name in options.kind or KINDS:
        lack = KINDS[name][1](build)
        if lack:
            print(f"skipped: {name}: {lack}", flush=True)
        else:
            names.append(name)
    sums = Sums()
    for name, count in shares(names, options.faults).items():
        began = time.monotonic()
        one = KINDS[name][0](build, options.seed, count)
        sums.take(one)
        print(f"{name}: {one}  ({time.monotonic() - began:.0f} s)", *one.details(),
              sep="\n\t", flush=True)
    print(f"seed {options.seed}, {sums}")
    sys.exit(77 if not names else 0 if sums.good() else 1)


if __name__ == "__main__":
    main()
