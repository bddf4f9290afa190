#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: within.py UNIT COMMAND...: runs COMMAND with the system calls that a systemd unit
leaves it (SystemCallFilter=, the last word on each call, else EPERM), without systemd."""
import ctypes
import errno
import os
import subprocess
import sys

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def groups():
    found, name = {}, None
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"],
                            capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        if line.startswith("@"):
            name = line.strip()
            found[name] = []
        elif line.startswith("    ") and name and not line.strip().startswith("#"):
            found[name].append(line.strip())
    return found


def expand(word, known):
    if not word.startswith("@"):
        return {word}
    return set().union(*(expand(one, known) for one in known[word]))


def allowed(unit):
    known = groups()
    calls = expand("@default", known)
    for line in open(unit):
        name, _, value = line.strip().partition("=")
        if name != "SystemCallFilter":
            continue
        named = set().union(*(expand(word, known) for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls


library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
state = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE)))
for call in allowed(sys.argv[1]):
    number = library.seccomp_syscall_resolve_name(call.encode())
    if number != -1:
        library.seccomp_rule_add(state, ctypes.c_uint32(ALLOW), number, 0)
if library.seccomp_load(state) != 0:
    sys.exit("within.py: the filter cannot be loaded")
os.execvp(sys.argv[2], sys.argv[2:])
