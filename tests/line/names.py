#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for personal data of mail that was sent in a log.

    names.py collect [ADDRESS... --] FILE...   prints what names people there
    names.py find NAMES LOG [SETTINGS]         prints the log's lines with it

What names people: addresses of the envelope and of address fields, display
names, subjects, both as they were sent and decoded.  Addresses that stand in the
settings (inboxes, desks) are the installation's own.  A name of one word or less
than eight characters ("Customer"), or a subject of less than three words, may be
anything, and is not looked for.  `find` ends with 1 when there is a line.
"""
import email
import email.header
import email.utils
import re
import sys

FIELDS = ("From", "To", "Cc", "Reply-To", "Sender", "Return-Path",
          "Disposition-Notification-To")


def decoded(text):
    try:
        return str(email.header.make_header(email.header.decode_header(text)))
    except (LookupError, UnicodeError, ValueError, email.errors.HeaderParseError):
        return text


def names(message):
    for field in FIELDS:
        for value in message.get_all(field, []):
            for name, address in email.utils.getaddresses([str(value)]):
                yield address
                for form in (name, decoded(name)):
                    if len(form) >= 8 and " " in form.strip():
                        yield form
    for value in message.get_all("Subject", []):
        for form in (str(value), decoded(str(value))):
            if len(form.split()) >= 3:
                yield " ".join(form.split())


def collect(words):
    addresses = words[:words.index("--")] if "--" in words else []
    yield from addresses
    for path in words[len(addresses) + ("--" in words):]:
        with open(path, "rb") as file:
            yield from names(email.message_from_binary_file(file))


def find(wanted, log, settings):
    own = set(re.findall(r"[\w.+-]+@[\w.-]+", settings.lower()))
    domains = [o for o in re.findall(r"\"(@[\w.-]+)\"", settings.lower())]
    for name in {w.strip().lower() for w in wanted}:
        plain = re.sub(r"\+[^@]*@", "@", name)
        if len(name) < 6 or plain in own or name.endswith(tuple(domains)):
            continue
        yield from (line for line in log if name in line.lower())


def main():
    if sys.argv[1] == "collect":
        for name in collect(sys.argv[2:]):
            print(name.replace("\n", " "))
        return 0
    with open(sys.argv[2], encoding="utf-8", errors="replace") as file:
        wanted = file.readlines()
    with open(sys.argv[3], encoding="utf-8", errors="replace") as file:
        log = file.readlines()
    settings = ""
    if len(sys.argv) > 4:
        with open(sys.argv[4], encoding="utf-8") as file:
            settings = file.read()
    found = sorted(set(find(wanted, log, settings)))
    sys.stdout.writelines(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
