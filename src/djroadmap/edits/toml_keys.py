"""Edits of TOML files by key: one value, or words in a comma separated string."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .specifiers import styled_constraint
from .textlines import BOUND, emptied, taking_back
from .toml_document import (
    Document,
    Path,
    look_up,
    parse_key,
    read_data,
    read_toml,
    write_key,
    write_string,
    write_value,
)
from .toml_splice import (
    actual_path,
    add_key,
    assign,
    emptiness,
    is_dependency_table,
    proven,
    remove_key,
    replace_value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlKey(Edit):
    """A key of a table with a plain value: string, number, boolean, or a list of them.

    In tables of dependencies (Poetry, Pipfile) names are compared as PEP 503 does, whatever the
    constraint; a pin like `==5.0.0` is written the way the neighbours have theirs.
    """

    kind: ClassVar[str] = "toml-key"
    varies: ClassVar[tuple[str, ...]] = ("value",)
    table: str
    name: str
    value: Any
    empty: str = field(default="", metadata=BOUND)
    """What was there before, but empty, and so stays: `file` or `table`."""

    def __post_init__(self) -> None:
        if isinstance(self.value, list):
            object.__setattr__(self, "value", tuple(self.value))

    @property
    def full(self) -> Path:
        """The full name of the key."""
        return (*(parse_key(self.table) if self.table else ()), self.name)

    def holds(self, text: str | None) -> bool:
        """Has the key this value? Is the distribution there at all?"""
        data = read_data(text)
        found = look_up(data, actual_path(data, self.full, file=self.path))
        if is_dependency_table(self.path, self.full[:-1]):
            return found is not None
        return _same(found, self.value)

    def kept(self, text: str | None) -> bool:
        """Is the key there, whatever its value?"""
        data = read_data(text)
        return look_up(data, actual_path(data, self.full, file=self.path)) is not None

    def bind(self, text: str | None) -> Self:
        """Remember an empty file or table."""
        return self.with_(empty=emptiness(text, self.full[:-1]))

    def apply(self, text: str | None) -> str | None:
        """Add the key. Raises `Unrecognised` if it has another value, or its table cannot be added to."""
        if self.holds(text):
            return text
        document = read_toml(text, path=self.path)
        raw = self._raw(document)
        if self.kept(text):
            found = document.find(self.full)
            why = f"{write_key(self.full)} has another value"
            line = found.first + 1 if found else None
            raise Unrecognised(
                path=self.path, line=line, why=why, snippet=f"{write_key((self.name,))} = {raw}"
            )
        return add_key(document, self.full, raw, file=self.path)

    def revert(self, text: str | None) -> str | None:
        """Take the key out, and its table if nothing is left. Raises `CannotRevert` if the value changed."""
        if text is None:
            return None
        with taking_back():
            document = read_toml(text, path=self.path)
        if not self.kept(text):
            return text
        found = document.find(actual_path(document.data, self.full, file=self.path))
        if found is None or not self.holds(text):
            why = f"{write_key(self.full)} was changed since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=found.first + 1 if found else None, why=why)
        left = remove_key(document, found, keep_table=self.empty == "table")
        return emptied(left, keep=self.empty == "file")

    def describe(self) -> str:
        """`tool.djlint.profile in pyproject.toml`, `django-waffle in Pipfile`."""
        short = is_dependency_table(self.path, self.full[:-1])
        return f"{self.name if short else write_key(self.full)} in {self.path}"

    def _raw(self, document: Document) -> str:
        value = self.value
        if is_dependency_table(self.path, self.full[:-1]) and isinstance(value, str):
            main = ("packages",) if len(self.full) == 2 else ("tool", "poetry", "dependencies")
            others = look_up(document.data, self.full[:-1]) or look_up(document.data, main) or {}
            value = styled_constraint(value, [other for name, other in others.items() if name != "python"])
        return write_value(value, like=document.quote())


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlWords(Edit):
    """Words in a string of comma separated words, such as djLint's `custom_blocks`."""

    kind: ClassVar[str] = "toml-words"
    varies: ClassVar[tuple[str, ...]] = ("words",)
    table: str
    name: str
    words: tuple[str, ...]
    added: tuple[str, ...] = field(default=(), metadata=BOUND)
    """Those of the words that were not there before, if some were."""
    empty: str = field(default="", metadata=BOUND)
    """What was there before, but empty, and so stays: `file`, `table` or `value`."""

    @property
    def full(self) -> Path:
        """The full name of the key."""
        return (*parse_key(self.table), self.name)

    def holds(self, text: str | None) -> bool:
        """Are all the words there?"""
        return set(self.words) <= set(self._words(text))

    def kept(self, text: str | None) -> bool:
        """Is any of the words there that were added?"""
        return not set(self.added or self.words).isdisjoint(self._words(text))

    def bind(self, text: str | None) -> Self:
        """Remember which words are missing, and what is empty."""
        present = self._words(text)
        missing = tuple(word for word in self.words if word not in present)
        empty = "value" if look_up(read_data(text), self.full) == "" else emptiness(text, self.full[:-1])
        return self.with_(added=missing if missing != self.words else (), empty=empty)

    def apply(self, text: str | None) -> str | None:
        """Append the words. Raises `Unrecognised` if the value is no plain string."""
        if self.holds(text):
            return text
        document = read_toml(text, path=self.path)
        value = look_up(document.data, self.full)
        if value is None:
            return add_key(
                document, self.full, write_string(",".join(self.words), like=document.quote()), file=self.path
            )
        present = self._words(text)
        comma = ", " if ", " in str(value) else ","
        new = comma.join(word for word in self.words if word not in present)
        return self._rewritten(document.text, f"{value}{comma if value else ''}{new}")

    def revert(self, text: str | None) -> str | None:
        """Take the words out that were added, and the key if none is left."""
        if text is None:
            return None
        with taking_back():
            document = read_toml(text, path=self.path)
        if not self.kept(text):
            return text
        left = value = look_up(document.data, self.full)
        for word in self.added or self.words:
            left = re.sub(rf"(?:^|,\s*){re.escape(word)}(?=\s*(?:,|$))", "", left, count=1)
            left = left if value.startswith(left[:1]) else left.lstrip(", ")
        found = document.find(self.full)
        if left or self.empty == "value" or found is None:
            with taking_back():
                return self._rewritten(text, left)
        return emptied(
            remove_key(document, found, keep_table=self.empty == "table"), keep=self.empty == "file"
        )

    def describe(self) -> str:
        """`tool.djlint.custom_blocks in pyproject.toml`."""
        return f"{write_key(self.full)} in {self.path}"

    def _words(self, text: str | None) -> list[str]:
        value = look_up(read_data(text), self.full)
        return [word.strip() for word in value.split(",")] if isinstance(value, str) else []

    def _rewritten(self, text: str, value: str) -> str:
        document = read_toml(text, path=self.path)
        found = document.find(self.full)
        raw = document.raw(found.value) if found else ""
        if found is None or raw[:1] not in {'"', "'"} or raw[:3] in {'"""', "'''"} or "\\" in raw:
            why = f"{write_key(self.full)} is not written as a plain string"
            line = found.first + 1 if found else None
            raise Unrecognised(path=self.path, line=line, why=why, snippet=",".join(self.words))
        expected = copy.deepcopy(document.data)
        assign(expected, self.full, value)
        new = write_string(value, like=raw)
        return proven(replace_value(document, found.value, new), expected, file=self.path, snippet=new)


def _same(found: Any, wanted: Any) -> bool:
    """Equal as TOML has it, where `true` is not 1 and 1.0 is not 1."""
    if isinstance(wanted, (list, tuple)):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_same, found, wanted))
    return type(found) is type(wanted) and bool(found == wanted)
