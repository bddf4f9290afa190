#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk that is away for long, and comes back.

    outage.py [--messages N] [--ceiling N] [--workers N] [--rate N] BUILD-FOLDER

A webhook's desk answers 503 while N messages come in by the milter as fast as they can:
what a day of 5 a second would leave to wait is 432,000.  Then it comes back, and all of it
has to be there, once, in the order in which it came, without a rush of calls.  With
--ceiling the spool may hold no more than N; what is above that is offered again until it
is taken.  --rate: calls a minute that the desk may get, as the desk's setting of that
name.  Prints:

    the memory of each program (RSS of the process that stays, MB) as the spool grows,
    calls of the desk while it was away, and in the busiest second after it came back,
    how far out of order a ticket was made, at most,
    and a line with what is lost, doubled and stuck; exit 0 when nothing is.
"""
import argparse
import http.server
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "line/desks"))

import doors  # noqa: E402
from place import ACCEPTED, LATER, Place, begin, kill_group  # noqa: E402
from receiver import Receiver  # noqa: E402

POINTS = 8  # lines of the table


class Desk(Receiver):
    """One that is away until it is told to be there."""

    secret, away = b"a secret of two", True
    calls, made = [], []  # times of calls; subjects in the order of their tickets
    lock = threading.Lock()

    def do_POST(self):
        self.calls.append(time.monotonic())
        if not Desk.away:
            with self.lock:
                return super().do_POST()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return self.answer(503, {"message": "away"})

    def on_create(self, wish):
        self.made.append(wish["subject"])
        return 201, {"id": str(len(self.made)), "code": f"W-{len(self.made)}"}

    def on_find(self, wish):
        return 200, {"id": None}


class Hooked(Place):
    """A place with such a desk."""

    retries = "retry-min = 1s\nretry-max = 10s\n"
    inbox_settings = '\tdesk = "hook"\n'

    def __init__(self, build, ceiling, rate):
        self.ceiling, self.rate = ceiling, rate
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        super().__init__(build)

    def more_settings(self):
        token = self.folder / "token"
        token.write_bytes(Desk.secret + b"\n")
        token.chmod(0o600)
        self.own(token)
        return (f'spool-max-entries = {self.ceiling}\nspool-max-size = 100G\n'
                f'desk "hook" {{\n\ttype = "webhook"\n\trate = {self.rate}\n'
                f'\turl = "http://127.0.0.1:{self.server.server_port}"\n'
                f'\ttoken-file = "{token}"\n}}\n')


class Watch:
    """What the programs take."""

    def __init__(self, programs):
        self.programs = programs
        print("messages " + " ".join(f"{name:>18}" for name in programs), flush=True)

    def row(self, count):
        print(f"{count:8} " + " ".join(f"{rss(at_work(process.pid)):15.1f} MB"
                                       for process in self.programs.values()), flush=True)


def children(pid):
    return [int(one) for one in
            subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
            .stdout.split()]


def at_work(pid):
    """The process of a program that does its work: the first child of the one that was
    started, which only holds what is to be held."""
    return (children(pid) or [pid])[0]


def rss(pid):
    """MB that the process has in memory and does not share with files; 0 when it is no
    more."""
    try:
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


class Senders:
    """Threads that take one message after the other from a count of them."""

    def __init__(self, place, count, workers):
        self.place, self.left, self.later, self.refused = place, count, 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True)
                        for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def send(self, _name, data):
        return doors.talk(self.place.milter_path(), data)

    def work(self):
        while True:
            with self.lock:
                if self.left == 0:
                    return
                self.left -= 1
            name, data = self.place.message()
            while (answer := self.send(name, data)) == LATER:
                self.later += 1
                time.sleep(0.2)
            if answer != ACCEPTED:
                self.refused.append(f"{name}: {answer}")


def send_all(place, count, workers, ceiling, watch):
    """All of them; the desk comes back once the spool is full, where it can be."""
    senders = Senders(place, count, workers)
    step = max(1, count // POINTS)
    due = step
    while any(thread.is_alive() for thread in senders.threads):
        time.sleep(0.05)
        taken = count - senders.left
        if taken >= due:
            watch.row(taken)
            due += step
        if ceiling < count and senders.later > 2 * workers:
            Desk.away = False
    return senders


def drain(place, count):
    """Until nothing waits, or nothing has come for two minutes; how long it took."""
    began = last = time.monotonic()
    seen = 0
    while len(Desk.made) < count and time.monotonic() - last < 120:
        time.sleep(0.1)
        if len(Desk.made) > seen:
            seen, last = len(Desk.made), time.monotonic()
    while not place.settled() and time.monotonic() - last < 120:
        time.sleep(0.5)
    return time.monotonic() - began


def busiest(calls):
    """The most calls of a second."""
    seconds = {}
    for at in calls:
        seconds[int(at)] = seconds.get(int(at), 0) + 1
    return max(seconds.values(), default=0)


def out_of_order(made):
    """By how many places a ticket came before one that should have been made earlier."""
    most, far = -1, 0
    for subject in made:
        number = int(subject.removeprefix("Question nth"))
        far = max(far, most - number)
        most = max(most, number)
    return far


def run(options):
    place = Hooked(options.build, options.ceiling, options.rate)
    programs = {name: begin(place.argv(name), place.folder / "log")
                for name in ("deskgate-milter", "deskgate-deliver")}
    try:
        watch, began = Watch(programs), time.monotonic()
        senders = send_all(place, options.messages, options.workers, options.ceiling, watch)
        took, away = time.monotonic() - began, len(Desk.calls)
        back = time.monotonic()
        Desk.away = False
        drained = drain(place, options.messages)
        watch.row(options.messages)
        stuck = place.tool("queue", "list", "--plain").stdout.splitlines()
    finally:
        for process in programs.values():
            kill_group(process)
    after = [at for at in Desk.calls if at >= back]
    lost = len(set(place.sent)) - len({one[9:] for one in Desk.made})
    doubled = len(Desk.made) - len(set(Desk.made))
    print(f"taken in {took:.0f} s ({options.messages / took:.0f}/s), told to come later "
          f"{senders.later} times")
    print(f"the desk was asked {away} times while it was away, and drained in "
          f"{drained:.0f} s; the busiest second had {busiest(after)} calls, "
          f"{len(Desk.made) / max(drained, 0.1):.0f} tickets a second in the mean")
    print(f"out of order by {out_of_order(Desk.made)} at most")
    wrong = lost + doubled + len(stuck) + len(senders.refused)
    print(f"{options.messages} messages: lost {lost}, doubled {doubled}, stuck {len(stuck)}, "
          f"refused {len(senders.refused)}")
    if not wrong:
        place.remove()
    return wrong == 0


def main():
    parser = argparse.ArgumentParser(description="A desk that is away for long.")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--ceiling", type=int, default=100000000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rate", type=int, default=180)
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-FOLDER")
    sys.exit(not run(parser.parse_args()))


if __name__ == "__main__":
    main()
