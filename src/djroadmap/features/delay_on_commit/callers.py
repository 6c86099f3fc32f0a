"""Functions that async code calls: what touches the database must not be called there, and `on_commit` does."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted

from .context import Tree
from .mocks import TESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.edit import RelPath

    from .context import Around
    from .names import Names

ASYNC = regex(rb"\basync\s+def\b")
QUERIES = frozenset(
    {
        "save",
        "create",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "update",
        "delete",
        "filter",
        "atomic",
    }
)
"""Whatever calls these cannot be called from async code anyway."""


class Callers:
    """The async code of a project, read when there is a function to look for."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._texts: Mapping[RelPath, str] | None = None
        self._known: dict[str, str] = {}

    def asynchronous(self, around: Around) -> str:
        """Where async code calls the function around a place, if it does: `shop/views.py:12`."""
        functions = [scope for scope in around.scopes if isinstance(scope, ast.FunctionDef)]
        if not functions or functions[0] is not around.scopes[0] or _queries(functions[0]):
            return ""
        name = functions[0].name
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> str:
        called = re.compile(rf"\b{name}\s*\(")
        for file, text in self._files().items():
            module = None
            for match in called.finditer(text):
                module = module or self.names.module(file)
                if module is None:
                    break
                line = text.count("\n", 0, match.start()) + 1
                if _is_called(module, line, name):
                    return f"{file}:{line}"
        return ""

    def _files(self) -> Mapping[RelPath, str]:
        if self._texts is None:
            tree = self.names.project.tree
            self._texts = {
                path: self.names.text(path)
                for path in tree.files()
                if path.endswith(".py") and not TESTS.search(path) and ASYNC.search(tree.raw(path) or b"")
            }
        return self._texts


def _is_called(module: ast.Module, line: int, name: str) -> bool:
    """Is the function called on that line, right in an `async def`?"""
    tree = Tree(module)
    for node in tree.at(line):
        if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] == name:
            scopes = tree.around(node).scopes
            if scopes and isinstance(scopes[-1], ast.AsyncFunctionDef):
                return True
    return False


def _queries(function: ast.FunctionDef) -> bool:
    """Does the function query the database itself?"""
    return any(
        isinstance(node, ast.Attribute) and (node.attr in QUERIES or node.attr == "objects")
        for node in ast.walk(function)
    )
