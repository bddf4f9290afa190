#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What poisoned lessons and stuffed spam do to the filter, with its defences and without.

usage: poison.py      (by "make bench-poison"; needs top_srcdir, top_builddir)

DESKGATE_CORPORA  as filter.py has it; the SpamAssassin corpus is taken, without it nothing is done
BENCH_STEP        every so many messages only (1)

Of the corpus a third is kept for judging, by turns, and a tenth of the rest's ham for those who
poison; what is left teaches the model.  Then the attack is taught, then the kept third judged and
not taught.  "Without defences" is the same model made to learn every label: no training margin, no
refusal.  Whoever attacks here knows the filter's own ham, word for word, which is more than one
outside can know.  All figures are worked out by "deskgate eval".
"""
import collections
import os
import random
import re
import sys
import tempfile

import filter as bench

OFF = ['--force', '--training-margin', '1000']
WORD = re.compile(rb'[A-Za-z]{4,14}')
RATE = 200  # the default of train-rate: lessons an hour in one name


def say(text):
    print(text, flush=True)


def read(path):
    with open(path, 'rb') as message:
        return re.sub(rb'\AFrom [^\n]*\n', b'', message.read()).replace(b'\r\n', b'\n')


# --- the corpus in parts ---

class Parts:
    def __init__(self, rows):
        self.judged = rows[::3]
        rest = [row for i, row in enumerate(rows) if i % 3]
        ham = [row for row in rest if row[0] == 'ham']
        self.poison = [path for _, path in ham[::10]]
        reserved = set(self.poison)
        self.taught = [row for row in rest if row[1] not in reserved]


def words_of(rows):
    """In how many messages of each class a word stands."""
    seen = {'ham': collections.Counter(), 'spam': collections.Counter()}
    for label, path in rows:
        body = read(path).partition(b'\n\n')[2]
        seen[label].update({word.lower() for word in WORD.findall(body)})
    return seen


def good_words(parts):
    """Those that speak for ham most, first."""
    seen = words_of(parts.taught)
    often = [w for w, n in seen['ham'].items() if n >= 5]
    return sorted(often, key=lambda w: (-(seen['ham'][w] / (1 + seen['spam'][w])), w))


def common_words(parts):
    """Those of most ham, first."""
    return [w for w, _ in words_of(parts.taught)['ham'].most_common()]


# --- messages made ---

def stuff(path, words):
    """The message as the first part of two, the words as the second: so they are read whatever
    its encoding is.  Without words the second part is blank, to have the same form."""
    head, _, body = read(path).partition(b'\n\n')
    fields = re.split(rb'\n(?![ \t])', head)
    own = [f for f in fields if f.lower().startswith(b'content-')]
    rest = [f for f in fields if not f.lower().startswith((b'content-', b'mime-version'))]
    mark = b'=_stuffed_'
    return b'\n'.join(
        rest + [b'MIME-Version: 1.0', b'Content-Type: multipart/mixed; boundary="%s"' % mark, b'',
                b'--' + mark] + own + [b'', body, b'--' + mark, b'Content-Type: text/plain', b'',
                                       b' '.join(words), b'--' + mark + b'--', b''])


def disguise(path, alphabet):
    """The message with each of its words written otherwise; None unless its body is plain text
    that stands as it is."""
    head, _, body = read(path).partition(b'\n\n')
    fields = re.split(rb'\n(?![ \t])', head)
    own = b'\n'.join(f for f in fields if f.lower().startswith(b'content-')).lower()
    if b'multipart' in own or b'html' in own or b'base64' in own or b'quoted' in own:
        return None
    rest = [f for f in fields if not f.lower().startswith((b'content-', b'mime-version'))]
    text = body.decode('latin-1')
    return b'\n'.join(
        rest + [b'MIME-Version: 1.0', b'Content-Type: text/plain; charset=utf-8',
                b'Content-Transfer-Encoding: 8bit', b'', alphabet(text).encode()])


def zero_width(text):
    return re.sub(r'([A-Za-z])(?=[A-Za-z])', '\\1\u200b', text)


def homoglyphs(text):
    return text.translate(str.maketrans('aceopxyABEHKMOPCTX', 'асеорхуАВЕНКМОРСТХ'))


def letter(number, words):
    """Mail that has nothing but words."""
    return (b'From: a%d@example.net\nTo: support@example.com\nSubject: %s\n'
            b'Message-ID: <poison%d@example.net>\n\n%s\n' % (
                number, b' '.join(words[:4]), number, b' '.join(words)))


def copy_of(path, number):
    """The same again, with an id of its own."""
    head, _, body = read(path).partition(b'\n\n')
    fields = [f for f in re.split(rb'\n(?![ \t])', head)
              if not f.lower().startswith(b'message-id:')]
    return b'\n'.join(fields + [b'Message-ID: <copy%d@example.net>' % number, b'', body])


class Files:
    def __init__(self, folder):
        self.folder, self.made = folder, 0

    def put(self, data):
        self.made += 1
        path = '%s/%06d' % (self.folder, self.made)
        with open(path, 'wb') as out:
            out.write(data)
        return path


# --- runs ---

def run(parts, files, attack, judged, off, by):
    """The figures after `attack` (paths, taught as spam in turn in the names `by`) for `judged`."""
    index = files.folder + '/index'
    with open(index, 'w') as out:
        for label, path in parts.taught:
            out.write('%s %s\n' % (label.upper(), path))
        for i, path in enumerate(attack):
            out.write('SPAM%s %s\n' % (by[i % len(by)], path))
        for label, path in judged:
            out.write('%s %s\n' % (label.capitalize(), path))
    return bench.deskgate('eval', '--index', index, *(OFF if off else []))


def cells(answer):
    f = answer['figures']
    return '%.2f | %.2f | %.2f' % (f['hm'], 100 * f['ham_unsure'] / max(f['ham'], 1), 100 - f['sm'])


def row(name, parts, files, attack, judged, by=('',)):
    defended = run(parts, files, attack, judged, False, by)
    bare = run(parts, files, attack, judged, True, by)
    labels = defended['labels']
    say('| %s | %s | %s | %d, %d, %d |' % (
        name, cells(bare), cells(defended), labels['learnt'], labels['noted without need'],
        labels['refused']))


def stuffing(parts, files, knowing, common):
    for name, words in (('%d words that speak for ham most', knowing),
                        ('%d words of most ham', common)):
        for count in (0, 50, 150, 500) if words is knowing else (150, 500):
            judged = [(label, files.put(stuff(path, words[:count])) if label == 'spam' else path)
                      for label, path in parts.judged]
            row('stuffed spam: ' + name % count, parts, files, [], judged)
    taught = [path for label, path in parts.taught if label == 'spam'][::10][:50]
    stuffed = [files.put(stuff(path, knowing[:150])) for path in taught]
    judged = [(label, files.put(stuff(path, knowing[:150])) if label == 'spam' else path)
              for label, path in parts.judged]
    for count in (10, 50):
        row('the same, 150 words, after %d such were taught' % count, parts, files,
            stuffed[:count], judged)


def disguises(parts, files):
    """Of the spam whose body is plain text alone."""
    for name, alphabet in (('as it is', str), ('a zero-width sign between letters', zero_width),
                           ('Cyrillic letters that look the same', homoglyphs)):
        judged = [row for row in parts.judged if row[0] == 'ham']
        made = [disguise(path, alphabet) for label, path in parts.judged if label == 'spam']
        judged += [('spam', files.put(data)) for data in made if data is not None]
        row('plain spam, ' + name, parts, files, [], judged)
        if alphabet is not str:
            taught = [disguise(path, alphabet) for label, path in parts.taught if label == 'spam']
            attack = [files.put(data) for data in taught if data is not None][:10]
            row('the same, after 10 such were taught', parts, files, attack, judged)


def dictionary(parts, files, common, chance):
    for count in (10, 50, 200):
        attack = [files.put(letter(i, chance.sample(common[:5000], min(2000, len(common)))))
                  for i in range(count)]
        row('%d letters of 2,000 words of ham, taught as spam' % count, parts, files, attack,
            parts.judged)


def copies(parts, files):
    for count in (1, 1000):
        attack = [files.put(copy_of(parts.poison[0], i)) for i in range(count)]
        row('one ham, %d copies taught as spam' % count, parts, files, attack, parts.judged)


def one_person(parts, files):
    most = len(parts.poison)
    for count in sorted({min(20, most), min(RATE, most), most}):
        for name, by in (('one person marks', ['@desk:1']),
                         ('three persons mark', ['@desk:1', '@desk:2', '@desk:3'])):
            row('%s %d ham as spam' % (name, count), parts, files, parts.poison[:count],
                parts.judged, by)


def main():
    with tempfile.TemporaryDirectory() as work:
        corpus = bench.find_corpora(work).get('mixed')
        if corpus is None:
            say('skipped: DESKGATE_CORPORA names no folder with the corpus spamassassin')
            return 0
        parts = Parts(corpus.rows)
        files = Files(tempfile.mkdtemp(dir=work))
        knowing, common = good_words(parts), common_words(parts)
        say('%d taught, %d judged, %d ham for those who poison\n' % (
            len(parts.taught), len(parts.judged), len(parts.poison)))
        say('| attack | without defences: ham called spam, % | ham unsure, % | spam caught, % '
            '| with: ham called spam, % | ham unsure, % | spam caught, % '
            '| labels learnt, noted, refused |')
        say('|---' * 8 + '|')
        row('none', parts, files, [], parts.judged)
        stuffing(parts, files, knowing, common)
        disguises(parts, files)
        dictionary(parts, files, common, random.Random(1))
        copies(parts, files)
        one_person(parts, files)
    return 0


if __name__ == '__main__':
    sys.exit(main())
