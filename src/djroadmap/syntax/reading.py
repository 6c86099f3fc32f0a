"""Python source read with `ast`: a tree that is never executed, constants folded, positions in the text."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from djroadmap.regex import regex

from .folding import UNKNOWN, constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["UNKNOWN", "Imported", "Offsets", "constant", "dotted", "imports", "parse", "statements"]

LINE_END: Final = regex(r"\r\n|\r|\n")

NEWER: Final = regex(
    r"\btype\s+\w+\s*[=\[]|\b(?:def|class)\s+\w+\s*\[|\bexcept\b[^\n:(]*,|\b(?:[ft]r?|r[ft])['\"]",
    re.IGNORECASE,
)
"""Hints of syntax that came after Python 3.11 (PEP 695, 758, 750, 701)."""


@lru_cache(maxsize=512)
def parse(text: str) -> ast.Module:
    """The tree of `text`. It is cached and shared, so nobody may change it.

    Syntax newer than the running interpreter is read all the same: such nodes are blanked without
    moving anything. Raises `SyntaxError` if the source is broken.
    """
    try:
        return _parse(text)
    except SyntaxError as error:
        if error.__cause__ is not None or "too many nested" in str(error) or not NEWER.search(text):
            raise  # LibCST's parser does not survive absurd nesting, and cannot help with the rest
        from djroadmap.codemods.downlevel import downlevel  # noqa: PLC0415 - LibCST is slow to import

        return _parse(downlevel(text))


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes and the like are not our business
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:  # null bytes, absurd nesting
            raise SyntaxError(str(error) or type(error).__name__) from error


def statements(body: Iterable[ast.stmt], *, conditional: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run at module level, in order, with whether they may be skipped or repeated.

    Compound statements come before what they hold. Bodies of functions and classes are left out.
    """
    for statement in body:
        yield statement, conditional
        match statement:
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
                yield from statements((*statement.body, *statement.orelse), conditional=True)
            case ast.Try() | ast.TryStar():
                handled = [inner for handler in statement.handlers for inner in handler.body]
                yield from statements((*statement.body, *handled, *statement.orelse), conditional=True)
                yield from statements(statement.finalbody, conditional=conditional)
            case ast.With() | ast.AsyncWith():
                yield from statements(statement.body, conditional=conditional)
            case ast.Match():
                for case in statement.cases:
                    yield from statements(case.body, conditional=True)


def dotted(node: ast.AST | None) -> str | None:
    """`a.b.c` for a name or a chain of attributes, else None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join((node.id, *reversed(parts)))


class Imported(NamedTuple):
    """One name that an import statement brings in; `name` is empty for a plain `import module`."""

    module: str
    name: str
    asname: str | None
    level: int
    lineno: int
    type_checking: bool


def imports(module: ast.Module) -> list[Imported]:
    """Every import of the file, those inside functions and classes too, in order of lines."""
    checked = {
        id(inner) for block in ast.walk(module) if _is_type_checking(block) for inner in _body_of(block)
    }
    found = []
    for node in ast.walk(module):
        guarded = id(node) in checked
        if isinstance(node, ast.Import):
            found += [Imported(a.name, "", a.asname, 0, node.lineno, guarded) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            found += [
                Imported(origin, a.name, a.asname, node.level, node.lineno, guarded) for a in node.names
            ]
    return sorted(found, key=lambda one: one.lineno)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and dotted(node.test) in {
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
        "t.TYPE_CHECKING",
    }


def _body_of(block: ast.AST) -> Iterator[ast.AST]:
    for statement in getattr(block, "body", ()):
        yield from ast.walk(statement)


class Offsets(NamedTuple):
    """Where the lines of a text begin, to turn the positions of `ast` into indices of the text."""

    text: str
    starts: tuple[int, ...]
    """Index of each line's first character; one more for the end of the text."""

    @classmethod
    def of(cls, text: str) -> Offsets:
        r"""The offsets of `text`. Lines end where Python's tokenizer ends them: `\n`, `\r\n`, `\r`."""
        return cls(text, (0, *(match.end() for match in LINE_END.finditer(text)), len(text)))

    def at(self, line: int, column: int) -> int:
        """The index for a line (from 1) and a column in UTF-8 bytes (from 0)."""
        start = self.starts[line - 1]
        if column == 0:
            return start
        row = self.text[start : self.starts[line]] if line < len(self.starts) else self.text[start:]
        if row.isascii():
            return start + column
        return start + len(row.encode()[:column].decode(errors="ignore"))

    def span(
        self, node: ast.expr | ast.stmt | ast.alias | ast.keyword | ast.excepthandler
    ) -> tuple[int, int]:
        """Start and end of a node. Neither decorators nor parentheses around it are part of it."""
        assert node.end_lineno is not None  # noqa: S101 - set by the parser, Optional only in the stubs
        assert node.end_col_offset is not None  # noqa: S101
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def line_of(self, index: int) -> int:
        """The line (from 1) that holds the character at `index`."""
        from bisect import bisect_right  # noqa: PLC0415 - only refusals ask

        return min(bisect_right(self.starts[:-1], index), max(len(self.starts) - 1, 1))

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]
