#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Very many connections to a milter at once.

    crowd.py SOCKET PID --open N --speak M [--served K]

Opens N connections to the milter at SOCKET, which is process PID, as fast as it takes
them, the first K one after the other, and leaves each after its greeting.  M of them then
hand a message over, several at once, while the others stay.  Says how many were taken, how
many were told to come later and how many were refused for good; then what processor time
the milter takes in a while in which nobody speaks, as a share of what a program gets that
does nothing but spin; then all but one hang up, and that and a new connection hand a
message over.  Fails when a connection was neither served nor told to come later, when
fewer than K were served, when the idle milter takes more than a quarter of what the
spinning program does, or when mail does not go on.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import resource
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "crash"))

import doors  # noqa: E402
from place import ACCEPTED, INBOX, LATER  # noqa: E402

CALM_SECONDS, CALM_MOST = 3, 0.25
AT_ONCE = 16
PATIENCE = 20  # seconds for an answer, and for a place in the queue of connections


def message(number):
    name = f"crowd{number:05}"
    return (f"From: Someone <{name}@example.org>\r\nTo: {INBOX}\r\nSubject: Question {name}\r\n"
            f"Message-ID: <{name}@client.example.org>\r\n"
            "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n"
            f"What is {name}?\r\n").encode()


def connect(path):
    """One that waits until there is room in the queue; None when there is none for long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return doors.Mta(path, PATIENCE)
        except BlockingIOError:
            time.sleep(0.02)
    return None


def speak(mta, number):
    """The rest of a session: what an MTA makes of it, which takes silence for "later"."""
    try:
        return mta.tell(mta.steps_after(message(number)))
    except (OSError, ConnectionError, struct.error):
        return LATER


def spent(pid):
    """Seconds of processor time of a process so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crowd(path, many, first):
    """As many as are taken before the milter lets one wait for long.  Each of the `first`
    is in before the next one comes: the milter's threads begin in any order."""
    open_ = []
    for _ in range(many):
        mta = connect(path)
        if mta is None:
            break
        mta.greet()
        if len(open_) < first:
            mta.socket.recv(1, socket.MSG_PEEK)  # its answer has begun to arrive
        open_.append(mta)
    return open_


def speak_all(mtas):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(speak, mtas, range(len(mtas))))


def calm(pid):
    """The milter's share of what spinning gets, in a while in which nobody says anything."""
    time.sleep(2)  # what was said a moment ago is done
    before, own = spent(pid), time.process_time()
    until = time.monotonic() + CALM_SECONDS
    while time.monotonic() < until:
        pass
    return (spent(pid) - before) / (time.process_time() - own)


def goes_on(path, mtas, number):
    """Whether mail does, once the crowd has gone."""
    for mta in mtas:
        mta.socket.close()
    until = time.monotonic() + PATIENCE
    while (answer := doors.talk(path, message(number))) == LATER and time.monotonic() < until:
        time.sleep(0.2)
    return answer


def run(options):
    mtas = crowd(options.socket, options.open, options.served)
    print(f"{len(mtas)} connections open", flush=True)
    lazy = calm(options.pid)
    answers = collections.Counter(speak_all(mtas[:options.speak]))
    print("spoke: " + ", ".join(f"{n} {what}" for what, n in sorted(answers.items())))
    lazy = max(lazy, calm(options.pid))
    after = goes_on(options.socket, mtas, options.open)
    print(f"took {lazy:.0%} of what spinning takes while nobody spoke; after it a message is "
          f"{after}")
    return (set(answers) <= {ACCEPTED, LATER} and answers[ACCEPTED] >= options.served
            and lazy <= CALM_MOST and after == ACCEPTED)


def main():
    parser = argparse.ArgumentParser(description="Very many connections to a milter.")
    parser.add_argument("socket")
    parser.add_argument("pid", type=int)
    parser.add_argument("--open", type=int, required=True, metavar="N")
    parser.add_argument("--speak", type=int, required=True, metavar="M")
    parser.add_argument("--served", type=int, default=0, metavar="K")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sys.exit(not run(options))


if __name__ == "__main__":
    main()
