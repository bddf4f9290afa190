# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills, stops and jumps of the clock under load.

Messages come in by both doors all the time and lessons are learnt, while at random moments
the milter, one of its readers or the keeper is killed (kill -9), told to end or to read its
settings anew, or held for a while; or their clock jumps, by up to twenty hours forward or
back.  Who ended is started again at once.  What was not taken is sent again in the end.
"""
import glob
import os
import random
import signal
import subprocess
import threading
import time

import doors
from place import ACCEPTED, REFUSED, Place, Sums, begin, kill_group, sanitized

ROUND = 40  # faults of one state
PROGRAMS = ("deskgate-deliver", "deskgate-milter")
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")


def needs(build):
    return None


class Load:
    """Threads that send messages while they may; `taken` are those that a door took."""

    def __init__(self, place):
        self.place, self.taken, self.refused = place, [], []
        self.stopped, self.may = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(send,), daemon=True)
                        for send in (self.by_milter, self.by_milter, self.by_accept)]
        self.threads.append(threading.Thread(target=self.teach, daemon=True))
        for thread in self.threads:
            thread.start()

    def by_milter(self, data):
        return doors.talk(self.place.milter_path(), data)

    def by_accept(self, data):
        return doors.Accept(self.place).send(data)

    def work(self, send):
        while self.may.wait() and not self.stopped.is_set():
            name, data = self.place.message()
            answer = send(data)
            if answer == ACCEPTED:
                self.taken.append(name)
            elif answer.startswith(REFUSED):
                self.refused.append(f"{name}: {answer}")
            time.sleep(0.03)

    def teach(self):
        number = 0
        while self.may.wait() and not self.stopped.is_set():
            number += 1
            word = "ham" if number % 2 else "spam"
            text = f"From: t@example.net\r\nSubject: Lesson {number}\r\n\r\n{word} {number}.\r\n"
            self.place.tool("train", word, "-", input=text.encode())
            time.sleep(0.1)

    def stop(self):
        self.stopped.set()
        self.may.set()
        for thread in self.threads:
            thread.join(20)

    def left(self):
        """What no door has taken, (name, bytes)."""
        taken = set(self.taken)
        return [(name, data) for name, data in self.place.sent.items() if name not in taken]


class Crowd:
    """The two programs, started again whenever one has ended."""

    def __init__(self, place, environment):
        self.place, self.environment, self.running = place, environment, {}
        self.again()

    def again(self):
        for name in PROGRAMS:
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    kill_group(process)
                self.running[name] = begin(self.place.argv(name), self.place.folder / "log",
                                           env={**os.environ, **self.environment})

    def end(self):
        for process in self.running.values():
            kill_group(process)

    def reader(self, chance):
        """The process of a reader, or of what makes them."""
        found = subprocess.run(["pgrep", "-g", str(self.running["deskgate-milter"].pid)],
                               capture_output=True, text=True).stdout.split()
        return int(chance.choice(found[1:])) if found[1:] else None

    def hit(self, chance):
        """One fault."""
        what = chance.choice([signal.SIGKILL] * 5 + [signal.SIGTERM, signal.SIGHUP,
                                                     signal.SIGUSR1, signal.SIGSTOP, None])
        pid = self.running[chance.choice(PROGRAMS)].pid
        try:
            if what is None:
                pid = self.reader(chance)
                what = signal.SIGKILL
            os.kill(pid, what)
            if what == signal.SIGSTOP:
                time.sleep(chance.uniform(0, 1))
                os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, TypeError):
            pass


class Clock:
    """A clock for programs that jumps when it is told to; none without libfaketime or in a
    sanitizer's build, which bears no preload."""

    def __init__(self, place):
        made = os.path.exists(FAKETIME) and not sanitized(place.build)
        self.file = place.folder / "clock" if made else None
        self.environment = {}
        if self.file:
            self.jump(random.Random(0))
            self.environment = {"LD_PRELOAD": FAKETIME, "FAKETIME_NO_CACHE": "1",
                                "FAKETIME_TIMESTAMP_FILE": str(self.file),
                                "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}

    def jump(self, chance):
        self.file.write_text(f"{chance.choice([chance.randint(-72000, 72000), 0]):+}")


def one_state(build, chance, most, sums):
    place = Place(build)
    clock = Clock(place)
    crowd = Crowd(place, clock.environment)
    load = Load(place)
    load.may.set()
    try:
        for _ in range(most):
            time.sleep(chance.uniform(0.05, 0.6))
            if clock.file and chance.random() < 0.2:
                clock.jump(chance)
            else:
                crowd.hit(chance)
            crowd.again()
    finally:
        load.stop()
        crowd.end()
    again = [f"load: {name} without a fault: {answer}" for name, data in load.left()
             if (answer := doors.Accept(place).send(data)) != ACCEPTED]
    wrong = [f"load: {one}" for one in place.unsound()]
    sums.faults += most
    sums.add("refused", again + [f"load: {one}" for one in load.refused])
    sums.add("torn", wrong)
    if place.count(sums, tag="load: ") and not (again or wrong or load.refused):
        place.remove()


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    while sums.faults < count:
        one_state(build, chance, min(ROUND, count - sums.faults), sums)
    return sums
