"""A project's files on disk, walked once and read once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import Unrecognised
from djroadmap.model.pruning import ALWAYS, pruned
from djroadmap.model.staged import text_of

from .paths import JOURNAL, TEMPORARY, is_file, real_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath


class DiskTree:
    """The files below `root`, as they were when first looked at. Implements `ports.Tree`.

    Folders are walked on the first call of `files` and never again, and every file is read at most once,
    so that all of a run sees one state: make a new tree after a commit. Links to folders are not
    followed; a link to a file counts if it leads to a file inside `root`. Paths that leave `root` do
    not exist, as far as a tree is concerned.
    """

    __slots__ = ("_depth", "_files", "_folders", "_raw", "_texts", "root")

    def __init__(self, root: Path, *, depth: int | None = None) -> None:
        """The tree of `root`; with `depth`, `files` looks no further than so many folders down."""
        self.root = Path(os.path.realpath(root))
        self._depth = -1 if depth is None else depth
        self._files: dict[RelPath, None] | None = None
        self._folders: dict[RelPath, bool] = {}
        self._raw: dict[RelPath, bytes | None] = {}
        self._texts: dict[RelPath, str] = {}

    def files(self) -> Sequence[RelPath]:
        """Every file, sorted. Folders that cannot be read (a database's volume, say) are left out."""
        return tuple(self._listing())

    def exists(self, path: RelPath) -> bool:
        """Is there a file at `path`, be it in a folder that `files` leaves out?"""
        if self._files is not None and path in self._files:
            return True
        if path in self._raw:
            return self._raw[path] is not None
        real = real_path(self.root, path)
        return real is not None and is_file(real)

    def has_folder(self, path: RelPath) -> bool:
        """Is there a folder at `path`, even an empty one? The root, which is "", always is."""
        if path not in self._folders:
            real = real_path(self.root, path)
            # Not pathlib's, which raises where a folder on the way is closed to us.
            self._folders[path] = not path or (real is not None and os.path.isdir(real))  # noqa: PTH112
        return self._folders[path]

    def raw(self, path: RelPath) -> bytes | None:
        """The file's bytes, or None if there is no file. Raises `Unrecognised` if it may not be read."""
        if path not in self._raw:
            self._raw[path] = self._load(path)
        return self._raw[path]

    def read(self, path: RelPath) -> str | None:
        """The file's text, or None if there is no file. Raises `Unrecognised` if it cannot be read or decoded."""
        if path in self._texts:
            return self._texts[path]
        data = self.raw(path)
        if data is None:
            return None
        self._texts[path] = text_of(path, data)
        return self._texts[path]

    def _load(self, path: RelPath) -> bytes | None:
        if not self.exists(path):
            return None
        try:
            # Twice as fast as pathlib's, and `status` reads every Python file of the project.
            with open(f"{self.root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            why = f"cannot be read: {(error.strerror or str(error)).lower()}"
            raise Unrecognised(path=path, line=None, why=why) from error

    def _listing(self) -> dict[RelPath, None]:
        if self._files is None:
            found: list[RelPath] = []
            _walk(self.root, str(self.root), "", found, self._depth)
            self._files = dict.fromkeys(sorted(found))
        return self._files


def _walk(root: Path, folder: str, prefix: str, found: list[RelPath], depth: int) -> None:
    """Add the files below `folder` to `found`, as paths that start with `prefix`; a negative `depth` is endless."""
    try:
        with os.scandir(folder) as entries:
            listed = {entry.name: entry for entry in entries if _is_text(entry.name)}
    except OSError:
        return
    # The root itself is never left out, be it called `build` or a virtual environment at the same time.
    if prefix and pruned(prefix.rstrip("/").rpartition("/")[2], listed):
        return
    for name, entry in listed.items():
        path = prefix + name
        if entry.is_dir(follow_symlinks=False):
            if (
                depth and name not in ALWAYS and not name.startswith(JOURNAL)
            ):  # the heavy ones are not even listed
                _walk(root, entry.path, f"{path}/", found, depth - 1)
        elif not name.endswith(TEMPORARY) and _is_listed(root, entry, path):
            found.append(path)


def _is_listed(root: Path, entry: os.DirEntry[str], path: RelPath) -> bool:
    """Is this a file, or a link to one inside the project?"""
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    real = real_path(root, path)
    return real is not None and is_file(real)


def _is_text(name: str) -> bool:
    """Can the name be printed and recorded? Bytes that are not UTF-8 arrive as lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
