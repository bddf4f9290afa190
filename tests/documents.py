#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks through the documents.

usage: documents.py blocks FILE HEADING    the shell blocks below a heading, as text
       documents.py headings FILE          headings with shell blocks below them
       documents.py names BUILD FILE...    commands and options that are not there
       documents.py links FILE...          links to files that are not there

A shell block is fenced by ```sh.  The last two tell each fault; exit 1 when there is
one.
"""
import os
import re
import subprocess
import sys


def parts(path):
    """(heading, text of its ```sh blocks) in order."""
    heading, blocks, inside, found = '', [], False, []
    with open(path, encoding='utf-8') as document:
        for line in document:
            if not inside and re.match(r'#+ ', line):
                if blocks:
                    found.append((heading, ''.join(blocks)))
                heading, blocks = line.lstrip('# ').strip(), []
            elif line.startswith('```'):
                inside = not inside and line.strip() == '```sh'
            elif inside:
                blocks.append(line)
    if blocks:
        found.append((heading, ''.join(blocks)))
    return found


def told(path):
    """(line number, command line) of whatever looks like a call of deskgate."""
    with open(path, encoding='utf-8') as document:
        fenced = False
        for number, line in enumerate(document, 1):
            if line.startswith('```'):
                fenced = not fenced
                continue
            calls = re.findall(r'`(deskgate [^`]*)`', line)
            if fenced or line.startswith('    '):
                calls += re.findall(r'(?:^|\s|\$ )((?:deskgate|dg) [^#|;<>&]*)',
                                    re.sub(r'\$\([^)]*\)', 'X', line))
            for call in calls:
                # What another command says is not a word of this one.
                yield number, re.sub(r'"?\$\([^)]*\)"?', 'X', call)


def options_of(text):
    return set(re.findall(r'^  (?:-\w, )?(--[a-z][a-z-]*)', text, re.M)) | \
        set(re.findall(r'^  (-\w), ', text, re.M))


def names(build, paths):
    deskgate = os.path.join(build, 'deskgate')

    def say(*words):
        return subprocess.run([deskgate, *words], capture_output=True, text=True,
                              check=True).stdout
    table = re.findall(r'^  ([a-z][a-z -]*[a-z])  +\S', say('--help'), re.M)
    helps, wrong, count = {}, [], 0
    for path in paths:
        for number, call in told(path):
            words = re.sub(r'^\S+( -c \S+| --config \S+| --json)*', '', call).split()
            plain = [w for w in words if not w.startswith('-')]
            if not plain or not re.fullmatch(r'[a-z|-]+', plain[0]):
                continue
            # "quarantine list|show" is two.
            name = next((n for n in sorted(table, key=len, reverse=True)
                         if all(w in p.split('|') for w, p in zip(n.split(), plain))
                         and len(plain) >= len(n.split())), None)
            if name is None:
                if not any(n.startswith(plain[0] + ' ') for n in table) or \
                        len(plain) > 1 and re.fullmatch('[a-z]+', plain[1]):
                    wrong.append('%s:%d: no command "%s"' % (path, number, call.strip()))
                continue
            count += 1
            if name not in helps:
                helps[name] = options_of(say(*name.split(), '--help'))
            wrong += ['%s:%d: "deskgate %s" has no %s' % (path, number, name, option)
                      for option in re.findall(r'(?<=\s)\[?(--?[a-z][a-z-]*)', call)
                      if option not in helps[name] | {'-c', '--config', '--json'}]
    assert count >= 50, count
    return wrong


def links(paths):
    wrong = []
    for path in paths:
        with open(path, encoding='utf-8') as document:
            text = document.read()
        for link in re.findall(r'\]\(([^)#]+)\)', text):
            if not re.match(r'[a-z]+:', link) and \
                    not os.path.exists(os.path.join(os.path.dirname(path), link)):
                wrong.append('%s: %s is not there' % (path, link))
    return wrong


def main():
    what, *words = sys.argv[1:]
    if what == 'blocks':
        print(''.join(text for heading, text in parts(words[0]) if heading == words[1]))
        return []
    if what == 'headings':
        print('\n'.join(heading for heading, _ in parts(words[0])))
        return []
    return names(words[0], words[1:]) if what == 'names' else links(words)


if __name__ == '__main__':
    faults = main()
    print('\n'.join(faults), end='\n' if faults else '')
    sys.exit(1 if faults else 0)
