"""Pieces of code found in a file by their trees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from .reading import Offsets, parse

if TYPE_CHECKING:
    from collections.abc import Iterator


class Match(NamedTuple):
    """Where a piece of code stands in the text."""

    start: int
    end: int
    line: int
    statements: bool
    """Whole statements, rather than an expression?"""


def find_code(text: str, code: str) -> list[Match]:
    """Every place where the file says `code`: consecutive statements, or an expression.

    Raises `SyntaxError` if either cannot be parsed.
    """
    wished = parse(code).body
    offsets = Offsets.of(text)
    module = parse(text)
    if len(wished) == 1 and isinstance(wished[0], ast.Expr):
        dump = ast.dump(wished[0].value)
        kind = type(wished[0].value)
        found = []
        for node in ast.walk(module):
            if isinstance(node, kind) and ast.dump(node) == dump:
                start, end = offsets.span(node)
                found.append(Match(start, end, node.lineno, False))
        return found
    dumps = [ast.dump(node) for node in wished]
    found = []
    for body in _bodies(module):
        for first in range(len(body) - len(dumps) + 1):
            stretch = body[first : first + len(dumps)]
            if dumps and [ast.dump(node) for node in stretch] == dumps:
                start, end = _start(offsets, stretch[0]), offsets.span(stretch[-1])[1]
                found.append(Match(start, end, stretch[0].lineno, True))
    return found


def match_insertion(text: str, old: str, before: str, behind: str) -> list[Match]:
    """Every place where the added statements stand in one body with the old ones, on the right side of them."""
    added = find_code(text, before or behind)
    anchors = find_code(text, old)
    if before:
        return [one for one in added if any(one.end <= anchor.start for anchor in anchors)]
    return [one for one in added if any(anchor.end <= one.start for anchor in anchors)]


def _start(offsets: Offsets, node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    if first < node.lineno:
        row = offsets.text[offsets.starts[first - 1] : offsets.starts[first]]
        return offsets.starts[first - 1] + len(row) - len(row.lstrip())
    return offsets.span(node)[0]


def _bodies(module: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(module):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body
