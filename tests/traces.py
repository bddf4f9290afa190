#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for traces of what was erased, in every byte of files and folders.

    traces.py MARKERS PATH...          tell every trace; end with 1 if there is any
    traces.py --plant HOW MARKERS FILE write the markers so that they must be found

MARKERS has one a line: a text, or hex:DIGITS for bytes that are no text.  A
text is looked for as it is and in halves (an index keeps words without what
they share with the one before), whatever its case, in UTF-16, quoted-printable,
percent-encoded, in hex digits, and in base64 wherever in its groups of three it
begins.
"""
import base64
import os
import quopri
import sys
import urllib.parse

HALVES_FROM = 14


def base64_forms(data):
    """What base64 makes of it at each of the three places, without the digits
    at the ends that its neighbours share."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data)
        first = -(-shift * 8 // 6)
        last = (shift + len(data)) * 8 // 6
        yield f"base64+{shift}", text[first:last]


def percent(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


def quoted(text):
    return "".join(f"={byte:02x}" for byte in text.encode())


def pieces(text):
    yield "", text
    if len(text) >= HALVES_FROM:
        yield "half of it ", text[:len(text) // 2]
        yield "half of it ", text[len(text) // 2:]


def folded_forms(text):
    """Forms that are looked for whatever their case."""
    for word, piece in pieces(text):
        yield word + "raw", piece.encode()
        yield word + "utf-16", piece.encode("utf-16-le")
        yield word + "utf-16be", piece.encode("utf-16-be")
    yield "hex", text.encode().hex().encode()
    yield "percent", percent(text).encode()
    yield "percent-needed", urllib.parse.quote(text, safe="").encode()
    yield "quoted-printable", quopri.encodestring(text.encode()).strip()
    yield "quoted-printable-all", quoted(text).encode()


def exact_forms(text):
    for case in {text, text.lower(), text.upper()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            for name, form in base64_forms(case.encode(encoding)):
                yield f"{name} of {encoding}", form


def forms_of(marker):
    """(name, bytes, whatever its case)"""
    if marker.startswith("hex:"):
        data = bytes.fromhex(marker[4:])
        yield "bytes", data, False
        yield "hex", data.hex().encode(), True
        for name, form in base64_forms(data):
            yield name, form, False
        return
    for name, form in folded_forms(marker):
        yield name, form.lower(), True
    for name, form in exact_forms(marker):
        yield name, form, False


def read_markers(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().split("\n") if line]


def files_of(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        elif not os.path.isdir(path):
            raise SystemExit(f"traces: {path} is not there")
        for folder, folders, names in os.walk(path):
            for name in folders + names:
                yield os.path.join(folder, name)


def look(markers, paths):
    forms = [(marker, *form) for marker in markers for form in forms_of(marker)]
    found = files = size = 0
    for path in files_of(paths):
        # Names are looked at too, but not those of the folder of a test.
        name = os.path.basename(path).encode()
        data = b"\0" + name + b"\0"
        if os.path.isfile(path):
            with open(path, "rb") as file:
                data += file.read()
        files += 1
        size += len(data)
        folded = data.lower()
        for marker, how, form, any_case in forms:
            if form in (folded if any_case else data):
                print(f"{path}: {marker[:40]} ({how})")
                found += 1
    print(f"{files} files, {size} bytes, {found} traces", file=sys.stderr)
    return 1 if found or not files else 0


PLANTS = {
    "raw": lambda text: text.encode(),
    "upper": lambda text: text.upper().encode(),
    "lower": lambda text: text.lower().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64-1": lambda text: base64.b64encode(b"a" + text.encode() + b"z"),
    "base64-2": lambda text: base64.b64encode(b"ab" + text.encode() + b"yz"),
    "utf-16le": lambda text: text.encode("utf-16-le"),
    "utf-16be": lambda text: text.encode("utf-16-be"),
    "quoted": lambda text: quoted(text).upper().encode(),
    "percent": lambda text: percent(text).encode(),
    "hex": lambda text: text.encode().hex().upper().encode(),
    "tail": lambda text: text[len(text) // 2:].encode(),
}


def plant(how, markers, path):
    with open(path, "wb") as file:
        for marker in markers:
            file.write(b"some bytes " + PLANTS[how](marker) + b" and others\n")
    return 0


def main():
    words = sys.argv[1:]
    if words == ["--plants"]:
        print(*PLANTS)
        return 0
    if words[0] == "--plant":
        return plant(words[1], read_markers(words[2]), words[3])
    return look(read_markers(words[0]), words[1:])


if __name__ == "__main__":
    sys.exit(main())
