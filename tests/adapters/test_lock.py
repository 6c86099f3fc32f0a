"""The lock where folders cannot be locked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djroadmap.adapters import lock
from djroadmap.errors import Locked


def test_the_lock_ends_when_it_is_let_go(tmp_path: Path):
    held = lock.acquire(tmp_path)
    with pytest.raises(Locked, match="another djroadmap"):
        lock.acquire(tmp_path)
    held.release()
    lock.acquire(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


def test_two_projects_do_not_share_a_lock(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = lock.acquire(tmp_path / "a"), lock.acquire(tmp_path / "b")
    first.release()
    second.release()


def test_a_file_stands_in_for_a_folder_that_cannot_be_opened_and_goes_with_the_lock(tmp_path: Path):
    folder = tmp_path / "not there"
    held = lock.acquire(folder)
    assert Path(held.stand_in).is_file()
    with pytest.raises(Locked):
        lock.acquire(folder)
    assert Path(held.stand_in).is_file(), "who is turned away removes nothing"
    held.release()
    assert not Path(held.stand_in).exists()
    assert not folder.exists()


def test_a_file_that_a_killed_run_left_is_used_and_removed(tmp_path: Path):
    name = lock.acquire(tmp_path / "not there")
    name.release()
    Path(name.stand_in).touch()
    lock.acquire(tmp_path / "not there").release()
    assert not Path(name.stand_in).exists()


def test_a_file_that_is_removed_between_opening_and_locking_is_no_lock(tmp_path: Path):
    held = lock.acquire(tmp_path / "not there")
    late = os.open(held.stand_in, os.O_RDWR)
    assert lock._is_file(late, held.stand_in)
    held.release()
    assert not lock._is_file(late, held.stand_in)
    again = lock.acquire(tmp_path / "not there")
    assert not lock._is_file(late, held.stand_in), "another file by the same name"
    again.release()
    os.close(late)


def test_what_cannot_be_locked_is_told_from_what_is_held(tmp_path: Path):
    fd = os.open(tmp_path, os.O_RDONLY)
    assert lock._lock(fd)
    os.close(fd)
    assert not lock._lock(fd), "as on a network file system without locks"
