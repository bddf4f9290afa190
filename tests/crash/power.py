# SPDX-License-Identifier: GPL-3.0-or-later
"""Power cuts under load.

State and keys lie on ext4 in an image on XFS, which can copy a file at one moment
(reflink).  Milter and keeper work on it while messages come in by both doors and lessons
are learnt.  At a random moment the image is copied: what is in the copy is what a disk
would have had after a cut.  The copy is mounted, which replays its journal, and the
programs are started on it: what a door had taken by then must be a ticket, whole and
once, and model and audit trail must fit together.
"""
import os
import random
import time

import image
from load import Load
from place import Place, Sums, begin, kill_group

CUTS = 12   # of one state
LEAST, MOST = 0.1, 1.2  # seconds between two cuts


def needs(build):
    return image.needs("mkfs.xfs", "mkfs.ext4")


def cut(folder, disk, place, load, sums):
    """One cut, now; the load waits while what is left is looked at."""
    must = list(load.taken)
    image.run("cp", "--reflink=always", disk, disk.parent / "cut")
    load.may.clear()
    point = folder.mount(disk.parent / "cut", "cut")
    after = place.twin(point / "state", "cut.conf")
    good = after.count(sums, must, "power: ")
    wrong = after.unsound()
    sums.add("torn", [f"power: {one}" for one in wrong])
    sums.faults += 1
    image.release(point)
    (disk.parent / "cut").unlink()
    return good and not wrong


def one_state(build, chance, cuts, sums, environment):
    """Some cuts of one load."""
    with image.Folder() as folder:
        shelf = folder.mount(folder.make("shelf", "2G", "mkfs.xfs", "-q", "-m", "reflink=1"),
                             "shelf")
        disk = folder.make("on/shelf/disk", "512M", "mkfs.ext4", "-q")
        point = folder.mount(disk, "live")
        os.chmod(point, 0o755)
        place = Place(build, point / "state")
        programs = [begin(place.argv(name), env={**os.environ, **environment})
                    for name in ("deskgate-deliver", "deskgate-milter")]
        load = Load(place)
        try:
            good = True
            for _ in range(cuts):
                load.may.set()
                time.sleep(chance.uniform(LEAST, MOST))
                good = cut(folder, disk, place, load, sums) and good
        finally:
            load.stop()
            for program in programs:
                kill_group(program)
        sums.add("refused", [f"power: {one}" for one in load.refused])
        if good:
            place.remove()


def run(build, seed, count, environment=None):
    """`count` cuts.  `environment`: more of it for the programs, such as a preload that
    lets fsync do nothing, with which this must find losses."""
    chance, sums = random.Random(seed), Sums()
    while sums.faults < count:
        one_state(build, chance, min(CUTS, count - sums.faults), sums, environment or {})
    return sums
