"""A copy of the project, to run its checks on: what is needed for that, and nothing that leads back."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import DjroadmapError
from djroadmap.model.pruning import ALWAYS

from .disk import LocalDisk
from .paths import JOURNAL, TEMPORARY
from .shell import LocalShell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from djroadmap.model.change import Change
    from djroadmap.model.edit import RelPath

LIMIT = 100 * 2**20
"""Bytes: a larger file, or a larger folder that git ignores (uploads, a database), is not copied."""


class Scratch:
    """A folder for a copy of `root`. Nothing is in it before `fill`."""

    def __init__(self, root: Path, folder: Path, *, limit: int = LIMIT) -> None:
        self.root = root
        self.folder = folder
        self.copy = folder / root.name
        """The same name: Docker Compose calls the project by it."""
        self.left_out: list[tuple[RelPath, str]] = []
        """What was not copied, and why. Environments and caches go without saying."""
        self._limit = limit
        self._links: list[tuple[Path, Path]] = []

    def fill(self, ignored: Collection[RelPath]) -> None:
        """Copy the project; `ignored` is what git ignores, files and folders. Raises `DjroadmapError`."""
        try:
            self._folder(self.root, self.copy, frozenset(ignored))
            for source, target in self._links:
                self._link(source, target)
        except OSError as error:
            raise _cannot(self.folder, error) from error

    def write(self, changes: Sequence[Change], *, drop_empty: Sequence[RelPath] = ()) -> None:
        """Make the changes in the copy, exactly as they would be made in the project. Raises as `Disk.commit`."""
        LocalDisk(self.copy).commit(changes, drop_empty=drop_empty)

    def put(self, files: Mapping[RelPath, str]) -> None:
        """Write what is only for the copy. Programs (below `bin`) may be run. Raises `DjroadmapError`."""
        try:
            for path, text in files.items():
                target = self.copy / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                if target.parent.name == "bin":
                    target.chmod(0o755)
        except OSError as error:
            raise _cannot(self.folder, error) from error

    def shell(self, environ: Mapping[str, str]) -> LocalShell:
        """A shell that starts in the copy."""
        return LocalShell(self.copy, environ=environ)

    def relative(self, text: str) -> str:
        """What a command printed, with paths as they are in the project."""
        return text.replace(f"{self.copy}/", "").replace(str(self.copy), ".")

    def inside(self, path: str) -> str | None:
        """Where a path in the project is in the copy; None for any other path."""
        real = Path(os.path.realpath(path))
        return str(self.copy / real.relative_to(self.root)) if real.is_relative_to(self.root) else None

    def _folder(self, source: Path, target: Path, ignored: frozenset[RelPath]) -> None:
        with os.scandir(source) as entries:
            listed = {entry.name: entry for entry in entries}
        if source == self.folder or (source != self.root and "pyvenv.cfg" in listed):
            return  # TMPDIR may be in the project
        target.mkdir(mode=0o700)
        for name, entry in sorted(listed.items()):
            path = Path(entry.path).relative_to(self.root).as_posix()
            if name in ALWAYS or name.startswith(JOURNAL) or name.endswith(TEMPORARY):
                continue
            if path in ignored and _size(entry, self._limit) > self._limit:
                self.left_out.append((path, f"ignored by git, and over {self._limit // 2**20} MB"))
                continue
            try:
                self._entry(entry, target / name, ignored)
            except PermissionError:
                self.left_out.append((path, "may not be read"))
        shutil.copymode(source, target)
        target.chmod(target.stat().st_mode | stat.S_IRWXU)

    def _entry(self, entry: os.DirEntry[str], target: Path, ignored: frozenset[RelPath]) -> None:
        if entry.is_symlink():
            self._links.append((Path(entry.path), target))
        elif entry.is_dir():
            self._folder(Path(entry.path), target, ignored)
        elif entry.is_file():  # neither a socket nor a pipe
            if entry.stat().st_size > self._limit:
                path = Path(entry.path).relative_to(self.root).as_posix()
                self.left_out.append((path, f"over {self._limit // 2**20} MB"))
            else:
                shutil.copy2(entry.path, target)

    def _link(self, source: Path, target: Path) -> None:
        """A link that leads to the same file: in the copy if it is there, else to the one outside of it."""
        real = os.path.realpath(source)
        copied = self.inside(real)
        if copied is not None and (os.path.lexists(copied) or not os.path.lexists(real)):
            target.symlink_to(os.path.relpath(copied, target.parent))
        else:
            target.symlink_to(real)


def _size(entry: os.DirEntry[str], limit: int) -> int:
    """The bytes of a file or folder; counting ends above the limit."""
    if not entry.is_dir(follow_symlinks=False):
        return entry.stat(follow_symlinks=False).st_size
    total, waiting = 0, [entry.path]
    while waiting and total <= limit:
        try:
            with os.scandir(waiting.pop()) as entries:
                for one in entries:
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(one.path)
                    else:
                        total += one.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total


def new_folder() -> Path:
    """Where a copy could be: nothing is there yet."""
    return Path(os.path.realpath(tempfile.gettempdir())) / f"djroadmap-{secrets.token_hex(4)}"


@contextmanager
def scratch(root: Path, folder: Path, *, limit: int = LIMIT) -> Iterator[Scratch]:
    """`folder`, made for a copy of `root`, and gone afterwards.

    What cannot be removed stays (a container may have written it as root): ask whether `folder` is there.
    """
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise _cannot(folder, error) from error
    try:
        yield Scratch(Path(os.path.realpath(root)), folder, limit=limit)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cannot(folder: Path, error: OSError) -> DjroadmapError:
    message = f"the project cannot be copied to {folder}: {(error.strerror or str(error)).lower()}"
    return DjroadmapError(message, hint="nothing was written; TMPDIR names another place for the copy")
