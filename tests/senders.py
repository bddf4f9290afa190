#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sorts messages by who sent them.

    senders.py LINES FOLDER

LINES has lines "CLASS PATH".  For each address that stands first in From or
Reply-To of a message, in lower case, FOLDER/ADDRESS gets that message's line.
Addresses with anything but plain characters are left out.
"""
import email
import email.utils
import pathlib
import re
import sys

PLAIN = re.compile(r"[a-z0-9._+-]+@[a-z0-9.-]+\.[a-z]+")


def addresses(message):
    for field in ("From", "Reply-To"):
        value = message.get(field)
        if value is not None:
            yield email.utils.parseaddr(str(value))[1].lower()


def main():
    lines, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    people = {}
    with open(lines, encoding="utf-8") as file:
        for line in file:
            path = line.rstrip("\n").split(" ", 1)[1]
            message = email.message_from_bytes(pathlib.Path(path).read_bytes())
            for address in set(addresses(message)):
                if PLAIN.fullmatch(address):
                    people.setdefault(address, []).append(line)
    for address, own in people.items():
        (folder / address).write_text("".join(own), encoding="utf-8")


if __name__ == "__main__":
    main()
