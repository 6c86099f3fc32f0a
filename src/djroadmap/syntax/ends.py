"""Elements of a literal whose comments say that they stay first, or last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from djroadmap.regex import regex

from .reading import LINE_END

if TYPE_CHECKING:
    import ast

WISH: Final = r"\b(?:must|should|shall|ha(?:s|ve) to|needs? to|keep|leave|stays?|always)\b[^.;]*"
LAST: Final = regex(WISH + r"\b(?:last|(?:at|to) the (?:very )?(?:end|bottom))\b", re.IGNORECASE)
FIRST: Final = regex(
    WISH + r"\b(?:first|(?:at|on) (?:the )?(?:very )?(?:top|beginning|start))\b", re.IGNORECASE
)


def open_end(text: str, literal: ast.List | ast.Tuple, number: int) -> int:
    """The number for a new element at `number`, but before those in front of it that are to be last."""
    rows = LINE_END.split(text)
    while number and LAST.search(_comments(rows, literal, number - 1)):
        number -= 1
    return number


def open_start(text: str, literal: ast.List | ast.Tuple) -> int:
    """The number for a new first element: behind those that are to be first."""
    rows, number = LINE_END.split(text), 0
    while number < len(literal.elts) and FIRST.search(_comments(rows, literal, number)):
        number += 1
    return number


def _comments(rows: list[str], literal: ast.List | ast.Tuple, number: int) -> str:
    """The comment behind an element, if it is alone on its line, and those right above it."""
    element = literal.elts[number]
    start, end = element.lineno - 1, (element.end_lineno or element.lineno) - 1
    beside = [other for other in literal.elts if other is not element and _touches(other, start, end)]
    trailing = re.match(r"\s*,?\s*(#.*)", _from_column(rows[end], element.end_col_offset or 0))
    found = [trailing[1]] if trailing and not beside else []
    row = start - 1
    while row >= literal.lineno and rows[row].strip().startswith("#"):
        found.insert(0, rows[row].strip())
        row -= 1
    return " ".join(comment.strip("# ") for comment in found)


def _touches(element: ast.expr, start: int, end: int) -> bool:
    return element.lineno - 1 <= end and (element.end_lineno or element.lineno) - 1 >= start


def _from_column(row: str, column: int) -> str:
    """The rest of a row behind a column that counts bytes of UTF-8."""
    return row.encode()[column:].decode(errors="ignore")
