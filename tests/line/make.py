#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes N distinct messages in a folder, and what their tickets must say.

usage: make.py FOLDER N [SEED]

Writes FOLDER/0001.eml ... and FOLDER/expected.json: for each Message-ID the sender,
subject, text and attachments (name, sha256).  Bodies vary in language, charset,
encoding and structure; every second one has attachments of random bytes.
"""
import hashlib
import json
import os
import random
import sys
from email.message import EmailMessage
from email.utils import format_datetime
from datetime import datetime, timedelta, timezone

TEXTS = [
    ('utf-8', 'Hello,\n\nmy order has not arrived. Could you look into it?\n\nRegards\nAnna'),
    ('iso-8859-1', 'Guten Tag,\n\nmeine Bestellung ist beschädigt angekommen. '
                   'Können Sie mir Ersatz schicken?\n\nGrüße\nJörg'),
    ('utf-8', 'Здравствуйте,\n\nя не могу войти в свой кабинет.\n\nСпасибо'),
    ('iso-2022-jp', 'お世話になります。\n\n請求書を送ってください。\n\nよろしくお願いします。'),
    ('windows-1252', 'Bonjour,\n\nle prix affiché était 12 € et non 15 €.\n\nMerci'),
    ('gb2312', '您好，\n\n我想退货，请告诉我怎么做。\n\n谢谢'),
    ('us-ascii', 'Hi there,\n\nthe app crashes when I open the settings page.\n\nThanks'),
    ('iso-8859-2', 'Dzień dobry,\n\nproszę o fakturę za lipiec. Płatność już wysłałem.\n\nPozdrawiam'),
]


def make(i, rng):
    charset, text = TEXTS[i % len(TEXTS)]
    text = '%s\n\nCase %d-%d' % (text, i, rng.getrandbits(40))
    m = EmailMessage()
    sender = 'customer%d@example.org' % (i % 37)
    m['From'] = 'Customer %d <%s>' % (i % 37, sender)
    m['To'] = 'Support <support@example.com>'
    m['Subject'] = 'Question %d about größe' % i if i % 3 else 'Question %d' % i
    m['Message-ID'] = '<%d.%d@client.example.org>' % (i, rng.getrandbits(60))
    when = datetime(2026, 11, 1, tzinfo=timezone.utc) + timedelta(minutes=i)
    m['Date'] = format_datetime(when)
    m.set_content(text + '\n', charset=charset,
                  cte=('base64', 'quoted-printable')[i % 2]
                  if charset != 'us-ascii' else '7bit')
    if i % 4 == 1:
        m.add_alternative('<html><body><p>%s</p></body></html>'
                          % text.replace('\n', '<br>'), subtype='html')
    files = []
    for k in range(i % 2 * (1 + i % 3)):
        data = rng.randbytes(rng.randrange(0 if k else 1, 40000))
        name = ('photo %d.png' % k, 'Übersicht %d.pdf' % k, 'data%d.bin' % k)[k % 3]
        kind = (('image', 'png'), ('application', 'pdf'),
                ('application', 'octet-stream'))[k % 3]
        m.add_attachment(data, *kind, filename=name)
        files.append({'name': name, 'sha256': hashlib.sha256(data).hexdigest()})
    want = {'sender': sender, 'subject': m['Subject'], 'text': text, 'files': files}
    return m, want


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    os.makedirs(folder, exist_ok=True)
    expected = {}
    for i in range(1, count + 1):
        m, want = make(i, rng)
        expected[m['Message-ID'].strip('<>')] = want
        with open('%s/%04d.eml' % (folder, i), 'wb') as f:
            f.write(m.as_bytes())
    with open(folder + '/expected.json', 'w') as f:
        json.dump(expected, f)


if __name__ == '__main__':
    main()
