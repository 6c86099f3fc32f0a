"""Edits of YAML files: an item of a sequence (a CI step, a hook), or an entry of a mapping (a job)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import BOUND, emptied, taking_back
from .yaml_document import Keys, Odd, compose, follow, is_absent, is_mapping, is_sequence, plain, read_yaml
from .yaml_leaf import Leaf
from .yaml_splice import add, take_out

IDENTITY = ("id", "name", "repo", "uses", "run", "local", "hook")
"""Keys by which people know an item, the most telling first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlItem(Edit):
    """An item of the sequence at `keys`: a step of a job, a hook of a repository.

    `before` and `after` name a sibling by one of its values (`name`, `id`, ...) or by a piece of its text.
    """

    kind: ClassVar[str] = "yaml-item"
    varies: ClassVar[tuple[str, ...]] = ("before", "after")
    keys: Keys
    item: str
    """YAML text of the item, with or without its dash; comments above it go along."""
    before: str = ""
    after: str = ""
    kept_keys: int = field(default=-1, metadata=BOUND)
    """How many of the keys led to something that was there before, but empty."""

    @property
    def leaf(self) -> Leaf:
        """What is put in."""
        return Leaf("", self.item)

    def holds(self, text: str | None) -> bool:
        """Is there such an item, whatever its quotes and comments?"""
        return _mentions(text, self.item) and self.leaf.data in self._items(text)

    def kept(self, text: str | None) -> bool:
        """Is there an item that goes by the same name?"""
        own = _identity(self.leaf.data)
        return any(_identity(item) == own for item in self._items(text))

    def bind(self, text: str | None) -> Self:
        """Remember what is there, but empty."""
        return self.with_(kept_keys=_empty_depth(text, self.keys))

    def apply(self, text: str | None) -> str | None:
        """Add the item. Raises `Unrecognised` if that cannot be done safely, or a sibling is not there."""
        if self.holds(text):
            return text
        read_yaml(text or "", path=self.path)
        try:
            return add(text or "", self.keys, self.leaf, before=self.before, after=self.after)
        except Odd as odd:
            raise _refusal(self, odd, self.item) from None

    def revert(self, text: str | None) -> str | None:
        """Take the item out, versions aside. Raises `CannotRevert` if it changed otherwise."""
        if text is None:
            return None
        with taking_back():
            read_yaml(text, path=self.path)
        items, wanted = self._items(text), self.leaf.data
        found = [i for i, item in enumerate(items) if item == wanted]
        found = found or [i for i, item in enumerate(items) if _unversioned(item) == _unversioned(wanted)]
        if not found and self.kept(text):
            why = f"{_title(wanted)} was changed since djroadmap wrote it, so it is kept"
            index = next(i for i, item in enumerate(items) if _identity(item) == _identity(wanted))
            line = _node_at(text, self.keys).value[index].start_mark.line + 1
            raise CannotRevert(path=self.path, line=line, why=why)
        if not found:
            return text
        return _taken_out(self, text, found[-1], comments=self.leaf.comments)

    def describe(self) -> str:
        """`Check imports in .github/workflows/ci.yml`."""
        return f"{_title(self.leaf.data)} in {self.path}"

    def _items(self, text: str | None) -> list[Any]:
        node = _node_at(text, self.keys)
        return [plain(item) for item in node.value] if is_sequence(node) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlKey(Edit):
    """An entry of the mapping at `keys`: a job of a workflow, a command of a hook."""

    kind: ClassVar[str] = "yaml-key"
    varies: ClassVar[tuple[str, ...]] = ("value", "before", "shared")
    keys: Keys
    name: str
    value: str
    """YAML text of the value: on one line, or a block."""
    before: str = ""
    """The key of a sibling."""
    shared: bool = False
    """May it go into a mapping that other places take over (`<<: *name`), and so into these as well?"""
    kept_keys: int = field(default=-1, metadata=BOUND)
    """How many of the keys led to something that was there before, but empty."""

    @property
    def leaf(self) -> Leaf:
        """What is put in."""
        return Leaf(self.name, self.value)

    def holds(self, text: str | None) -> bool:
        """Has the key this value, whatever its quotes and comments?"""
        return _mentions(text, self.name) and self._value(text) == self.leaf.data

    def kept(self, text: str | None) -> bool:
        """Is there such a key?"""
        return _mentions(text, self.name) and self._value(text) is not None

    def bind(self, text: str | None) -> Self:
        """Remember what is there, but empty."""
        return self.with_(kept_keys=_empty_depth(text, self.keys))

    def apply(self, text: str | None) -> str | None:
        """Add the entry. Raises `Unrecognised` if it has another value, or it cannot be added safely."""
        if self.holds(text):
            return text
        root = read_yaml(text or "", path=self.path)
        try:
            if self.kept(text):
                line = follow(root, (*self.keys, self.name)).key.start_mark.line
                message = f"has another value for {self.name}"
                raise Odd(message, line)
            return add(text or "", self.keys, self.leaf, before=self.before, shared=self.shared)
        except Odd as odd:
            raise _refusal(self, odd, f"{self.name}: {self.value}") from None

    def revert(self, text: str | None) -> str | None:
        """Take the entry out, versions aside. Raises `CannotRevert` if it changed otherwise."""
        if text is None:
            return None
        with taking_back():
            read_yaml(text, path=self.path)
        if not self.kept(text):
            return text
        if _unversioned(self._value(text)) != _unversioned(self.leaf.data):
            why = f"{self.name} was changed since djroadmap wrote it, so it is kept"
            line = follow(compose(text), (*self.keys, self.name)).key.start_mark.line + 1
            raise CannotRevert(path=self.path, line=line, why=why)
        return _taken_out(self, text, self.name, comments=())

    def describe(self) -> str:
        """`jobs.imports in .github/workflows/ci.yml`."""
        return f"{'.'.join(str(key) for key in (*self.keys, self.name))} in {self.path}"

    def _value(self, text: str | None) -> Any:
        node = _node_at(text, self.keys)
        pairs = node.value if is_mapping(node) else ()
        return next((plain(value) for key, value in pairs if key.value == self.name), None)


def _node_at(text: str | None, keys: Keys) -> Any:
    """The node at a path, None if it is not there or nothing can be read."""
    try:
        root = compose(text or "")
        plain(root)
        found = follow(root, keys)
    except Odd:
        return None
    return found.node if len(found.steps) == len(keys) else None


def _empty_depth(text: str | None, keys: Keys) -> int:
    if text is None:
        return -1
    try:
        found = follow(compose(text), keys)
    except Odd:
        return -1
    return len(found.steps) if is_absent(found.node) else -1


def _refusal(edit: Edit, odd: Odd, snippet: str) -> Unrecognised:
    line = None if odd.line is None else odd.line + 1
    return Unrecognised(path=edit.path, line=line, why=str(odd), snippet=snippet)


def _taken_out(
    edit: YamlItem | YamlKey, text: str, name: str | int, *, comments: list[str] | tuple[()]
) -> str | None:
    try:
        left = take_out(
            text,
            edit.keys,
            name,
            comments=comments,
            before=bool(edit.before),
            kept=edit.kept_keys,
            shared=isinstance(edit, YamlKey) and edit.shared,
        )
    except Odd as odd:
        line = None if odd.line is None else odd.line + 1
        raise CannotRevert(path=edit.path, line=line, why=str(odd)) from None
    return emptied(left, keep=edit.kept_keys == 0)


def _mentions(text: str | None, wanted: str) -> bool:
    """Might the text hold this at all? Spares most files the slow reading."""
    if text is None or "\\" in wanted:
        return text is not None
    bare = re.sub(r"(^|\s)#[^\n]*", "", wanted)
    return all(word in text for word in re.findall(r"[A-Za-z0-9_]{3,}", bare))


def _identity(item: Any) -> Any:
    """What people know an item by: its name, or the item itself if it is a scalar.

    A project may have any number of pre-commit's local repositories, so they go by their hooks.
    """
    if not isinstance(item, dict):
        return item
    if item.get("repo", ())[1:] == ("local",) and isinstance(item.get("hooks"), list):
        return ("local", [_identity(hook) for hook in item["hooks"]])
    key = next((key for key in IDENTITY if key in item), next(iter(item), ""))
    return (key, _unversioned({key: item[key]})) if key else item


def _title(item: Any) -> str:
    """What people call an item, in one line."""
    while not isinstance(item, str):
        if isinstance(item, dict):
            item = next((item[key] for key in IDENTITY if key in item), next(iter(item), ""))
        else:
            item = item[-1] if item else ""
    return item.partition("\n")[0]


def _unversioned(data: Any) -> Any:
    """The data without what update bots change: `rev` of a hook, the version of an action."""
    if isinstance(data, list):
        return [_unversioned(item) for item in data]
    if not isinstance(data, dict):
        return data
    kept = {key: _unversioned(value) for key, value in data.items() if key != "rev"}
    if "uses" in kept and isinstance(kept["uses"], tuple):
        kept["uses"] = kept["uses"][1].partition("@")[0]
    return kept
