# SPDX-License-Identifier: GPL-3.0-or-later
"""A state of its own with the programs on it, and the sums of a campaign of faults.

Place makes messages, remembers what it sent, and counts in the end what became of it:
every message that a door took must be one ticket, byte for byte.  Not for several threads
at once, but for message().
"""
import copy
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SETTLE_SECONDS = 120  # what all of it may take in the end
INBOX = "support@example.com"
ACCEPTED, LATER, REFUSED = "accepted", "later", "refused"
WRONGS = ("lost", "doubled", "torn", "stuck", "refused", "named")


class Sums:
    """How many faults there were, and what was wrong after them.

    lost: taken, and no ticket; doubled: two of them; torn: the raw message kept is not
    what was sent, or a store does not fit the others; stuck: waits for its desk still;
    refused: a door said no for good, where only "later" is true; named: a line of the log
    names who wrote, or the subject or the text.
    """

    def __init__(self):
        self.faults = 0
        self.wrong = {what: [] for what in WRONGS}

    def add(self, what, names):
        self.wrong[what] += names

    def take(self, other):
        self.faults += other.faults
        for what, names in other.wrong.items():
            self.wrong[what] += names

    def good(self):
        return not any(self.wrong.values())

    def __str__(self):
        return f"{self.faults} faults: " + \
            ", ".join(f"{what} {len(names)}" for what, names in self.wrong.items())

    def details(self, most=20):
        return [f"{what}: {one}" for what, names in self.wrong.items() for one in names[:most]]


def begin(argv, log=os.devnull, **more):
    """A program in a group of its own; `log`: where what it says is put behind the rest."""
    with open(log, "ab") as file:
        return subprocess.Popen(argv, start_new_session=True, stdout=file, stderr=file, **more)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def ended(process, seconds):
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def unix_lines(data):
    return data.replace(b"\r\n", b"\n")


def sanitized(build):
    """Whether the programs there have the address sanitizer in them."""
    return b"__asan_init" in (build / "deskgate").read_bytes()


class Place:
    """`build`: where the programs are.  `state`: a folder for the state, where it is not
    to be in the place's own."""

    retries = "retry-min = 1s\nretry-max = 1s\n"
    inbox_settings = ""

    def __init__(self, build, state=None):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deskgate-crash."))
        self.folder.chmod(0o755)
        self.own(self.folder)
        self.sent = {}  # name to bytes
        self.lock = threading.Lock()
        self.use(state or self.folder / "state")
        self.tool("stats")

    def twin(self, state, name):
        """The same messages with another state, for which settings of that name are
        written."""
        other = copy.copy(self)
        with self.lock:
            other.sent = dict(self.sent)
        other.use(state, name)
        return other

    def use(self, state, name="dg.conf"):
        """Writes settings for the state in that folder, and works with them from now on."""
        self.state = pathlib.Path(state)
        self.conf = self.folder / name
        text = (f'state-dir = "{self.state}"\nruntime-dir = "{self.folder}/{name}.run"\n'
                f'{self.retries}reserve-space = 0\n'
                'rate-per-sender = 0\nopen-per-sender = 0\n' + self.more_settings() +
                f'inbox "{INBOX}" {{\n\taction-unsure = ticket\n'
                f'\taction-spam = ticket\n{self.inbox_settings}}}\n')
        if os.getuid() == 0:
            text = 'user = "nobody"\n' + text
        self.conf.write_text(text)

    def more_settings(self):
        return ""

    def own(self, path):
        """Gives a file to the user of the programs."""
        if os.getuid() == 0:
            shutil.chown(path, "nobody")

    def argv(self, program, *words):
        return [str(self.build / program), "-c", str(self.conf), *words]

    def milter_path(self):
        return f"{self.conf}.run/milter/milter.sock"

    def tool(self, *words, **more):
        return subprocess.run(self.argv("deskgate", *words), capture_output=True,
                              timeout=60, **more)

    def stop(self):
        """Ends what else runs for it."""

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def message(self):
        """A new one; (name, bytes)."""
        with self.lock:
            name = f"nth{len(self.sent):05}"
            data = (f"From: Someone <{name}@example.org>\r\nTo: {INBOX}\r\n"
                    f"Subject: Question {name}\r\nMessage-ID: <{name}@client.example.org>\r\n"
                    "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n"
                    f"What is {name}?\r\n").encode()
            self.sent[name] = data
        return name, data

    def settled(self):
        queue = self.tool("queue", "list", "--plain")
        return queue.returncode == 0 and not queue.stdout.strip()

    def settle(self):
        """All of it without faults; the keeper that is left running."""
        keeper = begin(self.argv("deskgate-deliver"), self.folder / "log")
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until and not self.settled():
            time.sleep(0.2)
        return keeper

    def tickets(self, *words):
        """The subject of each, with one for each time it is there."""
        done = self.tool("tickets", "list", "--json", "--limit", "100000", *words)
        if done.returncode:
            print(f"{self.conf}: {done.stderr.decode(errors='replace')}", file=sys.stderr)
            return []  # all are lost
        return [ticket["subject"] for ticket in json.loads(done.stdout)["tickets"]]

    def raw(self):
        """The messages that were delivered, as they are kept."""
        texts = set()
        for key in os.listdir(self.state / "spool/done"):
            done = self.tool("queue", "show", "--raw", key)
            if done.returncode:
                print(f"{self.conf}: {key}: {done.stderr.decode(errors='replace')}",
                      file=sys.stderr)
            texts.add(unix_lines(done.stdout))
        return texts

    def named(self):
        """Lines of the programs' log that tell who wrote or of what."""
        log = self.folder / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return [line for line in lines
                if re.search(r"@example\.org|@client|Question nth|What is nth", line)]

    def count(self, sums, must=None, tag=""):
        """Starts the keeper, waits until nothing waits, and adds what is wrong.  `must`:
        the names that must be there, where not all that were made."""
        keeper = self.settle()
        try:
            subjects, texts = self.tickets(), self.raw()
            stuck = self.tool("queue", "list", "--plain").stdout.decode().split("\n")
        finally:
            kill_group(keeper)
        made = {name: subjects.count(f"Question {name}") for name in self.sent}
        found = {
            "lost": [n for n in (self.sent if must is None else must) if made[n] == 0],
            "doubled": [n for n, k in made.items() if k > 1],
            "torn": [n for n, data in self.sent.items()
                     if made[n] and unix_lines(data) not in texts],
            "stuck": [line for line in stuck if line],
            "named": self.named(),
        }
        for what, names in found.items():
            sums.add(what, [f"{tag}{one} in {self.folder}" for one in names])
        return not any(found.values())

    def unsound(self):
        """What of the stores does not fit together."""
        return [f"{' '.join(words)}: {(done.stdout + done.stderr)[-300:].decode()}"
                for words in (("model", "verify"), ("audit", "--verify"))
                if (done := self.tool(*words)).returncode]
