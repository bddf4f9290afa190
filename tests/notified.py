#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: notified.py SOCKET: an init system's ear (sd_notify(3)).

Prints what is said at the unix datagram socket SOCKET, a line each, until it is killed.
"""
import os
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
    ear.bind(sys.argv[1])
    os.chmod(sys.argv[1], 0o666)
    while True:
        print(ear.recv(4096).decode().replace("\n", " "), flush=True)
