"""Who calls the function around a place: async code, which must not ask for the commit, or nobody but workers."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.syntax.reading import dotted

from .context import Tree, queries
from .mocks import TESTS
from .names import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath

    from .context import Around
    from .names import Names
    from .tasks import Tasks


class Call(NamedTuple):
    """One call of a function, by its name."""

    path: RelPath
    line: int
    around: Around


class Callers:
    """The calls of functions that do not query the database themselves; the others are at home with transactions."""

    def __init__(self, names: Names, tasks: Tasks) -> None:
        self.names, self.tasks = names, tasks
        self._known: dict[str, Sequence[Call]] = {}
        self._texts: dict[RelPath, bytes] = {}

    def asynchronous(self, around: Around) -> str:
        """Where async code calls the function around a place, if it does: `shop/views.py:12`."""
        for call in self._calls(around):
            if call.around.scopes and isinstance(call.around.scopes[-1], ast.AsyncFunctionDef):
                return f"{call.path}:{call.line}"
        return ""

    def only_workers(self, around: Around) -> bool:
        """Is the function called, and only by tasks that do nothing with the database?"""
        calls = self._calls(around)
        return bool(calls) and all(self.in_worker(call.path, call.around) for call in calls)

    def in_worker(self, path: RelPath, around: Around) -> bool:
        """Is a place in a task that does nothing with the database, or in a class of tasks?"""
        for scope in around.scopes:
            if isinstance(scope, ast.ClassDef) and self.tasks.is_class(path, scope):
                return True
        first = around.scopes[0] if around.scopes else None
        if not isinstance(first, ast.FunctionDef) or not first.decorator_list or queries(first):
            return False
        return self.tasks.problem(Target(path, first.name, first)) is not None

    def _calls(self, around: Around) -> Sequence[Call]:
        first = around.scopes[0] if around.scopes else None
        if not isinstance(first, ast.FunctionDef) or queries(first):
            return ()
        if first.name not in self._known:
            self._known[first.name] = tuple(self._find(first.name))
        return self._known[first.name]

    def _find(self, name: str) -> Iterator[Call]:
        called = re.compile(rf"\b{name}\s*\(")
        for path, raw in self._files().items():
            if name.encode() not in raw:
                continue
            text = self.names.text(path)
            for match in called.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                if (module := self.names.module(path)) is not None:
                    tree = Tree(module)
                    yield from (
                        Call(path, line, tree.around(node))
                        for node in list(tree.at(line))
                        if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] == name
                    )

    def _files(self) -> dict[RelPath, bytes]:
        if not self._texts:
            tree = self.names.project.tree
            for path in tree.files():
                if path.endswith(".py") and not TESTS.search(path):
                    try:
                        self._texts[path] = tree.raw(path) or b""
                    except Refused:
                        continue
        return self._texts
