"""Functions and classes at the end of a module."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from djroadmap.model.edit import Edit
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse, statements

from .python_source import refusing, reverting, same, statement
from .textlines import BOUND, Lines, block_lines, emptied

GAP = 2
"""Blank lines before it."""
Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Edit):
    """A function or class, decorators included, two blank lines behind what ends a module now."""

    kind: ClassVar[str] = "definition"
    code: str
    blank: bool = field(default=False, metadata=BOUND)
    """The file was there before, and empty."""

    def __post_init__(self) -> None:
        if not isinstance(statement(self.code), Node):
            msg = f"not one function or class: {self.code!r}"
            raise TypeError(msg)

    @property
    def name(self) -> str:
        """The name that is defined."""
        node = statement(self.code)
        assert isinstance(node, Node)  # noqa: S101 - checked when it was made
        return node.name

    @property
    def target(self) -> tuple[Any, ...]:
        """The name, not the code."""
        return (self.kind, self.path, self.name)

    def holds(self, text: str | None) -> bool:
        """Is it defined just so, wherever at the top level?"""
        found = self._found(text)
        return len(found) == 1 and same(found[0], statement(self.code))

    def kept(self, text: str | None) -> bool:
        """Is something of that name defined at the top level?"""
        return bool(self._found(text))

    def bind(self, text: str | None) -> Self:
        """Remember that the file was there, empty."""
        return self.with_(blank=True) if text == "" else self

    def apply(self, text: str | None) -> str | None:
        """Append it. Raises `Unrecognised` if the name means something else in the module."""
        if self.holds(text):
            return text
        with refusing(self.path, self.code):
            for node, _ in statements(parse(text or "").body):
                if self.name in _bound(node):
                    raise Unclear(node.lineno, f"{self.name} is something else in this module already")
            lines = Lines(text or "")
            place = lines.end()
            lines.insert(place, ["", "", *block_lines(self.code)] if place else block_lines(self.code))
            return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take it out. Raises `CannotRevert` if it was edited."""
        found = self._found(text)
        if text is None or not found:
            return text
        with reverting(self.path, self.code):
            if not self.holds(text):
                raise Unclear(
                    found[0].lineno, f"{self.name} was edited since djroadmap wrote it, so it is kept"
                )
            lines = Lines(text)
            start = min([found[0].lineno, *(one.lineno for one in found[0].decorator_list)]) - 1
            above, stop = start, found[0].end_lineno or start + 1
            while above and start - above < GAP and lines.is_blank(above - 1):
                above -= 1
            if not start:  # what stands behind it begins the file now
                stop += next((at for at in range(GAP) if not lines.is_blank(stop + at)), GAP)
            lines.remove(above, stop)
            return emptied(str(lines), keep=self.blank)

    def describe(self) -> str:
        """`fake_event_bus in conftest.py`."""
        return f"{self.name} in {self.path}"

    def _found(self, text: str | None) -> list[Node]:
        try:
            body = parse(text or "").body
        except SyntaxError:
            return []
        return [node for node in body if isinstance(node, Node) and node.name == self.name]


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement gives a meaning to."""
    if isinstance(node, Node):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
    return set()
