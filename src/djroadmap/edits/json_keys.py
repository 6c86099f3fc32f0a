"""Edits of JSON files that a program has written: one key of the object that the file is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit
from djroadmap.model.text import newline_of


class Layout(NamedTuple):
    """How `json.dumps` has written a file."""

    indent: int | str | None
    ascii: bool
    sorted: bool
    newline: str
    end: str
    """What stands behind the object: a line end, or nothing."""

    def text(self, data: dict[str, Any]) -> str:
        """The file with this object."""
        text = json.dumps(data, indent=self.indent, ensure_ascii=self.ascii, sort_keys=self.sorted)
        return text.replace("\n", self.newline) + self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonKey(Edit):
    """A key of the outermost object. Only files laid out as `json.dumps` does it are edited: every byte is known."""

    kind: ClassVar[str] = "json-key"
    varies: ClassVar[tuple[str, ...]] = ("value",)
    name: str
    value: str
    """As JSON."""

    def holds(self, text: str | None) -> bool:
        """Has the key this value?"""
        data = _data(text)
        return self.name in data and data[self.name] == json.loads(self.value)

    def kept(self, text: str | None) -> bool:
        """Is there such a key, whatever its value?"""
        return self.name in _data(text)

    def apply(self, text: str | None) -> str | None:
        """Add the key: in its place if the keys are sorted, else at the end. Raises `Unrecognised`."""
        if self.holds(text):
            return text
        layout, data = self._read(text)
        if self.name in data:
            raise self._refusal(text, f"{json.dumps(self.name)} is there already, with another value")
        return layout.text({**data, self.name: json.loads(self.value)})

    def revert(self, text: str | None) -> str | None:
        """Take the key out. Raises `CannotRevert` if its value was changed."""
        if text is None or not self.kept(text):
            return text
        try:
            layout, data = self._read(text)
        except Unrecognised as error:
            (problem,) = error.problems
            raise CannotRevert(
                path=self.path, line=problem.line, why=f"{problem.why}, so it is kept"
            ) from None
        if not self.holds(text):
            line = text[: text.index(json.dumps(self.name))].count("\n") + 1
            why = f"{json.dumps(self.name)} was changed since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=line, why=why)
        return layout.text({key: value for key, value in data.items() if key != self.name})

    def describe(self) -> str:
        """`"shop.events.Paid" in event_contracts.json`."""
        return f"{json.dumps(self.name)} in {self.path.rpartition('/')[2]}"

    def _read(self, text: str | None) -> tuple[Layout, dict[str, Any]]:
        if text is None:
            raise self._refusal(text, "there is no such file")
        try:
            data = json.loads(text)
        except ValueError as error:
            raise self._refusal(text, f"is no JSON ({error})", getattr(error, "lineno", None)) from None
        if not isinstance(data, dict):
            raise self._refusal(text, "is no JSON object", 1)
        for layout in _layouts(text, data):
            if layout.text(data) == text:
                return layout, data
        raise self._refusal(text, "is not laid out as a program would do it", 1)

    def _refusal(self, text: str | None, why: str, line: int | None = None) -> Unrecognised:
        if line is None and text and json.dumps(self.name) in text:
            line = text[: text.index(json.dumps(self.name))].count("\n") + 1
        snippet = f"{json.dumps(self.name)}: {self.value}"
        return Unrecognised(path=self.path, line=line, why=why, snippet=snippet)


def _data(text: str | None) -> dict[str, Any]:
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _layouts(text: str, data: dict[str, Any]) -> list[Layout]:
    """The layouts that a file may have, as its first lines suggest."""
    newline = newline_of(text)
    end = text[len(text.rstrip()) :]
    second = text.split("\n")[1] if "\n" in text.rstrip() else ""
    lead = second[: len(second) - len(second.lstrip())]
    indents: list[int | str | None] = [lead] if lead else [2, None]
    order = list(data) == sorted(data)
    return [
        Layout(indent, escaped, sort, newline, end)
        for indent in indents
        for escaped in (True, False)
        for sort in ((True, False) if order else (False,))
    ]
