#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for tests/line/flow and its kin, and what a desk must hold of them.

usage: flow.py make FOLDER MADE SEED [REAL SOURCE...]
       flow.py check FOLDER desk|rt|agent DATABASE STATE COMMAND...

make writes MADE messages of make.py, every sixth a reply to an earlier one, and REAL
picked from the folders SOURCE, to FOLDER/0, FOLDER/1, ...: what answers a message stands
in a later folder than that, up to MOST_WAVES.  Each gets a field X-Flow with its number,
which no filter looks at.  FOLDER/again lists what is to be sent twice.

check reads the spool of the folder STATE by COMMAND ("deskgate -c FILE") and the database of
the embedded desk
or of Request Tracker, or the dump of faultdesk.py.  Messages are the same when Message-ID,
From, Date and body are;
without a Message-ID the subject counts too.  Each distinct one must be there once, or be held with a
reason; replies by who wrote the first must be on its ticket.  Prints a line for each fault, one for
each reason of those held, and "messages=... distinct=... tickets=... held=... lost=...
twice=... apart=... joined=..."; of Request Tracker also voice=..., follow-ups of made
messages that are not their sender's.  Exit 0 when lost, twice, apart and voice are 0.
"""
import collections
import email.utils
import json
import pathlib
import random
import re
import sqlite3
import subprocess
import sys

import make

MOST_WAVES = 12
# Even: those have no files, which version 1 of LiveAgent's API does not take for a reply.
REPLY_EVERY = 6
AGAIN_EVERY = 10
MARK = "Deskgate-Id: "
LARGEST = 2 << 20
FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:.*\n[ \t])*.*\n)")
DESK = "SELECT lower(hex(entry)), ticket, '' FROM message WHERE entry IS NOT NULL"
MADE = """SELECT substr(v.Content, 10), v.ObjectId, '' FROM ObjectCustomFieldValues v
    WHERE v.ObjectType = 'RT::Ticket' AND v.Disabled = 0 AND v.Content LIKE 'deskgate:%'"""
MAILED = """SELECT a.Headers, t.ObjectId, u.EmailAddress FROM Attachments a
    JOIN Transactions t ON t.id = a.TransactionId JOIN Users u ON u.id = t.Creator
    WHERE t.ObjectType = 'RT::Ticket' AND t.Type = 'Correspond'
    AND a.Headers LIKE '%X-Deskgate-Entry: %'"""


def bare(value):
    return value.strip().strip("<>")


def split(data):
    """The first of each field, and what Postfix takes for the body."""
    fields, at = {}, 0
    while match := FIELD.match(data, at):
        fields.setdefault(match[1].lower(), b" ".join(match[2].split()))
        at = match.end()
    return fields, data[at:].removeprefix(b"\n")


class Message:
    """What tells a message from others, and what it answers."""

    def __init__(self, data):
        data = data.replace(b"\r\n", b"\n")
        fields, body = split(data if data.endswith(b"\n") else data + b"\n")
        self.number = int(fields.get(b"x-flow", 0))
        name, sender, date, subject = (
            fields.get(field) for field in (b"message-id", b"from", b"date", b"subject"))
        self.name = bare((name or b"").decode("latin-1"))
        self.sender = email.utils.parseaddr((sender or b"").decode("latin-1"))[1].lower()
        self.key = name, sender, date, body, None if name else subject
        self.olds = re.findall(r"<([^<>\s]+)>", b" ".join(
            fields.get(f, b"") for f in (b"references", b"in-reply-to")).decode("latin-1"))


# --- make

def is_mail(data):
    """No MTA carries a message without a line end, or takes a first line for text."""
    return b"\n" in data and len(data) < LARGEST and FIELD.match(data)


def invent(count, rng):
    firsts = []
    for i in range(1, count + 1):
        message, _ = make.make(i, rng)
        if i % REPLY_EVERY == 0:
            first = rng.choice(firsts)
            message.replace_header("From", first["From"])
            message["In-Reply-To"] = first["Message-ID"]
        else:
            firsts.append(message)
        yield message.as_bytes()


def pick(sources, count, rng):
    """About as many of each folder; a folder's folders are one pool."""
    chosen = []
    for i, source in enumerate(sources):
        pool = sorted(p for p in pathlib.Path(source).rglob("*") if p.is_file())
        rng.shuffle(pool)
        want = (count - len(chosen)) // (len(sources) - i)
        for path in pool:
            data = re.sub(rb"\AFrom [^\n]*\n", b"", path.read_bytes())
            if want and is_mail(data):
                chosen.append(data)
                want -= 1
    return chosen


def depth(message, names, seen=()):
    olds = [names[o] for o in message.olds if o in names and o not in seen]
    return min(MOST_WAVES - 1, max(
        (1 + depth(o, names, (*seen, message.name)) for o in olds
         if len(seen) < MOST_WAVES and o is not message), default=0))


def write(folder, made, seed, real, sources):
    rng = random.Random(seed)
    datas = [*invent(made, rng), *pick(sources, real, rng)]
    messages = [Message(data) for data in datas]
    names = {m.name: m for m in messages if m.name}
    again = []
    for i, (message, data) in enumerate(zip(messages, datas), 1):
        path = folder / str(depth(message, names)) / f"{i:04d}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"X-Flow: %d\n" % i + data)
        if path.parent.name == "0" and i % AGAIN_EVERY == 0:
            again.append(f"{path}\n")
    (folder / "again").write_text("".join(again))


# --- check

def ask(command, *words):
    return subprocess.run([*command, *words], check=True, stdout=subprocess.PIPE).stdout


def entries(state, command):
    """{key: (number, reason or None)} of all that the spool has."""
    held = json.loads(ask(command, "quarantine", "list", "--json"))
    assert not held["cut"], "the list is cut"
    reasons = {row["id"]: row.get("reason", row["verdict"]["class"])
               for row in held["entries"]}
    return {path.name: (Message(ask(command, "queue", "show", "--raw", path.name)).number,
                        reasons.get(path.name))
            for path in (pathlib.Path(state) / "spool/msg").iterdir()}


def marks(ticket):
    """The keys of the messages a ticket of LiveAgent's holds: the last mark of each."""
    for group in ticket["groups"]:
        if group["type"] == "3":
            yield group["messages"][0]["message"].rpartition(MARK)[2].strip()


def places(kind, database):
    """[(key, ticket, voice)] of all messages of a desk, and how many tickets it has."""
    if kind == "agent":
        dump = json.loads(pathlib.Path(database).read_text())
        return [(key, t["id"], "") for t in dump for key in marks(t)], len(dump)
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as base:
        if kind == "desk":
            return [*base.execute(DESK)], base.execute(
                "SELECT count(*) FROM ticket").fetchone()[0]
        mailed = [(re.search(r"X-Deskgate-Entry: (\w+)", head)[1], ticket, voice)
                  for head, ticket, voice in base.execute(MAILED)]
        return [*base.execute(MADE), *mailed], base.execute(
            "SELECT count(*) FROM Tickets WHERE Status <> 'deleted'").fetchone()[0]


class Check:
    def __init__(self, folder, kept, here):
        self.sums = collections.Counter()
        self.kept = kept
        self.held = collections.Counter()
        self.files = {}
        self.of = {}
        for path in sorted(folder.rglob("*.eml")):
            message = Message(path.read_bytes())
            self.of[message.number] = self.files.setdefault(message.key, message)
            message.path = path
        self.at = collections.defaultdict(list)
        for key, ticket, voice in here:
            number = kept.get(key, (0, None))[0]
            if number not in self.of:
                self.say("twice", f"on ticket {ticket}: no entry {key}")
                continue
            self.at[self.of[number].key].append((ticket, voice))

    def say(self, fault, text):
        self.sums[fault] += 1
        print(fault, text)

    def once(self):
        waits = collections.Counter()
        for number, reason in self.kept.values():
            if number in self.of and reason is not None:
                waits[self.of[number].key] += 1
                self.held[reason] += 1
        for key, message in self.files.items():
            count = len(self.at[key]) + waits[key]
            if count == 0:
                self.say("lost", message.path)
            for _ in range(1, count):
                self.say("twice", f"{message.path} {self.at[key]} held {waits[key]}")

    def joins(self):
        names = collections.defaultdict(list)
        for message in self.files.values():
            names[message.name].append(message)
        for key, message in self.files.items():
            olds = [old for name in message.olds for old in names.get(name, [])
                    if self.at[old.key] and old is not message]
            if not olds or not self.at[key]:
                continue
            mine = self.at[key][0][0]
            if any(self.at[old.key][0][0] == mine for old in olds):
                self.sums["joined"] += 1
            elif message.sender and any(old.sender == message.sender for old in olds):
                self.say("apart", f"{message.path} from {[str(o.path) for o in olds]}")

    def voices(self):
        for key, message in self.files.items():
            if not message.name.endswith("@client.example.org"):
                continue
            for ticket, voice in self.at[key]:
                if voice and voice.lower() != message.sender:
                    self.say("voice", f"{message.path} is {voice}'s on {ticket}")


def check(folder, kind, database, state, command):
    here, tickets = places(kind, database)
    one = Check(folder, entries(state, command), here)
    one.once()
    one.joins()
    one.voices()
    for reason, count in one.held.most_common():
        print(f"held: {count} {reason}")
    words = {"messages": len(one.of), "distinct": len(one.files), "tickets": tickets,
             "held": sum(one.held.values())}
    bad = ["lost", "twice", "apart"] + ["voice"] * (kind == "rt")
    words.update({name: one.sums[name] for name in [*bad, "joined"]})
    print(" ".join(f"{name}={count}" for name, count in words.items()))
    wanted = len({ticket for places in one.at.values() for ticket, _ in places})
    return 1 if any(one.sums[name] for name in bad) or tickets != wanted else 0


def main():
    folder = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "make":
        real = int(sys.argv[5]) if len(sys.argv) > 5 else 0
        write(folder, int(sys.argv[3]), int(sys.argv[4]), real, sys.argv[6:])
        return 0
    return check(folder, sys.argv[3], sys.argv[4], sys.argv[5], sys.argv[6:])


if __name__ == "__main__":
    sys.exit(main())
