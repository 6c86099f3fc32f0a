"""What an event carries: the attributes that it has once it is made, read from its class."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.syntax.reading import dotted

from .annotations import any_type, type_of
from .assignments import assigned, is_super
from .classes import lineage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .annotations import Type
    from .classes import EventClass
    from .scopes import Scope, Target

Function = ast.FunctionDef | ast.AsyncFunctionDef
DECORATORS = frozenset({"attrs", "dataclass", "define", "frozen", "mutable", "s"})
"""Of dataclasses and attrs: the class is what its annotations say."""
MODELS = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel"})
FRESH = frozenset(
    {"datetime.now", "dict", "list", "now", "set", "timezone.now", "tuple", "uuid.uuid4", "uuid4"}
)
"""Calls that only stand in where nothing was given."""


class Field(NamedTuple):
    """One attribute, or something that the event takes and does not keep."""

    name: str
    type: Type
    line: int
    kept: bool = True
    always: bool = True
    """False if it is set under a condition only."""
    used: bool = True
    """Is it read anywhere while the event is made?"""


class Fields(NamedTuple):
    """All of an event."""

    fields: tuple[Field, ...]
    open: bool = False
    """May it carry more than can be read: `self.__dict__.update(kwargs)`?"""


def fields_of(
    event: EventClass, classes: Mapping[Target, EventClass], *, is_foreign: Callable[[Target], bool]
) -> Fields:
    """What the event carries and takes, in the order in which it is said."""
    reader = _Reader(classes, is_foreign)
    reader.read(tuple(lineage(event, classes)))
    return Fields(tuple(reader.found.values()), reader.open)


@dataclass(slots=True)
class _Reader:
    classes: Mapping[Target, EventClass]
    is_foreign: Callable[[Target], bool]
    found: dict[str, Field] = field(default_factory=dict)
    open: bool = False

    def read(self, chain: tuple[EventClass, ...]) -> None:
        """Read the first class of the chain that says how it is made."""
        for at, one in enumerate(chain):
            if _is_annotated(one, chain[at:]):
                for count, other in reversed(list(enumerate(chain[at:], at))):
                    if _is_annotated(other, chain[count:]):
                        self._annotated(other)
                return
            if (function := _method(one.node, "__init__")) is not None:
                self._made(one, function, chain[at + 1 :])
                return

    def _type(self, annotation: ast.expr | None, scope: Scope) -> Type:
        return type_of(annotation, scope, is_foreign=self.is_foreign)

    def _add(self, new: Field) -> None:
        """A later word replaces an earlier one, in its place."""
        self.found[new.name] = new

    def _set(self, new: Field, before: Mapping[str, Field]) -> None:
        """An attribute that is set, perhaps not for the first time: `before` is what the bases set."""
        old = self.found.get(new.name)
        if old is not None and old is not before.get(new.name):
            kind = new.type if new.type.same(old.type) else any_type()
            new = new._replace(type=kind, always=old.always or new.always)
        self._add(new)

    def _annotated(self, one: EventClass) -> None:
        for statement in one.node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name, annotation = statement.target.id, statement.annotation
            outer = _outer(annotation)
            if outer in {"ClassVar", "KW_ONLY"} or name == "model_config":
                continue
            inner = (
                annotation.slice
                if outer == "InitVar" and isinstance(annotation, ast.Subscript)
                else annotation
            )
            kept = outer != "InitVar"
            self._add(Field(name, self._type(inner, one.scope), statement.lineno, kept=kept))
        if (function := _method(one.node, "__post_init__")) is not None:
            for name, line, _, always in assigned(function.body, _self(function)):
                if name not in self.found:
                    self._add(Field(name, any_type(), line, always=always))

    def _made(self, one: EventClass, function: Function, rest: tuple[EventClass, ...]) -> None:
        """An `__init__`: what it sets on the event, and what it takes besides."""
        owner = _self(function)
        taken = _parameters(function)
        for call in _calls(function):
            name = dotted(call.func) or ""
            if name.endswith(".__init__") or is_super(call.func, "__init__"):
                self.read(rest)
                self.found = {key: value for key, value in self.found.items() if value.kept}
            names = bool(call.args[1:]) and isinstance(call.args[1], ast.Constant)
            self.open = self.open or name == f"{owner}.__dict__.update" or (name == "setattr" and not names)
        before = dict(self.found)
        for name, line, value, always in assigned(function.body, owner):
            kind = self._of_value(value, taken, one.scope)
            self._set(Field(name, kind, line, always=always), before)
        used = {
            node.id
            for statement in function.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        for name, argument in taken.items():
            kind = self._type(argument.annotation, one.scope)
            if name not in self.found:
                self._add(Field(name, kind, argument.lineno, kept=False, used=name in used))
            elif not self.found[name].type.same(kind):
                # The tests compare with what is taken under this name, so what is converted has to be `Any`.
                self._add(self.found[name]._replace(type=any_type(kind.foreign)))

    def _of_value(self, value: ast.AnnAssign | ast.expr, taken: Mapping[str, ast.arg], scope: Scope) -> Type:
        """The type of an attribute, from what it is set to."""
        if isinstance(value, ast.AnnAssign):
            return self._type(value.annotation, scope)
        source = _source(value)
        return self._type(taken[source].annotation, scope) if source in taken else any_type()


def _is_annotated(one: EventClass, chain: Iterable[EventClass]) -> bool:
    names = (dotted(each.func if isinstance(each, ast.Call) else each) for each in one.node.decorator_list)
    if any((name or "").rpartition(".")[2] in DECORATORS for name in names):
        return True
    return any(str(base) in MODELS for other in chain for base in other.bases)


def _method(node: ast.ClassDef, name: str) -> Function | None:
    methods = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == name)
    return next(methods, None)


def _self(function: Function) -> str:
    arguments = (*function.args.posonlyargs, *function.args.args)
    return arguments[0].arg if arguments else "self"


def _parameters(function: Function) -> dict[str, ast.arg]:
    arguments = (*function.args.posonlyargs, *function.args.args)[1:]
    return {one.arg: one for one in (*arguments, *function.args.kwonlyargs)}


def _calls(function: Function) -> Iterator[ast.Call]:
    for statement in function.body:
        yield from (node for node in ast.walk(statement) if isinstance(node, ast.Call))


def _source(value: ast.expr) -> str:
    """The parameter that a value is: alone, or with something that stands in where it is empty."""
    match value:
        case ast.Name(id=name):
            return name
        case ast.BoolOp(op=ast.Or(), values=[ast.Name(id=name), other]) if _is_empty(other):
            return name
        case ast.IfExp(test=test, body=ast.Name(id=name), orelse=other) if _is_empty(other):
            return name if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(test)) else ""
    return ""


def _is_empty(node: ast.expr) -> bool:
    match node:
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Tuple(elts=[]):
            return True
        case ast.Call():
            return (dotted(node.func) or "") in FRESH
    return False


def _outer(annotation: ast.expr) -> str:
    """`ClassVar` for `ClassVar[int]`, `typing.ClassVar[int]` and the same in quotes."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        head = annotation.value.partition("[")[0]
    else:
        head = dotted(annotation.value if isinstance(annotation, ast.Subscript) else annotation) or ""
    return head.strip().rpartition(".")[2]
