"""Entries put into and taken out of dict literals and `dict(...)` calls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from djroadmap.model.text import newline_of
from djroadmap.syntax import sequence
from djroadmap.syntax.calls import WIDEST, joined, laid_out
from djroadmap.syntax.dicts import can_name, entries_of, sequence_of_entries
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_near, requote, string
from djroadmap.syntax.reading import Offsets

from .indents import indent_of, unit_inside
from .lists import unit_of
from .source import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.syntax.dicts import Container, Found, Keys
    from djroadmap.syntax.quoting import Quote

LONG: Final = 120
"""Who has longer lines than this does not mind another."""


class OneLine(NamedTuple):
    """A dict on one line, which is opened (one entry a line) by whoever needs more room."""

    depth: int
    """Which of the containers it is."""
    code: str


def insert(text: str, found: Found, keys: Keys, value: str) -> tuple[str, OneLine | None]:
    """`text` with `value` under `keys` in the innermost dict found; all keys but the last get a dict of their own.

    A dict on one line that would get too long for it is opened; the second result is that dict as it was,
    opened or not. Raises `Unclear`, `CommaFirst`.
    """
    check(text)
    node = found.containers[-1]
    if not can_name(node, keys[0]):
        raise Unclear(node.lineno, f'dict(...) cannot hold the key "{keys[0]}", so it is left alone')
    seq = _sequence(text, node)
    unit = unit_inside(text, node.lineno, seq)
    quote = quote_near(text, [key for key, _ in entries_of(node) if isinstance(key, ast.expr)])
    room = WIDEST - _columns(indent_of(text, node.lineno) + unit) if sequence.by_lines(seq) else 0
    code = _written(keys, requote(value, quote), quote, room=room, unit=unit, name=isinstance(node, ast.Call))
    result = sequence.insert(seq, len(seq.items), code, unit=unit)
    for depth, one in enumerate(found.containers):
        if one.lineno == one.end_lineno and result.count("\n") == text.count("\n"):
            return _opened(text, result, one, depth)
    return result, None


def _opened(text: str, result: str, node: Container, depth: int) -> tuple[str, OneLine | None]:
    """`result`, with the dict that is `node` in `text` laid out over lines if its line got too long."""
    if _width(text, node.lineno) > LONG:
        return result, None
    start, end = Offsets.of(text).span(node)
    if _width(result, node.lineno) <= WIDEST:
        return result, OneLine(depth, text[start:end])
    stop = end + len(result) - len(text)
    indent = indent_of(text, node.lineno)
    code = laid_out(result[start:stop], room=WIDEST - _columns(indent), unit=unit_of(text), always=True)
    over = code.replace("\n", newline_of(text) + indent)
    return result[:start] + over + result[stop:], OneLine(depth, text[start:end])


def close(text: str, containers: Iterable[Container], code: str) -> str:
    """`text` with the first of these dicts that fits on one line again put there.

    The first of all was `code`, on one line, and is so again if that is what it says. Those with
    comments in them stay.
    """
    for number, node in enumerate(containers):
        start, end = Offsets.of(text).span(node)
        line = joined(text[start:end])
        if line is None:
            continue
        limit = WIDEST
        if number == 0:
            limit = max(limit, _width(text[:start] + code + text[end:], node.lineno))
            if ast.dump(ast.parse(f"({code}\n)", mode="eval").body) == ast.dump(node):
                line = code
        result = text[:start] + line + text[end:]
        if _width(result, node.lineno) <= limit:
            return result
    return text


def remove(text: str, node: Container, value: ast.expr) -> str:
    """`text` without the entry of `node` whose value is `value`. Raises `Unclear`, `CommaFirst`."""
    check(text)
    values = [inner for _, inner in entries_of(node)]
    return sequence.remove(_sequence(text, node), values.index(value))


def is_bare(text: str, node: Container) -> bool:
    """Is nothing in the dict, not even a comment?"""
    seq = _sequence(text, node)
    return not seq.items and not seq.comments


def is_older(text: str, node: Container, parent: Container) -> bool:
    """Was this dict there before, as `insert` would not have made it so?

    In a dict with one entry a line, `insert` lays out the dicts it makes in the same way.
    """
    seq = _sequence(text, node)
    return not seq.items or (sequence.by_lines(_sequence(text, parent)) and not sequence.by_lines(seq))


def _written(keys: Keys, value: str, quote: Quote, *, room: int, unit: str, name: bool = False) -> str:
    """`"key": value`; with `room` (in columns) every dict on the way has its entry on a line of its own."""
    first, *others = keys
    head = f"{first}=" if name else f"{string(first, quote)}: "
    if not others:
        return head + (laid_out(value, room=room - len(head) - 1, unit=unit) if room else value)
    narrower = room - _columns(unit) if room else 0
    inner = _written(tuple(others), value, quote, room=narrower, unit=unit)
    if not room:
        return f"{head}{{{inner}}}"
    indented = inner.replace("\n", f"\n{unit}")
    return f"{head}{{\n{unit}{indented},\n}}"


def _columns(row: str) -> int:
    return len(row.expandtabs(4))


def _width(text: str, line: int) -> int:
    starts = Offsets.of(text).starts
    return _columns(text[starts[line - 1] : starts[line]].rstrip("\r\n"))


def _sequence(text: str, node: Container) -> sequence.Sequence:
    try:
        return sequence_of_entries(Offsets.of(text), node)
    except ValueError as error:
        raise Unclear(node.lineno, f"the text of this dict cannot be followed ({error})") from error
