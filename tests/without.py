#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump of a model's lessons, without some of them.

    without.py DUMP NAMES

NAMES has the lessons' names, one a line.  Prints the dump without those, as
`deskgate model load` takes it (contrib/doc/model-format.md); how many of those
left out had changed the counts goes to standard error.  Exit 1 when one of the
names is not there.
"""
import sys


def main():
    with open(sys.argv[2], encoding="ascii") as file:
        names = set(file.read().split())
    missing, trained, skipping = set(names), 0, False
    with open(sys.argv[1], encoding="utf-8") as dump:
        for line in dump:
            words = line.split(" ", 4)
            if words[0] == "lesson":
                skipping = words[1] in names
                missing.discard(words[1])
                trained += skipping and words[3] == "trained"
            elif line == "end\n":
                skipping = False
            if not skipping:
                sys.stdout.write(line)
    print(trained, file=sys.stderr)
    return 1 if missing or not names else 0


if __name__ == "__main__":
    sys.exit(main())
