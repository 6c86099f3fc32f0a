"""Imports that nothing uses any more: taken out, and put back where they were."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from djroadmap.errors import Refused
from djroadmap.model.edit import Edit
from djroadmap.syntax.isort import Wanted
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse

from .python_source import refusing, reverting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.syntax.isort import ImportStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedImport(Edit):
    """No import of this name at the top of the module, unless something uses it."""

    kind: ClassVar[str] = "unused-import"
    module: str
    name: str = ""
    alias: str = ""
    source: tuple[str, ...] = field(default=(), metadata={"bound": True})
    """The lines of the statement; this and all below only where isort would not put it back there."""
    left: tuple[str, ...] = field(default=(), metadata={"bound": True})
    """Its lines without the name, where other names were left."""
    above: str = field(default="", metadata={"bound": True})
    """The line above a statement that went as a whole."""
    line: int = field(default=0, metadata={"bound": True})
    """The number of that line, from 1."""
    blank: int = field(default=0, metadata={"bound": True})
    """How many blank lines were between the two."""
    dropped: int = field(default=0, metadata={"bound": True})
    """How many blank lines behind it went with it."""

    @property
    def wanted(self) -> Wanted:
        """The import as data."""
        return Wanted(self.module, self.name, self.alias)

    def holds(self, text: str | None) -> bool:
        """Is it not imported, or used?"""
        try:
            module = parse(text or "")
        except SyntaxError:
            return True
        return _statement(module, self.wanted) is None or is_used(module, self.wanted.binds)

    def bind(self, text: str | None) -> Self:
        """Remember how it was imported."""
        if text is None or self.holds(text):
            return self
        from djroadmap.codemods import unused  # noqa: PLC0415 - LibCST is slow to import

        try:
            with refusing(self.path, self.wanted.code):
                known: dict[str, Any] = unused.to_remember(text, self.wanted, self._statement(text))._asdict()
        except Refused:  # which `apply` will say
            return self
        return self.with_(**known)

    def apply(self, text: str | None) -> str | None:
        """Take it out. Raises `Unrecognised` if it shares its line with another statement."""
        if text is None or self.holds(text):
            return text
        from djroadmap.codemods import unused  # noqa: PLC0415

        with refusing(self.path, self.wanted.code):
            return unused.without(text, self.wanted, self._statement(text))

    def revert(self, text: str | None) -> str | None:
        """Import it again, where it was. Raises `CannotRevert` if it cannot be told where that is."""
        if text is None:
            return text
        from djroadmap.codemods import unused  # noqa: PLC0415

        with reverting(self.path, self.wanted.code):
            if _statement(parse(text), self.wanted) is not None:
                return text
            known = unused.Remembered(self.source, self.left, self.above, self.line, self.blank, self.dropped)
            return unused.back(text, self.wanted, known)

    def describe(self) -> str:
        """`no unused import of transaction`."""
        return f"no unused import of {self.wanted.binds}"

    def _statement(self, text: str) -> ImportStatement:
        found = _statement(parse(text), self.wanted)
        if found is None:
            raise Unclear(None, f"`{self.wanted.code}` is not there any more")
        return found


def is_used(module: ast.Module, name: str) -> bool:
    """Is the name read, exported or told to type checkers anywhere in the module?"""
    return any(True for _ in uses(module, name))


def uses(module: ast.Module, name: str) -> Iterator[ast.AST]:
    """Where the name is used: read, or in a string that could be `__all__` or an annotation."""
    for node in ast.walk(module):
        if (isinstance(node, ast.Name) and node.id == name) or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.split(".")[0] == name
        ):
            yield node


def _statement(module: ast.Module, wanted: Wanted) -> ImportStatement | None:
    from djroadmap.syntax.isort import imported_by  # noqa: PLC0415

    for node in module.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and wanted in imported_by(node):
            return node
    return None
