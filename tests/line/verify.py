#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the embedded desk's tickets with what was sent.

usage: verify.py EXPECTED.json DESKGATE ARG...

DESKGATE ARG... is the command ("deskgate -c FILE").  Held messages count when their bytes
hold the expected Message-ID.  Prints what is lost, doubled or wrong, one line each, then
a line of sums; exit 0 when there is nothing of that.
"""
import hashlib
import json
import re
import subprocess
import sys


def ask(command, *words):
    out = subprocess.run(command + list(words) + ['--json'], check=True,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out)


def same_text(a, b):
    squeeze = lambda s: [line.rstrip() for line in s.strip().splitlines()]
    return squeeze(a) == squeeze(b)


def check_ticket(command, ticket, want):
    message = ticket['messages'][0]
    wrong = []
    if ticket['requester']['address'] != want['sender']:
        wrong.append('sender %r' % ticket['requester']['address'])
    if ticket['subject'] != want['subject']:
        wrong.append('subject %r' % ticket['subject'])
    if not same_text(message['text'], want['text']):
        wrong.append('text %r' % message['text'][:200])
    got = []
    for a in message['attachments']:
        data = subprocess.run(command + ['tickets', 'file', str(a['id'])],
                              check=True, stdout=subprocess.PIPE).stdout
        got.append((a['name'], hashlib.sha256(data).hexdigest()))
    if got != [(f['name'], f['sha256']) for f in want['files']]:
        wrong.append('attachments %r' % [g[0] for g in got])
    return wrong


def main():
    with open(sys.argv[1]) as f:
        expected = json.load(f)
    command = sys.argv[2:]
    seen, bad = {}, 0
    for row in ask(command, 'tickets', 'list', '--limit', '1000')['tickets']:
        ticket = ask(command, 'tickets', 'show', row['code'])['ticket']
        for message in ticket['messages']:
            if message['author'] == 'customer':
                seen.setdefault(message['message_id'], []).append(ticket)
    held = 0
    for row in ask(command, 'quarantine', 'list')['entries']:
        raw = subprocess.run(command + ['quarantine', 'show', row['id'], '--raw'],
                             check=True, stdout=subprocess.PIPE).stdout
        found = re.search(rb'^Message-ID:\s*<([^>]+)>', raw, re.I | re.M)
        seen.setdefault(found.group(1).decode(), []).append(None)
        held += 1
    lost = [k for k in expected if k not in seen]
    doubled = [k for k in expected if len(seen.get(k, [])) > 1]
    for k, want in expected.items():
        tickets = [t for t in seen.get(k, []) if t is not None]
        for wrong in check_ticket(command, tickets[0], want) if tickets else []:
            print('wrong', k, wrong)
            bad += 1
    for k in lost:
        print('lost', k)
    for k in doubled:
        print('doubled', k)
    print('sent=%d tickets=%d held=%d lost=%d doubled=%d wrong=%d' % (
        len(expected), sum(1 for v in seen.values() for t in v if t), held,
        len(lost), len(doubled), bad))
    return 0 if not (lost or doubled or bad) else 1


if __name__ == '__main__':
    sys.exit(main())
