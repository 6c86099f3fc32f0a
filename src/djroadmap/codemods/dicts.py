"""Entries put into and taken out of dict literals and `dict(...)` calls."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.syntax import sequence
from djroadmap.syntax.calls import WIDEST, laid_out
from djroadmap.syntax.dicts import can_name, entries_of, sequence_of_entries
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_near, requote, string
from djroadmap.syntax.reading import Offsets

from .lists import unit_of
from .source import check

if TYPE_CHECKING:
    from djroadmap.syntax.dicts import Container, Keys
    from djroadmap.syntax.quoting import Quote


def insert(text: str, node: Container, keys: Keys, value: str) -> str:
    """`text` with `value` under `keys` in the dict `node`; all keys but the last get a dict of their own.

    Raises `Unclear`, `CommaFirst`.
    """
    check(text)
    if not can_name(node, keys[0]):
        raise Unclear(node.lineno, f'dict(...) cannot hold the key "{keys[0]}", so it is left alone')
    seq = _sequence(text, node)
    unit = unit_of(text)
    quote = quote_near(text, [key for key, _ in entries_of(node) if isinstance(key, ast.expr)])
    room = WIDEST - _indent(text, node) - len(unit.expandtabs(4)) if sequence.by_lines(seq) else 0
    code = _written(keys, requote(value, quote), quote, room=room, unit=unit, name=isinstance(node, ast.Call))
    return sequence.insert(seq, len(seq.items), code, unit=unit)


def remove(text: str, node: Container, key: str, value: ast.expr) -> str:
    """`text` without the entry of `node` whose value is `value`. Raises `Unclear`, `CommaFirst`."""
    check(text)
    values = [inner for _, inner in entries_of(node)]
    if value not in values:
        raise Unclear(value.lineno, f'"{key}" is not set in the dict literal itself')
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
    narrower = room - len(unit.expandtabs(4)) if room else 0
    inner = _written(tuple(others), value, quote, room=narrower, unit=unit)
    if not room:
        return f"{head}{{{inner}}}"
    indented = inner.replace("\n", f"\n{unit}")
    return f"{head}{{\n{unit}{indented},\n}}"


def _indent(text: str, node: Container) -> int:
    """The columns before the first word of the line that the dict starts on."""
    offsets = Offsets.of(text)
    row = text[offsets.starts[node.lineno - 1] :].expandtabs(4)
    return len(row) - len(row.lstrip(" "))


def _sequence(text: str, node: Container) -> sequence.Sequence:
    try:
        return sequence_of_entries(Offsets.of(text), node)
    except ValueError as error:
        raise Unclear(node.lineno, f"the text of this dict cannot be followed ({error})") from error
