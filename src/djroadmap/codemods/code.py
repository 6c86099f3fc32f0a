"""Pieces of code replaced, or statements put beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.text import newline_of
from djroadmap.syntax.quoting import quote_of, requote
from djroadmap.syntax.rows import Rows

from .source import check

if TYPE_CHECKING:
    from djroadmap.syntax.matching import Match


def replace(text: str, match: Match, new: str, *, exact: bool = False) -> str:
    """`text` with other code in that place, indented as the old one; `exact` code is put in as it is."""
    check(text)
    if not exact:
        new = _fitting(text, match, new)
    return text[: match.start] + new + text[match.end :]


def surround(text: str, match: Match, before: str, behind: str) -> str:
    """`text` with statements on lines of their own before or behind the matched ones."""
    check(text)
    rows = Rows.of(text)
    end = newline_of(text)
    if before:
        return (
            text[: match.start]
            + _fitting(text, match, before)
            + end
            + _indent(text, match)
            + text[match.start :]
        )
    at = next(stop for stop in rows.stops if stop >= match.end)
    return text[:at] + end + _indent(text, match) + _fitting(text, match, behind) + text[at:]


def drop(text: str, match: Match) -> str:
    """`text` without the lines of these statements: the inverse of `surround`."""
    check(text)
    rows = Rows.of(text)
    first = next(number for number, stop in enumerate(rows.stops) if stop >= match.start)
    last = next(number for number, stop in enumerate(rows.stops) if stop >= match.end)
    if first == 0:
        return text[rows.starts[last + 1] :]
    return text[: rows.stops[first - 1]] + text[rows.stops[last] :]


def _fitting(text: str, match: Match, code: str) -> str:
    indent = _indent(text, match)
    rows = requote(code.strip("\n"), quote_of(text)).split("\n")
    return newline_of(text).join([rows[0], *(f"{indent}{row}" if row else "" for row in rows[1:])])


def _indent(text: str, match: Match) -> str:
    rows = Rows.of(text)
    number = next(number for number, stop in enumerate(rows.stops) if stop >= match.start)
    row = rows[number]
    return row[: len(row) - len(row.lstrip())]
