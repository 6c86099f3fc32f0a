"""Where the parts of lists, tuples, sets and dicts stand in the text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .sequence import Bracket, Sequence, scan

if TYPE_CHECKING:
    from .reading import Offsets

Display = ast.List | ast.Tuple | ast.Set | ast.Dict


def sequence_of(offsets: Offsets, node: Display) -> Sequence:
    """The sequence that a list, tuple, set or dict display is; a dict's elements are `key: value`.

    Raises `ValueError` if its text holds anything but elements, commas, comments and blanks.
    """
    start, end = offsets.span(node)
    items = tuple(_items(offsets, node))
    bracket: Bracket = "["
    match node:
        case ast.Tuple():
            bracket = "(" if _in_parentheses(offsets.text, start, end, items) else ""
        case ast.Set() | ast.Dict():
            bracket = "{"
    if bracket:
        start, end = start + 1, end - 1
    return scan(offsets.text, start, end, items, bracket=bracket, needs_comma=isinstance(node, ast.Tuple))


def _items(offsets: Offsets, node: Display) -> list[tuple[int, int]]:
    if not isinstance(node, ast.Dict):
        return [offsets.span(element) for element in node.elts]
    spans = []
    for key, value in zip(node.keys, node.values, strict=True):
        start, end = offsets.span(value)
        # `**value` has no position of its own in the tree
        start = offsets.span(key)[0] if key is not None else offsets.text.rindex("**", 0, start)
        spans.append((start, end))
    return spans


def _in_parentheses(text: str, start: int, end: int, items: tuple[tuple[int, int], ...]) -> bool:
    """Does the bracket at `start` close at `end`? `("a"), ("b")` only looks as if it did."""
    if not items:
        return True
    if text[start] != "(" or text[end - 1] != ")":
        return False
    depth, index, spans = 0, start, dict(items)
    while index < end:
        if index in spans and spans[index] > index:
            index = spans[index]
            continue
        if text[index] == "#":
            index = min(at for at in (text.find("\n", index), text.find("\r", index), end) if at >= 0)
        depth += {"(": 1, ")": -1}.get(text[index], 0) if index < end else 0
        index += 1
        if depth == 0 and index < end:
            return False
    return True
