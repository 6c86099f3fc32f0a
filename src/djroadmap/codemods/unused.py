"""Imports taken out as a careful person would, and put back to the letter."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.model.text import newline_of
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import LINE_END, Offsets, parse
from djroadmap.syntax.rows import Rows

from . import imports

if TYPE_CHECKING:
    from djroadmap.syntax.isort import ImportStatement, Wanted


class Remembered(NamedTuple):
    """What is needed to put an import back where isort would not: nothing, if that is where it was."""

    source: tuple[str, ...] = ()
    """The lines of the statement."""
    left: tuple[str, ...] = ()
    """Its lines without the name, if there were others in it."""
    above: str = ""
    """The line above it and the blank ones before it; nothing at the top of the file."""
    line: int = 0
    """The number of that line, from 1."""
    blank: int = 0
    """How many blank lines were between the two."""
    dropped: int = 0
    """How many of those behind it went with it."""


def without(text: str, wanted: Wanted, node: ImportStatement) -> str:
    """`text` without the import, the statement with it if nothing else is in it. Raises `Unclear`."""
    if len(node.names) > 1:
        return imports.without_name(Offsets.of(text), node, wanted, wrapped=False)
    around = _around(text, node)
    return text[: around.start] + text[around.stop :]


def to_remember(text: str, wanted: Wanted, node: ImportStatement) -> Remembered:
    """What `back` needs to know beside the result of `without`. Raises `Unclear`."""
    result = without(text, wanted, node)
    if _by_isort(result, wanted) == text:
        return Remembered()
    if len(node.names) > 1:
        after = next(one for one in parse(result).body if one.lineno == node.lineno)
        return Remembered(_lines(text, node), _lines(result, after))
    around = _around(text, node)
    return Remembered(_lines(text, node), (), around.above, around.line, around.blank, around.dropped)


def back(text: str, wanted: Wanted, known: Remembered) -> str:
    """`text` with the import where it was; where that is gone, where isort would put it. Raises `Unclear`."""
    found = None
    if known.left:
        found = _swapped(text, known)
    elif known.source:
        found = _inserted(text, known)
    return found if found is not None else _added(text, wanted)


class _Around(NamedTuple):
    start: int
    stop: int
    above: str
    line: int
    blank: int
    dropped: int


def _around(text: str, node: ImportStatement) -> _Around:
    """What goes with a statement of its own: its lines, and blank ones so that one block of them is left."""
    rows = Rows.of(text)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    start, end = Offsets.of(text).span(node)
    if text[rows.starts[first] : start].strip() or not _is_comment(text[end : rows.stops[last]]):
        raise Unclear(node.lineno, "the import shares its line with another statement")
    before = next((count for count in range(first) if not rows.blank(first - 1 - count)), first)
    behind = next((n for n, number in enumerate(range(last + 1, len(rows))) if not rows.blank(number)), None)
    if behind is None:
        raise Unclear(node.lineno, "the import ends the file")
    top = first - before
    dropped = min(before, behind) if top else behind
    above = rows[top - 1] if top else ""
    return _Around(rows.starts[first], rows.starts[last + 1 + dropped], above, top, before, dropped)


def _is_comment(rest: str) -> bool:
    return not rest.strip() or rest.lstrip().startswith("#")


def _lines(text: str, node: ast.stmt) -> tuple[str, ...]:
    rows = Rows.of(text)
    return tuple(rows[number] for number in range(node.lineno - 1, node.end_lineno or node.lineno))


def _swapped(text: str, known: Remembered) -> str | None:
    rows = Rows.of(text)
    for node in parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom) and _lines(text, node) == known.left:
            start, stop = rows.starts[node.lineno - 1], rows.stops[(node.end_lineno or node.lineno) - 1]
            return text[:start] + newline_of(text).join(known.source) + text[stop:]
    return None


def _inserted(text: str, known: Remembered) -> str | None:
    """Behind the line that was above: of several, the one nearest to where that was."""
    rows, at = Rows.of(text), 0
    if known.above:
        outside = _outside(text)
        places = [n for n in range(len(rows)) if n + 1 in outside and rows[n] == known.above]
        if not places:
            return None
        at = min(places, key=lambda number: abs(number + 1 - known.line)) + 1
    for _ in range(known.blank):
        if at >= len(rows) or not rows.blank(at):
            break
        at += 1
    if at >= len(rows):
        return None
    end = newline_of(text)
    new = "".join(row + end for row in known.source) + end * known.dropped
    result = text[: rows.starts[at]] + new + text[rows.starts[at] :]
    try:
        parse(result)
    except SyntaxError:
        return None
    return result


def _outside(text: str) -> set[int]:
    """The lines (from 1) behind which a statement of the module may begin."""
    inside = {
        number for node in parse(text).body for number in range(node.lineno, node.end_lineno or node.lineno)
    }
    decorated = {
        number
        for node in parse(text).body
        for one in getattr(node, "decorator_list", ())
        for number in range(one.lineno, node.lineno + 1)
    }
    return set(range(1, len(LINE_END.findall(text)) + 2)) - inside - decorated


def _added(text: str, wanted: Wanted) -> str:
    return imports.add(text, wanted, first_party=frozenset(), single_line=False)


def _by_isort(text: str, wanted: Wanted) -> str | None:
    try:
        return _added(text, wanted)
    except (Unclear, SyntaxError):
        return None
