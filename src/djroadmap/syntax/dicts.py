"""What a dict setting can look like in one file: the literal, and the writes that change it later."""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from .calls import arguments_of
from .nodes import sequence_of
from .parts import Unclear, strings_of
from .reading import UNKNOWN, Offsets, constant, parse, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sequence import Sequence

Container = ast.Dict | ast.Call
"""`{...}` or `dict(...)`."""

Keys = tuple[str, ...]


class Event(NamedTuple):
    """One statement's effect: the name, or something under it, gets a value."""

    line: int
    path: tuple[str | None, ...]
    """The keys that are written; None for one that only running the file could tell."""
    value: ast.expr | None
    """What is put there, or taken in by `merge`; None if that is not known, or nothing (`delete`)."""
    conditional: bool
    act: str = "set"
    """`set`, `merge` or `delete`."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DictShape:
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
            if event.act == "merge":
                effect, blame = self._merged(event, keys)
                problem = problem or blame
            else:
                effect = event
            if effect is None or effect.path != keys[: len(effect.path)]:
                continue
            if effect.act == "delete":
                if not effect.conditional:
                    gone = Unclear(
                        effect.line, f"{self.label(effect.path)} is deleted, so nothing is put there"
                    )
                    states = [Found(len(effect.path), (), problem=gone)]
                continue
            assert effect.value is not None  # noqa: S101 - only merges and deletions have none
            found = self._descend(effect.value, keys, len(effect.path))
            if not effect.conditional:
                if not effect.path and states:
                    problem = problem or Unclear(effect.line, f"{self.name} is set more than once")
                states = [found]
            elif not effect.path:
                problem = problem or Unclear(
                    effect.line, f"{self.name} is set under a condition, so it is left alone"
                )
                states.append(found)
            elif len(effect.path) < len(keys):
                problem = problem or Unclear(
                    effect.line,
                    f"{self.label(effect.path)} is replaced under a condition, so it is left alone",
                )
        if not states:
            problem = problem or Unclear(None, f"{self.name} is not set in this file")
        return View(tuple(states), problem)

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
        base, containers = depth, []
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
    shape = _Reader(name, known).read(module.body)
    if shape.events or shape.problem:
        return shape
    inside = []
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            found = _Reader(name, known | strings_of(node.body)).read(node.body)
            if found.events or found.problem:
                inside.append((found, node.lineno))
    if len(inside) > 1:
        why = f"{name} is set in more than one class, so it is left alone"
        events = tuple(event for one, _ in inside for event in one.events)
        return DictShape(name=name, events=events, known=known, problem=Unclear(inside[1][1], why))
    return inside[0][0] if inside else shape


class _Reader:
    """Collects what the statements of one body do to a name."""

    def __init__(self, name: str, known: dict[str, object]) -> None:
        self.name = name
        self.known = known
        self.events: list[Event] = []
        self.problem: Unclear | None = None

    def read(self, body: list[ast.stmt]) -> DictShape:
        for node, conditional in statements(body):
            self._statement(node, conditional=conditional)
        return DictShape(name=self.name, events=tuple(self.events), known=self.known, problem=self.problem)

    def _statement(self, node: ast.stmt, *, conditional: bool) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value, conditional=conditional)
                if len(targets) > 1 and any(self._path(target) == () for target in targets):
                    self._blame(node, "is bound together with another name")
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value, conditional=conditional)
            case ast.AugAssign(target=target, op=ast.BitOr(), value=value):
                self._add(node, self._path(target), value, conditional=conditional, act="merge")
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr=method)) as call):
                self._method(call, self._path(target), method, conditional=conditional)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._add(node, self._path(target), None, conditional=conditional, act="delete")
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                if any((alias.asname or alias.name) == self.name for alias in names):
                    self._blame(node, "comes from another module")
            case ast.FunctionDef(name=self.name) | ast.AsyncFunctionDef(name=self.name):
                self._blame(node, "is a function")
            case ast.For(target=target) | ast.AsyncFor(target=target) if self._path(target) == ():
                self._blame(node, "is a loop variable")

    def _blame(self, node: ast.stmt, why: str) -> None:
        self.problem = self.problem or Unclear(node.lineno, f"{self.name} {why}, so it is left alone")

    def _assign(self, target: ast.expr, value: ast.expr, *, conditional: bool) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            if any(self._path(inner) == () for inner in target.elts):
                why = f"{self.name} is one of several results, so it is left alone"
                self.problem = self.problem or Unclear(target.lineno, why)
            return
        self._add(target, self._path(target), value, conditional=conditional, act="set")

    def _add(
        self,
        node: ast.expr | ast.stmt,
        path: tuple[str | None, ...] | None,
        value: ast.expr | None,
        *,
        conditional: bool,
        act: str,
    ) -> None:
        if path is not None:
            self.events.append(Event(node.lineno, path, value, conditional, act))

    def _method(
        self, call: ast.Call, path: tuple[str | None, ...] | None, method: str, *, conditional: bool
    ) -> None:
        if path is None:
            return
        if method == "update":
            value: ast.expr | None = None
            if len(call.args) == 1 and not call.keywords:
                value = call.args[0]
            elif not call.args:  # update(a=1) is update(dict(a=1))
                name = ast.copy_location(ast.Name("dict", ast.Load()), call.func)
                value = ast.copy_location(ast.Call(name, [], call.keywords), call)
            self._add(call, path, value, conditional=conditional, act="merge")
        elif method == "pop" and call.args:
            self._add(call, (*path, self._key(call.args[0])), None, conditional=conditional, act="delete")
        elif method == "clear":
            self._add(call, path, None, conditional=conditional, act="delete")

    def _path(self, node: ast.expr) -> tuple[str | None, ...] | None:
        """The keys of `NAME["a"]["b"]` or `NAME.setdefault("a", {})["b"]`; None for anything else."""
        match node:
            case ast.Name(id=self.name):
                return ()
            case ast.Subscript(value=inner, slice=index):
                path = self._path(inner)
                return None if path is None else (*path, self._key(index))
            case ast.Call(func=ast.Attribute(value=inner, attr="setdefault"), args=[index, *_]):
                path = self._path(inner)
                return None if path is None else (*path, self._key(index))
        return None

    def _key(self, node: ast.expr) -> str | None:
        value = constant(node, self.known)
        return value if isinstance(value, str) else None
