"""Edits of arrays in TOML files: one element, or one dependency among others."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit
from djroadmap.syntax.sequence import CommaFirst, insert, remove, scan

from .specifiers import Named, normalise, parse_requirement, restyled
from .textlines import BOUND, emptied, taking_back
from .toml_document import look_up, parse_key, read_data, read_toml, write_key, write_value
from .toml_splice import add_key, assign, emptiness, proven, remove_key, replace_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .toml_document import Document, Path, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency(Edit):
    """A requirement in an array of them: `project.dependencies`, `dependency-groups.dev`, ...

    Any requirement of that name holds, whatever its version, in included groups too. A pin like
    `==5.0.0` is written the way the neighbours have theirs.
    """

    kind: ClassVar[str] = "dependency"
    table: str
    """The full name of the array."""
    requirement: str
    empty: str = field(default="", metadata=BOUND)
    """What was there before, but empty, and so stays: `file` or `table`."""
    old: str = field(default="", metadata=BOUND)
    """The array as it was written, if it was empty."""

    def __post_init__(self) -> None:
        if parse_requirement(self.requirement) is None:
            msg = f"not a requirement: {self.requirement!r}"
            raise ValueError(msg)

    @property
    def full(self) -> Path:
        """The full name of the array."""
        return parse_key(self.table)

    @property
    def named(self) -> Named:
        """What is required."""
        return _named(self.requirement)

    @property
    def target(self) -> tuple[Any, ...]:
        """The distribution, not its version."""
        return (self.kind, self.path, self.table, self.named.name)

    def holds(self, text: str | None) -> bool:
        """Is the distribution named, with the extras?"""
        wanted = self.named
        return any(
            one.name == wanted.name and wanted.extras <= one.extras for one in self._all(read_data(text))
        )

    def kept(self, text: str | None) -> bool:
        """Is the distribution named?"""
        return any(one.name == self.named.name for one in self._all(read_data(text)))

    def bind(self, text: str | None) -> Self:
        """Remember what is there, but empty."""
        return self.with_(**_empty_parts(text, self.full))

    def apply(self, text: str | None) -> str | None:
        """Add the requirement. Raises `Unrecognised` if it lacks extras, or the array cannot be added to."""
        if self.holds(text):
            return text
        document = read_toml(text, path=self.path)
        self._check(document)
        present = look_up(document.data, self.full)
        near = present or look_up(document.data, ("project", "dependencies"))
        neighbours = [one for one in map(_parsed, near if isinstance(near, list) else ()) if one]
        value = restyled(self.requirement, neighbours)
        found = _array(document, self.full, file=self.path, snippet=self.requirement)
        if found is None:
            raw = _new_array(document, self.full, value, lines=True)
            return add_key(document, self.full, raw, file=self.path)
        names = [one.name if (one := _parsed(item)) else None for item in present]
        extras = [_with_extras(item) if name else None for item, name in zip(present, names, strict=True)]
        index = _place((names, self.named.name), (extras, _with_extras(value)))
        return _with_item(document, self.full, found, index, value, file=self.path)

    def revert(self, text: str | None) -> str | None:
        """Take the requirement out, whatever its version. Raises `CannotRevert` if there are several."""
        if text is None:
            return None
        with taking_back():
            document = read_toml(text, path=self.path)
        present = look_up(document.data, self.full)
        found = document.find(self.full)
        items = list(enumerate(map(_parsed, present if isinstance(present, list) else ())))
        own = [index for index, one in items if one and one.name == self.named.name]
        if not own or found is None:
            return text
        if len(own) > 1:
            why = f"{self.table} names {self.named.name} more than once, so all are kept"
            raise CannotRevert(path=self.path, line=found.first + 1, why=why)
        return _without_item(self, document, found, own[0])

    def describe(self) -> str:
        """`django-waffle in pyproject.toml`."""
        return f"{self.named.name} in {self.path}"

    def _all(self, data: dict[str, Any]) -> list[Named]:
        """What the array names, and the groups that it includes."""
        return [one for item in _included(data, self.full) if (one := parse_requirement(item))]

    def _check(self, document: Document) -> None:
        found = document.find(self.full)
        line = found.first + 1 if found else None
        if self.full[:1] == ("project",) and self.full[1] in (
            look_up(document.data, ("project", "dynamic")) or ()
        ):
            why = f"{self.full[1]} are dynamic, so they are kept somewhere else"
            raise Unrecognised(path=self.path, line=line, why=why, snippet=self.requirement)
        if self.kept(document.text):
            why = f"names {self.named.name} without {', '.join(sorted(self.named.extras))}"
            raise Unrecognised(path=self.path, line=line, why=why, snippet=self.requirement)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlItem(Edit):
    """One element of an array of plain values, such as `plugins` of `tool.mypy`."""

    kind: ClassVar[str] = "toml-item"
    table: str
    name: str
    value: str | int | bool
    empty: str = field(default="", metadata=BOUND)
    """What was there before, but empty, and so stays: `file` or `table`."""
    old: str = field(default="", metadata=BOUND)
    """The array as it was written, if it was empty."""

    @property
    def full(self) -> Path:
        """The full name of the array."""
        return (*(parse_key(self.table) if self.table else ()), self.name)

    def holds(self, text: str | None) -> bool:
        """Is the value among the elements?"""
        return bool(self._own(read_data(text)))

    def bind(self, text: str | None) -> Self:
        """Remember what is there, but empty."""
        return self.with_(**_empty_parts(text, self.full))

    def apply(self, text: str | None) -> str | None:
        """Add the element: in its place if all are sorted, else at the end. Raises `Unrecognised`."""
        if self.holds(text):
            return text
        document = read_toml(text, path=self.path)
        found = _array(document, self.full, file=self.path, snippet=write_value(self.value))
        if found is None:
            raw = _new_array(document, self.full, self.value, lines=False)
            return add_key(document, self.full, raw, file=self.path)
        present = look_up(document.data, self.full)
        keys = [item if isinstance(item, str) else None for item in present]
        index = _place((keys, str(self.value))) if None not in keys else len(present)
        return _with_item(document, self.full, found, index, self.value, file=self.path)

    def revert(self, text: str | None) -> str | None:
        """Take the element out, and the array if djroadmap made it and it is empty."""
        if text is None:
            return None
        with taking_back():
            document = read_toml(text, path=self.path)
        own = self._own(document.data)
        found = document.find(self.full)
        return _without_item(self, document, found, own[-1]) if own and found else text

    def describe(self) -> str:
        """`"waffle" in tool.x.plugins of pyproject.toml`."""
        return f"{write_value(self.value)} in {write_key(self.full)} of {self.path}"

    def _own(self, data: dict[str, Any]) -> list[int]:
        present = look_up(data, self.full)
        items = enumerate(present if isinstance(present, list) else ())
        return [i for i, item in items if type(item) is type(self.value) and item == self.value]


def _named(requirement: str) -> Named:
    named = parse_requirement(requirement)
    return named or Named(requirement, frozenset(), "")


def _parsed(item: Any) -> Named | None:
    return parse_requirement(item) if isinstance(item, str) else None


def _included(data: dict[str, Any], path: Path, seen: frozenset[Path] = frozenset()) -> list[str]:
    """The strings of an array, and those of the groups (PEP 735) that it includes."""
    present = look_up(data, path)
    strings: list[str] = []
    for item in present if isinstance(present, list) and path not in seen else ():
        if isinstance(item, str):
            strings.append(item)
        elif isinstance(item, dict) and isinstance(group := item.get("include-group"), str):
            names = {normalise(name): name for name in look_up(data, path[:-1])}
            inner = (*path[:-1], names.get(normalise(group), group))
            strings += _included(data, inner, seen | {path})
    return strings


def _empty_parts(text: str | None, path: Path) -> dict[str, str]:
    """What `bind` has to remember: an empty file, table, or array."""
    if look_up(read_data(text), path) == []:
        document = read_toml(text, path="")
        found = document.find(path)
        return {"old": document.raw(found.value) if found else ""}
    return {"empty": emptiness(text, path[:-1])}


def _array(document: Document, path: Path, *, file: str, snippet: str) -> Statement | None:
    """The statement that sets the array; None if nothing does. Raises `Unrecognised` if it is no array."""
    found = document.find(path)
    present = look_up(document.data, path)
    if present is None or (found is not None and isinstance(present, list)):
        return found
    why = f"{write_key(path)} is not written as an array"
    raise Unrecognised(path=file, line=found.first + 1 if found else None, why=why, snippet=snippet)


def _place(*orders: tuple[Sequence[str | None], str]) -> int:
    """The index of a new element, by the keys of those that are there and its own.

    Where the keys are sorted in one of the orders, in its place, else after the last one that has a key.
    """
    keys, _ = orders[0]
    known = [index for index, key in enumerate(keys) if key is not None]
    if not known:
        return len(keys)
    for keys, new in orders:
        for fold in (str, str.casefold):
            folded = {index: fold(key) for index in known if (key := keys[index]) is not None}
            if list(folded.values()) == sorted(folded.values()):
                before = [index for index, key in folded.items() if key <= fold(new)]
                return before[-1] + 1 if before else known[0]
    return known[-1] + 1


def _with_extras(requirement: str) -> str:
    """What uv sorts by: the name with its extras. https://docs.astral.sh/uv/concepts/projects/dependencies/"""
    return re.split(r"[<>=~!@;]", requirement)[0].strip()


def _new_array(document: Document, path: Path, value: Any, *, lines: bool) -> str:
    """An array of one element, laid out as the first in the table, else on several lines if `lines`."""
    others = (s for s in document.statements if s.path != path)
    arrays = [s for s in others if s.value.items and document.raw(s.value)[:1] == "["]
    beside = next((s for s in arrays if s.path[:-1] == path[:-1] and not s.repeated), None)
    broken = [s for s in arrays if "\n" in document.raw(s.value)]
    item = write_value(value, like=document.quote())
    if beside in broken if beside else lines:
        unit = re.search(r"\n([ \t]+)\S", document.raw(broken[0].value)) if broken else None
        return f"[\n{unit[1] if unit else '    '}{item},\n]"
    return f"[{item}]"


def _with_item(document: Document, path: Path, found: Statement, index: int, value: Any, *, file: str) -> str:
    spans = tuple((item.start, item.stop) for item in found.value.items)
    new = write_value(value, like=document.quote(found.value))
    expected = copy.deepcopy(document.data)
    present = look_up(expected, path)
    assign(expected, path, [*present[:index], value, *present[index:]])
    try:
        seq = scan(document.text, found.value.start + 1, found.value.stop - 1, spans, bracket="[")
        text = insert(seq, index, new)
    except (CommaFirst, ValueError):
        text = ""
    return proven(text, expected, file=file, snippet=new)


def _without_item(
    edit: Dependency | TomlItem, document: Document, found: Statement, index: int
) -> str | None:
    """The text without one element.

    An array that is empty then gets its old text back, or goes if it looks as if djroadmap had made it:
    when two edits share an array, only the first has seen whether it was there before.
    """
    value = found.value
    comments = re.search(
        r"(?:^|[ \t])#", re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "", document.raw(value)), re.MULTILINE
    )
    if len(value.items) == 1 and not comments and edit.old:
        return replace_value(document, value, edit.old)
    made = _new_array(document, found.path, "", lines=isinstance(edit, Dependency))
    if len(value.items) == 1 and not comments and ("\n" in made) == ("\n" in document.raw(value)):
        left = remove_key(document, found, keep_table=edit.empty == "table")
        return emptied(left, keep=edit.empty == "file")
    spans = tuple((item.start, item.stop) for item in value.items)
    try:
        return remove(scan(document.text, value.start + 1, value.stop - 1, spans, bracket="["), index)
    except (CommaFirst, ValueError):
        why = f"{write_key(found.path)} is written with its commas first, so it is kept"
        raise CannotRevert(path=edit.path, line=found.first + 1, why=why) from None
