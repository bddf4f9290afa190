#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""200 messages of a public corpus, and what became of them.

usage: corpus.py pick ARCHIVE FOLDER [N]
       corpus.py verify FOLDER DESKGATE ARG...

pick takes N (200) messages with distinct Message-IDs out of a .tar.xz of message files,
spread over all of it.  verify compares the spool's source of each, byte for byte but for line
ends, and its ticket: sender, text and attachments as Python's own parser reads them.  Where the
two parsers may differ with right (no single From, no such charset, broken MIME) the message is
counted as odd and only its source is compared.  Exit 0 when nothing is lost, doubled or wrong.
"""
import email
import email.policy
import email.utils
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile


# What Postfix takes out of a header before any filter (message_drop_headers).
DROPPED = re.compile(rb'(?im)^(bcc|content-length|resent-bcc|return-path):.*\n([ \t].*\n)*')


def normal(data):
    return data.replace(b'\r\n', b'\n').rstrip(b'\n')


def as_filtered(data):
    head, blank, body = normal(data).partition(b'\n\n')
    return DROPPED.sub(b'', head + b'\n')[:-1] + blank + body


def digest(data):
    return hashlib.sha256(normal(data)).hexdigest()


def message_id(data):
    head = re.split(rb'\r?\n\r?\n', data, maxsplit=1)[0]
    found = re.findall(rb'(?im)^message-id:[ \t]*<([^<>\s@]+@[^<>\s@]+)>[ \t]*$', head)
    return found[0].decode('latin-1') if len(found) == 1 else None


def pick(archive, folder, count):
    os.makedirs(folder, exist_ok=True)
    chosen, seen = [], set()
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.isfile() or '/data/' not in '/' + member.name:
                continue
            data = tar.extractfile(member).read()
            data = re.sub(rb'\AFrom [^\n]*\n', b'', data)
            key = message_id(data)
            if key and key not in seen and b'\0' not in data and \
                    max(map(len, data.split(b'\n'))) < 990 and \
                    not re.search(rb'\r(?!\n)', data):
                seen.add(key)
                chosen.append(data)
    step = max(1, len(chosen) // count)
    for i, data in enumerate(chosen[::step][:count]):
        with open('%s/%04d.eml' % (folder, i), 'wb') as f:
            f.write(data)


def run(command, *words):
    return subprocess.run(command + list(words), check=True,
                          stdout=subprocess.PIPE).stdout


def reading(data):
    """What Python says of it: (sender, text, files), or None when it is odd."""
    m = email.message_from_bytes(data, policy=email.policy.compat32)
    froms = email.utils.getaddresses(m.get_all('From') or [])
    parts = list(m.walk())
    if len(froms) != 1 or '@' not in froms[0][1] or any(p.defects for p in parts):
        return None
    texts, files = [], []
    for p in parts:
        if p.is_multipart():
            if p.get_content_type() in ('message/rfc822', 'multipart/digest') or \
                    p.get_content_type().startswith('message/'):
                return None
            continue
        body = p.get_payload(decode=True)
        if body is None:
            return None
        if p.get_content_type() == 'text/plain' and not p.get_filename():
            # Deskgate shows signed text without its armour.
            if body.startswith(b'-----BEGIN PGP') or b'\n-----BEGIN PGP' in body:
                return None
            try:
                texts.append(body.decode(p.get_content_charset() or 'us-ascii'))
            except (LookupError, UnicodeDecodeError):
                return None
        elif not p.get_content_type().startswith('text/') or p.get_filename():
            files.append(digest(body))
    return froms[0][1], texts[0] if len(texts) == 1 else None, files


def ticket_faults(command, ticket, key, want):
    message = [m for m in ticket['messages'] if m['message_id'] == key][0]
    squeeze = lambda s: [l.rstrip() for l in s.strip().splitlines()]
    faults = []
    if message['from']['address'].lower() != want[0].lower():
        faults.append('sender %r, not %r' % (message['from']['address'], want[0]))
    if want[1] is not None and want[1].strip() and \
            squeeze(message['text']) != squeeze(want[1].replace('\r', '')):
        faults.append('text %r' % message['text'][:60])
    got = [digest(run(command, 'tickets', 'file', str(a['id'])))
           for a in message['attachments']]
    if not set(want[2]) <= set(got):
        faults.append('%d of %d attachments' % (len(got), len(want[2])))
    return faults


def verify(folder, command):
    sent = {}
    for name in sorted(os.listdir(folder)):
        with open('%s/%s' % (folder, name), 'rb') as f:
            data = f.read()
        sent[message_id(data)] = data
    stored, tickets = {}, {}
    rows = json.loads(run(command, 'queue', 'list', '--all', '--json'))['entries']
    rows += json.loads(run(command, 'quarantine', 'list', '--json'))['entries']
    for row in rows:
        data = run(command, 'queue', 'show', '--raw', row['id'])
        stored.setdefault(message_id(data), []).append((row, data))
    for row in json.loads(run(command, 'tickets', 'list', '--json', '--limit', '1000'))['tickets']:
        ticket = json.loads(run(command, 'tickets', 'show', row['code'], '--json'))['ticket']
        for m in ticket['messages']:
            if m['author'] == 'customer':
                tickets.setdefault(m['message_id'], []).append(ticket)
    lost = doubled = wrong = odd = held = 0
    for key, data in sent.items():
        entries, made = stored.get(key, []), tickets.get(key, [])
        in_quarantine = [e for e in entries if e[0]['state'] == 'held']
        held += len(in_quarantine)
        lost += not made and not in_quarantine
        doubled += len(made) + len(in_quarantine) > 1
        faults = []
        if entries and normal(entries[0][1]) != as_filtered(data):
            faults.append('source differs')
        want = reading(data)
        odd += want is None
        if want and made:
            faults += ticket_faults(command, made[0], key, want)
        if faults:
            wrong += 1
            print('wrong', key, faults)
    print('sent=%d tickets=%d held=%d lost=%d doubled=%d wrong=%d odd=%d' % (
        len(sent), sum(map(len, tickets.values())), held, lost, doubled, wrong, odd))
    return 1 if lost or doubled or wrong else 0


def main():
    if sys.argv[1] == 'pick':
        pick(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 200)
        return 0
    return verify(sys.argv[2], sys.argv[3:])


if __name__ == '__main__':
    sys.exit(main())
