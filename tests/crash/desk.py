# SPDX-License-Identifier: GPL-3.0-or-later
"""The keeper is killed around the call of a desk.

The desk is a LiveAgent that remembers what it was told and outlives the kills.  The keeper
is killed at a system call of the network, the ledger or the spool as it begins: before the
desk is asked, while it is, after it has made the ticket and before its answer is read or
noted.  For half of the messages the desk goes wrong at a fifth of all calls on top of it.
"""
import json
import pathlib
import random
import subprocess
import sys
import time
import urllib.request

import doors
import nth
from place import Place, Sums, kill_group

CALLS = ("connect", "sendto", "recvfrom", "poll", "ppoll", "read", "write", "pwrite64",
         "pwritev", "writev", "fsync", "fdatasync", "rename", "renameat", "link", "linkat",
         "unlink", "unlinkat", "close", "openat", "munmap")
FAULTDESK = pathlib.Path(__file__).parents[1] / "line/liveagent/faultdesk.py"
KINDS = ["lose", "cut", "half-json", "late-500", "refuse", "429", "500", "html"]


def needs(build):
    return nth.needs(build)


class DeskPlace(Place):
    """A place whose tickets are in another program."""

    def __init__(self, build):
        self.desk = subprocess.Popen(
            [sys.executable, str(FAULTDESK), "--key", "test-key"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        self.url = f"http://127.0.0.1:{self.desk.stdout.readline().split()[1]}"
        super().__init__(build)

    def more_settings(self):
        token = self.folder / "token"
        token.write_text("test-key\n")
        token.chmod(0o600)
        self.own(token)
        return ('desk "agent" {\n\ttype = "liveagent"\n'
                f'\turl = "{self.url}/api/v3"\n\ttoken-file = "{token}"\n'
                '\tdepartment = "dep1"\n\ttimeout = 2s\n\trate = 100000\n}\n')

    inbox_settings = '\tdesk = "agent"\n'

    def control(self, path, wish=None):
        ask = urllib.request.Request(f"{self.url}/control/{path}",
                                     wish and json.dumps(wish).encode())
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(ask, timeout=30) as answer:
            return answer.read()

    def tickets(self):
        return [ticket["subject"] for ticket in json.loads(self.control("dump"))]

    def settle(self):
        self.control("random", {"rate": 0, "seed": 1, "kinds": KINDS})
        return super().settle()

    def stop(self):
        kill_group(self.desk)


class Around(doors.Deliver):
    """deskgate-deliver, of which the first traced calls are long before a desk's."""

    def learn(self, log, calls):
        self.send(self.place.message()[1])
        self.run(doors.trace(log, calls))
        return doors.places(log, str(self.place.conf)), doors.places(log, "/spool/")


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    ways = {call: ["signal=KILL:when={}"] for call in CALLS}
    for rate in (0, 0.2):
        def make():
            place = DeskPlace(build)
            place.control("random", {"rate": rate, "seed": seed, "kinds": KINDS})
            return place
        nth.one_door(make, Around, ways, chance, -(-count // 2), sums, "desk")
    return sums
