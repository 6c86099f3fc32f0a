"""Two runs at once: one writes, the other says so and leaves everything alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from djroadmap.adapters.disk import LocalDisk
from djroadmap.errors import Locked, Moved
from tests.adapters.trees import build, snapshot
from tests.faults.faulty import DROP, Died, FaultyCalls, changes, project

HOLDER = """
import sys
from pathlib import Path
from djroadmap.adapters.disk import LocalDisk
with LocalDisk(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_another_process_holds_the_lock(tmp_path: Path):
    root = project(tmp_path / "p")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        before = snapshot(root)
        with pytest.raises(Locked, match="another djroadmap is changing this project") as caught:
            LocalDisk(root).commit(changes(root), drop_empty=DROP)
        assert caught.value.hint
        assert snapshot(root) == before
        other.kill()
        other.wait()
    LocalDisk(root).commit(changes(root), drop_empty=DROP)
    assert snapshot(root) != before


def test_the_journal_of_a_living_run_is_not_recovered(tmp_path: Path):
    root = project(tmp_path / "p")
    first = LocalDisk(root, calls=FaultyCalls(fail_at=45, error=Died, forever=True))
    with first.lock():
        with pytest.raises(Died):
            first.commit(changes(root), drop_empty=DROP)
        halfway = snapshot(root)
        assert ".djroadmap.journal" in halfway
        with pytest.raises(Locked):
            LocalDisk(root).recover()
        assert snapshot(root) == halfway
    assert LocalDisk(root).recover()
    assert ".djroadmap.journal" not in snapshot(root)


def test_a_reader_is_not_stopped_by_a_lock_alone(tmp_path: Path):
    root = project(tmp_path / "p")
    with LocalDisk(root).lock():
        assert LocalDisk(root).recover() == ()


def test_many_runs_at_once_lose_nothing(tmp_path: Path):
    root = build(tmp_path / "p", {"count.txt": "0"})
    outcomes: list[str] = []

    def run() -> None:
        disk = LocalDisk(root)
        for _ in range(30):
            before = (root / "count.txt").read_bytes()
            from djroadmap.model.change import Change

            change = Change(path="count.txt", before=before, after=b"%d" % (int(before) + 1))
            try:
                disk.commit([change])
            except (Locked, Moved) as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("done")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 120
    assert int((root / "count.txt").read_bytes()) == outcomes.count("done") > 0
    assert set(snapshot(root)) == {"count.txt"}


def test_a_commit_first_recovers_what_died_and_then_looks_again(tmp_path: Path):
    root = project(tmp_path / "p")
    planned = changes(root)
    with pytest.raises(Died):
        LocalDisk(root, calls=FaultyCalls(fail_at=45, error=Died, forever=True)).commit(
            planned, drop_empty=DROP
        )
    assert (root / ".djroadmap.journal").is_dir()
    LocalDisk(root).commit(planned, drop_empty=DROP)
    assert (root / "new/run.sh").exists()
    assert not [path for path in snapshot(root) if "djroadmap-tmp" in path or "journal" in path]
