"""Paths and journals that somebody put there to reach files outside the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from djroadmap.adapters.disk import LocalDisk
from djroadmap.adapters.journal import digest
from djroadmap.errors import CommitFailed, DjroadmapError, Refused
from djroadmap.model.change import Change
from tests.adapters.trees import build, snapshot

SECRET = b"secret\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    build(
        tmp_path,
        {
            "outside/secret.txt": SECRET,
            "p/a.py": "a\n",
            "p/.git/config": "[core]\n",
            "p/.git/hooks/": "",
            "p/out": "-> ../outside",
            "p/secret": "-> ../outside/secret.txt",
            "p/absolute": f"-> {tmp_path}/outside/secret.txt",
            "p/hooks": "-> .git/hooks",
            "p/nowhere": "-> missing.txt",
            "p/loop": "-> loop",
            "p/folder/": "",
        },
    )
    return tmp_path


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../outside/secret.txt", "is not a path inside the project"),
        ("a/../../outside/secret.txt", "is not a path inside the project"),
        ("/etc/passwd", "is not a path inside the project"),
        ("//etc/passwd", "is not a path inside the project"),
        ("", "is not a path inside the project"),
        (".", "is not a path inside the project"),
        ("./a.py", "is not a path inside the project"),
        ("a.py/", "is not a path inside the project"),
        ("folder//b.py", "is not a path inside the project"),
        ("..\\outside", "is not a path inside the project"),
        ("C:/windows", "is not a path inside the project"),
        ("a\0b", "is not a path inside the project"),
        ("out/secret.txt", "leads out of the project through a link"),
        ("out/new.txt", "leads out of the project through a link"),
        ("secret", "leads out of the project through a link"),
        ("absolute", "leads out of the project through a link"),
        (".git/config", "belongs to version control"),
        (".GIT/config", "belongs to version control"),
        ("sub/.git/hooks/pre-commit", "belongs to version control"),
        ("hooks/pre-commit", "belongs to version control"),
        (".djroadmap.journal/0", "belongs to version control or to djroadmap's journal"),
        (".djroadmap.journal.new/x", "belongs to version control or to djroadmap's journal"),
        ("nowhere", "is a link that leads nowhere"),
        ("loop", "is a link that leads"),
        ("folder", "is not a file"),
        ("a.py/b.py", "is a file, so there can be no files in it"),
    ],
)
def test_paths_of_a_hostile_manifest_are_refused(place: Path, path: str, why: str):
    before = snapshot(place)
    harmless = Change(path="new.txt", before=None, after=b"x")
    for after in (b"mine", None):
        hostile = Change(path=path, before=None if after else SECRET, after=after)
        if after is None and why.startswith("is a file"):
            continue
        with pytest.raises(Refused) as caught:
            LocalDisk(place / "p").commit([harmless, hostile])
        assert why in str(caught.value)
        assert snapshot(place) == before


@pytest.mark.parametrize("path", ["..", "../outside", "/tmp", ".git/hooks", "hooks", "out"])
def test_folders_of_a_hostile_manifest_are_not_dropped(place: Path, path: str):
    before = snapshot(place)
    with pytest.raises(Refused):
        LocalDisk(place / "p").commit([], drop_empty=[path])
    with pytest.raises(Refused):
        LocalDisk(place / "p").commit([], folders=[(f"{path}/new", 0o755)])
    assert snapshot(place) == before


def test_control_characters_do_not_reach_the_terminal(place: Path):
    with pytest.raises(Refused) as caught:
        LocalDisk(place / "p").commit([Change(path="../\x1b[2J", before=None, after=b"")])
    assert "\x1b" not in str(caught.value)


def test_all_problems_are_named_at_once(place: Path):
    changes = [Change(path=path, before=None, after=b"") for path in ("../x", "out/y", ".git/z", "fine")]
    with pytest.raises(Refused) as caught:
        LocalDisk(place / "p").commit(changes)
    assert [problem.path for problem in caught.value.problems] == ["../x", "out/y", ".git/z"]


def journal(root: Path, *, armed: bool = True, originals: tuple[bytes, ...] = (), **values: object) -> Path:
    folder = root / (".djroadmap.journal" if armed else ".djroadmap.journal.new")
    folder.mkdir()
    (folder / "journal.json").write_text(
        json.dumps({"schema": 1, "entries": [], "created": [], "dropped": [], **values})
    )
    for number, data in enumerate(originals):
        (folder / str(number)).write_bytes(data)
    return folder


def entry(path: str, *, before: bytes | None = b"evil", after: bytes | None = SECRET) -> dict[str, object]:
    return {"path": path, "before": digest(before), "after": digest(after), "mode": 0o644, "owner": [-1, -1]}


@pytest.mark.parametrize(
    "path",
    [
        "../outside/secret.txt",
        "/etc/x",
        "out/secret.txt",
        "secret",
        ".git/hooks/post-checkout",
        "hooks/x",
        "",
    ],
)
def test_a_journal_from_a_stranger_reaches_nothing_outside(place: Path, path: str):
    root = place / "p"
    journal(root, entries=[entry(path)], originals=(b"evil",))
    before = snapshot(place)
    with pytest.raises(DjroadmapError, match=r"\.djroadmap\.journal: .* cannot be used") as caught:
        LocalDisk(root).recover()
    assert "delete that folder" in caught.value.hint
    assert snapshot(place) == before


@pytest.mark.parametrize("path", ["../outside", "out", ".git/hooks"])
@pytest.mark.parametrize("field", ["created", "dropped"])
def test_nor_do_its_folders(place: Path, path: str, field: str):
    root = place / "p"
    journal(root, **{field: [path] if field == "created" else [[path, 0o777]]})
    before = snapshot(place)
    with pytest.raises(DjroadmapError, match="cannot be used"):
        LocalDisk(root).recover()
    assert snapshot(place) == before


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"{}", b'{"schema": 2, "entries": [], "created": [], "dropped": []}',
        b'{"schema": 1, "entries": [{}], "created": [], "dropped": []}',
        b'{"schema": 1, "entries": [], "created": [3], "dropped": []}',
        b'{"schema": 1, "entries": 5, "created": [], "dropped": []}', b"\xff",
    ],
)  # fmt: skip
def test_a_damaged_journal_is_reported_and_kept(place: Path, content: bytes):
    folder = journal(place / "p")
    (folder / "journal.json").write_bytes(content)
    with pytest.raises(DjroadmapError, match="cannot be used"):
        LocalDisk(place / "p").recover()
    assert (folder / "journal.json").read_bytes() == content


def test_a_damaged_original_is_not_put_back(place: Path):
    root = place / "p"
    journal(root, entries=[entry("a.py", before=b"old", after=b"a\n")], originals=(b"ol",))
    with pytest.raises(DjroadmapError, match=r"the original of a\.py is damaged"):
        LocalDisk(root).recover()
    assert (root / "a.py").read_bytes() == b"a\n"


def test_an_original_is_not_read_through_a_link(place: Path):
    root = place / "p"
    folder = journal(root, entries=[entry("a.py", before=SECRET, after=b"a\n")])
    (folder / "0").symlink_to(place / "outside/secret.txt")
    with pytest.raises(DjroadmapError, match="cannot be used"):
        LocalDisk(root).recover()
    assert (root / "a.py").read_bytes() == b"a\n"


@pytest.mark.parametrize("name", [".djroadmap.journal", ".djroadmap.journal.new", ".djroadmap.journal.done"])
def test_a_journal_that_is_a_link_is_not_followed(place: Path, name: str):
    root = place / "p"
    (root / name).symlink_to(place / "outside")
    if name == ".djroadmap.journal":
        with pytest.raises(DjroadmapError, match="cannot be used"):
            LocalDisk(root).recover()
    else:
        assert LocalDisk(root).recover() == ()
        assert not (root / name).is_symlink()
    assert (place / "outside/secret.txt").read_bytes() == SECRET


def test_a_file_called_like_a_finished_journal_is_removed(place: Path):
    (place / "p/.djroadmap.journal.done").write_text("x")
    assert LocalDisk(place / "p").recover() == ()
    assert not (place / "p/.djroadmap.journal.done").exists()


def test_what_cannot_be_thrown_away_refuses_the_commit_before_it_begins(place: Path):
    root = place / "p"
    (root / ".djroadmap.journal.done/sub").mkdir(parents=True)
    before = snapshot(root)
    assert LocalDisk(root).recover() == ()
    with pytest.raises(CommitFailed, match=r"\.djroadmap\.journal\.done: cannot be removed"):
        LocalDisk(root).commit([Change(path="a.py", before=b"a\n", after=b"b\n")])
    assert snapshot(root) == before
    (root / ".djroadmap.journal.done/sub").rmdir()
    (root / ".djroadmap.journal.new/sub").mkdir(parents=True)
    with pytest.raises(CommitFailed, match=r"\.djroadmap\.journal: could not be written: file exists"):
        LocalDisk(root).commit([Change(path="a.py", before=b"a\n", after=b"b\n")])
    assert (root / "a.py").read_bytes() == b"a\n"


def test_work_done_after_the_crash_is_not_overwritten(place: Path):
    root = place / "p"
    (root / "a.py").write_bytes(b"edited since\n")
    journal(root, entries=[entry("a.py", before=b"old", after=b"new")], originals=(b"old",))
    before = snapshot(root)
    with pytest.raises(DjroadmapError, match=r"a\.py: was edited after djroadmap was interrupted"):
        LocalDisk(root).recover()
    assert snapshot(root) == before


def test_files_and_folders_deleted_after_the_crash_come_back(place: Path):
    root = place / "p"
    journal(root, entries=[entry("gone/deep/b.py", before=b"old", after=b"new")], originals=(b"old",))
    assert LocalDisk(root).recover() == ("gone/deep/b.py",)
    assert (root / "gone/deep/b.py").read_bytes() == b"old"
    assert not (root / ".djroadmap.journal").exists()


def test_a_journal_does_not_write_through_a_link_even_inside_the_project(place: Path):
    root = place / "p"
    (root / "inner").symlink_to("folder")
    journal(root, entries=[entry("inner/x.txt")], originals=(b"evil",))
    before = snapshot(place)
    with pytest.raises(DjroadmapError, match=r"inner/x\.txt is reached through a link"):
        LocalDisk(root).recover()
    assert snapshot(place) == before
