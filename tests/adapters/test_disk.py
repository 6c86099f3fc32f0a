"""Commits: what they keep, refuse, drop, and how they are taken back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djroadmap.adapters.calls import OsCalls
from djroadmap.adapters.disk import LocalDisk
from djroadmap.errors import CommitFailed, Moved, Refused
from djroadmap.model.change import Change
from tests.adapters.trees import build, snapshot
from tests.faults.faulty import DROP, FaultyCalls, changes, project


def change(path: str, before: bytes | None, after: bytes | None, mode: int | None = None) -> Change:
    return Change(path=path, before=before, after=after, mode=mode)


def test_modes_are_kept_and_asked_for(tmp_path: Path):
    build(tmp_path, {"run.sh": "a", "secret": "a"})
    (tmp_path / "run.sh").chmod(0o775)
    (tmp_path / "secret").chmod(0o600)
    LocalDisk(tmp_path).commit(
        [
            change("run.sh", b"a", b"b", 0o644),
            change("secret", b"a", b"b"),
            change("new.sh", None, b"", 0o777),
        ]
    )
    modes = {path: mode for path, (_, mode, _) in snapshot(tmp_path).items()}
    assert modes == {"run.sh": 0o775, "secret": 0o600, "new.sh": 0o777}


def test_new_files_and_folders_get_what_the_umask_leaves(tmp_path: Path):
    old = os.umask(0o027)
    try:
        LocalDisk(tmp_path).commit([change("a/b.txt", None, b"x")])
    finally:
        os.umask(old)
    assert {path: mode for path, (_, mode, _) in snapshot(tmp_path).items()} == {"a": 0o750, "a/b.txt": 0o640}


def test_a_private_file_is_never_readable_by_others(tmp_path: Path):
    build(tmp_path, {".env": "old"})
    (tmp_path / ".env").chmod(0o600)
    calls = FaultyCalls()
    LocalDisk(tmp_path, calls=calls).commit([change(".env", b"old", b"new")])
    assert {arguments[1] for name, arguments in calls.log if name == "create"} == {0o600}


def test_owners_are_kept(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", "b.txt": "b"})
    if os.geteuid() == 0:
        os.chown(tmp_path / "a.txt", 1234, 1235)
    before = (tmp_path / "a.txt").stat()
    LocalDisk(tmp_path).commit([change("a.txt", b"a", b"x"), change("b.txt", b"b", b"x")])
    after = (tmp_path / "a.txt").stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_a_link_stays_a_link(tmp_path: Path):
    build(tmp_path, {"real/a.txt": "a", "link.txt": "-> real/a.txt", "folder": "-> real"})
    (tmp_path / "real/a.txt").chmod(0o640)
    LocalDisk(tmp_path).commit([change("link.txt", b"a", b"b"), change("folder/new.txt", None, b"n")])
    assert (tmp_path / "link.txt").readlink() == Path("real/a.txt")
    assert (tmp_path / "folder").is_symlink()
    found = snapshot(tmp_path)
    assert found["real/a.txt"] == ("file", 0o640, b"b")
    assert found["real/new.txt"][2] == b"n"


def test_a_link_is_not_deleted(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", "link.txt": "-> a.txt"})
    with pytest.raises(Refused, match=r"^link\.txt: is a link, so it is not deleted"):
        LocalDisk(tmp_path).commit([change("link.txt", b"a", None)])


def test_a_link_and_its_target_are_one_file(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", "link.txt": "-> a.txt"})
    with pytest.raises(Refused, match=r"^link\.txt: is the same file as a\.txt"):
        LocalDisk(tmp_path).commit([change("a.txt", b"a", b"b"), change("link.txt", b"a", b"c")])
    assert (tmp_path / "a.txt").read_bytes() == b"a"


def test_two_changes_of_one_path_are_a_bug(tmp_path: Path):
    with pytest.raises(ValueError, match="the same path"):
        LocalDisk(tmp_path).commit([change("a", None, b"1"), change("a", None, b"2")])


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (b"planned", b"edited", "has changed since this was planned"),
        (b"planned", None, "is gone since this was planned"),
        (None, b"there", "exists by now, though it did not when this was planned"),
        (b"a\n", b"a\r\n", "has changed"),
    ],
)
def test_a_file_that_moved_is_named_and_nothing_written(
    tmp_path: Path, before: bytes | None, now: bytes | None, why: str
):
    build(tmp_path, {"first.txt": "a"} | ({} if now is None else {"sub/x.txt": now}))
    old = snapshot(tmp_path)
    with pytest.raises(Moved) as caught:
        LocalDisk(tmp_path).commit([change("first.txt", b"a", b"b"), change("sub/x.txt", before, b"after")])
    assert caught.value.message.startswith(f"sub/x.txt: {why}")
    assert caught.value.hint
    assert snapshot(tmp_path) == old


def test_read_only_files_and_folders_are_refused_before_anything_is_written(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", "ro.txt": "a", "ro/b.txt": "b", "gone.txt": "g", "empty/dropped/": ""})
    for name in ("ro.txt", "gone.txt"):
        (tmp_path / name).chmod(0o444)
    for name in ("ro", "empty"):
        (tmp_path / name).chmod(0o555)
    old = snapshot(tmp_path)
    with pytest.raises(Refused) as caught:
        LocalDisk(tmp_path).commit(
            [
                change("a.txt", b"a", b"b"),
                change("ro.txt", b"a", b"b"),
                change("ro/b.txt", b"b", b"c"),
                change("ro/new/c.txt", None, b"c"),
                change("gone.txt", b"g", None),
            ],
            drop_empty=["empty/dropped"],
        )
    assert {str(problem) for problem in caught.value.problems} == {
        "ro.txt: is read-only, so it is left alone",
        "gone.txt: is read-only, so it is left alone",
        "ro: is a read-only folder",
        "empty: is a read-only folder",
    }
    assert snapshot(tmp_path) == old
    for name in ("ro", "empty"):
        (tmp_path / name).chmod(0o755)


def test_a_read_only_project_can_be_read_but_not_written(tmp_path: Path):
    build(tmp_path, {"a.txt": "a"})
    tmp_path.chmod(0o555)
    try:
        assert LocalDisk(tmp_path).recover() == ()
        with pytest.raises(Refused, match=r"^\.: is a read-only folder"):
            LocalDisk(tmp_path).commit([change("a.txt", b"a", b"b")])
    finally:
        tmp_path.chmod(0o755)


def test_left_overs_do_not_stop_readers_on_a_read_only_disk(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", ".djroadmap.journal.new/0": "x", ".djroadmap.journal.done/0": "x"})

    class ReadOnly(OsCalls):
        def unlink(self, path: str) -> None:
            raise OSError(30, "Read-only file system", path)

    assert LocalDisk(tmp_path, calls=ReadOnly()).recover() == ()
    assert LocalDisk(tmp_path).recover() == ()
    assert set(snapshot(tmp_path)) == {"a.txt"}


def test_a_sibling_of_somebody_else_is_not_overwritten(tmp_path: Path):
    build(tmp_path, {"a/x.txt": "x", "a/.x.txt.djroadmap-tmp": "theirs"})
    with pytest.raises(Refused, match=r"^a/x\.txt: cannot be written while \.x\.txt\.djroadmap-tmp is there"):
        LocalDisk(tmp_path).commit([change("a/x.txt", b"x", b"y")])


def test_no_change_is_no_write(tmp_path: Path):
    build(tmp_path, {"a.txt": "a", "sub/b.txt": "b"})
    calls = FaultyCalls()
    disk = LocalDisk(tmp_path, calls=calls)
    disk.commit([])
    disk.commit([change("a.txt", b"a", b"a"), change("none", None, None)])
    disk.commit([change("a.txt", b"a", b"a")], drop_empty=["sub", "none", "a.txt"], folders=[("sub", 0o700)])
    assert calls.count == 0


def test_only_folders_that_are_left_empty_are_dropped(tmp_path: Path):
    build(
        tmp_path,
        {
            "a/b/c.txt": "c",
            "a/b/d/e.txt": "e",
            "kept/x.txt": "x",
            "kept/y.txt": "y",
            "user/x.txt": "x",
            "other/": "",
        },
    )
    LocalDisk(tmp_path).commit(
        [
            change("a/b/c.txt", b"c", None),
            change("a/b/d/e.txt", b"e", None),
            change("kept/x.txt", b"x", None),
            change("user/x.txt", b"x", None),
        ],
        drop_empty=["a", "a/b", "a/b/d", "kept"],
    )
    assert set(snapshot(tmp_path)) == {"kept", "kept/y.txt", "user", "other"}


def test_a_folder_that_gets_a_new_file_is_not_dropped(tmp_path: Path):
    build(tmp_path, {"a/x.txt": "x"})
    LocalDisk(tmp_path).commit(
        [change("a/x.txt", b"x", None), change("a/y.txt", None, b"y")], drop_empty=["a"]
    )
    assert set(snapshot(tmp_path)) == {"a", "a/y.txt"}


def test_compiled_python_does_not_keep_a_folder(tmp_path: Path):
    build(
        tmp_path,
        {
            "a/x.py": "x",
            "a/__pycache__/x.cpython-313.pyc": b"\0",
            "a/sub/__pycache__/y.pyc": b"",
            "b/x.py": "x",
            "b/__pycache__/notes.txt": "",
            "c/x.py": "x",
            "c/__pycache__": "-> ../b",
        },
    )
    LocalDisk(tmp_path).commit(
        [change(f"{name}/x.py", b"x", None) for name in "abc"], drop_empty=["a", "a/sub", "b", "c"]
    )
    assert set(snapshot(tmp_path)) == {"b", "b/__pycache__", "b/__pycache__/notes.txt", "c", "c/__pycache__"}


def test_the_inverse_takes_a_commit_back_byte_for_byte(tmp_path: Path):
    root = project(tmp_path / "p")
    disk = LocalDisk(root)
    old = snapshot(root)
    there = changes(root)
    back = disk.inverse(there, drop_empty=DROP)
    assert snapshot(root) == old
    disk.commit(there, drop_empty=DROP)
    new = snapshot(root)
    again = disk.inverse(back.changes, drop_empty=back.drop_empty, folders=back.folders)
    disk.commit(back.changes, drop_empty=back.drop_empty, folders=back.folders)
    assert snapshot(root) == old
    disk.commit(again.changes, drop_empty=again.drop_empty, folders=again.folders)
    assert snapshot(root) == new


def test_the_inverse_refuses_files_that_were_edited_since(tmp_path: Path):
    root = project(tmp_path / "p")
    disk = LocalDisk(root)
    there = changes(root)
    back = disk.inverse(there, drop_empty=DROP)
    disk.commit(there, drop_empty=DROP)
    (root / "new/run.sh").write_text("edited")
    new = snapshot(root)
    with pytest.raises(Moved, match=r"^new/run\.sh: has changed"):
        disk.commit(back.changes, drop_empty=back.drop_empty, folders=back.folders)
    assert snapshot(root) == new


def test_folders_that_are_asked_for_are_made_with_their_modes(tmp_path: Path):
    LocalDisk(tmp_path).commit([], folders=[("a", 0o700), ("a/b/c", 0o2775)])
    found = snapshot(tmp_path)
    assert found["a"] == ("folder", 0o700, b"")
    assert found["a/b/c"] == ("folder", 0o2775, b"")
    assert "a/b" in found


def test_new_folders(tmp_path: Path):
    build(tmp_path, {"a/x.txt": ""})
    disk = LocalDisk(tmp_path)
    assert disk.new_folders(["a/y.txt", "a/b/c/d.txt", "e/f.txt", "g.txt", "a/b/h.txt"]) == (
        "a/b",
        "a/b/c",
        "e",
    )
    with pytest.raises(Refused):
        disk.new_folders(["../x/y"])


def test_the_lock_may_be_taken_around_a_commit(tmp_path: Path):
    disk = LocalDisk(tmp_path)
    with disk.lock():
        disk.commit([change("a", None, b"1")])
        with disk.lock():
            disk.commit([change("a", b"1", b"2")])
    disk.commit([change("a", b"2", b"3")])
    assert set(snapshot(tmp_path)) == {"a"}


def test_a_root_that_is_gone_cannot_be_locked(tmp_path: Path):
    with pytest.raises((CommitFailed, Refused)):
        LocalDisk(tmp_path / "none").commit([change("a", None, b"1")])


def test_short_writes_are_continued(tmp_path: Path):
    class Slow(OsCalls):
        def write(self, fd: int, data: memoryview) -> int:
            return super().write(fd, data[:7])

    data = bytes(range(256)) * 5
    LocalDisk(tmp_path, calls=Slow()).commit([change("a", None, data)])
    assert (tmp_path / "a").read_bytes() == data


def test_originals_come_back_onto_another_file_system_too(tmp_path: Path):
    build(tmp_path, {"a.txt": "old", "b.txt": "old"})
    (tmp_path / "a.txt").chmod(0o640)
    old = snapshot(tmp_path)

    class Volume(OsCalls):
        def replace(self, source: str, target: str) -> None:
            if target.endswith("b.txt") and ".djroadmap-tmp" in source and not self.failed:
                self.failed = True
                raise OSError(5, "Input/output error")
            if "journal/" in source:
                raise OSError(18, "Invalid cross-device link")
            super().replace(source, target)

        failed = False

    with pytest.raises(
        CommitFailed, match=r"^b\.txt: could not be written: input/output error; everything was put"
    ):
        LocalDisk(tmp_path, calls=Volume()).commit(
            [change("a.txt", b"old", b"new"), change("b.txt", b"old", b"new")]
        )
    assert snapshot(tmp_path) == old


def test_folders_that_cannot_be_synced_are_no_error(tmp_path: Path):
    OsCalls().sync_folder("/dev/null")
    with pytest.raises(FileNotFoundError):
        OsCalls().sync_folder(str(tmp_path / "none"))
