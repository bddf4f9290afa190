#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail program does at an IMAP server, as one user.

usage: imap.py PORT USER COMMAND WORD...

append BOX FILE...   puts messages there
move FROM TO         all that is in one folder into the other, by MOVE
shift FROM TO        the same by COPY, STORE and EXPUNGE
copy FROM TO         and they stay where they are, too
flag BOX FLAG        marks all that is in it
count BOX            prints how many there are

Exit 1 when the server says anything but OK.
"""
import imaplib
import sys

imaplib.Commands.setdefault('MOVE', ('SELECTED',))


def good(answer):
    if answer[0] != 'OK':
        sys.exit('imap.py: %r' % (answer,))
    return answer[1]


def find(imap, box):
    good(imap.select(box))
    return good(imap.uid('SEARCH', None, 'ALL'))[0].decode().replace(' ', ',')


def main():
    port, user, command, *words = sys.argv[1:]
    imap = imaplib.IMAP4('127.0.0.1', int(port), timeout=60)
    good(imap.login('"%s"' % user, 'secret'))
    if command == 'append':
        for path in words[1:]:
            with open(path, 'rb') as message:
                good(imap.append(words[0], None, None,
                                 message.read().replace(b'\r', b'').replace(b'\n', b'\r\n')))
        imap.logout()
        return
    uids = find(imap, words[0])
    if command == 'count':
        print(len(uids.split(',')) if uids else 0)
    elif command == 'move':
        good(imap.uid('MOVE', uids, words[1]))
    elif command == 'flag':
        good(imap.uid('STORE', uids, '+FLAGS', words[1]))
    else:
        good(imap.uid('COPY', uids, words[1]))
        if command == 'shift':
            good(imap.uid('STORE', uids, '+FLAGS', r'(\Deleted)'))
            good(imap.expunge())
    imap.logout()


if __name__ == '__main__':
    main()
