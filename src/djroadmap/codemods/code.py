"""Pieces of code replaced, and statements put beside others and taken away again."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from djroadmap.model.text import newline_of
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_of, requote
from djroadmap.syntax.reading import Offsets, parse
from djroadmap.syntax.rows import Rows

from .lists import unit_of
from .source import check
from .strings import inside_strings

if TYPE_CHECKING:
    from djroadmap.syntax.matching import Match


def replace(text: str, match: Match, code: str) -> tuple[str, bool]:
    """`text` with other code in that place, indented as the old one; and did it need parentheses?

    Raises `Unclear` if it does not fit there: a block in the middle of a line, say.
    """
    check(text)
    fitted = _fitting(text, match, code if match.node is None else _unwrapped(code))
    for shown in (fitted, f"({fitted})") if match.node is not None else (fitted,):
        result = text[: match.start] + shown + text[match.end :]
        if _says(result, match.replaced(parse(text), code)):
            return result, shown != fitted
    raise Unclear(match.line, "the new code does not fit in this place")


def restore(text: str, match: Match, old: str, source: str, *, wrapped: bool) -> str:
    """`text` with the code `old` in that place again, written as `source` if it fits, else as `old`.

    `wrapped`: `replace` put parentheses around the code. Raises `Unclear`.
    """
    check(text)
    start, end = match.start, match.end
    if wrapped and text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        start, end = start - 1, end + 1
    expected = match.replaced(parse(text), old)
    for shown in (source.lstrip(), _fitting(text, match, source), _fitting(text, match, old)):
        result = text[:start] + shown + text[end:]
        if shown and _says(result, expected):
            return result
    raise Unclear(match.line, "the old code does not fit in this place any more")


def source_of(text: str, match: Match) -> str:
    """The code as it is written, with the indentation of its first line if it opens one."""
    row = text[text.rfind("\n", 0, match.start) + 1 : match.start]
    return text[match.start if row.strip() else match.start - len(row) : match.end]


def surround(text: str, match: Match, added: str, *, behind: bool, gap: int) -> str:
    """`text` with statements on lines of their own behind or before the matched ones, so many blank lines apart.

    Raises `Unclear` if the matched ones share their lines with others.
    """
    check(text)
    end, indent, code = newline_of(text), _indent(text, match), _fitting(text, match, added)
    if behind:
        at = next(stop for stop in Rows.of(text).stops if stop >= match.end)
        result = f"{text[:at]}{end * (gap + 1)}{indent}{code}{text[at:]}"
    else:
        result = f"{text[: match.start]}{code}{end * (gap + 1)}{indent}{text[match.start :]}"
    place = match.stop if behind else match.first
    beside = match._replace(first=place, stop=place)
    if not _says(result, beside.replaced(parse(text), added)):
        raise Unclear(match.line, "the new code does not fit in this place")
    return result


def drop(text: str, match: Match, added: str, *, behind: bool, gap: int) -> str:
    """`text` without the lines of these statements and their comments: the inverse of `surround`.

    Raises `Unclear` if they share their lines with others.
    """
    check(text)
    rows = Rows.of(text)
    first = next(number for number, stop in enumerate(rows.stops) if stop >= match.start)
    last = next(number for number, stop in enumerate(rows.stops) if stop >= match.end)
    above, below = _comments(added)
    if [rows[n].strip() for n in range(first - len(above), first)] == above and first >= len(above):
        first -= len(above)
    if [rows[n].strip() for n in range(last + 1, min(last + 1 + len(below), len(rows)))] == below:
        last += len(below)
    for _ in range(gap):
        if behind and first and rows.blank(first - 1):
            first -= 1
        elif not behind and last + 1 < len(rows) and rows.blank(last + 1):
            last += 1
    head = text[: rows.stops[first - 1]] if first else ""
    result = head + text[rows.stops[last] if first else rows.starts[last + 1] :]
    if not _says(result, match.replaced(parse(text), "")):
        raise Unclear(match.line, "this code cannot be taken out by itself")
    return result


def _unwrapped(code: str) -> str:
    """An expression without parentheses around it, which are no part of its tree."""
    (statement,) = parse(code).body
    return Offsets.of(code).source(statement.value) if isinstance(statement, ast.Expr) else code


def _says(text: str, tree: ast.Module) -> bool:
    try:
        return ast.dump(parse(text)) == ast.dump(tree)
    except SyntaxError:
        return False


def _comments(added: str) -> tuple[list[str], list[str]]:
    """The comment lines before the first and behind the last statement."""
    rows = [row.strip() for row in added.strip("\n").splitlines()]
    body = parse(textwrap.dedent(added).strip("\n")).body
    first = min([body[0].lineno, *(one.lineno for one in getattr(body[0], "decorator_list", []))])
    return rows[: first - 1], rows[body[-1].end_lineno :]


def _fitting(text: str, match: Match, code: str) -> str:
    """`code` as it is written in that place: the file's indentation, quotes and line ends."""
    unit, indent = unit_of(text), _indent(text, match)
    code = requote(textwrap.dedent(code.replace("\r\n", "\n")).strip("\n"), quote_of(text))
    inside = inside_strings(code)
    rows = []
    for number, row in enumerate(code.split("\n"), 1):
        depth = (len(row) - len(row.lstrip(" "))) // 4
        own = row if number in inside or unit == "    " else unit * depth + row[depth * 4 :]
        rows.append(own if number in inside or number == 1 or not own else indent + own)
    return newline_of(text).join(rows)


def _indent(text: str, match: Match) -> str:
    rows = Rows.of(text)
    row = rows[next(number for number, stop in enumerate(rows.stops) if stop >= match.start)]
    return row[: len(row) - len(row.lstrip())]
