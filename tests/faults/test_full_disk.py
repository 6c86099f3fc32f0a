"""A disk that fills up during a commit: simulated, and a real one where one can be mounted."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from djroadmap.adapters.calls import OsCalls
from djroadmap.adapters.disk import LocalDisk
from djroadmap.errors import CommitFailed
from tests.adapters.trees import snapshot
from tests.faults.faulty import DROP, changes, disk_full, project

PAGE = 4096


class SmallDisk(OsCalls):
    """Has room for so many more bytes; what is removed makes room again."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, fd: int, data: memoryview) -> int:
        if self.room <= 0:
            raise disk_full()
        written = os.write(fd, data[: self.room])
        self.room -= written
        return written

    def fsync(self, fd: int) -> None:
        """Not waited for: this is about room."""

    def unlink(self, path: str) -> None:
        size = Path(path).stat().st_size
        super().unlink(path)
        self.room += size


def test_a_simulated_disk_of_every_size(tmp_path: Path):
    outcomes = set()
    for number, room in enumerate((*range(0, 400, 7), *range(400, 9000, 500))):
        root = project(tmp_path / str(number))
        old = snapshot(root)
        try:
            LocalDisk(root, calls=SmallDisk(room)).commit(changes(root), drop_empty=DROP)
        except CommitFailed as error:
            assert "no space left on device; everything was put back" in error.message
            assert error.hint == "free some space, then run it again"
            assert snapshot(root) == old, room
            outcomes.add("full")
        else:
            outcomes.add("fits")
    assert outcomes == {"full", "fits"}


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of a few pages, or None where mounting is not allowed."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={64 * PAGE}", "tmpfs", str(place)]
    try:
        ran = subprocess.run(mount, capture_output=True, check=False)
    except OSError:
        yield None
        return
    if ran.returncode:
        yield None
        return
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_disk_of_every_size(mounted: Path | None, tmp_path: Path):
    if mounted is None:  # the simulated one has said it all but this
        with pytest.raises(OSError, match="No space"):
            Path("/dev/full").write_bytes(b"x")
        return
    outcomes = set()
    root = project(mounted / "p")
    old = snapshot(root)
    ballast = mounted / "ballast"
    for free in range(40):
        _fill(ballast, free)
        disk = LocalDisk(root)
        there = changes(root)
        back = disk.inverse(there, drop_empty=DROP)
        try:
            disk.commit(there, drop_empty=DROP)
        except CommitFailed as error:
            assert "no space left on device; everything was put back" in error.message, free
            assert snapshot(root) == old, free
            outcomes.add("full")
        else:
            ballast.unlink()
            disk.commit(back.changes, drop_empty=back.drop_empty, folders=back.folders)
            assert snapshot(root) == old
            outcomes.add("fits")
    assert outcomes == {"full", "fits"}


def _fill(ballast: Path, free: int) -> None:
    """Take all room but `free` pages."""
    ballast.unlink(missing_ok=True)
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * PAGE)
        except OSError as error:
            assert error.errno == errno.ENOSPC
        file.truncate(max(0, file.tell() - free * PAGE))
