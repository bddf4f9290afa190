# SPDX-License-Identifier: GPL-3.0-or-later
"""The tickets of the embedded desk that have a message of one Message-ID, as JSON.

usage: tickets.py SEEN-FILE MESSAGE-ID DESKGATE-COMMAND...

SEEN-FILE keeps which Message-IDs a ticket had, so that a file of many tests does not ask
for each ticket each time.  What is told of a ticket is always asked anew.
"""
import calendar
import json
import pathlib
import subprocess
import sys
import time

SURE = 3  # seconds: within the second of a ticket's change more may come


def ask(command, *words):
    return json.loads(subprocess.check_output([*command, *words, "--json"]))


def main():
    path, want, command = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    seen = json.loads(path.read_text()) if path.exists() else {}
    found = []
    for row in ask(command, "tickets", "list", "--limit", "1000")["tickets"]:
        code, changed = row["code"], row["changed"]
        known = seen.get(code)
        if known and known["changed"] == changed and want not in known["ids"]:
            continue
        asked = time.time()
        ticket = ask(command, "tickets", "show", code)["ticket"]
        ids = [message["message_id"] for message in ticket["messages"]]
        if want in ids:
            found.append(ticket)
        seen.pop(code, None)
        if asked - calendar.timegm(time.strptime(changed, "%Y-%m-%dT%H:%M:%SZ")) > SURE:
            seen[code] = {"changed": changed, "ids": ids}
    path.write_text(json.dumps(seen))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
