"""Edits of TOML files by table: a whole `[table]` or `[[table]]`."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import BOUND, Lines, block_lines, emptied, taking_back
from .toml_document import look_up, parse_key, read_data, read_toml, write_key
from .toml_splice import assign, proven

if TYPE_CHECKING:
    from .toml_document import Path, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlTable(Edit):
    """A whole table appended to the file: its name (`[[name]]` in an array of tables) and what is in it."""

    kind: ClassVar[str] = "toml-table"
    varies: ClassVar[tuple[str, ...]] = ("body",)
    table: str
    body: str
    """The text below the header; it may have further headers."""
    blank: bool = field(default=False, metadata=BOUND)
    """The file was there before, and empty."""

    @property
    def full(self) -> Path:
        """The name of the table."""
        return parse_key(self.table.strip("[]"))

    @property
    def lines(self) -> list[str]:
        """The header and the body."""
        header = self.table if self.table.startswith("[") else f"[{self.table}]"
        return block_lines(f"{header}\n{self.body}")

    def holds(self, text: str | None) -> bool:
        """Does the table (one of the tables) have all that is wanted, with these values?"""
        wanted = look_up(read_data("\n".join(self.lines)), self.full)
        found = look_up(read_data(text), self.full)
        if isinstance(wanted, list):
            return isinstance(found, list) and wanted[0] in found
        return isinstance(found, dict) and wanted.items() <= found.items() and bool(wanted or found)

    def kept(self, text: str | None) -> bool:
        """Is the table there, or one of the tables that begins alike?"""
        wanted = look_up(read_data("\n".join(self.lines)), self.full)
        found = look_up(read_data(text), self.full)
        if isinstance(wanted, list):
            first = list(wanted[0].items())[:1]
            return isinstance(found, list) and any(list(table.items())[:1] == first for table in found)
        return isinstance(found, dict) and not wanted.keys().isdisjoint(found)

    def bind(self, text: str | None) -> Self:
        """Remember that the file was there, empty."""
        return self.with_(blank=True) if text == "" else self

    def apply(self, text: str | None) -> str | None:
        """Append the table. Raises `Unrecognised` if it is there with other content."""
        if self.holds(text):
            return text
        document = read_toml(text, path=self.path)
        snippet = "\n".join(self.lines)
        if not self.table.startswith("[[") and look_up(document.data, self.full) is not None:
            header = document.header(self.full)
            why = f"{write_key(self.full)} is there already, with other content"
            raise Unrecognised(
                path=self.path, line=header.first + 1 if header else None, why=why, snippet=snippet
            )
        lines = Lines(document.text)
        lines.append_paragraph(self.lines)
        expected = copy.deepcopy(document.data)
        wanted = look_up(read_data(snippet), self.full)
        if isinstance(wanted, list):
            wanted = [*(look_up(expected, self.full) or []), *wanted]
        assign(expected, self.full, wanted)
        return proven(str(lines), expected, file=self.path, snippet=snippet)

    def revert(self, text: str | None) -> str | None:
        """Take the table out. Raises `CannotRevert` if it was edited."""
        if text is None:
            return None
        with taking_back():
            document = read_toml(text, path=self.path)
        if not self.kept(text):
            return text
        lines = Lines(text)
        found = lines.find(self.lines)
        stop = 0 if found is None else found + len(self.lines)
        after = next((s for s in document.statements if s.first >= stop), None)
        if found is None or (after is not None and not after.is_header):
            line = self._line(document.statements)
            why = f"{write_key(self.full)} was edited since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=line, why=why)
        lines.remove_paragraph(found, stop)
        return emptied(str(lines), keep=self.blank)

    def describe(self) -> str:
        """`[tool.djlint] in pyproject.toml`."""
        return f"{self.lines[0]} in {self.path}"

    def _line(self, statements: tuple[Statement, ...]) -> int | None:
        return next((s.first + 1 for s in statements if s.is_header and s.table == self.full), None)
