"""An upgrade that dies, is interrupted or finds the disk full: the old project or the new one (law 5)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from djroadmap.adapters.disk import LocalDisk
from djroadmap.errors import CommitFailed
from tests.adapters.trees import build, snapshot
from tests.faults.faulty import Died, FaultyCalls, disk_full
from tests.workflow.test_flow import PROJECT
from tests.workflow.test_upgrade import Versioned, conflict, edit_a_file_that_is_renamed
from tests.workflow.versions import CHECK, NOTES, TEST, TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from djroadmap.workflow.prepared import Prepared


STEP = 9
"""`test_every_call` dies at every single one; this is about what an upgrade writes."""


@pytest.fixture(scope="module")
def upgrade() -> tuple[Versioned, Prepared]:
    """A conflict, a file under a new name with its edits, one that goes, shared files, and the manifest."""
    project = Versioned.added(dict(PROJECT))
    conflict(project)
    edit_a_file_that_is_renamed(project)
    prepared = project.plan_upgrade(3)
    assert {change.path: change.action for change in prepared.changes}.items() >= {
        (TOOLS, "modify"),
        (CHECK, "delete"),
        (TEST, "create"),
        (NOTES, "delete"),
    }
    assert prepared.conflicts
    return project, prepared


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("error", [Died, KeyboardInterrupt, disk_full], ids=["kill", "interrupt", "full"])
def test_it_is_the_old_project_or_the_new_one(
    upgrade: tuple[Versioned, Prepared], error: Callable[[], BaseException], after: bool, tmp_path: Path
) -> None:
    project, prepared = upgrade
    wanted = {}
    for name in ("old", "new"):
        root = build(tmp_path / name, dict(project.files))
        calls = FaultyCalls()
        if name == "new":
            LocalDisk(root, calls=calls).commit(prepared.changes, drop_empty=prepared.drop_empty)
        wanted[name] = snapshot(root)
    assert b"<<<<<<< yours" in (tmp_path / "new" / TOOLS).read_bytes()
    outcomes = []
    for number in (*range(1, calls.count, STEP), calls.count):
        root = build(tmp_path / str(number), dict(project.files))
        faulty = FaultyCalls(fail_at=number, error=error, after=after, forever=error is Died)
        with contextlib.suppress(Died, KeyboardInterrupt, CommitFailed):
            LocalDisk(root, calls=faulty).commit(prepared.changes, drop_empty=prepared.drop_empty)
        assert faulty.failed
        LocalDisk(root).recover()
        now = snapshot(root)
        outcomes.append(next((name for name, whole in wanted.items() if whole == now), "a mixture"))
    assert set(outcomes) == {"old", "new"}
    assert outcomes == sorted(outcomes, reverse=True), "there is one commit point"
