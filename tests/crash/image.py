# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems in a file, mounted by loop: to fill them, and to cut their power.

A Folder ends with what was mounted in it unmounted again.  Needs root and loop devices.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")


def needs(*programs):
    """Why no file system can be mounted here, or None."""
    if os.getuid() != 0:
        return "only root mounts file systems"
    missing = [one for one in programs if not shutil.which(one)]
    if missing:
        return f"{missing[0]} is not installed"
    try:
        with Folder() as folder:
            folder.mount(folder.make("probe", "16M", "mkfs.ext4", "-q"), "probed")
    except OSError as error:
        return f"no loop mount here: {error}"
    return None


class Folder(contextlib.ExitStack):
    """A temporary folder for images and mount points."""

    def __init__(self):
        super().__init__()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="deskgate-image."))
        self.path.chmod(0o755)
        self.callback(shutil.rmtree, self.path, ignore_errors=True)

    def make(self, name, size, *mkfs):
        """An image of a file system below the folder."""
        image = self.path / name
        with open(image, "wb") as file:
            file.truncate(int(size[:-1]) << {"M": 20, "G": 30}[size[-1]])
        run(*mkfs, image)
        return image

    def mount(self, image, name, options="loop"):
        """Where it is mounted; it is unmounted with the folder."""
        point = self.path / "on" / name
        point.mkdir(parents=True, exist_ok=True)
        run("mount", "-o", options, image, point)
        self.callback(unmount, point)
        return point


def release(point):
    """Unmounts what killed programs were in a moment ago."""
    for _ in range(100):
        if subprocess.run(["umount", point], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    run("umount", point)


def unmount(point):
    """Now, or when nobody is in it any more."""
    if os.path.ismount(point):
        subprocess.run(["umount", "-l", point], capture_output=True)
