#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types a line into a zsh on a terminal of its own and presses the tab key twice.

usage: press_tab.py FUNCTIONS LINE

FUNCTIONS is a folder of completion functions.  Prints what the shell then shows: the
line as it became, and what it offers.  Exit 1 when it does not answer in 20 seconds.
"""
import os
import pty
import re
import select
import sys
import time

SETUP = ('fpath=(%s $fpath); PS1=; autoload -Uz compinit; compinit -u -D; '
         'unsetopt zle_bracketed_paste; stty cols 200; print READY-$((6*7))\n')


def read_until(fd, pattern, seconds):
    got, end = '', time.monotonic() + seconds
    while not re.search(pattern, got):
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            sys.exit('no answer; so far: %r' % got)
        got += os.read(fd, 65536).decode('utf-8', 'replace')
    return got


def main():
    functions, line = sys.argv[1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM='dumb', ZDOTDIR='/nonexistent')
        os.execvp('zsh', ['zsh', '-f', '-i'])
    os.write(fd, (SETUP % functions).encode())
    read_until(fd, 'READY-42', 20)
    # The last key prints the line itself, so what stands before it is all that came.
    os.write(fd, line.encode() + b'\t\t\x01print -r -- "END-$((6*7)) "\n')
    shown = read_until(fd, 'END-42 .*\n', 20)
    print(re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\x07\r]', '', shown))
    os.write(fd, b'\x15exit\n')
    os.close(fd)
    os.waitpid(pid, 0)
    return 0


if __name__ == '__main__':
    sys.exit(main())
