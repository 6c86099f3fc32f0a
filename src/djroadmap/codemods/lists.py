"""Elements put into and taken out of list settings, urlpatterns and the like."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.text import newline_of
from djroadmap.syntax import sequence
from djroadmap.syntax.nodes import sequence_of
from djroadmap.syntax.parts import Part, Unclear
from djroadmap.syntax.reading import Offsets, parse
from djroadmap.syntax.sequence import LINE_END

from .source import check

if TYPE_CHECKING:
    from djroadmap.syntax.shapes import ListShape


def insert(text: str, shape: ListShape, part: Part, number: int, code: str) -> str:
    """`text` with `code` as element `number` of the literal of `part`. Raises `Unclear`."""
    check(text)
    shape.check_position(part, number)
    return sequence.insert(_sequence(text, part), number, code, unit=unit_of(text))


def remove(text: str, shape: ListShape, part: Part, number: int) -> str:
    """`text` without element `number` of the literal of `part`. Raises `Unclear`.

    A `NAME += ("x",)` that `extend` wrote goes as a whole when nothing else is in it.
    """
    check(text)
    literal = _literal(part)
    statement = _own_statement(text, shape, literal)
    if statement is not None and len(literal.elts) == 1:
        offsets = Offsets.of(text)
        start, end = offsets.span(statement)
        line = text.rfind("\n", 0, start) if "\n" in text else text.rfind("\r", 0, start)
        before = line - 1 if text[line - 1 : line + 1] == "\r\n" else line
        return text[: max(before, 0)] + text[end:]
    return sequence.remove(_sequence(text, part), number)


def open_rows(text: str, part: Part) -> str:
    """`text` with an empty `[]` opened for an element a row; as it is if it is anything else. Raises `Unclear`."""
    start, end = Offsets.of(text).span(_literal(part))
    if text[start:end] != "[]":
        return text
    row = text[: start + 1].splitlines()[-1]
    indent = row[: len(row) - len(row.lstrip())]
    return f"{text[: start + 1]}{newline_of(text)}{indent}{text[end - 1 :]}"


def is_open_and_empty(text: str, part: Part) -> bool:
    """Is it `[`, a line end and `]`, and nothing but blanks between them? Raises `Unclear`."""
    start, end = Offsets.of(text).span(_literal(part))
    inner = text[start + 1 : end - 1]
    return not inner.strip() and LINE_END.search(inner) is not None


def close_rows(text: str, part: Part) -> str:
    """`text` with an empty list that is open closed to `[]`. Raises `Unclear`."""
    start, end = Offsets.of(text).span(_literal(part))
    return text[: start + 1] + text[end - 1 :] if is_open_and_empty(text, part) else text


def extend(text: str, shape: ListShape, code: str) -> str:
    """`text` with `NAME += (code,)` behind the last statement that changes the list.

    A tuple works for lists and tuples alike. Raises `Unclear`.
    """
    check(text)
    if shape.last is None or shape.last.end_lineno is None:
        raise shape.refusal()
    offsets = Offsets.of(text)
    begin = offsets.starts[shape.last.lineno - 1]
    indent = text[begin : offsets.at(shape.last.lineno, shape.last.col_offset)]
    found = LINE_END.search(text, offsets.span(shape.last)[1])
    end = found.start() if found else len(text)
    return f"{text[:end]}{newline_of(text)}{indent if not indent.strip() else ''}{shape.name} += ({code},){text[end:]}"


def unit_of(text: str) -> str:
    """One level of indentation: what the file's first indented statement has more than its parent."""
    for node in ast.walk(parse(text)):
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and body and body[0].lineno > node.lineno:
            row = Offsets.of(text).starts[body[0].lineno - 1]
            blank = text[row : row + body[0].col_offset]
            if not blank.strip() and len(blank) > node.col_offset:
                return blank[node.col_offset :]
    for line in text.splitlines():
        if line.startswith("\t"):
            return "\t"
    return "    "


def _sequence(text: str, part: Part) -> sequence.Sequence:
    try:
        return sequence_of(Offsets.of(text), _literal(part))
    except ValueError as error:
        raise Unclear(part.line, f"the text of this literal cannot be followed ({error})") from error


def _literal(part: Part) -> ast.List | ast.Tuple:
    if part.node is None:
        raise Unclear(part.line, "this element was not put in by a literal")
    return part.node


def _own_statement(text: str, shape: ListShape, literal: ast.List | ast.Tuple) -> ast.AugAssign | None:
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.AugAssign) and node.value is literal and isinstance(literal, ast.Tuple):
            offsets = Offsets.of(text)
            start, end = offsets.span(node)
            row = text[offsets.starts[node.lineno - 1] : start]
            written = offsets.source(literal.elts[0]) if literal.elts else ""
            if not row.strip() and text[start:end] == f"{shape.name} += ({written},)":
                return node
    return None
