"""The files of a project, each read and parsed at most once, with what could not be read."""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from djroadmap.errors import DjroadmapError

from .reading import parse

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree


class Sources:
    """A tree whose texts and syntax trees are kept. Nothing here raises, whatever the project holds."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.files: Sequence[RelPath] = tree.files()
        self.known = frozenset(self.files)
        self.problems: dict[RelPath, str] = {}
        """`path:line: why` for every file that could not be decoded or parsed."""
        self.by_name: dict[str, list[RelPath]] = {}
        for path in self.files:
            self.by_name.setdefault(path.rpartition("/")[2], []).append(path)
        self._texts: dict[RelPath, str | None] = {}
        self._modules: dict[RelPath, ast.Module | None] = {}
        self._tables: dict[RelPath, dict[str, Any]] = {}

    def exists(self, path: RelPath) -> bool:
        """Is there such a file, outside the folders that are left out?"""
        return path in self.known

    def has_folder(self, path: RelPath) -> bool:
        """Is there a file somewhere below `path`?"""
        return path == "" or bool(self.under(path, limit=1))

    def under(self, folder: RelPath, *, limit: int | None = None) -> Sequence[RelPath]:
        """The files below `folder` ("" is everything), at most `limit` of them."""
        if not folder:
            return self.files[:limit]
        start = bisect_left(self.files, folder + "/")
        end = bisect_left(self.files, folder + "0")  # "0" is what follows "/" in the order of characters
        return self.files[start : end if limit is None else min(end, start + limit)]

    def beside(self, folder: RelPath) -> list[RelPath]:
        """The files directly in `folder`."""
        cut = len(folder) + 1 if folder else 0
        return [path for path in self.under(folder) if "/" not in path[cut:]]

    def text(self, path: RelPath) -> str | None:
        """The file's text, or None if there is none or it cannot be decoded."""
        if path not in self._texts:
            try:
                self._texts[path] = self.tree.read(path)
            except DjroadmapError as error:
                self.problems[path] = error.message
                self._texts[path] = None
        return self._texts[path]

    def holds(self, path: RelPath, needle: bytes) -> bool:
        """Do the file's bytes hold `needle`?"""
        return needle in (self.tree.raw(path) or b"")

    def module(self, path: RelPath) -> ast.Module | None:
        """The file's syntax tree, or None if there is no such file or it does not parse."""
        if path not in self._modules:
            self._modules[path] = self._parse(path)
        return self._modules[path]

    def _parse(self, path: RelPath) -> ast.Module | None:
        text = self.text(path)
        if text is None:
            return None
        try:
            return parse(text)
        except SyntaxError as error:
            where = path if error.lineno is None else f"{path}:{error.lineno}"
            self.problems[path] = f"{where}: not valid Python: {error.msg}"
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, absurd nesting
            self.problems[path] = f"{path}: not valid Python: {error}"
        return None

    def table(self, path: RelPath) -> dict[str, Any]:
        """The TOML file's table, empty if there is no such file or it does not parse."""
        if path not in self._tables:
            self._tables[path] = self._load(path)
        return self._tables[path]

    def _load(self, path: RelPath) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text(path) or "")
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.problems[path] = f"{path}: not valid TOML: {error}"
            return {}


def dig(table: Any, *keys: str) -> Any:
    """What is at the end of `keys` in nested mappings, or None as soon as one is not there."""
    for key in keys:
        if not isinstance(table, dict):
            return None
        table = table.get(key)
    return table


def section(table: Any, *keys: str) -> dict[str, Any]:
    """The mapping at the end of `keys`, empty if there is none."""
    found = dig(table, *keys)
    return found if isinstance(found, dict) else {}


def join(*parts: str) -> RelPath:
    """Path segments put together, empty ones left out."""
    return "/".join(part for part in parts if part)


def folder_of(path: RelPath) -> RelPath:
    """The folder that holds `path`; "" is the root."""
    return path.rpartition("/")[0]


def name_of(path: RelPath) -> str:
    """The last segment of `path`."""
    return path.rpartition("/")[2]
