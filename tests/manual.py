#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the manual with the programs.

usage: manual.py commands|settings BUILD [PAGES]
       manual.py examples PAGE...
       manual.py displays PAGE FILE

commands: each command of "deskgate --help" has a part ".Ss deskgate WORDS" in one
page, with an item for each option of its own --help and none for another; the
daemons' options are in their pages.  settings: each setting of "deskgate settings
sample" has an item in deskgate.conf(5) with a sentence of its own.  PAGES is the
folder of the pages, BUILD/tools/man by default.  Tells each difference; exit 1
when there is one.  examples: prints the lines of the pages' literal displays that
begin with "$ ", without that.  displays: writes each display of the page to FILE.1,
FILE.2 ...
"""
import os
import re
import subprocess
import sys

COMMON = {'--config', '--json', '--help'}


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def read(folder):
    """{name: text} of the pages that are more than a word for another one."""
    texts = {}
    for name in sorted(os.listdir(folder)):
        if re.search(r'\.[1-8]$', name):
            with open(os.path.join(folder, name), encoding='utf-8') as page:
                text = page.read()
            if not text.startswith('.so '):
                texts[name] = text
    return texts


def options_of(text):
    """{--option} of a --help."""
    return set(re.findall(r'^  (?:-\w, |    )?(--[a-z][a-z-]*)', text, re.M))


def items_of(text):
    """{--option: its text} of a part of a page."""
    found = {}
    for item in re.split(r'^\.It ', text, flags=re.M)[1:]:
        head, _, body = item.partition('\n')
        body = re.split(r'^\.(?:El|Ss|Sh)', body, flags=re.M)[0]
        for name in re.findall(r'Fl -([a-z][a-z-]*)', head.replace(' ,', '')):
            found['--' + name] = body
        for name in re.findall(r', -([a-z][a-z-]*)', head.replace(' ,', ',')):
            found.setdefault('--' + name, body)
    return found


def compare(what, want, items):
    wrong = ['%s: %s has no text in the manual' % (what, o) for o in sorted(want)
             if len(items.get(o, '').strip()) < 10]
    return wrong + ['%s: %s is in the manual and is no option' % (what, o)
                    for o in sorted(set(items) - want)]


def commands(build, folder):
    deskgate = os.path.join(build, 'deskgate')
    table = re.findall(r'^  ([a-z][a-z -]*[a-z])  +\S', run(deskgate, '--help'), re.M)
    texts = read(folder)
    parts = {}
    for name, text in texts.items():
        for part in re.split(r'^\.Ss deskgate ', text, flags=re.M)[1:]:
            head, _, body = part.partition('\n')
            parts[head] = re.split(r'^\.(?:Ss|Sh) ', body, flags=re.M)[0]
    wrong = ['%s: there is no such command' % w for w in sorted(set(parts) - set(table))]
    for words in table:
        if words not in parts:
            wrong.append('%s: has no part in the manual' % words)
            continue
        own = options_of(run(deskgate, *words.split(), '--help')) - COMMON
        wrong += compare(words, own, items_of(parts[words]))
    for daemon in ('deskgate-milter', 'deskgate-deliver'):
        own = options_of(run(os.path.join(build, daemon), '--help'))
        wrong += compare(daemon, own, items_of(
            texts[daemon + '.8'].split('.Sh ENVIRONMENT')[0]))
    assert len(table) >= 60, table
    return wrong


def settings(build, folder):
    sample = run(os.path.join(build, 'deskgate'), 'settings', 'sample')
    page = read(folder)['deskgate.conf.5']
    wrong, count = [], 0
    # A part of the page for each kind of section, in the order of the sample.
    kinds = re.split(r'^#\w+ "[^"]*" \{\n', sample, flags=re.M)
    parts = re.split(r'^\.Ss Settings ', page, flags=re.M)[1:]
    if len(kinds) != len(parts):
        wrong.append('%d kinds of sections, %d parts' % (len(kinds), len(parts)))
    for kind, part in zip(kinds, parts):
        for name in re.findall(r'^\t?#([a-z][a-z0-9-]*) = ', kind, re.M):
            count += 1
            item = re.search(r'^\.It Ic "\\&%s" No = Ar \S+\n(.*)\n' %
                             re.escape(name.replace('-', '\\-')), part, re.M)
            if not item or item.group(1).startswith(('.', 'It is')):
                wrong.append('%s: has no text in deskgate.conf(5)' % name)
    assert count >= 100, count
    return wrong


def displays(path):
    with open(path, encoding='utf-8') as page:
        return [block.replace('\\e', '\\') for block in re.findall(
            r'^\.Bd -literal.*?\n(.*?)^\.Ed', page.read(), re.M | re.S)]


def examples(pages):
    for path in pages:
        for block in displays(path):
            for line in re.findall(r'^\$ (.*)', block, re.M):
                print(line)
    return []


def write_displays(path, file):
    for number, block in enumerate(displays(path), 1):
        with open('%s.%d' % (file, number), 'w', encoding='utf-8') as out:
            out.write(block)
    return []


def main():
    what, *words = sys.argv[1:]
    if what == 'examples':
        return examples(words)
    if what == 'displays':
        return write_displays(*words)
    folder = words[1] if len(words) > 1 else os.path.join(words[0], 'tools/man')
    return {'commands': commands, 'settings': settings}[what](words[0], folder)


if __name__ == '__main__':
    found = main()
    print('\n'.join(found), end='\n' if found else '')
    sys.exit(1 if found else 0)
