"""Keys put into and taken out of a TOML text, and the proof that nothing else changed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from djroadmap.errors import Unrecognised

from .specifiers import normalise
from .textlines import Lines
from .toml_document import look_up, read_data, read_toml, write_key

if TYPE_CHECKING:
    from .toml_document import Document, Path, Statement, Value


def add_key(document: Document, path: Path, raw: str, *, file: str) -> str:
    """The text with the key `path` set to `raw`, in its table; a table that is not there is appended.

    Raises `Unrecognised` if the table is written in a way that cannot be added to.
    """
    table = path[:-1]
    _check_tables(document, table, file=file, snippet=f"{write_key(path)} = {raw}")
    inside = document.inside(table)
    dotted = [] if inside or document.header(table) else _dotted(document, table)
    key = path[len(dotted[-1].table) :] if dotted else path[-1:]
    lines = Lines(document.text)
    indent = _indent(lines.bodies[inside[0].first]) if inside else ""
    new = f"{indent}{write_key(key)}{_equals(document, inside or dotted)}{raw}".split("\n")
    if inside:
        lines.insert(_place(inside, path, file=file), new)
    elif dotted:
        lines.insert(dotted[-1].last + 1, new)
    elif header := document.header(table):
        lines.insert(header.first + 1, new)
    elif table:
        lines.append_paragraph([f"[{write_key(table)}]", *new])
    else:
        _add_first(lines, document, new)
    expected = copy.deepcopy(document.data)
    assign(expected, path, read_data(f"x = {raw}")["x"])
    return proven(str(lines), expected, file=file, snippet="\n".join(new))


def remove_key(document: Document, statement: Statement, *, keep_table: bool) -> str:
    """The text without a key, and without its table if that is empty now (unless `keep_table`)."""
    lines = Lines(document.text)
    alone = len(document.inside(statement.table)) == 1
    if alone and not statement.table:
        lines.remove_paragraph(statement.first, statement.last + 1, before=True)
        return str(lines)
    lines.remove(statement.first, statement.last + 1)
    header = document.header(statement.table)
    if alone and header and not keep_table:
        below = header.first + 1
        if below == len(lines) or lines.is_blank(below) or lines.bodies[below].lstrip().startswith("["):
            lines.remove_paragraph(header.first, below)
    return str(lines)


def replace_value(document: Document, value: Value, raw: str) -> str:
    """The text with one value written otherwise."""
    return document.text[: value.start] + raw + document.text[value.stop :]


def proven(text: str, expected: dict[str, Any], *, file: str, snippet: str) -> str:
    """The text itself, if it means just what it should. Raises `Unrecognised` otherwise."""
    if read_data(text) == expected:
        return text
    why = "is written in a way that djroadmap cannot change safely"
    raise Unrecognised(path=file, line=None, why=why, snippet=snippet)


def assign(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value at a path, with the tables on the way."""
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value


def is_dependency_table(file: str, table: Path) -> bool:
    """Are the keys of this table names of distributions (Poetry, Pipenv)?"""
    if file.rpartition("/")[2] == "Pipfile":
        return len(table) == 1 and table[0] not in {"requires", "source", "scripts", "pipenv"}
    return table[:2] == ("tool", "poetry") and table[-1] in {"dependencies", "dev-dependencies"}


def actual_path(document_data: dict[str, Any], path: Path, *, file: str) -> Path:
    """The path with the name of a distribution spelt as the file does, if it is there at all."""
    if is_dependency_table(file, path[:-1]):
        names = look_up(document_data, path[:-1])
        for name in names if isinstance(names, dict) else ():
            if normalise(name) == normalise(path[-1]):
                return (*path[:-1], name)
    return path


def emptiness(text: str | None, table: Path) -> str:
    """`file` or `table` if that is there without content, else nothing."""
    if not text or look_up(read_data(text), table) is None:
        return "file" if text == "" else ""
    document = read_toml(text, path="")
    return "table" if document.header(table) and not document.inside(table) else ""


def _place(inside: list[Statement], path: Path, *, file: str) -> int:
    """The line before which a key goes: after the others, or sorted among distributions that are."""
    last = inside[-1].last + 1
    if not is_dependency_table(file, path[:-1]):
        return last
    names = [normalise(s.key[0]) for s in inside if s.key[0] != "python"]
    if names != sorted(names):
        return last
    before = [s for s in inside if s.key[0] == "python" or normalise(s.key[0]) <= normalise(path[-1])]
    return before[-1].last + 1 if before else inside[0].first


def _dotted(document: Document, table: Path) -> list[Statement]:
    """Keys that define the table from outside: `lint.select` below `[tool.ruff]` for `tool.ruff.lint`."""
    return [
        s
        for s in document.statements
        if not s.is_header
        and not s.repeated
        and len(s.table) < len(table) < len(s.path)
        and s.path[: len(table)] == table
    ]


def _check_tables(document: Document, table: Path, *, file: str, snippet: str) -> None:
    """Raise `Unrecognised` if a part of the table's name is an inline table, or no table at all."""
    for length in range(1, len(table) + 1):
        part = table[:length]
        found = document.find(part)
        present = look_up(document.data, part)
        if found or not (present is None or isinstance(present, dict)):
            why = f"{write_key(part)} is not written as a table of its own"
            line = found or next((s for s in document.statements if s.table == part), None)
            raise Unrecognised(path=file, line=line.first + 1 if line else None, why=why, snippet=snippet)


def _add_first(lines: Lines, document: Document, new: list[str]) -> None:
    """Put a key of the document itself above all tables, and the comments that belong to the first."""
    if not document.statements:
        lines.append_paragraph(new)
        return
    at = document.statements[0].first
    while at and lines.bodies[at - 1].lstrip().startswith("#"):
        at -= 1
    lines.prepend_paragraph(new, at=at)


def _equals(document: Document, near: list[Statement]) -> str:
    """The equals sign with or without blanks, as the first of the near keys (or of all) has it."""
    keys = near or [s for s in document.statements if not s.is_header]
    return "=" if keys and document.text[keys[0].value.start - 1] == "=" else " = "


def _indent(body: str) -> str:
    return body[: len(body) - len(body.lstrip())]
