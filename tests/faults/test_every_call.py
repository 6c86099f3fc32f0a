"""Fail at the n-th system call, for every n (law 5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from djroadmap.adapters.disk import LocalDisk
from djroadmap.errors import CommitFailed, DjroadmapError
from tests.adapters.trees import snapshot
from tests.faults.faulty import DROP, Died, FaultyCalls, changes, project


class Case:
    """Fresh projects, and what they are to look like before and after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        whole = self.fresh()
        self.old = snapshot(whole)
        calls = FaultyCalls()
        LocalDisk(whole, calls=calls).commit(changes(whole), drop_empty=DROP)
        self.new = snapshot(whole)
        self.total = calls.count

    def fresh(self) -> Path:
        self.number += 1
        return project(self.folder / str(self.number))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("calls"))


def test_the_commit_without_a_fault(case: Case):
    assert case.total > 50
    assert case.new != case.old
    assert not [path for path in case.new if "djroadmap" in path and path != ".djroadmap.toml"]
    assert "old/gone" not in case.new
    assert case.new["old/kept.txt"] == case.old["old/kept.txt"]
    assert case.new["manage.py"][1] == 0o755
    assert case.new[".env"] == ("file", 0o600, b"")
    assert case.new["new/run.sh"][1] == 0o755
    assert case.new["new/deep/c.py"][1] == 0o666 & ~_umask(case.folder)


def test_a_full_disk_at_every_call_gives_back_the_old_project(case: Case):
    outcomes = set()
    for number in range(1, case.total + 1):
        root = case.fresh()
        calls = FaultyCalls(fail_at=number)
        try:
            LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
        except CommitFailed as error:
            outcomes.add("old")
            assert "no space left on device" in error.message, number
            assert error.message.endswith("everything was put back"), number
            assert error.hint, number
            assert snapshot(root) == case.old, number
        else:  # throwing the finished journal away failed: nothing to bother anybody with
            outcomes.add("new")
            LocalDisk(root).recover()
            assert snapshot(root) == case.new, number
        assert calls.failed
    assert outcomes == {"old", "new"}


def test_errors_name_the_file(tmp_path: Path):
    root = project(tmp_path / "p")
    calls = FaultyCalls()
    LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
    target = str(root.resolve() / "config/settings.py")
    number = next(i for i, (_, arguments) in enumerate(calls.log, 1) if target in arguments)
    root = project(tmp_path / "q")
    with pytest.raises(CommitFailed, match=r"^config/settings\.py: could not be written: no space left"):
        LocalDisk(root, calls=FaultyCalls(fail_at=number)).commit(changes(root), drop_empty=DROP)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_an_interrupt_at_every_call_rolls_back_or_comes_too_late(case: Case, *, after: bool):
    outcomes = []
    for number in range(1, case.total + 1):
        root = case.fresh()
        calls = FaultyCalls(fail_at=number, error=KeyboardInterrupt, after=after)
        try:
            LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
        except KeyboardInterrupt:
            outcomes.append("old")
            assert snapshot(root) == case.old, number
        else:
            outcomes.append("new")
            LocalDisk(root).recover()
            assert snapshot(root) == case.new, number
    assert outcomes == sorted(outcomes, reverse=True), "there is one commit point"
    assert outcomes.count("old") > 40


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_death_at_every_call_is_mended_by_the_next_run(case: Case, *, after: bool):
    outcomes = []
    for number in range(1, case.total + 1):
        root = case.fresh()
        with pytest.raises(Died):
            LocalDisk(root, calls=FaultyCalls(fail_at=number, error=Died, after=after, forever=True)).commit(
                changes(root), drop_empty=DROP
            )
        restored = LocalDisk(root).recover()
        now = snapshot(root)
        assert now in (case.old, case.new), number
        outcomes.append("old" if now == case.old else "new")
        assert not restored or now == case.old
        assert LocalDisk(root).recover() == ()
    assert outcomes == sorted(outcomes, reverse=True), "there is one commit point"
    assert set(outcomes) == {"old", "new"}


def test_death_while_mending_is_mended_by_the_run_after_that(case: Case):
    mended = 0
    for number in range(1, case.total + 1, 8):
        for second in range(1, case.total):
            root = case.fresh()
            with pytest.raises(Died):
                LocalDisk(root, calls=FaultyCalls(fail_at=number, error=Died, forever=True)).commit(
                    changes(root), drop_empty=DROP
                )
            calls = FaultyCalls(fail_at=second, error=Died, after=bool(second % 2), forever=True)
            try:
                LocalDisk(root, calls=calls).recover()
            except Died:
                mended += 1
                LocalDisk(root).recover()
            assert snapshot(root) in (case.old, case.new), (number, second)
            if not calls.failed:
                break
    assert mended > 100


def test_a_failing_roll_back_leaves_the_rest_to_the_next_run(case: Case):
    left = 0
    for number in range(1, case.total + 1):
        root = case.fresh()
        calls = FaultyCalls(fail_at=number, forever=True)
        try:
            LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
        except CommitFailed as error:
            if "not everything could be put back yet" in error.message:
                left += 1
                assert error.hint.endswith("puts the rest back first")
            LocalDisk(root).recover()
            assert snapshot(root) == case.old, number
        else:
            LocalDisk(root).recover()
            assert snapshot(root) == case.new, number
    assert left > 10


def test_impatient_interrupts_do_not_stop_the_roll_back(case: Case):
    root = case.fresh()

    class Impatient(FaultyCalls):
        interrupts = 0

        def __getattr__(self, name):
            call = super().__getattr__(name)
            if self.count in {40, 42, 44} and self.interrupts < 3:
                self.interrupts += 1
                self.count += 1
                raise KeyboardInterrupt
            return call

    calls = Impatient()
    with pytest.raises(KeyboardInterrupt):
        LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
    assert calls.interrupts == 3
    assert snapshot(root) == case.old


def test_interrupts_without_end_leave_the_rest_to_the_next_run(case: Case):
    root = case.fresh()
    calls = FaultyCalls(fail_at=45, error=KeyboardInterrupt, forever=True)
    with pytest.raises(KeyboardInterrupt):
        LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
    assert (root / ".djroadmap.journal").is_dir()
    LocalDisk(root).recover()
    assert snapshot(root) == case.old


def test_a_recovery_that_fails_says_so_and_can_be_tried_again(case: Case):
    root = case.fresh()
    with pytest.raises(Died):
        LocalDisk(root, calls=FaultyCalls(fail_at=45, error=Died, forever=True)).commit(
            changes(root), drop_empty=DROP
        )
    with pytest.raises(
        DjroadmapError, match="an interrupted run could not be taken back: no space left"
    ) as caught:
        LocalDisk(root, calls=FaultyCalls(fail_at=2)).recover()
    assert caught.value.hint
    assert LocalDisk(root).recover()
    assert snapshot(root) == case.old


def test_nothing_is_relied_on_before_it_is_durable(tmp_path: Path):
    root = project(tmp_path / "p").resolve()
    calls = FaultyCalls()
    LocalDisk(root, calls=calls).commit(changes(root), drop_empty=DROP)
    log = calls.log
    renames = [(i, *arguments) for i, (name, arguments) in enumerate(log) if name == "replace"]
    armed = next(i for i, _, target in renames if target.endswith(".djroadmap.journal"))
    done = next(i for i, _, target in renames if target.endswith(".djroadmap.journal.done"))
    before = log[:armed]
    assert [name for name, _ in before].count("create") == [name for name, _ in before].count("fsync") == 6
    assert before[-1] == ("sync_folder", (f"{root}/.djroadmap.journal.new",))
    assert log[armed + 1] == ("sync_folder", (str(root),))
    between = log[armed + 1 : done]
    assert [name for name, _ in between].count("create") == [name for name, _ in between].count("fsync") == 6
    changed = {
        str(Path(arguments[-1] if name == "replace" else arguments[0]).parent)
        for name, arguments in between
        if name in {"replace", "unlink", "mkdir", "rmdir"}
    }
    synced = {arguments[0] for name, arguments in between if name == "sync_folder"}
    assert {folder for folder in changed if Path(folder).exists()} <= synced
    first_change = next(i for i, (name, _) in enumerate(log) if name == "mkdir" and i > 0)
    assert first_change > armed, "the project is touched before the journal is armed"


def _umask(folder: Path) -> int:
    probe = folder / "probe"
    probe.touch()
    mode = probe.stat().st_mode & 0o777
    probe.unlink()
    return 0o666 & ~mode
