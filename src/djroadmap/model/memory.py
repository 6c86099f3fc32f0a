"""A tree held in memory: what tests and staged changes read instead of a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Unrecognised

from .pruning import pruned
from .text import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .edit import RelPath


class MemoryTree:
    """The `Tree` port over a mapping of paths to texts or bytes. Texts stand for UTF-8."""

    def __init__(self, files: Mapping[RelPath, str | bytes]) -> None:
        self._files = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        self._folders: dict[RelPath, set[str]] = {"": set()}
        for path in self._files:
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, set()).add(name)
            while folder:
                folder = folder.rpartition("/")[0]
                self._folders.setdefault(folder, set())
        self._sorted = tuple(path for path in sorted(self._files) if not self._noise(path))

    def files(self) -> tuple[RelPath, ...]:
        """Every path, sorted, without what lies in a folder that is left out."""
        return self._sorted

    def exists(self, path: RelPath) -> bool:
        """Is there a file at `path`?"""
        return path in self._files

    def has_folder(self, path: RelPath) -> bool:
        """Is there a folder at `path`?"""
        return path in self._folders

    def raw(self, path: RelPath) -> bytes | None:
        """The file's bytes, or None if there is no file."""
        return self._files.get(path)

    def read(self, path: RelPath) -> str | None:
        """The file's text, or None if there is no file. Raises `Unrecognised` if it cannot be decoded."""
        data = self._files.get(path)
        if data is None:
            return None
        try:
            return decode(data)
        except (UnicodeDecodeError, LookupError) as error:
            raise Unrecognised(path=path, line=None, why=f"cannot be decoded: {error}") from error

    def _noise(self, path: RelPath) -> bool:
        folder = path.rpartition("/")[0]
        while folder:
            parent, _, name = folder.rpartition("/")
            if pruned(name, self._folders[folder]):
                return True
            folder = parent
        return False
