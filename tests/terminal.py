#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a terminal of its own, and does things to it.

usage: terminal.py STEP... -- PROGRAM WORD...

A step is "until TEXT" (waits for it, 60 seconds at most), "type KEYS", "size COLUMNS ROWS",
"signal NAME", "stopped" (waits until it is), "touch FILE" (to say so), "sleep SECONDS", "end"
(waits for its end, 20 seconds).  Prints what came, as
it came, then a line "exit CODE" and one "terminal same|CHANGED": whether the terminal's modes
are what they were before.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time


class Terminal:
    def __init__(self, words):
        self.master, self.slave = pty.openpty()
        self.size(80, 24)
        self.before = termios.tcgetattr(self.slave)
        self.got = b''
        self.seen = 0
        self.code = None
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in 0, 1, 2:
                os.dup2(self.slave, fd)
            os.execvp(words[0], words)

    def size(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.got += os.read(self.master, 65536)
            except OSError:
                pass

    def until(self, text):
        end = time.monotonic() + 60
        while text.encode() not in self.got[self.seen:]:
            if time.monotonic() > end:
                sys.exit('no %r; at last: %r' % (text, self.got[-2000:]))
            self.read(0.1)
        self.seen += self.got[self.seen:].index(text.encode()) + len(text.encode())

    def sleep(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)

    def stopped(self):
        end = time.monotonic() + 20
        while True:
            with open('/proc/%d/stat' % self.pid) as stat:
                if stat.read().rsplit(')', 1)[1].split()[0] == 'T':
                    return
            if time.monotonic() > end:
                sys.exit('it is not stopped')
            self.read(0.05)

    def end(self):
        limit = time.monotonic() + 20
        while True:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                return self.read(0.1)
            if time.monotonic() > limit:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                sys.exit('it does not end; at last: %r' % self.got[-2000:])

    def step(self, words):
        name, rest = words[0], words[1:]
        if name == 'until':
            self.until(' '.join(rest))
        elif name == 'type':
            os.write(self.master, rest[0].encode().decode('unicode_escape').encode())
        elif name == 'size':
            self.size(int(rest[0]), int(rest[1]))
        elif name == 'signal':
            os.kill(self.pid, getattr(signal, 'SIG' + rest[0]))
        elif name == 'sleep':
            self.sleep(float(rest[0]))
        elif name == 'stopped':
            self.stopped()
        elif name == 'touch':
            open(rest[0], 'w').close()
        elif name == 'end':
            self.end()
        else:
            sys.exit(__doc__)


def main():
    cut = sys.argv.index('--')
    terminal = Terminal(sys.argv[cut + 1:])
    for step in sys.argv[1:cut]:
        terminal.step(step.split(' '))
    same = termios.tcgetattr(terminal.slave) == terminal.before
    sys.stdout.buffer.write(terminal.got)
    print('\nexit %s\nterminal %s' % (terminal.code, 'same' if same else 'CHANGED'))


if __name__ == '__main__':
    main()
