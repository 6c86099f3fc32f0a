"""Newer Python made readable for an older interpreter, without moving a line or a column that is kept."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

if TYPE_CHECKING:
    from collections.abc import Callable

    from libcst.metadata import CodeSpan


def parses(source: str) -> bool:
    """Can the running interpreter read `source`?"""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def downlevel(text: str, *, readable: Callable[[str], bool] = parses) -> str:
    """`text` with what the running interpreter cannot parse blanked, everything else where it was.

    Type parameters, type aliases, f-strings with nested quotes, template strings and unparenthesised
    `except A, B:` are concerned, as far as they are not `readable`.
    Raises `SyntaxError` if LibCST cannot read the source either.
    """
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except cst.ParserSyntaxError as error:  # its own words are pages about what could have stood there
        line = error.raw_line if "parser error" in str(error) else None  # the tokenizer tells none
        raise SyntaxError("invalid syntax", (None, line, None, None)) from error
    except Exception as error:  # LibCST lets more than its own errors through
        raise SyntaxError(str(error)) from error
    spans = wrapper.resolve(ByteSpanPositionProvider)
    finder = _Newer(spans, text.encode(), readable)
    wrapper.module.visit(finder)
    data = finder.data
    for start, end, piece in sorted(finder.pieces, reverse=True):
        data = data[:start] + piece.encode() + data[end:]
    return data.decode()


class _Newer(cst.CSTVisitor):
    """Collects what to put in place of newer syntax, as (start, end, text) in bytes."""

    def __init__(self, spans: object, data: bytes, readable: Callable[[str], bool]) -> None:
        super().__init__()
        self.spans: dict[cst.CSTNode, CodeSpan] = spans  # type: ignore[assignment]
        self.data = data
        self.readable = readable
        self.pieces: list[tuple[int, int, str]] = []

    def bounds(self, node: cst.CSTNode) -> tuple[int, int]:
        span = self.spans[node]
        return span.start, span.start + span.length

    def source(self, node: cst.CSTNode) -> str:
        start, end = self.bounds(node)
        return self.data[start:end].decode()

    def visit_TypeAlias(self, node: cst.TypeAlias) -> bool:  # noqa: N802 - LibCST's name
        """`type X[T] = value` becomes `X = value`, the name moved to the front."""
        start, end = self.bounds(node)
        if self.readable(self.source(node)):
            return False
        value, _ = self.bounds(node.value)
        head, _, gap = self.data[start:value].decode().rpartition("=")
        if head.splitlines() == [head]:
            self.pieces.append((start, value, f"{blanked(head, node.name.value)}={gap}"))
        else:  # parameters over several lines: the alias is given up, its lines are kept
            self.pieces.append((start, end, blanked(self.source(node), "...", continued=True)))
        return False

    def visit_TypeParameters(self, node: cst.TypeParameters) -> bool:  # noqa: N802
        """`def f[T](x)` becomes `def f   (x)`."""
        if not self.readable("def f[T = int](): pass"):
            start, end = self.bounds(node)
            self.pieces.append((start, end, blanked(self.data[start:end].decode(), "", continued=True)))
        return False

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:  # noqa: N802
        """`except A, B:` becomes `except A   :`."""
        self._first_only(node.type)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:  # noqa: N802
        """As for `except`."""
        self._first_only(node.type)

    def _first_only(self, caught: cst.BaseExpression | None) -> None:
        if not isinstance(caught, cst.Tuple) or caught.lpar or self.readable("try: pass\nexcept A, B: pass"):
            return
        start, end = self.bounds(caught.elements[0].value)[1], self.bounds(caught)[1]
        self.pieces.append((start, end, blanked(self.data[start:end].decode(), "", continued=True)))

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:  # noqa: N802
        """A concatenation is blanked as a whole: half of one is not an expression."""
        return self._string(node)

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:  # noqa: N802
        """`f"{a["b"]}"` becomes `(_ ... )`, which is worth nothing known."""
        return self._string(node)

    def visit_TemplatedString(self, node: cst.TemplatedString) -> bool:  # noqa: N802
        """As for f-strings."""
        return self._string(node)

    def _string(self, node: cst.CSTNode) -> bool:
        source = self.source(node)
        if self.readable(f"({source})"):
            return False
        start, end = self.bounds(node)
        self.pieces.append((start, end, blanked(source[:-1], "(_") + ")"))
        return False


def blanked(source: str, shown: str, *, continued: bool = False) -> str:
    """`source` with spaces for everything but its line ends, `shown` first (it must fit the first line).

    `continued` joins the lines by backslashes, for places where no bracket does.
    """
    pieces = re.split(r"(\r\n|\r|\n)", source)
    rows = [" " * len(row.encode()) for row in pieces[::2]]
    rows[0] = shown + rows[0][len(shown) :]
    ends = [*pieces[1::2], ""]
    if continued:
        rows = [(row[:-1] + "\\") if end else row for row, end in zip(rows, ends, strict=True)]
    return "".join(row + end for row, end in zip(rows, ends, strict=True))
