"""Calls under another name, laid out as formatters would have it, and put back as they were written."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from djroadmap.model.text import newline_of
from djroadmap.syntax.deferred import deferred
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import LINE_END, Offsets, parse

from .lists import unit_of

if TYPE_CHECKING:
    from djroadmap.syntax.deferred import Deferred


def renamed(offsets: Offsets, one: Deferred, new: str, *, width: int, into: str) -> str:
    """`into`, which is the text up to the end of the statement, with the statement calling `new`. Raises `Unclear`."""
    start, end = span(offsets, one)
    if not is_rewritten(offsets, one, new, width):
        assert one.call is not None  # noqa: S101 - only calls are not rewritten
        start, end = offsets.span(one.call.func)
        return into[:start] + new + into[end:]
    source_of(offsets, one)  # what cannot be put back stays
    return into[:start] + _written(offsets, one, new, width) + into[end:]


def restored(offsets: Offsets, one: Deferred, old: str, source: str, *, into: str) -> str:
    """`into` with the call `one` as `source` says, or under the name `old` without any. Raises `Unclear`.

    What became of its arguments since stays.
    """
    assert one.call is not None  # noqa: S101 - a call under the new name is a plain one
    if not source:
        start, end = offsets.span(one.call.func)
        return into[:start] + old + into[end:]
    start, end = span(offsets, one)
    before = next(iter(deferred(parse(source), (old,))), None)
    if before is None:
        raise Unclear(one.first.lineno, f"the record of {old} cannot be read")
    if before.says() != one.says():
        source = _with_arguments(Offsets.of(source), before, arguments(offsets, one), one)
    indent = _indent(offsets, one)
    shown = indented(source, indent).replace("\n", newline_of(offsets.text))
    return into[:start] + shown + into[end:]


def is_rewritten(offsets: Offsets, one: Deferred, new: str, width: int) -> bool:
    """Does the statement take more than the other name? It does if it is wrapped, or would be too long a line."""
    if one.way != "call":
        return True
    first, last = offsets.span(one.statement)
    start = offsets.starts[one.statement.lineno - 1]
    line = _row(offsets, one.statement.lineno)
    if not width or one.statement.lineno != one.statement.end_lineno or len(line) > width:
        return False
    code = offsets.text[start:last]
    if any(isinstance(node, ast.GeneratorExp) for node in one.arguments):
        return False
    is_alone = (
        not offsets.text[start:first].strip() and not _row(offsets, one.statement.lineno)[len(code) :].strip()
    )
    return is_alone and len(code) + len(new) - len(one.callee) > width and bool(one.arguments or one.keywords)


def source_of(offsets: Offsets, one: Deferred) -> str:
    """The statement as it is written, its further lines without its own indentation. Raises `Unclear`."""
    start, end = span(offsets, one)
    code = LINE_END.sub("\n", offsets.text[start:end])
    indent = _indent(offsets, one)
    rows = code.split("\n")
    if indent and one.has_long_string:
        raise Unclear(one.first.lineno, "a string in it goes over several lines")
    for number, row in enumerate(rows[1:], 1):
        if row.startswith(indent):
            rows[number] = row[len(indent) :]
        elif row.strip():
            raise Unclear(one.first.lineno, "its lines are indented less than itself")
    source = "\n".join(rows)
    if indented(source, indent) != code:
        raise Unclear(one.first.lineno, "its lines end in white space")
    return source


def indented(source: str, indent: str) -> str:
    """The inverse: further lines get the indentation."""
    first, *rows = source.split("\n")
    return "\n".join([first, *(indent + row if row else row for row in rows)])


def span(offsets: Offsets, one: Deferred) -> tuple[int, int]:
    """Where the statement, and the local function before it if that is part of it, begins and ends."""
    return offsets.span(one.first)[0], offsets.span(one.statement)[1]


def arguments(offsets: Offsets, one: Deferred) -> list[str]:
    """The arguments as they are written: `*a`, `b=c`."""
    if one.call is None:
        return []
    nodes: list[ast.expr | ast.keyword] = [*one.arguments, *one.keywords]
    spans = sorted(_whole(offsets, node) for node in nodes)
    return [offsets.text[start:end] for start, end in spans]


def _written(offsets: Offsets, one: Deferred, new: str, width: int) -> str:
    """The call, on one line if it fits, else its arguments on the next, else each on a line of its own."""
    if one.has_long_string:
        raise Unclear(one.first.lineno, "a string in it goes over several lines")
    indent, unit = _indent(offsets, one), unit_of(offsets.text)
    given = [_dedented(code) for code in arguments(offsets, one)]
    end = newline_of(offsets.text)
    inner = indent + unit
    limit = width or 10_000
    one_line = f"{new}({', '.join(given)})"
    if not any("\n" in part for part in given) and len(indent) + len(one_line) <= limit:
        return one_line
    hanging = f"{inner}{', '.join(given)}"
    if not any("\n" in part for part in given) and len(hanging) <= limit:
        return f"{new}({end}{hanging}{end}{indent})"
    rows = "".join(f"{inner}{indented(part, inner)},\n" for part in given)
    return f"{new}(\n{rows}{indent})".replace("\n", end)


def _dedented(code: str) -> str:
    r"""An argument whose further lines begin where its own line would: with `\n`, and no common indentation."""
    code = LINE_END.sub("\n", code)
    if "\n" not in code:
        return code
    first, *rows = code.split("\n")
    return "\n".join([first, *textwrap.dedent("\n".join(rows)).split("\n")])


def _with_arguments(offsets: Offsets, before: Deferred, given: list[str], one: Deferred) -> str:
    """The code `before` with other arguments. Raises `Unclear` where there is no place for them."""
    if before.call is None:
        raise Unclear(one.first.lineno, "it was written without arguments, and has some now")
    text = offsets.text
    after = (
        offsets.span(before.call.args[0])[1] if before.way == "partial" else offsets.span(before.call.func)[1]
    )
    end = offsets.span(before.call)[1] - 1
    code = ", ".join(given)
    if before.way == "partial":
        return f"{text[:after]}{', ' if code else ''}{code}{text[end:]}"
    start = text.index("(", after) + 1
    return f"{text[:start]}{code}{text[end:]}"


def _whole(offsets: Offsets, node: ast.expr | ast.keyword) -> tuple[int, int]:
    """Where an argument begins and ends, the parentheses around it included."""
    start, end = offsets.span(node)
    text = offsets.text
    while True:
        left = start - 1
        while left >= 0 and text[left].isspace():
            left -= 1
        right = end
        while right < len(text) and text[right].isspace():
            right += 1
        if text[left : left + 1] != "(" or text[right : right + 1] != ")" or not _is_group(text, left):
            return start, end
        start, end = left, right + 1


def _is_group(text: str, left: int) -> bool:
    """Is the parenthesis at `left` one that only groups, and no call's?"""
    before = text[:left].rstrip()
    return not before or before[-1] in "(,=*"


def _indent(offsets: Offsets, one: Deferred) -> str:
    row = _row(offsets, one.first.lineno)
    return row[: len(row) - len(row.lstrip())]


def _row(offsets: Offsets, line: int) -> str:
    start = offsets.starts[line - 1]
    found = LINE_END.search(offsets.text, start)
    return offsets.text[start : found.start() if found else len(offsets.text)]
