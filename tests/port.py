#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints a port of 127.0.0.1 that nothing listens on.

Ports below those that the system gives to outgoing connections, at random: what is
free now is then still free when the program under test takes it, with other tests
running beside it.
"""
import random
import socket

with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
    end = int(file.read().split()[0])
while True:
    port = random.randrange(min(10240, end - 4096), end)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
