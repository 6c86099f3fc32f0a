"""The lock where folders cannot be locked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djroadmap.adapters import lock
from djroadmap.errors import Locked


def test_the_lock_ends_with_its_descriptor(tmp_path: Path):
    fd = lock.acquire(tmp_path)
    with pytest.raises(Locked, match="another djroadmap"):
        lock.acquire(tmp_path)
    os.close(fd)
    os.close(lock.acquire(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_two_projects_do_not_share_a_lock(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = lock.acquire(tmp_path / "a"), lock.acquire(tmp_path / "b")
    os.close(first)
    os.close(second)


def test_a_file_stands_in_for_a_folder_that_cannot_be_opened(tmp_path: Path):
    folder = tmp_path / "not there"
    fd = lock.acquire(folder)
    with pytest.raises(Locked):
        lock.acquire(folder)
    os.close(fd)
    assert not folder.exists()


def test_what_cannot_be_locked_is_told_from_what_is_held(tmp_path: Path):
    fd = os.open(tmp_path, os.O_RDONLY)
    assert lock._lock(fd)
    os.close(fd)
    assert not lock._lock(fd), "as on a network file system without locks"
