"""A copy for `--verify`: as faithful as its checks need, with nothing that leads back into the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from djroadmap.adapters.scratch import Scratch, new_folder, scratch
from djroadmap.errors import DjroadmapError, Moved
from djroadmap.model.change import Change
from tests.adapters.trees import build, closed, snapshot

FILES = {"manage.py": "m", "shop/models.py": "x", ".env": "SECRET=1", "empty/": ""}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path / "project", FILES)


def filled(root: Path, *ignored: str, limit: int = 1000) -> Scratch:
    folder = root.parent / "scratch"
    folder.mkdir()
    place = Scratch(root, folder, limit=limit)
    place.fill(ignored)
    return place


def names(place: Scratch) -> set[str]:
    return {path.relative_to(place.copy).as_posix() for path in place.copy.rglob("*")}


def test_everything_is_copied_with_its_mode_what_git_ignores_too(root: Path) -> None:
    (root / "manage.py").chmod(0o755)
    place = filled(root, ".env")
    assert place.copy.name == "project", "compose calls the project by it"
    assert snapshot(place.copy) == snapshot(root)
    assert place.left_out == []


def test_environments_caches_and_history_are_not(root: Path) -> None:
    files = [
        ".git/HEAD",
        ".venv/bin/python",
        "other/pyvenv.cfg",
        "other/bin/python",
        "node_modules/x/index.js",
        "shop/__pycache__/models.pyc",
        ".djroadmap.journal/x",
    ]
    build(root, dict.fromkeys(files, "x"))
    build(root, {"env/models.py": "an app of this name"})
    assert names(filled(root)) == {*(name.strip("/") for name in FILES), "shop", "env", "env/models.py"}


def test_large_folders_that_git_ignores_are_left_out_and_named(root: Path) -> None:
    build(root, {"media/a/1.jpg": "x" * 600, "media/b/2.jpg": "x" * 600, "static/app.css": "x" * 900})
    place = filled(root, "media", "static")
    assert "media" not in names(place)
    assert "static/app.css" in names(place)
    assert [path for path, _ in place.left_out] == ["media"]


def test_large_folders_in_git_are_copied_and_single_large_files_are_not(root: Path) -> None:
    build(root, {"assets/1.jpg": "x" * 600, "assets/2.jpg": "x" * 600, "dump.sql": "x" * 1001})
    place = filled(root)
    assert {"assets/1.jpg", "assets/2.jpg"} <= names(place)
    assert [path for path, _ in place.left_out] == ["dump.sql"]


def test_the_copy_is_not_copied_where_it_is_in_the_project(root: Path) -> None:
    build(root, {"tmp/x": "x"})
    with scratch(root, root / "tmp/djroadmap-1a2b") as place:
        place.fill(())
        assert names(place) == {*(name.strip("/") for name in FILES), "shop", "tmp", "tmp/x"}


def test_pipes_are_passed_over(root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert "pipe" not in names(filled(root))


def test_what_may_not_be_read_is_named() -> None:
    with closed({"manage.py": "", "data/pg/base": "x"}, "data/pg") as root:
        place = filled(root)
    assert place.left_out == [("data/pg", "may not be read")]


def test_no_link_leads_from_the_copy_into_the_project(root: Path, tmp_path: Path) -> None:
    outside = build(tmp_path / "outside", {"x": "x"})
    links = {
        "relative": "-> shop/models.py",
        "absolute": f"-> {root}/shop/models.py",
        "folder": f"-> {root}/shop",
        "chain": "-> absolute",
        "dangling": f"-> {root}/nothing",
        "beyond": "-> ../outside",
    }
    place = filled(build(root, links))
    for name in ("relative", "absolute", "chain"):
        assert Path(os.path.realpath(place.copy / name)) == place.copy / "shop/models.py", name
    assert Path(os.path.realpath(place.copy / "folder")) == place.copy / "shop"
    assert Path(os.path.realpath(place.copy / "dangling")) == place.copy / "nothing"
    assert Path(os.path.realpath(place.copy / "beyond")) == outside


def test_a_link_to_what_is_left_out_leads_to_the_original(root: Path) -> None:
    build(root, {"node_modules/bootstrap/b.css": "x", "vendor": "-> node_modules/bootstrap"})
    assert (filled(root).copy / "vendor/b.css").read_text() == "x"


def test_changes_are_made_in_the_copy_only_and_taken_back_there(root: Path) -> None:
    build(root, {"settings.py": f"-> {root}/shop/models.py"})
    before = snapshot(root)
    place = filled(root)
    clean = snapshot(place.copy)
    changes = [
        Change(path="settings.py", before=b"x", after=b"y"),
        Change(path="bin/new.sh", before=None, after=b"", mode=0o755),
        Change(path="manage.py", before=b"m", after=None),
    ]
    place.write(changes)
    assert (place.copy / "shop/models.py").read_bytes() == b"y"
    assert os.access(place.copy / "bin/new.sh", os.X_OK)
    assert not (place.copy / "manage.py").exists()
    place.write([change.inverse() for change in reversed(changes)])
    assert {path: kind for path, (kind, _, _) in snapshot(place.copy).items() if path != "bin"} == {
        path: kind for path, (kind, _, _) in clean.items()
    }
    assert snapshot(root) == before


def test_a_project_that_has_moved_meanwhile_is_noticed(root: Path) -> None:
    place = filled(root)
    with pytest.raises(Moved):
        place.write([Change(path="manage.py", before=b"other", after=b"")])


def test_programs_for_the_copy_may_be_run(root: Path) -> None:
    place = filled(root)
    place.put({".venv/bin/pytest": "#!/bin/sh\n", "a.yml": "a"})
    assert os.access(place.copy / ".venv/bin/pytest", os.X_OK)
    assert not os.access(place.copy / "a.yml", os.X_OK)


def test_paths_are_named_as_in_the_project(root: Path) -> None:
    place = Scratch(root, root.parent / "scratch")
    said = f'File "{place.copy}/shop/models.py" in {place.copy}'
    assert place.relative(said) == 'File "shop/models.py" in .'
    assert place.inside(str(root / "src")) == str(place.copy / "src")
    assert place.inside("/usr/lib") is None


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_it_is_gone_afterwards(root: Path, error: type[BaseException] | None) -> None:
    folder = new_folder()

    def work() -> None:
        with scratch(root, folder) as place:
            place.fill(())
            assert folder.stat().st_mode & 0o777 == 0o700, "it may hold secrets"
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(error):
            work()
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_an_error_for_people(root: Path) -> None:
    with pytest.raises(DjroadmapError, match="cannot be copied") as raised, scratch(root, root / "a/b"):
        pass
    assert "TMPDIR" in raised.value.hint
