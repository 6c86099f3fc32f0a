"""Planning on the result of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from djroadmap.adapters.tree import DiskTree
from djroadmap.errors import Unrecognised
from djroadmap.model.staged import StagedTree
from tests.adapters.trees import build


@pytest.fixture
def base(tmp_path: Path) -> DiskTree:
    return DiskTree(build(tmp_path, {"a.py": "a", "b.py": "b", "sub/c.py": "c"}))


def test_changes_lie_over_the_base(base: DiskTree):
    staged = StagedTree(base, {"a.py": b"new", "b.py": None, "sub/d.py": b"d\r\n"})
    assert staged.files() == ("a.py", "sub/c.py", "sub/d.py")
    assert [staged.read(path) for path in ("a.py", "b.py", "sub/c.py", "sub/d.py", "none")] == [
        "new", None, "c", "d\r\n", None,
    ]  # fmt: skip
    assert [staged.raw(path) for path in ("a.py", "b.py", "sub/c.py")] == [b"new", None, b"c"]
    assert [staged.exists(path) for path in ("a.py", "b.py", "sub/c.py", "none")] == [
        True,
        False,
        True,
        False,
    ]
    assert base.read("a.py") == "a"


def test_folders_that_are_to_be_dropped_are_there_as_long_as_they_hold_something(base: DiskTree):
    gone = {"sub/c.py": None}
    assert StagedTree(base, gone).has_folder("sub")
    assert not StagedTree(base, gone, dropped=("sub",)).has_folder("sub")
    assert StagedTree(base, {}, dropped=("sub",)).has_folder("sub")
    assert StagedTree(base, {**gone, "sub/d.py": b""}, dropped=("sub",)).has_folder("sub")


def test_no_changes_is_the_base(base: DiskTree):
    staged = StagedTree(base, {})
    assert staged.files() == base.files()
    assert staged.read("a.py") == "a"


def test_stages_can_be_stacked(base: DiskTree):
    first = StagedTree(base, {"n.py": b"1", "b.py": None})
    second = StagedTree(first, {"n.py": b"2", "b.py": b"back"})
    assert second.files() == ("a.py", "b.py", "n.py", "sub/c.py")
    assert (second.read("n.py"), second.read("b.py"), first.read("n.py")) == ("2", "back", "1")


def test_later_changes_to_the_mapping_do_not_matter(base: DiskTree):
    changes: dict[str, bytes | None] = {"n.py": b"1"}
    staged = StagedTree(base, changes)
    changes["n.py"] = None
    assert staged.read("n.py") == "1"


def test_folders(base: DiskTree):
    staged = StagedTree(base, {"new/deep/x.py": b"", "sub/c.py": None, "gone/x": None})
    assert [staged.has_folder(path) for path in ("", "new", "new/deep", "sub")] == [True] * 4
    assert [staged.has_folder(path) for path in ("ne", "gone", "new/deep/x.py")] == [False] * 3


def test_what_cannot_be_decoded_is_refused(base: DiskTree):
    with pytest.raises(Unrecognised, match=r"^new\.py:1: is not utf-8 text"):
        StagedTree(base, {"new.py": b"\xff"}).read("new.py")
