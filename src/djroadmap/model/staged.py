"""A tree with changes laid over it: what the project will be, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Unrecognised

from .text import decode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .edit import RelPath
    from .ports import Tree


def text_of(path: RelPath, data: bytes) -> str:
    """The text of the file at `path`. Raises `Unrecognised` if it cannot be decoded."""
    try:
        return decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        why = f"is not {error.encoding} text, so it is left alone"
        raise Unrecognised(path=path, line=line, why=why) from error
    except LookupError as error:
        why = f"names an encoding that does not exist ({error}), so it is left alone"
        raise Unrecognised(path=path, line=None, why=why) from error


class StagedTree:
    """`base` as it will be with `changes` made: a path maps to its new bytes, or to None if it goes.

    Implements `ports.Tree`. Nothing is written; `base` is asked only for what `changes` does not name. Folders that
    are left empty stay, unless they are among those to be `dropped`.
    """

    __slots__ = ("_base", "_changes", "_dropped", "_files", "_texts")

    def __init__(
        self, base: Tree, changes: Mapping[RelPath, bytes | None], *, dropped: Collection[RelPath] = ()
    ) -> None:
        self._base = base
        self._changes = dict(changes)
        self._dropped = frozenset(dropped)
        self._files: tuple[RelPath, ...] | None = None
        self._texts: dict[RelPath, str] = {}

    def files(self) -> Sequence[RelPath]:
        """Every file there will be, sorted."""
        if self._files is None:
            kept = {path for path in self._base.files() if path not in self._changes}
            new = {path for path, data in self._changes.items() if data is not None}
            self._files = tuple(sorted(kept | new))
        return self._files

    def exists(self, path: RelPath) -> bool:
        """Will there be a file at `path`?"""
        if path in self._changes:
            return self._changes[path] is not None
        return self._base.exists(path)

    def has_folder(self, path: RelPath) -> bool:
        """Will there be a folder at `path`?"""
        if path in self._dropped:
            return any(name.startswith(f"{path}/") for name in self.files())
        if self._base.has_folder(path):
            return True
        return any(data is not None and name.startswith(f"{path}/") for name, data in self._changes.items())

    def raw(self, path: RelPath) -> bytes | None:
        """The bytes the file will have, or None if there will be none."""
        if path in self._changes:
            return self._changes[path]
        return self._base.raw(path)

    def read(self, path: RelPath) -> str | None:
        """The text the file will have, or None. Raises `Unrecognised` if it cannot be decoded."""
        if path not in self._changes:
            return self._base.read(path)
        data = self._changes[path]
        if data is None:
            return None
        if path not in self._texts:
            self._texts[path] = text_of(path, data)
        return self._texts[path]
