"""Where changes go and whether they can go there: everything that can be refused before a byte is written."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djroadmap.errors import Moved, Refused

from .journal import Entry, Journal, digest, temporary
from .paths import locate, problem, refusal, relative

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from djroadmap.errors import Problem
    from djroadmap.model.change import Change
    from djroadmap.model.edit import RelPath

WRITABLE = ("chmod", "u+w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One change and the real file it is made to (links followed)."""

    change: Change
    place: Path
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A commit that has been checked against the disk."""

    targets: tuple[Target, ...]
    journal: Journal
    modes: Mapping[RelPath, int]
    """Modes asked for, of folders that are created."""
    caches: tuple[Path, ...]
    """`__pycache__` folders that stand between a dropped folder and being empty."""


def prepare(
    root: Path,
    changes: Sequence[Change],
    drop_empty: Sequence[RelPath] = (),
    folders: Sequence[tuple[RelPath, int]] = (),
) -> Job:
    """Check every change against the disk below `root` (a real path); nothing is written.

    Raises `Refused` with every path that cannot be written, `Moved` if a file is not what the plan was
    made against.
    """
    problems: list[Problem] = []
    targets: list[Target] = []
    for change in changes:
        try:
            targets.append(_target(root, change))
        except Refused as error:
            problems.extend(error.problems)
    problems.extend(_collisions(targets))
    made = _missing(root, [target.place.parent for target in targets if target.change.after is not None])
    asked: dict[RelPath, int] = {}
    for path, mode in folders:
        place = locate(root, path)
        if not place.exists():
            asked[relative(root, place)] = mode
            made.update(_missing(root, [place]))
    dropped, caches = _droppable(root, drop_empty, targets)
    problems.extend(_unwritable(root, targets, made | set(dropped)))
    if problems:
        raise Refused(tuple(dict.fromkeys(problems)))
    for target in targets:
        _check_content(target)
    journal = Journal(
        entries=tuple(target.entry for target in targets),
        created=tuple(sorted(made)),
        dropped=tuple(sorted(dropped.items())),
    )
    return Job(targets=tuple(targets), journal=journal, modes=asked, caches=tuple(caches))


def missing_folders(root: Path, paths: Sequence[RelPath]) -> tuple[RelPath, ...]:
    """The folders that must be made before there can be files at `paths`, parents first. Raises `Refused`."""
    return tuple(sorted(_missing(root, [locate(root, path).parent for path in paths])))


def _target(root: Path, change: Change) -> Target:
    path, place = change.path, locate(root, change.path)
    mode, owner = change.mode or 0, (-1, -1)
    if place.exists():
        status = place.stat()
        if not stat.S_ISREG(status.st_mode):
            raise refusal(path, "is not a file")
        if not status.st_mode & 0o222:
            raise Refused((problem(path, "is read-only, so it is left alone", remedy=WRITABLE),))
        if not os.access(place, os.W_OK):
            raise refusal(path, "may not be written by you, so it is left alone")
        if change.after is None and (root / path).is_symlink():
            raise refusal(path, "is a link, so it is not deleted")
        mode, owner = stat.S_IMODE(status.st_mode) & 0o777, (status.st_uid, status.st_gid)
    elif (root / path).is_symlink():
        raise refusal(path, "is a link that leads nowhere")
    if os.path.lexists(temporary(str(place))):
        raise refusal(relative(root, place), f"cannot be written while {temporary(place.name)} is there")
    entry = Entry(
        path=relative(root, place),
        before=digest(change.before),
        after=digest(change.after),
        mode=mode,
        owner=owner,
    )
    return Target(change=change, place=place, entry=entry)


def _check_content(target: Target) -> None:
    path = target.change.path
    try:
        now = target.place.read_bytes()
    except FileNotFoundError:
        now = None
    if now == target.change.before:
        return
    if now is None:
        why = "is gone since this was planned"
    elif target.change.before is None:
        why = "exists by now, though it did not when this was planned"
    else:
        why = "has changed since this was planned"
    message = f"{path}: {why}"
    raise Moved(message, hint="nothing was written: run the command again")


def _collisions(targets: Sequence[Target]) -> list[Problem]:
    """Two changes to one file: the same path twice, or a link and what it leads to."""
    seen: dict[Path, RelPath] = {}
    problems = []
    for target in targets:
        other = seen.setdefault(target.place, target.change.path)
        if other != target.change.path:
            problems.append(problem(target.change.path, f"is the same file as {other}"))
    if len({target.change.path for target in targets}) != len(targets):
        message = "two changes of one commit name the same path"
        raise ValueError(message)
    return problems


def _missing(root: Path, folders: Sequence[Path]) -> set[RelPath]:
    """Those of `folders` and their parents that do not exist."""
    missing = set()
    for folder in folders:
        current = folder
        while current != root and not os.path.lexists(current):
            missing.add(relative(root, current))
            current = current.parent
    return missing


def _unwritable(root: Path, targets: Sequence[Target], named: set[RelPath]) -> list[Problem]:
    """Folders that names would be added to or taken from, and that do not allow it."""
    folders = {root, *(target.place.parent for target in targets), *((root / path).parent for path in named)}
    problems = []
    for folder in sorted(folders):
        if not os.path.lexists(folder):
            continue
        shown = relative(root, folder) if folder != root else "."
        if not folder.is_dir():
            problems.append(problem(shown, "is a file, so there can be no files in it"))
        elif not folder.stat().st_mode & 0o222:
            problems.append(problem(shown, "is a read-only folder", remedy=WRITABLE))
        elif not os.access(folder, os.W_OK | os.X_OK):
            problems.append(problem(shown, "is a folder that you may not write in"))
    return problems


def _droppable(
    root: Path, asked: Sequence[RelPath], targets: Sequence[Target]
) -> tuple[dict[RelPath, int], list[Path]]:
    """Of the folders `asked`, those that will be empty, with their modes, and the caches left in them."""
    gone = {target.place for target in targets if target.change.after is None}
    written = {target.place for target in targets if target.change.after is not None}
    dropped: dict[RelPath, int] = {}
    caches: list[Path] = []
    for path in sorted(asked, reverse=True):  # the deepest first
        folder = locate(root, path)
        if (root / path).is_symlink() or not folder.is_dir():
            continue
        if any(folder in place.parents for place in written):
            continue
        left = [item for item in folder.iterdir() if item not in gone and relative(root, item) not in dropped]
        if all(_is_cache(item) for item in left):
            caches.extend(left)
            dropped[relative(root, folder)] = stat.S_IMODE(folder.stat().st_mode)
    return dropped, caches


def _is_cache(item: Path) -> bool:
    """Is this a `__pycache__` with nothing but compiled modules in it? Python makes it again when needed."""
    return (
        item.name == "__pycache__"
        and not item.is_symlink()
        and item.is_dir()
        and all(file.suffix == ".pyc" and file.is_file() for file in item.iterdir())
    )
