#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds files and tables that no holder of personal data claims.

    claims.py STATE-DIR KEY-DIR CLAIMS

CLAIMS is the answer of `deskgate privacy holders --json`.  Prints what nobody
claims, one a line, and ends with 1 when there is any.  Tables of LMDB are told
by mdb_dump, those of SQLite by its schema.
"""
import fnmatch
import json
import os
import sqlite3
import subprocess
import sys


def lmdb_tables(folder):
    answer = subprocess.run(["mdb_dump", "-l", folder], check=True,
                            capture_output=True, text=True)
    return answer.stdout.split()


def sqlite_tables(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return [name for (name,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]


def items(top, prefix):
    for folder, _, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            place = prefix + os.path.relpath(path, top)
            if not os.path.isfile(path):  # a socket holds nothing
                continue
            if name == "data.mdb":
                yield from (f"{place}:{table}" for table in lmdb_tables(folder))
            elif name == "desk.sqlite":
                yield from (f"{place}:{table}" for table in sqlite_tables(path))
            else:
                yield place


def is_claimed(item, claims):
    return any(fnmatch.fnmatchcase(item, claim + "*" * claim.endswith("/"))
               for claim in claims)


def main():
    state, keys, answer = sys.argv[1:]
    with open(answer, encoding="utf-8") as file:
        claims = [claim for holder in json.load(file)["holders"]
                  for claim in holder["claims"]]
    seen = [*items(state, ""), *items(keys, "keys:")]
    missing = [item for item in seen if not is_claimed(item, claims)]
    print(*missing, sep="\n")
    print(f"{len(seen)} files and tables, {len(missing)} of nobody",
          file=sys.stderr)
    return 1 if missing or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
