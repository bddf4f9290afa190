#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks through the documents, and the examples of the manual's pages.

usage: documents.py commands FILE [TABLE]  its commands and their headings, each ended by NUL:
                                           HEADING, COMMAND, HEADING, COMMAND, ...
       documents.py script FILE [TABLE]    the same as a script
       documents.py list TABLE TESTS FILE...       each command, and what runs it
       documents.py forgotten TABLE TESTS FILE...  commands that nothing runs, and entries of
                                           the table that are wrong
       documents.py settings PLACE FILE... writes each block of settings to PLACE.1, PLACE.2 ...
       documents.py names BUILD FILE...    commands and options that are not there
       documents.py links FILE...          links to files that are not there

Commands stand in blocks that are fenced by ```sh, behind "$ " or "# " in those of ```console
(the rest is what they print) and in displays of manual pages, and behind time and user in
those of ```crontab; settings of ours stand in ```conf.  Nothing else may look like one of them.  What ends with a backslash goes on, and so
does what has a "<<WORD".

TABLE has those that no test runs as they stand, a line for each:

    FILE<tab>HOW THE COMMAND BEGINS<tab>WHY<tab>TEST: TEXT

TEST is a file that does the same otherwise, and TEXT stands in it.  All other commands of a
file are run by a test below the folder TESTS with a line "walk FILE" or "script FILE"
(tests/documents.bash), those behind "$ " in pages of section 1 by tests/cli/manual.bats.

The last three verbs tell each fault; exit 1 when there is one.
"""
import os
import re
import subprocess
import sys

PAGE = re.compile(r'\.[1-8](\.in)?$')
LOOKS = re.compile(r'([$#] |[A-Za-z_]+=\S|(deskgate|deskgate-milter|deskgate-deliver|dg|make|cd|mkdir|'
                   r'install|find|git|gpg|curl|openssl|autoreconf|systemctl|apt-get|chown|chmod|sudo|'
                   r'doveadm|sievec|postfix|postconf|echo|sed|rm|cp|mv|kill|cat|(\./|contrib/|tests/)\S+)'
                   r'($|[ |;&>]))')

SETTINGS = re.compile(r'(inbox|desk|rule) "[^"]*" \{|[a-z]+(-[a-z]+)* = ["{\w]')


def displays(path):
    """(heading, kind, [(line number, line)]) of each: kind is the word behind the fence, or
    "" where a display is only indented or fenced."""
    heading, kind, lines, depth = '', None, [], 0
    begin, end = ('.Bd -literal', '.Ed') if PAGE.search(path) else ('```', '```')
    with open(path, encoding='utf-8') as document:
        for number, line in enumerate(document, 1):
            text = line.strip()
            if kind is None and text.startswith(begin):
                depth, lines = len(line) - len(line.lstrip()), []
                kind = 'console' if begin != '```' else text[3:]
            elif kind is not None and text == end:
                yield heading, kind, lines
                kind = None
            elif kind is not None:
                lines.append((number, line[depth:].rstrip('\n')))
            elif re.match(r'#+ |\.S[hs] ', line):
                heading = line.split(' ', 1)[1].strip()
            elif line.startswith('    ') and begin == '```':
                yield heading, '', [(number, text)]


def whole(lines):
    """(line number, command) of lines that are a script."""
    number, command, word = 0, [], None
    for at, line in lines:
        if not command and (not line.strip() or line.lstrip().startswith('#')):
            continue
        number = number if command else at
        command.append(line)
        here = re.search(r"<<-?\s*['\"]?(\w+)", line) if word is None else None
        word = here.group(1) if here else word
        if line.strip() == word or word is None and not line.endswith('\\'):
            yield number, '\n'.join(command)
            command, word = [], None
    assert not command, command


def commands(path):
    """(heading, line number, command) in order."""
    for heading, kind, lines in displays(path):
        if kind == 'sh':
            yield from ((heading, number, text) for number, text in whole(lines))
        elif kind == 'console':
            yield from ((heading, number, line[2:]) for number, line in lines
                        if line.startswith(('$ ', '# ')))
        elif kind == 'crontab':
            yield from ((heading, number, line.split(None, 6)[6]) for number, line in lines)


def entries(table):
    """[file, beginning, why, test] of each line."""
    with open(table, encoding='utf-8') as lines:
        return [line.rstrip('\n').split('\t') for line in lines
                if line.strip() and not line.startswith('#')]


def entry_of(table, path, command):
    return next((e for e in table if e[0] == named(path) and command.startswith(e[1])), None)


def named(path):
    return re.sub(r'\.in$', '', os.path.basename(path))


def to_run(path, table):
    table = entries(table) if table else []
    return [(heading, command) for heading, _, command in commands(path)
            if not entry_of(table, path, command)]


def walkers(tests):
    """{file: test} by the lines "walk FILE" and "script FILE" of tests."""
    found = {}
    for folder, _, files in os.walk(tests):
        for name in (f for f in files if f.endswith('.bats')):
            path = os.path.join(folder, name)
            with open(path, encoding='utf-8') as text:
                for one in re.findall(r'^\s*(?:walk|script) (\S+)', text.read(), re.M):
                    found[one] = path
    return found


def runner_of(path, at, found):
    """The test that runs the command in line AT, or None."""
    if named(path) in found or not named(path).endswith('.1'):
        return found.get(named(path))
    with open(path, encoding='utf-8') as page:
        return 'tests/cli/manual.bats' if page.readlines()[at - 1].startswith('$ ') else None


def wrong_entry(entry, top):
    if len(entry) != 4 or len(entry[2]) < 10:
        return 'it is not FILE, beginning, why and TEST: TEXT'
    test, _, text = entry[3].partition(': ')
    if test.startswith('.ci/') and not os.path.exists(os.path.join(top, '.ci')):
        return None  # no part of a tarball
    try:
        with open(os.path.join(top, test), encoding='utf-8') as file:
            return None if text and text in file.read() else '%s has no "%s"' % (test, text)
    except OSError:
        return 'there is no %s' % test


def forgotten(table, tests, paths):
    found, rows, used, wrong = walkers(tests), entries(table), set(), []
    for path in paths:
        for heading, number, command in commands(path):
            entry = entry_of(rows, path, command)
            if entry:
                used.add(tuple(entry))
            elif not runner_of(path, number, found):
                wrong.append('%s:%d: no test runs "%s"' % (path, number, command))
        for heading, kind, lines in displays(path):
            wrong += ['%s:%d: a command in no ```sh: "%s"' % (path, number, line)
                      for number, line in lines if kind == '' and LOOKS.match(line)]
            wrong += ['%s:%d: a setting in no ```conf: "%s"' % (path, number, line)
                      for number, line in lines if kind == '' and SETTINGS.match(line)]
    for row in rows:
        fault = wrong_entry(row, os.path.dirname(os.path.abspath(tests)))
        if not fault and tuple(row) not in used:
            fault = 'there is no such command, or an entry before takes it'
        wrong += ['%s: %s: %s' % (table, row, fault)] if fault else []
    return wrong


def settings(place, paths):
    blocks = ['\n'.join(line for _, line in lines) for path in paths if not PAGE.search(path)
              for _, kind, lines in displays(path) if kind == 'conf']
    for number, block in enumerate(blocks, 1):
        with open('%s.%d' % (place, number), 'w', encoding='utf-8') as file:
            file.write(block + '\n')
    return []


def show(table, tests, paths):
    found, rows = walkers(tests), entries(table)
    for path in paths:
        for _, number, command in commands(path):
            entry = entry_of(rows, path, command)
            print('%s:%d: %s' % (path, number, command))
            print('\t' + ('not run, %s; instead %s' % (entry[2], entry[3]) if entry else
                          'run by %s' % runner_of(path, number, found)))
    return []


def told(path):
    """(line number, command line) of whatever looks like a call of deskgate."""
    with open(path, encoding='utf-8') as document:
        fenced = False
        for number, line in enumerate(document, 1):
            if line.lstrip().startswith('```'):
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


def script(found):
    print('set -e')
    before = None
    for heading, command in found:
        if heading != before:
            print("echo '== %s'" % heading)
        print(command)
        before = heading
    return []


def main():
    what, *words = sys.argv[1:]
    if what in ('commands', 'script'):
        found = to_run(*words, *([None] if len(words) == 1 else []))
        if what == 'script':
            return script(found)
        print(''.join('%s\0%s\0' % pair for pair in found), end='')
        return []
    if what in ('list', 'forgotten'):
        return (show if what == 'list' else forgotten)(words[0], words[1], words[2:])
    if what == 'settings':
        return settings(words[0], words[1:])
    return names(words[0], words[1:]) if what == 'names' else links(words)


if __name__ == '__main__':
    faults = main()
    print('\n'.join(faults), end='\n' if faults else '')
    sys.exit(1 if faults else 0)
