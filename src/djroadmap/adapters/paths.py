"""From a path in a plan or a manifest to a file on disk, never outside the project.

Plans come from features, but manifests and journals are files that anyone may have put there: their
paths are data, not trust.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath

JOURNAL = ".djroadmap.journal"
FRESH = f"{JOURNAL}.new"
DONE = f"{JOURNAL}.done"
TEMPORARY = ".djroadmap-tmp"
HISTORY = frozenset({".git", ".hg", ".svn"})


def is_relative(path: RelPath) -> bool:
    """Is `path` a plain relative path: not absolute, no empty, `.` or `..` parts, nothing only Windows reads?"""
    if "\0" in path or "\\" in path or (len(path) > 1 and path[1] == ":"):
        return False
    return all(part not in {"", ".", ".."} for part in path.split("/"))


def real_path(root: Path, path: RelPath) -> Path | None:
    """Where `path` really is, links followed, or None if that is not inside `root` (itself a real path)."""
    if not is_relative(path):
        return None
    real = Path(os.path.realpath(root / path))
    return real if real != root and real.is_relative_to(root) else None


def is_file(path: Path) -> bool:
    """Is there a file, as far as we can see? Not pathlib's, which raises where a folder on the way is closed to us."""
    return os.path.isfile(path)  # noqa: PTH113


def locate(root: Path, path: RelPath) -> Path:
    """The real file or folder that a change to `path` is made to: a link leads to its target.

    Raises `Refused` for a path that leaves the project, and for one into version control or our journal.
    """
    if not is_relative(path):
        raise refusal(path, "is not a path inside the project")
    real = real_path(root, path)
    if real is None:
        raise refusal(path, "leads out of the project through a link")
    if real.is_symlink():
        raise refusal(path, "is a link that leads back to itself")
    parts = (*path.split("/"), *real.relative_to(root).parts)
    if any(part.lower() in HISTORY or part.lower().startswith(JOURNAL) for part in parts):
        raise refusal(path, "belongs to version control or to djroadmap's journal")
    return real


def relative(root: Path, real: Path) -> RelPath:
    """`real` as a path relative to `root`, with forward slashes."""
    return real.relative_to(root).as_posix()


def refusal(path: RelPath, why: str) -> Refused:
    """The refusal of one path."""
    return Refused((problem(path, why),))


def problem(path: RelPath, why: str, *, remedy: tuple[str, ...] = ()) -> Problem:
    """What is wrong with one path, and the command that mends it. `repr` keeps control characters of hostile
    paths off the terminal.
    """
    import shlex  # noqa: PLC0415 - only what refuses pays for it

    if not path.isprintable():
        return Problem(path=repr(path), line=None, why=why)
    return Problem(path=path, line=None, why=why, snippet=shlex.join((*remedy, path)) if remedy else "")
