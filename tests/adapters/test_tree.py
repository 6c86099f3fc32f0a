"""Walking and reading a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djroadmap.adapters.tree import DiskTree
from djroadmap.errors import Unrecognised
from djroadmap.model.memory import MemoryTree
from tests.adapters.trees import build, closed


def test_files_are_sorted_and_relative(tmp_path: Path):
    build(tmp_path, {"b.py": "", "a/z.py": "", "a-b.py": "", "a/.hidden": "", "a/b/c.txt": "", "empty/": ""})
    assert DiskTree(tmp_path).files() == ("a-b.py", "a/.hidden", "a/b/c.txt", "a/z.py", "b.py")


@pytest.mark.parametrize(
    "folder",
    [
        ".git", ".hg", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        "build", "dist", ".terraform", "site-packages", "acme.egg-info", ".djroadmap.journal",
        ".djroadmap.journal.new",
    ],
)  # fmt: skip
def test_noise_is_left_out_at_any_depth_and_still_exists(tmp_path: Path, folder: str):
    build(tmp_path, {f"{folder}/x.py": "x", f"apps/{folder}/deep/y.py": "y", "apps/kept.py": ""})
    tree = DiskTree(tmp_path)
    assert tree.files() == ("apps/kept.py",)
    assert tree.exists(f"apps/{folder}/deep/y.py")
    assert tree.read(f"{folder}/x.py") == "x"


@pytest.mark.parametrize("folder", ["builds", "dist2", "my_node_modules", "git", "egg-info", "builder"])
def test_what_only_sounds_like_noise_is_kept(tmp_path: Path, folder: str):
    build(tmp_path, {f"{folder}/x.py": ""})
    assert DiskTree(tmp_path).files() == (f"{folder}/x.py",)


def test_virtual_environments_are_told_by_their_configuration(tmp_path: Path):
    build(tmp_path, {"tools/pyvenv.cfg": "", "tools/lib/x.py": "", "a/env/pyvenv.cfg": "", "env/kept.py": ""})
    assert DiskTree(tmp_path).files() == ("env/kept.py",)


def test_the_root_itself_is_never_noise(tmp_path: Path):
    root = build(tmp_path / "build", {"pyvenv.cfg": "", "manage.py": ""})
    assert DiskTree(root).files() == ("manage.py", "pyvenv.cfg")


def test_links(tmp_path: Path):
    build(
        tmp_path,
        {
            "outside/secret.py": "",
            "p/real/a.py": "a",
            "p/.git/x.py": "git",
            "p/inside.py": "-> real/a.py",
            "p/chain.py": "-> inside.py",
            "p/outside.py": "-> ../outside/secret.py",
            "p/folder": "-> real",
            "p/far": "-> ../outside",
            "p/nowhere.py": "-> nothing",
            "p/loop": "-> loop",
            "p/up": "-> .",
        },
    )
    tree = DiskTree(tmp_path / "p")
    assert tree.files() == ("chain.py", "inside.py", "real/a.py")
    assert tree.read("chain.py") == "a"
    assert tree.read("folder/a.py") == "a", "a path through a link inside the project is a path"
    for path in ("outside.py", "far/secret.py", "nowhere.py", "loop", "folder", "up"):
        assert not tree.exists(path), path
        assert tree.raw(path) is None, path


@pytest.mark.parametrize(
    "path", ["../outside/secret.py", "/etc/passwd", "", ".", "p/../x", "a\0b", "./x", "x/", "a\\b"]
)
def test_paths_that_leave_the_project_do_not_exist(tmp_path: Path, path: str):
    build(tmp_path, {"outside/secret.py": "s", "p/x": ""})
    tree = DiskTree(tmp_path / "p")
    assert not tree.exists(path)
    assert tree.raw(path) is None
    assert tree.read(path) is None


def test_a_root_behind_a_link(tmp_path: Path):
    build(tmp_path, {"real/a.py": "a", "link": "-> real"})
    assert DiskTree(tmp_path / "link").read("a.py") == "a"


def test_only_files_exist(tmp_path: Path):
    build(tmp_path, {"a/b.py": "", "empty/": ""})
    os.mkfifo(tmp_path / "pipe")
    tree = DiskTree(tmp_path)
    assert tree.files() == ("a/b.py",)
    assert tree.exists("a/b.py")
    assert not tree.exists("a")
    assert not tree.exists("pipe")
    assert not tree.exists("a/b.py/c")
    assert tree.raw("a") is tree.raw("pipe") is tree.raw("none") is None


def test_folders(tmp_path: Path):
    build(tmp_path, {"a/b.py": "", "empty/": "", "out": "-> .."})
    tree = DiskTree(tmp_path)
    assert [tree.has_folder(path) for path in ("", "a", "empty")] == [True, True, True]
    assert [tree.has_folder(path) for path in ("a/b.py", "none", "out", "..", "/tmp")] == [False] * 5


def test_a_tree_is_one_state_of_the_project(tmp_path: Path):
    build(tmp_path, {"a.py": "old"})
    tree = DiskTree(tmp_path)
    assert tree.files() == ("a.py",)
    assert tree.read("a.py") == "old"
    assert tree.raw("b.py") is None
    build(tmp_path, {"a.py": "new", "b.py": "new"})
    assert tree.files() == ("a.py",)
    assert (tree.read("a.py"), tree.raw("a.py")) == ("old", b"old")
    assert not tree.exists("b.py")
    assert DiskTree(tmp_path).read("b.py") == "new"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb", "a\r\nb"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        ("ä".encode("utf-16"), "ä"),
        (b"# -*- coding: latin-1 -*-\n\xe4", "# -*- coding: latin-1 -*-\nä"),
        (b"", ""),
    ],
)
def test_decoding(tmp_path: Path, data: bytes, text: str):
    build(tmp_path, {"a.py": data})
    tree = DiskTree(tmp_path)
    assert tree.read("a.py") == text
    assert tree.raw("a.py") == data


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (b"a\n\xff\xfe\xfa", 2, "is not utf-8 text"),
        (b"# coding: klingon\n", None, "names an encoding that does not exist"),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_its_place(
    tmp_path: Path, data: bytes, line: int | None, why: str
):
    build(tmp_path, {"pkg/a.py": data})
    tree = DiskTree(tmp_path)
    with pytest.raises(Unrecognised) as caught:
        tree.read("pkg/a.py")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("pkg/a.py", line)
    assert problem.why.startswith(why)
    assert tree.raw("pkg/a.py") == data


def test_a_file_that_vanishes_after_the_walk(tmp_path: Path):
    build(tmp_path, {"a.py": ""})
    tree = DiskTree(tmp_path)
    tree.files()
    (tmp_path / "a.py").unlink()
    assert tree.raw("a.py") is None
    assert tree.read("a.py") is None


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path):
    build(tmp_path, {"a.py": ""})
    tree = DiskTree(tmp_path)
    tree.files()
    (tmp_path / "a.py").unlink()
    (tmp_path / "a.py").mkdir()  # stands for any error of the system: the tests may run as root
    with pytest.raises(Unrecognised, match=r"^a\.py: cannot be read: is a directory"):
        tree.read("a.py")


def test_names_that_are_not_text_are_left_out(tmp_path: Path):
    build(tmp_path, {"ä.py": ""})
    (tmp_path / os.fsdecode(b"\xff.py")).touch()
    assert DiskTree(tmp_path).files() == ("ä.py",)


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path):
    assert DiskTree(tmp_path / "none").files() == ()


def test_left_over_siblings_are_no_files_of_the_project(tmp_path: Path):
    build(tmp_path, {".a.py.djroadmap-tmp": "", "a.py": ""})
    assert DiskTree(tmp_path).files() == ("a.py",)


def test_a_memory_tree_of_the_same_files_answers_the_same(tmp_path: Path):
    files = {
        "manage.py": "m", "a/x.py": "x", "a/build/y.py": "", "build/__init__.py": "", "dist/z": "", "v/pyvenv.cfg": "",
        "v/x.py": "", "x.egg-info/PKG": "", "a-b": "", ".venv/x": "", "venv/__init__.py": "",
    }  # fmt: skip
    build(tmp_path, files)
    disk, memory = DiskTree(tmp_path), MemoryTree(files)
    assert disk.files() == memory.files()
    for path in (*files, "", "a", "nothing", "a/build"):
        assert disk.exists(path) == memory.exists(path), path
        assert disk.has_folder(path) == memory.has_folder(path), path
        assert disk.raw(path) == memory.raw(path), path


def test_no_further_down_than_wanted(tmp_path: Path):
    build(tmp_path, {"a.py": "", "b/a.py": "", "b/b/a.py": "", "b/b/b/a.py": ""})
    assert DiskTree(tmp_path, depth=0).files() == ("a.py",)
    assert DiskTree(tmp_path, depth=2).files() == ("a.py", "b/a.py", "b/b/a.py")


def test_what_is_closed_to_us_is_left_out():
    files = {"closed/x.py": "", "closed/below/x.py": "", "link.py": "-> closed/x.py", "open.py": ""}
    with closed(files, "closed") as root:
        tree = DiskTree(root)
        assert tree.files() == ("open.py",)
        assert not tree.exists("closed/x.py")
        assert not tree.has_folder("closed/below")
