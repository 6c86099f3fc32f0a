"""Where the arguments of a call stand in the text, and long code laid out over lines."""

from __future__ import annotations

import ast
import io
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
    if len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp):
        msg = "a generator may share the parentheses of the call"
        raise ValueError(msg)
    start = offsets.text.index("(", offsets.span(call.func)[1]) + 1
    spans = [*map(offsets.span, call.args), *map(offsets.span, call.keywords)]
    return scan(offsets.text, start, offsets.span(call)[1] - 1, tuple(sorted(spans)), bracket="(")


def laid_out(code: str, *, room: int, unit: str, always: bool = False) -> str:
    """`code`, an expression on one line, with one element a line if it is wider than `room` (or `always`).

    The last element gets a comma, which formatters take as a wish to leave it so. Code that has more
    than one line, or no bracket to open, stays as it is.
    """
    if "\n" in code or (len(code) <= room and not always):
        return code
    tree = ast.parse(code, mode="eval").body
    try:
        seq = _elements(Offsets.of(code), tree)
    except ValueError:
        return code
    if seq is None or not seq.items or not seq.bracket:
        return code
    narrower = room - len(unit.expandtabs(4)) - 1
    rows = [_row(code[start:end], narrower, unit) for start, end in seq.items]
    inner = "".join(f"\n{row},".replace("\n", f"\n{unit}") for row in rows)
    return f"{code[: seq.start]}{inner}\n{code[seq.end :]}"


def joined(code: str) -> str | None:
    """`code`, an expression, on one line: the inverse of `laid_out`; None if it holds comments or long strings."""
    import tokenize  # noqa: PLC0415 - only what writes pays for it

    offsets = Offsets.of(f"({code}\n)")
    result, last, broken = "", 0, False
    tuples: list[int] = []  # for each open bracket the commas in it, if one alone would mean something
    for token in tokenize.generate_tokens(io.StringIO(offsets.text).readline):
        start, end = (offsets.starts[line - 1] + column for line, column in (token.start, token.end))
        if token.type in {tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}:
            broken = True
            continue
        if token.type == tokenize.COMMENT or token.start[0] != token.end[0]:
            return None
        gap = offsets.text[last:start]
        closes = token.string in {")", "]", "}"}
        if broken:
            result = result.removesuffix(",") if closes and tuples[-1] != 1 else result
            gap = "" if closes or result.endswith(("(", "[", "{")) else " "
        if token.string in {"(", "[", "{"}:
            called = result and (result[-1] in ")]_\"'" or result[-1].isalnum())
            tuples.append(0 if token.string == "(" and not (called and not gap) else 2)
        elif closes:
            tuples.pop()
        elif token.string == ",":
            tuples[-1] += 1
        result += gap + offsets.text[start:end]
        last, broken = end, False
    return result[1:-1]


def _row(code: str, room: int, unit: str) -> str:
    """An element: an expression, `name=value`, `key: value` or `*value`."""
    try:
        form = f"f({code})"
        call = ast.parse(form, mode="eval").body
        assert isinstance(call, ast.Call)  # noqa: S101 - it is written so
        value = call.keywords[0].value if call.keywords else call.args[0]
    except SyntaxError:
        form = f"{{{code}}}"
        entries = ast.parse(form, mode="eval").body
        assert isinstance(entries, ast.Dict)  # noqa: S101 - nothing else cannot be an argument
        value = entries.values[0]
    start, end = (index - form.index(code) for index in Offsets.of(form).span(value))
    if end != len(code) or isinstance(value, ast.Starred):
        return code
    return code[:start] + laid_out(code[start:end], room=room - start, unit=unit)


def _elements(offsets: Offsets, tree: ast.expr) -> Sequence | None:
    if isinstance(tree, ast.Call):
        return arguments_of(offsets, tree)
    if isinstance(tree, ast.List | ast.Tuple | ast.Set | ast.Dict):
        return sequence_of(offsets, tree)
    return None
