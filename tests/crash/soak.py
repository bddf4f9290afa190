#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Very many messages, and what the programs' memory does.

    soak.py [--messages N] [--workers N] [--steps N] [--most MB] BUILD-FOLDER

N messages come in by the milter, no faster than a webhook's desk gets them; now and then
one is learnt from and the queue is looked at.  Prints, at each step, the memory (RssAnon:
what a process has and does not share with files; MB) of each program's process that stays
and of its readers together, and at the end by how much each grew per 100,000 messages: the
slope of the line that fits its second half best.  Exit 0 when every message is one ticket
and no slope is above --most.
"""
import argparse
import pathlib
import statistics
import sys
import time

import outage
from place import begin, kill_group

PROGRAMS = ("deskgate-milter", "deskgate-deliver")
AHEAD = 1000   # messages the desk may be behind
LESSON = 500   # one of so many messages is learnt


def below(pid):
    """All processes that it is an ancestor of."""
    found = outage.children(pid)
    return found + [one for child in found for one in below(child)]


class Table:
    """Memory of each part by the number of messages."""

    def __init__(self, programs):
        self.programs, self.rows = programs, []
        self.parts = [f"{name.removeprefix('deskgate-')}{part}" for name in programs
                      for part in ("", "-readers")]
        print("messages  per-s " + " ".join(f"{part:>16}" for part in self.parts), flush=True)
        self.began = time.monotonic()

    def measure(self):
        found = []
        for process in self.programs.values():
            working = outage.at_work(process.pid)
            found += [outage.rss(working), sum(map(outage.rss, below(working)))]
        return found

    def row(self, count):
        found = self.measure()
        rate = count / (time.monotonic() - self.began)
        self.rows.append((count, found))
        print(f"{count:8} {rate:6.0f} " + " ".join(f"{mb:16.1f}" for mb in found), flush=True)

    def slopes(self):
        """MB per 100,000 messages of each part, of the second half of the rows."""
        late = self.rows[min(len(self.rows) // 2, len(self.rows) - 2):]
        counts = [count / 100000 for count, _ in late]
        return [statistics.linear_regression(counts, [found[n] for _, found in late]).slope
                for n in range(len(self.parts))]


class Senders(outage.Senders):
    """Those that wait for a desk that is behind, and teach now and then."""

    def send(self, name, data):
        while self.place.number(name) - len(outage.Desk.made) > AHEAD:
            time.sleep(0.05)
        if self.place.number(name) % LESSON == 0:
            self.place.tool("train", "ham", "-", input=data)
            self.place.tool("stats")
        return super().send(name, data)


class Endless(outage.Hooked):
    """A place that does not keep what it sent."""

    def __init__(self, build):
        self.count = 0
        super().__init__(build, 1000000, 100000)

    @staticmethod
    def number(name):
        return int(name.removeprefix("nth"))

    def message(self):
        name, data = super().message()
        with self.lock:
            # Only its number is needed any more.
            self.sent[name] = None
        return name, data


def send_all(place, options, table):
    """Until all are tickets, or none has come for two minutes."""
    senders = Senders(place, options.messages, options.workers)
    step = max(1, options.messages // options.steps)
    seen, last = 0, time.monotonic()
    while seen < options.messages and time.monotonic() - last < 120:
        time.sleep(0.1)
        if len(outage.Desk.made) > seen:
            last = time.monotonic()
            if len(outage.Desk.made) // step > seen // step:
                table.row(len(outage.Desk.made))
            seen = len(outage.Desk.made)
    return senders


def run(options):
    outage.Desk.away = False
    outage.Desk.calls = type("Nothing", (), {"append": lambda self, at: None})()
    place = Endless(options.build)
    programs = {name: begin(place.argv(name), place.folder / "log") for name in PROGRAMS}
    try:
        table = Table(programs)
        table.row(0)
        senders = send_all(place, options, table)
        outage.drain(place, options.messages)
        slopes = table.slopes()
    finally:
        for process in programs.values():
            kill_group(process)
    made = outage.Desk.made
    lost, doubled = options.messages - len(set(made)), len(made) - len(set(made))
    print("MB per 100,000: " + ", ".join(f"{part} {slope:+.2f}"
                                         for part, slope in zip(table.parts, slopes)))
    print(f"{options.messages} messages: lost {lost}, doubled {doubled}, refused "
          f"{len(senders.refused)}, steepest {max(slopes):+.2f} MB per 100,000")
    good = not lost and not doubled and not senders.refused and max(slopes) <= options.most
    if good:
        place.remove()
    return good


def main():
    parser = argparse.ArgumentParser(description="Very many messages.")
    parser.add_argument("--messages", type=int, default=1000000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--most", type=float, default=2.0)
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-FOLDER")
    sys.exit(not run(parser.parse_args()))


if __name__ == "__main__":
    main()
