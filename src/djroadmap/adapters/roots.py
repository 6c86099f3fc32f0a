"""Which folder is the project, seen from where the user stands."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import NoProject
from djroadmap.model.pruning import ALWAYS, pruned

from .paths import is_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

DEPTH = 3
"""How far below a folder manage.py may be (specs/detection.md, Handled 1)."""


def find_root(
    start: Path, *, marks: Sequence[str] = (), home: Path | None = None, manage: str | None = None
) -> Path:
    """The project's root for `-C start` (or the working directory), as a real path.

    Of `start` and its parents up to the repository root:

    1. the first that holds one of `marks` (the manifest) wins, so that a project once set up keeps its root;
    2. else the first with a manage.py in it or at most three folders below. If the repository root sees the
       same manage.py files and no others, the repository root: there are CI, hooks and compose files, and
       the answer does not depend on where in the project the user stands. A repository with several
       projects gives the one the user stands in, never all of them at once. If there is only one project
       (or `manage`, as `--manage` takes it, says which one), and a folder on the way down to its manage.py
       holds a mark, that folder is the root: it was set up there. If `start` is in no
       repository and that manage.py is in one, the root is what it is from there: `start` is where projects are kept;
    3. else the repository root, or `start` if there is none: whoever looks for a project there says so.

    Without a repository, parents end below the user's home and count only if manage.py or a mark is right
    in them: what else lies beside `start` is none of its business. A repository of the home folder itself
    (dotfiles) is not taken for the project's. Raises `NoProject` if `start` is not a folder, and for the home folder
    or that of the whole disk, unless manage.py or a mark is right in it: they are no projects, and take long to walk.
    """
    folder = Path(os.path.realpath(start))
    if not folder.is_dir():
        message = f"{start}: is not a folder"
        raise NoProject(message, hint="give the project's folder with -C")
    home = home or _home()
    if folder in {home, Path(folder.anchor)} and not any(
        is_file(folder / name) for name in ("manage.py", *marks)
    ):
        what = "your home folder" if folder == home else "a whole disk"
        message = f"{folder}: no manage.py here, and {what} is not searched for one"
        raise NoProject(message, hint="run djroadmap in the project's folder, or name it with -C")
    repository = repository_root(folder, home=home)
    candidates = _upwards(folder, repository, home)
    for candidate in candidates:
        if any(is_file(candidate / mark) for mark in marks):
            return candidate
    for candidate in candidates:
        inside = repository is not None or candidate == folder
        if found := _manage_files(candidate, DEPTH if inside else 0):
            same = repository is not None and _manage_files(repository, DEPTH) == found
            root = repository if repository is not None and same else candidate
            meant = {path for path in found if manage is None or path in _meant(root, folder, manage)}
            if marked := _marked(root, meant, marks):
                return marked
            below = next(iter(meant)).parent if len(meant) == 1 else root
            if repository is None and repository_root(below, home=home) is not None:
                return find_root(below, marks=marks, home=home)
            return root
    return repository or folder


def manage_in(root: Path, start: Path, manage: str | None) -> str | None:
    """What `--manage` names, as a path from `root`: it may be meant from there, from `start` or from further up.

    Given back as it is if there is no such file: whoever looks for it says so.
    """
    for path in _meant(root, Path(os.path.realpath(start)), manage or "") if manage else ():
        if is_file(path) and root in path.parents:
            return path.relative_to(root).as_posix()
    return manage


def _meant(root: Path, start: Path, manage: str) -> list[Path]:
    """The manage.py files that `--manage` may mean, the likeliest first; a folder stands for the one in it."""
    named = [Path(os.path.normpath(above / manage)) for above in (root, start, *root.parents)]
    return [path if path.name == "manage.py" else path / "manage.py" for path in named]


def _marked(root: Path, found: Collection[Path], marks: Sequence[str]) -> Path | None:
    """The topmost folder below `root`, down to that of the only manage.py in `found`, that holds a mark."""
    if len(found) != 1:
        return None
    (manage,) = found
    chain = [folder for folder in manage.parents if folder != root and root in folder.parents]
    marked = [folder for folder in reversed(chain) if any(is_file(folder / mark) for mark in marks)]
    return marked[0] if marked else None


def repository_root(folder: Path, *, home: Path | None = None) -> Path | None:
    """The nearest of `folder` and its parents with a `.git` (a file in worktrees and submodules), or None."""
    home = home or _home()
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return None if candidate == home and candidate != folder else candidate
    return None


def _upwards(folder: Path, repository: Path | None, home: Path | None) -> tuple[Path, ...]:
    chain = (folder, *folder.parents)
    if repository is not None:
        return chain[: chain.index(repository) + 1]
    if home in chain[1:]:
        return chain[: chain.index(home, 1)]
    return chain[:-1] or chain


def _home() -> Path | None:
    try:
        return Path(os.path.realpath(Path.home()))
    except RuntimeError:  # no HOME and no entry in the user database
        return None


def _manage_files(folder: Path, depth: int) -> frozenset[Path]:
    """The manage.py files at most `depth` folders below `folder`."""
    with suppress(OSError), os.scandir(folder) as entries:
        return _found(folder, {entry.name: entry for entry in entries}, depth)
    return frozenset()


def _found(folder: Path, listed: Mapping[str, os.DirEntry[str]], depth: int) -> frozenset[Path]:
    found = {folder / "manage.py"} if "manage.py" in listed else set()
    for name, entry in listed.items() if depth else ():
        if name not in ALWAYS and not name.startswith(".") and entry.is_dir(follow_symlinks=False):
            with suppress(OSError), os.scandir(entry.path) as entries:
                below = {item.name: item for item in entries}
                if not pruned(name, below):
                    found |= _found(folder / name, below, depth - 1)
    return frozenset(found)
