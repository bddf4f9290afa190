# SPDX-License-Identifier: GPL-3.0-or-later
"""What an MTA does to a milter.

It hangs up at each stage of a message, with or without having read the answer; it hangs up
while the message is being stored, as after its own time-out, and asks again on a new
connection at once; it resets a connection in the middle of a packet; it asks twice at the
same time.  As an MTA it tries what was not taken until it is.
"""
import random
import socket
import struct
import threading
import time

import doors
from place import ACCEPTED, LATER, REFUSED, Place, Sums, begin, kill_group

ROUND = 300  # faults of one state
STAGES = b"OCHMRTLNBE"


def needs(build):
    return None


def hang_up(path, data, chance):
    """Ends at one of the stages; how."""
    mta = doors.Mta(path)
    stage = chance.choice(STAGES)
    how = chance.choice(["asked", "answered", "cut", "reset"])
    try:
        for command, text, answered in mta.steps(data) if stage != ord("O") else []:
            last = command[0] == stage
            if last and how == "cut":
                mta.socket.sendall(struct.pack("!I", len(text) + 9) + command + text[:3])
                break
            mta.put(command, text)
            if answered and (not last or how == "answered"):
                while mta.take()[0] in b"+-phmbi2qe":
                    pass
            if last:
                break
        if how == "reset":
            mta.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except (OSError, ConnectionError):
        pass
    mta.socket.close()
    return f"{how} at {chr(stage)}"


def impatient(path, data, chance):
    """Hears nothing within some milliseconds of the end of the message."""
    mta = doors.Mta(path, chance.uniform(0.0005, 0.01))
    try:
        mta.message(data)
    except (OSError, ConnectionError, struct.error):
        pass
    mta.socket.close()
    return "out of time"


def twice(path, data, _chance):
    """The same message on two connections at once."""
    other = threading.Thread(target=doors.talk, args=(path, data))
    other.start()
    doors.talk(path, data)
    other.join()
    return "twice at once"


def one_state(build, chance, most, sums):
    place = Place(build)
    programs = [begin(place.argv(name), place.folder / "log")
                for name in ("deskgate-deliver", "deskgate-milter")]
    wrong = []
    try:
        doors.talk(place.milter_path(), place.message()[1])
        for _ in range(most):
            name, data = place.message()
            what = chance.choice([hang_up, hang_up, impatient, twice])(
                place.milter_path(), data, chance)
            # At once, while the first may be at work on it still, or after a while.
            time.sleep(chance.choice([0, 0, 0.02]))
            answer = LATER
            for _ in range(20):
                if (answer := doors.talk(place.milter_path(), data)) != LATER:
                    break
                time.sleep(0.1)
            if answer != ACCEPTED:
                wrong.append(f"mta: {name}, {what}: {answer}")
        dead = [f"mta: {one.args[0]} has ended" for one in programs if one.poll() is not None]
    finally:
        for one in programs:
            kill_group(one)
    sums.faults += most
    sums.add("refused", [one for one in wrong if REFUSED in one])
    sums.add("stuck", [one for one in wrong if REFUSED not in one] + dead)
    if place.count(sums, tag="mta: ") and not wrong and not dead:
        place.remove()


def run(build, seed, count):
    chance, sums = random.Random(seed), Sums()
    while sums.faults < count:
        one_state(build, chance, min(ROUND, count - sums.faults), sums)
    return sums
