#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damages files as disks do: bytes of random pages flipped, pages zeroed, moved, cut off.

    spoil.py [--seed N] [--kind flip|zero|move|cut|all] FILE...
    spoil.py --counts FILE...    wrong counts in a model, in pages that stay whole
    spoil.py --text TEXT FILE... a byte of that text changed wherever it stands

The kind is random where none is told; `all` zeroes the heads of all pages but the
first two.  Says what it did.
"""
import argparse
import random
import struct

PAGE = 4096
KINDS = ("flip", "zero", "move", "cut")


def spoil(data, chance, kind):
    """The damaged bytes, and what was done."""
    data, pages = bytearray(data), max(len(data) // PAGE, 1)
    if kind == "all":
        for at in range(2 * PAGE, len(data), PAGE):
            data[at:at + 16] = bytes(16)
        return data, "the heads of all pages but two zeroed"
    page = chance.randrange(pages)
    at, end = page * PAGE, min((page + 1) * PAGE, len(data))
    if kind == "zero":
        data[at:end] = bytes(end - at)
        return data, f"page {page} zeroed"
    if kind == "move":
        other = chance.randrange(pages) * PAGE
        data[at:end] = data[other:other + end - at]
        return data, f"page {other // PAGE} written over page {page}"
    if kind == "cut":
        return data[:at], f"cut to {page} pages"
    within = min(chance.choice((64, PAGE)), end - at)
    for _ in range(chance.randint(1, 8)):
        data[at + chance.randrange(within)] ^= chance.randint(1, 255)
    return data, f"bytes of page {page} flipped"


def spoil_file(path, chance, kind=None):
    """Damages it in its place; what was done."""
    kind = kind or chance.choice(KINDS)
    with open(path, "r+b") as file:
        data, done = spoil(file.read(), chance, kind)
        file.seek(0)
        file.write(data)
        file.truncate()
    return f"{path}: {done}"


def spoil_counts(path):
    """Adds to some counts: records of 8 bytes key and 16 bytes value in a leaf."""
    with open(path, "r+b") as file:
        data, changed = bytearray(file.read()), 0
        for page in range(2 * PAGE, len(data), PAGE):
            flags, lower = struct.unpack_from("<HH", data, page + 10)
            if flags != 2 or not 16 < lower <= PAGE:
                continue
            for (place,) in struct.iter_unpack("<H", data[page + 16:page + lower]):
                size, _, node, key = struct.unpack_from("<4H", data, page + place)
                last = data[page + place + 28:page + place + 32]
                # A list of one free page is as long, and has no last lesson.
                if (size, node, key) == (16, 0, 8) and any(last):
                    data[page + place + 16] += 1
                    changed += 1
        file.seek(0)
        file.write(data)
    return f"{path}: {changed} counts changed"


def spoil_text(path, text):
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(0)
        file.write(data.replace(text, b"\xff" + text[1:]))
    return f"{path}: {data.count(text)} places changed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=(*KINDS, "all"))
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--text")
    parser.add_argument("files", nargs="+")
    words = parser.parse_args()
    chance = random.Random(words.seed)
    for path in words.files:
        if words.counts:
            print(spoil_counts(path))
        elif words.text:
            print(spoil_text(path, words.text.encode()))
        else:
            print(spoil_file(path, chance, words.kind))


if __name__ == "__main__":
    main()
