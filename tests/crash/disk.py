# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that are full.

The state lies on a small ext4 of its own.  Before each message its room is taken by files
of others until a random number of blocks or inodes is left; or deskgate accept may open few
files.  Every third state lies on a btrfs instead, in a subvolume whose quota ends.  The message is offered by one of the doors while the keeper runs; then the room is
given back without a restart, and what was not taken is offered again.  In the end the
kernel finds an error in the file system and lets it be read only, as it would with a bad
disk: no door may take anything then.
"""
import contextlib
import errno
import itertools
import os
import random
import resource
import signal
import subprocess
import time

import doors
import image
from place import ACCEPTED, INBOX, REFUSED, Place, Sums, begin, kill_group

ROUND = 60  # faults of one state


def needs(build):
    return image.needs("mkfs.ext4", "mkfs.btrfs", "btrfs")


@contextlib.contextmanager
def others_were_first():
    """The programs may take the last room before we do."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


class Disk:
    """A small file system whose room can be taken and given back."""

    kinds = ["blocks", "blocks", "inodes", "descriptors"]
    ends = None

    def __init__(self, folder):
        self.folder = folder
        # Few inodes, so that they are soon used up.
        self.image = folder.make("disk", "96M", "mkfs.ext4", "-q", "-N", "4096",
                                 "-e", "remount-ro")
        self.point = folder.mount(self.image, "disk")
        os.chmod(self.point, 0o755)
        self.ballast = self.point / "ballast"
        self.ballast.mkdir()

    def take(self, kind, left):
        if kind == "blocks":
            self.take_blocks(left * 4096)
        else:
            self.take_inodes(left)

    def take_blocks(self, left):
        """All but that many bytes of what others than root may have."""
        free = os.statvfs(self.point)
        size = free.f_bavail * free.f_frsize - left
        if size > 0:
            with open(self.ballast / "blocks", "wb") as file, others_were_first():
                os.posix_fallocate(file.fileno(), 0, size)

    def take_inodes(self, left):
        with others_were_first():
            for number in range(max(0, os.statvfs(self.point).f_favail - left)):
                (self.ballast / f"{number}").touch()

    def break_down(self):
        """The kernel's own reaction to an error: nothing can be written any more."""
        loop = subprocess.run(["findmnt", "-no", "SOURCE", self.point], capture_output=True,
                              text=True).stdout.strip()
        with open(f"/sys/fs/ext4/{os.path.basename(loop)}/trigger_fs_error", "w") as file:
            file.write("1")

    def mend(self):
        """As after a start of the machine."""
        image.release(self.point)
        subprocess.run(["e2fsck", "-p", "-f", self.image], capture_output=True)
        self.folder.mount(self.image, "disk")

    def give_back(self):
        for file in self.ballast.iterdir():
            file.unlink()


class Quota:
    """A subvolume that may take so much.  Reads go on when it is used up, and so does the
    rest of the file system."""

    kinds = ["KiB of the quota"]
    # LMDB's readers stand in a mapped page, which btrfs writes to a new place each time:
    # without room for it the kernel ends who has written.  systemd starts it again.
    ends = -signal.SIGBUS

    def __init__(self, folder):
        self.folder = folder
        self.image = folder.make("quota", "512M", "mkfs.btrfs", "-q")
        self.top = folder.mount(self.image, "quota")
        self.point = self.top / "volume"
        self.tool("quota", "enable", self.top)
        self.tool("subvolume", "create", self.point)
        self.group = "0/" + self.tool("inspect-internal", "rootid", self.point).strip()
        os.chmod(self.top, 0o755)
        os.chmod(self.point, 0o755)

    def tool(self, *words):
        return subprocess.run(["btrfs", *words], capture_output=True, text=True,
                              check=True).stdout

    def take(self, kind, left):
        shown = self.tool("qgroup", "show", "--raw", "--sync", "-f", self.point)
        used = int(shown.splitlines()[2].split()[1])
        self.limit(str(used + (left << 10)))

    def give_back(self):
        self.limit("none")

    def limit(self, size):
        """By way of the top, where the quota does not hold up the change of itself."""
        self.tool("qgroup", "limit", size, self.group, self.top)

    def break_down(self):
        """Everything that is there may stay, and nothing may come."""
        self.tool("property", "set", self.point, "ro", "true")

    def mend(self):
        self.tool("property", "set", self.point, "ro", "false")


def few_files(place, data, most):
    """deskgate accept with so few descriptors that it cannot work."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # noqa: E731
    done = subprocess.run(place.argv("deskgate", "accept", "-i", INBOX, "-f", "a@example.org"),
                          input=data, capture_output=True, preexec_fn=limit)
    if done.returncode == 0:
        return ACCEPTED
    return "later" if done.returncode in (75, 127) else \
        f"{REFUSED}: exit {done.returncode} {done.stderr.decode(errors='replace')}"


def send(place, chance, data):
    if chance.random() < 0.6:
        return doors.talk(place.milter_path(), data)
    return doors.Accept(place).send(data)


def offer(place, chance, disk):
    """One message under one fault; (what was said, what of, its bytes)."""
    name, data = place.message()
    kind = chance.choice(disk.kinds)
    left = chance.choice([0, 1, 2, 3, 5, 8, 16, 40, 200])
    if kind == "descriptors":
        most = chance.randint(3, 24)
        return few_files(place, data, most), f"{name}, {most} descriptors", data
    disk.take(kind, left)
    answer = send(place, chance, data)
    disk.give_back()
    return answer, f"{name}, {left} {kind} left", data


class State:
    """Programs on a small disk, and what their doors did not take."""

    def __init__(self, build, disk):
        self.disk = disk
        self.place = Place(build, self.disk.point / "state")
        self.again, self.refused, self.dead = [], [], []
        self.programs = {name: self.begin(name)
                         for name in ("deskgate-deliver", "deskgate-milter")}
        doors.talk(self.place.milter_path(), self.place.message()[1])
        while not self.place.settled():
            time.sleep(0.1)

    def begin(self, name):
        return begin(self.place.argv(name), self.place.folder / "log")

    def revive(self):
        """What has ended runs again; that it did is a fault, unless this disk has that."""
        for name, one in self.programs.items():
            if one.poll() is not None:
                if one.returncode != self.disk.ends:
                    self.dead.append(f"disk: {name} has ended with {one.returncode}")
                self.programs[name] = self.begin(name)

    def note(self, answer, what, data):
        if answer != ACCEPTED:
            self.again.append((what, data))
        if answer.startswith(REFUSED):
            self.refused.append(f"disk: {what}: {answer}")

    def once_more(self):
        """What was not taken, without a fault."""
        for what, data in self.again:
            answer = doors.Accept(self.place).send(data)
            if answer != ACCEPTED:
                self.refused.append(f"disk: {what}, later: {answer}")
        self.again.clear()

    def broken(self, chance):
        self.disk.break_down()
        for _ in range(3):
            name, data = self.place.message()
            answer = send(self.place, chance, data)
            self.note(answer, f"{name}, a broken disk", data)
            if answer == ACCEPTED:
                self.refused.append(f"disk: {name} was taken by a broken disk")

    def end(self):
        for one in self.programs.values():
            kill_group(one)


def one_state(build, chance, most, sums, kind):
    with image.Folder() as folder:
        state = State(build, kind(folder))
        try:
            for _ in range(most - 1):
                state.note(*offer(state.place, chance, state.disk))
                state.revive()
            state.once_more()
            state.broken(chance)
            state.revive()
        finally:
            state.end()
        state.disk.mend()
        state.once_more()
        sums.faults += most
        sums.add("refused", state.refused)
        sums.add("stuck", state.dead)
        if state.place.count(sums, tag="disk: ") and not state.refused and not state.dead:
            state.place.remove()


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    for kind in itertools.cycle((Disk, Quota, Disk)):
        if sums.faults >= count:
            break
        one_state(build, chance, min(ROUND, count - sums.faults), sums, kind)
    return sums
