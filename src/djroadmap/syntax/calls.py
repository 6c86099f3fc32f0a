"""Where the arguments of a call stand in the text, and long code laid out over lines."""

from __future__ import annotations

import ast
from typing import Final

from .nodes import sequence_of
from .reading import Offsets
from .sequence import Sequence, scan

WIDEST: Final = 79
"""Longer lines are laid out one element a line; formatters leave that alone, whatever their own width."""


def arguments_of(offsets: Offsets, call: ast.Call) -> Sequence:
    """The arguments of a call as a sequence, keywords included.

    Raises `ValueError` if anything but arguments, commas, comments and blanks is between the parentheses.
    """
    start = offsets.text.index("(", offsets.span(call.func)[1]) + 1
    spans = [*map(offsets.span, call.args), *map(offsets.span, call.keywords)]
    return scan(offsets.text, start, offsets.span(call)[1] - 1, tuple(sorted(spans)), bracket="(")


def laid_out(code: str, *, room: int, unit: str, always: bool = False) -> str:
    """`code`, an expression on one line, with one element a line if it is wider than `room` (or `always`).

    The last element gets a comma, which formatters take as a wish to leave it so. Code that has
    more than one line, or no bracket to open, stays as it is.
    """
    if "\n" in code or (len(code) <= room and not always):
        return code
    tree = ast.parse(code, mode="eval").body
    try:
        seq = _elements(Offsets.of(code), tree)
    except ValueError:  # `f(x for x in y)` has its parentheses twice over
        return code
    if seq is None or not seq.items or not seq.bracket:
        return code
    rows = [_row(code[start:end], room - len(unit) - 1, unit) for start, end in seq.items]
    inner = "".join(
        f"\n{unit}{row},".replace("\n", f"\n{unit}").replace(f"\n{unit}", "\n", 1) for row in rows
    )
    return f"{code[: seq.start]}{inner}\n{code[seq.end :]}"


def _row(code: str, room: int, unit: str) -> str:
    """An element: an expression, `name=value`, `key: value` or `*value`."""
    for number, (form, at) in enumerate((("(%s)", 1), ("f(%s)", 2), ("{%s}", 1))):
        try:
            tree = ast.parse(form % code, mode="eval").body
        except SyntaxError:
            continue
        value: ast.expr | None = tree if number == 0 else None
        if isinstance(tree, ast.Call) and number == 1 and len(tree.keywords) == 1 and not tree.args:
            value = tree.keywords[0].value
        elif isinstance(tree, ast.Dict) and number == 2 and len(tree.values) == 1:
            value = tree.values[0]
        if value is None:
            return code
        start, end = (index - at for index in Offsets.of(form % code).span(value))
        if end != len(code):
            return code
        return code[:start] + laid_out(code[start:end], room=room - start, unit=unit)
    return code


def _elements(offsets: Offsets, tree: ast.expr) -> Sequence | None:
    if isinstance(tree, ast.Call):
        return arguments_of(offsets, tree)
    if isinstance(tree, ast.List | ast.Tuple | ast.Set | ast.Dict):
        return sequence_of(offsets, tree)
    return None
