"""What a dict setting can look like in one file: the literal, and the writes that change it later."""

from __future__ import annotations

import ast
import keyword
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from .calls import arguments_of
from .dict_events import Event, Reader
from .nodes import sequence_of
from .parts import Unclear, strings_of
from .reading import UNKNOWN, Offsets, constant, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sequence import Sequence

Container = ast.Dict | ast.Call
"""`{...}` or `dict(...)`."""

Keys = tuple[str, ...]


class Found(NamedTuple):
    """How far a path of keys leads."""

    base: int
    """How many keys lead to the first container."""
    containers: tuple[Container, ...]
    """The dicts on the way, outermost first."""
    value: ast.expr | None = None
    """What is under the last key, if it is there."""
    problem: Unclear | None = None


class View(NamedTuple):
    """What is under a path of keys when the file has run, once for every way it may run."""

    states: tuple[Found, ...]
    problem: Unclear | None
    """Why nothing may be added there."""


class DictShape(NamedTuple):
    """Everything a file says of one dict."""

    name: str
    events: tuple[Event, ...]
    known: dict[str, object]
    problem: Unclear | None = None

    def label(self, keys: tuple[str | None, ...]) -> str:
        """`LOGGING["handlers"]["console"]`."""
        return self.name + "".join(f'["{key}"]' for key in keys)

    def look(self, keys: Keys) -> View:
        """What is under `keys`."""
        states: list[Found] = []
        problem = self.problem
        for event in self.events:
            effect, blame = self._merged(event, keys) if event.act == "merge" else (event, None)
            problem = problem or blame
            if effect is None or effect.path != keys[: len(effect.path)]:
                continue
            problem = problem or self._blame(effect, keys, bound=bool(states))
            found = self._found(effect, keys)
            if not effect.conditional:
                states = [found]
            elif not effect.path and effect.act == "set":
                states.append(found)
        if not states:
            problem = problem or Unclear(None, f"{self.name} is not set in this file")
        return View(tuple(states), problem)

    def _blame(self, event: Event, keys: Keys, *, bound: bool) -> Unclear | None:
        """Why an event on the way to `keys` keeps us from adding anything there."""
        if event.act == "delete":
            return None
        why = ""
        if not event.path and bound and not event.conditional:
            why = f"{self.name} is set more than once"
        elif not event.path and event.conditional:
            why = f"{self.name} is set under a condition"
        elif event.conditional and len(event.path) < len(keys):
            why = f"{self.label(event.path)} is replaced under a condition"
        return Unclear(event.line, f"{why}, so it is left alone") if why else None

    def _found(self, event: Event, keys: Keys) -> Found:
        if event.value is None:
            why = f"{self.label(event.path)} is deleted, so nothing is put there"
            return Found(len(event.path), (), problem=Unclear(event.line, why))
        return self._descend(event.value, keys, len(event.path))

    def _merged(self, event: Event, keys: Keys) -> tuple[Event | None, Unclear | None]:
        """A merge as the write of the one key that matters."""
        depth = len(event.path)
        if depth >= len(keys) or event.path != keys[:depth]:
            return None, None
        unknown = Unclear(event.line, f"{self.label(event.path)} is updated from what is not a dict literal")
        if not is_container(event.value):
            return None, unknown
        value, blame = self._entry(event.value, keys[depth], event.path)
        if value is None:
            return None, blame and unknown
        return Event(event.line, keys[: depth + 1], value, event.conditional), None

    def _descend(self, node: ast.expr, keys: Keys, depth: int) -> Found:
        base = depth
        containers: list[Container] = []
        while depth < len(keys):
            if not is_container(node):
                why = "is built by a function call" if isinstance(node, ast.Call) else "is not a dict literal"
                return Found(
                    base,
                    tuple(containers),
                    problem=Unclear(node.lineno, f"{self.label(keys[:depth])} {why}, so it is left alone"),
                )
            containers.append(node)
            value, problem = self._entry(node, keys[depth], keys[:depth])
            if value is None or problem:
                return Found(base, tuple(containers), problem=problem)
            node = value
            depth += 1
        return Found(base, tuple(containers), value=node)

    def _entry(
        self, node: Container, key: str, path: tuple[str | None, ...]
    ) -> tuple[ast.expr | None, Unclear | None]:
        """What is under one key of a literal, and why that is not certain."""
        found: ast.expr | None = None
        problem: Unclear | None = None
        for name, value in entries_of(node):
            own = constant(name, self.known) if isinstance(name, ast.expr) else name
            if own is None:
                why = f"{self.label(path)} takes in another dict, so nothing is put there"
                problem = Unclear(value.lineno, why)
            elif own == key:
                found, problem = value, None
            elif own is UNKNOWN and found is None and problem is None:
                why = f"{self.label(path)} has a key that is not a plain string, so nothing is put there"
                problem = Unclear(value.lineno, why)
        return found, problem


def is_container(node: ast.AST | None) -> TypeGuard[Container]:
    """Is this a dict literal, or a plain `dict(...)`?"""
    return isinstance(node, ast.Dict) or (
        isinstance(node, ast.Call) and (isinstance(node.func, ast.Name) and node.func.id == "dict")
    )


def entries_of(node: Container) -> Iterator[tuple[ast.expr | str | None, ast.expr]]:
    """Keys and values; None for the key of what is taken in as a whole (`**base`, `dict(base)`)."""
    if isinstance(node, ast.Dict):
        yield from zip(node.keys, node.values, strict=True)
        return
    for argument in node.args:
        yield None, argument
    for one in node.keywords:
        yield one.arg, one.value


def sequence_of_entries(offsets: Offsets, node: Container) -> Sequence:
    """Where the entries stand. Raises `ValueError` if the text cannot be followed."""
    return sequence_of(offsets, node) if isinstance(node, ast.Dict) else arguments_of(offsets, node)


def can_name(node: Container, key: str) -> bool:
    """Can `node` have an entry with this key? `dict(...)` only takes names."""
    return isinstance(node, ast.Dict) or (key.isidentifier() and not keyword.iskeyword(key))


def meaning(node: ast.expr) -> object:
    """The same for values that say the same: whatever the order of keys, or `dict(...)` for `{...}`."""
    if is_container(node):
        entries = list(entries_of(node))
        keys = [key.value if isinstance(key, ast.Constant) else key for key, _ in entries]
        if all(isinstance(key, str) for key in keys) and len(set(map(repr, keys))) == len(keys):
            pairs = zip(map(repr, keys), (meaning(value) for _, value in entries), strict=True)
            return ("dict", *sorted(pairs, key=lambda pair: pair[0]))
    if isinstance(node, ast.List | ast.Tuple):
        return (type(node).__name__, *(meaning(one) for one in node.elts))
    return ast.dump(node)


@lru_cache(maxsize=256)
def find_dict(text: str, name: str) -> DictShape:
    """The shape of the dict `name` in a file.

    Looks at module level, then, for django-configurations, at the attributes of classes.
    Raises `SyntaxError` if the file cannot be parsed.
    """
    module = parse(text)
    known = strings_of(module.body)
    shape = _shape(module.body, name, known)
    if shape.events or shape.problem:
        return shape
    inside = []
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            found = _shape(node.body, name, known | strings_of(node.body))
            if found.events or found.problem:
                inside.append((found, node.lineno))
    if len(inside) > 1:
        why = f"{name} is set in more than one class, so it is left alone"
        events = tuple(event for one, _ in inside for event in one.events)
        return DictShape(name=name, events=events, known=known, problem=Unclear(inside[1][1], why))
    return inside[0][0] if inside else shape


def _shape(body: list[ast.stmt], name: str, known: dict[str, object]) -> DictShape:
    reader = Reader(body, name, known)
    return DictShape(name=name, events=tuple(reader.events), known=known, problem=reader.problem)
