"""What git says, in every place a project may be in a repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from djroadmap.adapters.git import Git
from djroadmap.errors import DjroadmapError
from tests.adapters.trees import build, snapshot

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def repository(root: Path, files: dict[str, str | bytes]) -> Path:
    build(root, files)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return root


def ask(root: Path) -> Git:
    return Git(root, environ=ENVIRON)


FILES: dict[str, str | bytes] = {
    "clean.py": "c", "changed.py": "c", "staged.py": "s", "gone.py": "g", "removed.py": "r", "sub dir/ä b.py": "x",
    "[x].py": "x", "x.py": "x", ".gitignore": "*.log\n!kept.log\nlocal.py\n", "kept.log": "",
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = repository(tmp_path / "p", FILES)
    build(
        root, {"changed.py": "new", "staged.py": "new", "new/a.py": "", "sub dir/ä b.py": "new", "x.log": ""}
    )
    build(root, {"[x].py": "new", "added.py": ""})
    (root / "gone.py").unlink()
    git(root, "add", "staged.py", "added.py")
    git(root, "rm", "-q", "removed.py")
    return root


def test_dirty_files_in_the_order_asked(root: Path):
    paths = [
        "x.py", "sub dir/ä b.py", "clean.py", "changed.py", "staged.py", "gone.py", "removed.py", "new/a.py",
        "added.py", "[x].py", "not/there.py", "x.log", "kept.log",
    ]  # fmt: skip
    assert ask(root).dirty(paths) == (
        "sub dir/ä b.py", "changed.py", "staged.py", "gone.py", "removed.py", "new/a.py", "added.py", "[x].py",
    )  # fmt: skip
    assert ask(root).dirty(["clean.py"]) == ()
    assert ask(root).dirty([]) == ()


def test_nothing_in_the_repository_is_touched(root: Path):
    before = snapshot(root)
    asked = ask(root)
    asked.dirty(["changed.py", "clean.py"])
    asked.is_ignored(["x.log"])
    assert snapshot(root) == before


def test_ignored_files(root: Path):
    paths = [
        "x.log",
        "kept.log",
        "clean.py",
        "deep/y.log",
        "local.py",
        "nothing.py",
        "sub dir/ä.log",
        ":top.log",
        "[y].log",
    ]
    assert ask(root).is_ignored(paths) == {
        "x.log",
        "deep/y.log",
        "local.py",
        "sub dir/ä.log",
        ":top.log",
        "[y].log",
    }
    assert ask(root).is_ignored(["clean.py"]) == frozenset()
    assert ask(root).is_ignored([]) == frozenset()


def test_all_that_is_ignored_folders_as_a_whole(root: Path):
    build(root, {"x.log": "", "media/a/1.jpg": "", ".git/info/exclude": "media/\n"})
    assert ask(root).ignored() == {"x.log", "media"}


def test_a_tracked_file_is_not_ignored_whatever_the_patterns_say(root: Path):
    build(root, {"forced.log": ""})
    git(root, "add", "-f", "forced.log")
    assert ask(root).is_ignored(["forced.log"]) == frozenset()
    assert ask(root).dirty(["forced.log"]) == ("forced.log",)


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path):
    repository(tmp_path, {"back/end/a.py": "a", "back/end/b.py": "b", "a.py": "a", ".gitignore": "*.log\n"})
    build(tmp_path, {"back/end/a.py": "new", "back/end/n.py": "", "b.py": "new"})
    asked = ask(tmp_path / "back/end")
    assert asked.is_repository
    assert asked.dirty(["a.py", "b.py", "n.py"]) == ("a.py", "n.py")
    assert asked.is_ignored(["x.log", "a.py"]) == {"x.log"}
    build(tmp_path, {"x.log": "", "back/end/x.log": ""})
    assert asked.ignored() == {"x.log"}


def test_a_worktree(tmp_path: Path):
    main = repository(tmp_path / "main", {"a.py": "a"})
    git(main, "worktree", "add", "-q", "../tree", "-b", "other")
    build(tmp_path, {"tree/a.py": "new"})
    assert ask(tmp_path / "tree").dirty(["a.py"]) == ("a.py",)
    assert ask(main).dirty(["a.py"]) == ()


def test_a_submodule_is_its_own_repository(tmp_path: Path):
    repository(tmp_path / "lib", {"x.py": "x", "y.py": "y", ".gitignore": "*.log\n"})
    main = repository(tmp_path / "main", {"a.py": "a"})
    git(
        main,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        str(tmp_path / "lib"),
        "vendor/lib",
    )
    git(main, "commit", "-q", "-m", "second")
    assert ask(main).dirty(["a.py", "vendor/lib/x.py"]) == ()
    build(main, {"vendor/lib/x.py": "new", "a.py": "new"})
    assert ask(main).dirty(["vendor/lib/x.py", "vendor/lib/y.py", "a.py"]) == ("vendor/lib/x.py", "a.py")
    assert ask(main).is_ignored(["vendor/lib/z.log", "vendor/lib/x.py", "z.log"]) == {"vendor/lib/z.log"}
    assert ask(main / "vendor/lib").dirty(["x.py", "y.py"]) == ("x.py",)


def test_a_link_is_as_dirty_as_its_target(tmp_path: Path):
    root = repository(tmp_path / "p", {"real/a.py": "a", "link.py": "-> real/a.py", "folder": "-> real"})
    assert ask(root).dirty(["link.py", "folder/a.py"]) == ()
    build(root, {"real/a.py": "new"})
    assert ask(root).dirty(["link.py", "folder/a.py", "real/a.py"]) == ("link.py", "folder/a.py", "real/a.py")
    assert ask(root).is_ignored(["folder/a.py"]) == frozenset()


def test_a_repository_without_a_commit(tmp_path: Path):
    build(tmp_path, {"a.py": "a"})
    git(tmp_path, "init", "-q")
    assert ask(tmp_path).is_repository
    assert ask(tmp_path).dirty(["a.py"]) == ("a.py",)


def test_paths_that_leave_the_project_are_not_asked_for(root: Path):
    assert ask(root).dirty(["../x", "/etc/passwd", "changed.py"]) == ("changed.py",)
    assert ask(root).is_ignored(["../x.log", "x.log"]) == {"x.log"}


def test_no_repository(tmp_path: Path):
    build(tmp_path, {"a.py": "a"})
    asked = Git(tmp_path, environ={**ENVIRON, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert not asked.is_repository
    assert asked.problem == "this project is not in git"
    assert asked.dirty(["a.py"]) == ()
    assert asked.is_ignored(["a.py"]) == frozenset()


def test_no_git(root: Path):
    asked = Git(root, environ=ENVIRON, program="/nonexistent/git")
    assert not asked.is_repository
    assert asked.problem == "git is not installed"
    assert asked.dirty(["changed.py"]) == ()


def test_git_that_refuses_is_not_taken_for_clean(root: Path):
    build(root, {".git/config": "[core\n"})
    asked = ask(root)
    assert asked.is_repository
    assert "bad config" in asked.problem
    with pytest.raises(DjroadmapError, match=r"git cannot tell what is committed here: bad config"):
        asked.dirty(["changed.py"])
    assert asked.is_ignored(["x.log"]) == frozenset()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_somebody_elses_repository_is_not_taken_for_clean(root: Path):
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    asked = ask(root)
    assert asked.is_repository
    assert "dubious ownership" in asked.problem
    with pytest.raises(DjroadmapError, match="dubious ownership") as caught:
        asked.dirty(["changed.py"])
    assert f"git config --global --add safe.directory {root}" in caught.value.hint
    assert "--allow-dirty" in caught.value.hint


def test_a_status_that_fails_is_not_taken_for_clean(root: Path):
    (root / ".git/index").write_bytes(b"broken")
    asked = ask(root)
    assert not asked.problem
    with pytest.raises(DjroadmapError, match="git cannot tell"):
        asked.dirty(["changed.py"])


def test_a_worktree_whose_repository_is_gone_is_not_taken_for_clean(tmp_path: Path):
    main = repository(tmp_path / "main", {"a.py": "a"})
    git(main, "worktree", "add", "-q", "../tree", "-b", "other")
    main.rename(tmp_path / "moved")
    asked = ask(tmp_path / "tree")
    assert asked.is_repository
    with pytest.raises(DjroadmapError, match="not a git repository"):
        asked.dirty(["a.py"])


def test_the_git_folder_itself_is_no_work_tree(root: Path):
    assert not ask(root / ".git").is_repository


def test_the_environment_of_a_hook_is_set_aside(root: Path, tmp_path: Path):
    other = repository(tmp_path / "other", {"changed.py": "c"})
    environ = {**ENVIRON, "GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(other / ".git/index")}
    assert Git(root, environ=environ).dirty(["changed.py", "clean.py"]) == ("changed.py",)


def test_a_file_system_monitor_is_not_started(root: Path, tmp_path: Path):
    witness = tmp_path / "started"
    git(root, "config", "core.fsmonitor", f"touch {witness}; false")
    assert ask(root).dirty(["changed.py"]) == ("changed.py",)
    assert not witness.exists()


def test_what_once_stood_in_a_file(tmp_path: Path) -> None:
    root = repository(tmp_path / "p", {"sub/[x] ä.py": "one", "sub/x ä.py": "other", "a.bin": b"\0\n\xff"})
    path = "sub/[x] ä.py"
    for text in ("two", "three\n\n"):
        build(root, {path: text})
        git(root, "commit", "-q", "-a", "-m", text)
    git(root, "checkout", "-q", "-b", "side", "HEAD~2")
    build(root, {path: "side"})
    git(root, "commit", "-q", "-a", "-m", "side")
    git(root, "checkout", "-q", "main")
    build(root, {path: "staged"})
    git(root, "add", "-A")
    build(root, {path: "not even staged"})
    before = snapshot(root)
    found = list(ask(root).versions(path))
    assert found[0] == b"staged"
    assert sorted(found) == [b"one", b"side", b"staged", b"three\n\n", b"two"]
    assert list(ask(root / "sub").versions("[x] ä.py")) == found
    assert list(ask(root).versions("a.bin")) == [b"\0\n\xff"]
    assert snapshot(root) == before


def test_nothing_is_known_of_what_git_never_saw(tmp_path: Path) -> None:
    root = repository(tmp_path / "p", {"a.py": "a"})
    build(root, {"b.py": "b"})
    assert list(ask(root).versions("b.py")) == []
    build(tmp_path / "bare", {"a.py": "a"})
    assert list(ask(tmp_path / "bare").versions("a.py")) == []
    assert list(Git(root, environ=ENVIRON, program="no-such-git").versions("a.py")) == []


def test_a_file_that_was_deleted_is_still_known(tmp_path: Path) -> None:
    root = repository(tmp_path / "p", {"a.py": "a", "b.py": "b"})
    git(root, "rm", "-q", "a.py")
    git(root, "commit", "-q", "-m", "gone")
    assert list(ask(root).versions("a.py")) == [b"a"]
