# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores damaged while nobody runs: bytes flipped, pages zeroed, moved or cut off.

Before each damage one message is delivered and one waits (none where the tickets
themselves are hit: they come back from a copy).  A keeper that starts on the
damaged store must mend it, or refuse to start and say what to do: then mail must still be
taken, and what was said is done (the vault is put back from a copy, the others are mended
by `deskgate check --deep --mend`).  No program may end by a signal.  In the end every
message must be one ticket, and nothing may be left for `check --deep` to find.
"""
import pathlib
import random
import shutil
import sys

import doors
from place import ACCEPTED, Place, Sums, begin, ended, kill_group

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import spoil  # noqa: E402

ROUND = 8  # damages of one state
STORES = ("ledger", "model", "standing", "operator", "privacy", "vault", "erased")
BY_KEYS = ("vault", "erased")
START_SECONDS = 3


def needs(build):
    return None


def data_of(place, name):
    base = pathlib.Path(f"{place.state}-keys") if name in BY_KEYS else place.state
    return base / name / "data.mdb"


def spoil_tickets(place, chance, sums):
    """The embedded desk's file: whatever the keeper says of it, the copy is whole again."""
    files = [place.state / f"desk.sqlite{end}" for end in ("", "-wal", "-shm")]
    kept = {file: file.read_bytes() for file in files if file.exists()}
    done = spoil.spoil_file(files[0], chance)
    code = start(place)
    if code not in (None, 74):
        sums.add("torn", [f"damage: the keeper ended with {code} after {done}"])
    checked = place.tool("check", "--deep")
    if checked.returncode not in (0, 65, 74):
        sums.add("torn", [f"damage: check ended with {checked.returncode} after {done}"])
    for file in files:
        if file in kept:
            with open(file, "wb") as whole:
                whole.write(kept[file])
            place.own(file)
        else:
            file.unlink(missing_ok=True)


def spoil_trail(place, chance, sums):
    """The audit trail: the keeper goes on behind what is damaged, and the command tells."""
    trail = place.state / "audit"
    file = chance.choice(sorted(trail.iterdir())) if trail.is_dir() else trail
    kept = file.read_bytes()
    done = spoil.spoil_file(file, chance)
    code = start(place)
    if code is not None:
        sums.add("torn", [f"damage: the keeper ended with {code} after {done} in the trail"])
    if place.tool("audit", "--verify").returncode not in (0, 65):
        sums.add("torn", [f"damage: audit --verify after {done}"])
    with open(file, "wb") as whole:
        whole.write(kept)


def start(place):
    """What a keeper's start ends with: None while it runs."""
    keeper = begin(place.argv("deskgate-deliver"))
    over = ended(keeper, START_SECONDS)
    kill_group(keeper)
    return keeper.returncode if over else None


def send(place, sums):
    _, data = place.message()
    answer = doors.Accept(place).send(data)
    if answer != ACCEPTED:
        sums.add("refused", [f"damage: {answer}"])


def deliver(place):
    kill_group(place.settle())


def one(place, chance, sums):
    """One damage; whatever is wrong is added."""
    send(place, sums)
    place.tool("train", chance.choice(("ham", "spam")), "--force", "-",
               input=place.message_text(chance))
    deliver(place)
    sums.faults += 1
    other = chance.choice([spoil_tickets, spoil_trail, None, None, None, None])
    if other:
        other(place, chance, sums)
        return
    send(place, sums)
    store = chance.choice(STORES)
    file = data_of(place, store)
    copy = place.folder / "copy.mdb"
    shutil.copy2(file, copy)
    done = spoil.spoil_file(file, chance)
    code = start(place)
    if code is not None:
        if code != 74:
            sums.add("torn", [f"damage: the keeper ended with {code} after {done}"])
        send(place, sums)
        if store == "vault":
            with open(file, "wb") as whole:
                whole.write(copy.read_bytes())
            (file.parent / "lock.mdb").unlink(missing_ok=True)
        else:
            mended = place.tool("check", "--deep", "--mend")
            if mended.returncode:
                sums.add("torn", [f"damage: not mended after {done}: "
                                  f"{mended.stdout.decode()[-300:]}"])


class Taught(Place):
    def message_text(self, chance):
        word = chance.randrange(1 << 30)
        return (f"From: t@example.net\r\nSubject: Lesson {word}\r\n"
                f"Message-ID: <l{word}@example.net>\r\n\r\nLearn {word}.\r\n").encode()


def one_state(build, chance, count, sums):
    place = Taught(build)
    for _ in range(count):
        one(place, chance, sums)
    good = place.count(sums, tag="damage: ")
    left = place.tool("check", "--deep")
    if left.returncode:
        sums.add("torn", [f"damage: {left.stdout.decode()[-300:]} in {place.folder}"])
        good = False
    if good:
        place.remove()


def run(build, seed, count):
    """`count` damages."""
    chance, sums = random.Random(seed), Sums()
    while sums.faults < count:
        one_state(build, chance, min(ROUND, count - sums.faults), sums)
    return sums


if __name__ == "__main__":
    found = run(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(found, *found.details(), sep="\n\t")
    sys.exit(0 if found.good() else 1)
