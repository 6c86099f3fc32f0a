"""What undo remembers, and that it never stands in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from djroadmap.adapters.disk import Inverse, LocalDisk
from djroadmap.adapters.history import KEPT, History, Record, state_dir
from djroadmap.adapters.journal import digest
from djroadmap.model.change import Change
from tests.adapters.trees import snapshot
from tests.faults.faulty import DROP, FaultyCalls, changes, project


def record(title: str = "add waffle", *, dirty: tuple[str, ...] = (), **contents: bytes | None) -> Record:
    made = tuple(
        Change(path=path, before=data, after=b"\0\xff\r\n", mode=0o600) for path, data in contents.items()
    )
    return Record(
        title=title,
        time=1.5,
        inverse=Inverse(changes=made, drop_empty=("a/b", "a"), folders=(("c", 0o2750),)),
        dirty=dirty,
    )


def stored(folder: Path) -> Path:
    (file,) = (folder / "undo").iterdir()
    return file


def test_records_come_back_as_they_were(tmp_path: Path):
    history = History(tmp_path / "state")
    saved = record(a=b"x" * 9000, b=None, c=b"", dirty=("a",))
    assert history.save(tmp_path, saved) is None
    assert History(tmp_path / "state").last(tmp_path) == saved


def test_the_last_comes_first_and_only_so_many_are_kept(tmp_path: Path):
    history = History(tmp_path / "state")
    for number in range(KEPT + 3):
        history.save(tmp_path, record(f"add {number}"))
    titles = []
    while last := history.last(tmp_path):
        titles.append(last.title)
        history.forget(tmp_path)
    assert titles == [f"add {number}" for number in range(KEPT + 2, 2, -1)]
    history.forget(tmp_path)
    assert list((tmp_path / "state/undo").iterdir()) == []


def test_what_once_stood_in_a_file(tmp_path: Path):
    history = History(tmp_path / "state")
    history.save(tmp_path, record(a=b"first", b=b"other"))
    history.save(tmp_path, record(a=None))
    assert history.versions(tmp_path, "a") == [b"\0\xff\r\n", b"first", b"\0\xff\r\n"]
    assert history.versions(tmp_path, "c") == []
    assert History(None).versions(tmp_path, "a") == []


def test_projects_are_told_apart_by_where_they_really_are(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("a")
    history = History(tmp_path / "state")
    history.save(tmp_path / "a", record("a"))
    history.save(tmp_path / "b", record("b"))
    found = [history.last(tmp_path / name) for name in ("a", "b", "link", "none")]
    assert [item and item.title for item in found] == ["a", "b", "a", None]


def test_records_are_private(tmp_path: Path):
    history = History(tmp_path / "state")
    history.save(tmp_path, record())
    history.save(tmp_path, record())
    assert stored(tmp_path / "state").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state/undo").stat().st_mode & 0o077 == 0


def test_undo_of_a_real_commit(tmp_path: Path):
    root = project(tmp_path / "p")
    history, disk, old = History(tmp_path / "state"), LocalDisk(root), snapshot(root)
    there = changes(root)
    saved = Record(title="add x", time=0, inverse=disk.inverse(there, drop_empty=DROP))
    disk.commit(there, drop_empty=DROP)
    assert history.save(root, saved) is None
    last = history.last(root)
    assert last is not None
    disk.commit(last.inverse.changes, drop_empty=last.inverse.drop_empty, folders=last.inverse.folders)
    assert snapshot(root) == old


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b"[]", b"{}", b'{"schema": 99, "records": []}', b'{"schema": 1, "records": 3}',
        b'{"schema": 1, "records": [{}]}', b'{"schema": 1, "records": [null]}', b"\xff\xfe",
        b'{"schema": 1, "records": []}',
    ],
)  # fmt: skip
def test_a_damaged_record_is_nothing_to_undo(tmp_path: Path, content: bytes):
    history = History(tmp_path / "state")
    history.save(tmp_path, record())
    stored(tmp_path / "state").write_bytes(content)
    assert history.last(tmp_path) is None
    assert history.left_behind(tmp_path) == {}
    history.forget(tmp_path)
    assert history.save(tmp_path, record("add again")) is None
    assert history.last(tmp_path) == record("add again")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", 3), ("time", "noon"), ("drop_empty", [3]), ("folders", [["a"]]), ("changes", [{"path": "a"}]),
        ("changes", [{"path": "a", "before": "!!", "after": None, "mode": None}]),
        ("changes", [{"path": "a", "before": "VPaz", "after": None, "mode": None}]),
        ("changes", [{"path": "a", "before": None, "after": None, "mode": "x"}]),
    ],
)  # fmt: skip
def test_so_is_one_with_a_damaged_field(tmp_path: Path, key: str, value: object):
    history = History(tmp_path / "state")
    history.save(tmp_path, record(a=b"x"))
    file = stored(tmp_path / "state")
    values = json.loads(file.read_text())
    values["records"][0][key] = value
    file.write_text(json.dumps(values))
    assert history.last(tmp_path) is None


def test_a_state_folder_that_cannot_be_written_is_a_reason_and_no_failure(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for history in (History(tmp_path / "file"), History(tmp_path / "file/below"), History(None)):
        reason = history.save(tmp_path, record())
        assert reason
        assert history.last(tmp_path) is None
        history.forget(tmp_path)
    assert "home folder" in (History(None).save(tmp_path, record()) or "")


def test_a_full_disk_leaves_no_half_record_and_none_that_is_out_of_order(tmp_path: Path):
    folder = tmp_path / "state"
    assert History(folder).save(tmp_path, record("first")) is None
    failed = 0
    for number in range(1, 10):
        calls = FaultyCalls(fail_at=number)
        if History(folder, calls=calls).save(tmp_path, record("second")) is None:
            break
        failed += 1
        assert History(folder).last(tmp_path) is None, "the first is not the last any more"
        assert list((folder / "undo").iterdir()) == []
        History(folder).save(tmp_path, record("first"))
    assert failed >= 4


def test_what_the_last_runs_left_behind(tmp_path: Path):
    history = History(tmp_path / "state")
    history.save(tmp_path, record(a=b"1", b=b"1", gone=None))
    history.save(tmp_path, record(a=b"2", b=b"2", c=b"2", dirty=("b",)))
    assert history.left_behind(tmp_path) == {"a": digest(b"2"), "c": digest(b"2"), "gone": None}
    history.forget(tmp_path)
    assert history.left_behind(tmp_path) == {"a": digest(b"1"), "b": digest(b"1"), "gone": None}


def test_what_was_left_behind_is_known_longer_than_how_to_take_it_back(tmp_path: Path):
    history = History(tmp_path / "state")
    history.save(tmp_path, record(a=b"1", b=b"1", mine=b"1"))
    history.save(tmp_path, record(a=b"2", mine=b"2", dirty=("mine",)))
    for _ in range(KEPT):
        history.save(tmp_path, record(c=b"3"))
    left = {"a": digest(b"2"), "b": digest(b"1"), "c": digest(b"3")}
    assert history.left_behind(tmp_path) == left
    for _ in range(KEPT):
        history.forget(tmp_path)
    assert history.last(tmp_path) is None
    assert history.left_behind(tmp_path) == {"a": digest(b"2"), "b": digest(b"1")}


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({}, "linux", "/home/u/.local/state/djroadmap"),
        ({"XDG_STATE_HOME": "/state"}, "linux", "/state/djroadmap"),
        ({"XDG_STATE_HOME": "relative"}, "linux", "/home/u/.local/state/djroadmap"),
        ({"XDG_STATE_HOME": ""}, "freebsd14", "/home/u/.local/state/djroadmap"),
        ({"XDG_STATE_HOME": "/state"}, "darwin", "/home/u/Library/Application Support/djroadmap"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/djroadmap"),
        ({}, "win32", "/home/u/AppData/Local/djroadmap"),
        ({"DJROADMAP_STATE_DIR": "/own", "XDG_STATE_HOME": "/state"}, "linux", "/own"),
        ({"DJROADMAP_STATE_DIR": "/own"}, "darwin", "/own"),
    ],
)
def test_the_state_folder(environ: dict[str, str], platform: str, folder: str):
    assert state_dir(environ, platform=platform, home=Path("/home/u")) == Path(folder)
