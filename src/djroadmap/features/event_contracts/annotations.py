"""Annotations as the contract says them: every name resolved, in today's spelling, with their JSON Schema."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.syntax.quoting import requote
from djroadmap.syntax.reading import dotted

from .scopes import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .scopes import Scope

Schema = dict[str, Any]

MARK = ":"
"""Stands between module and name in the `ast.Name` of something that has to be imported."""
STUBS = "_typeshed"
"""Is there for type checkers only."""
ANY_TARGET = Target("typing", "Any")
OLD_NAMES = {
    "Dict": "dict",
    "FrozenSet": "frozenset",
    "List": "list",
    "Set": "set",
    "Text": "str",
    "Tuple": "tuple",
}
ABSTRACT = frozenset(
    {
        "AbstractSet",
        "Callable",
        "Collection",
        "Iterable",
        "Iterator",
        "Mapping",
        "MutableMapping",
        "MutableSequence",
        "MutableSet",
        "Sequence",
    }
)
SCALARS: Mapping[str, Schema] = {
    "builtins.bool": {"type": "boolean"},
    "builtins.bytes": {"type": "string", "format": "binary"},
    "builtins.dict": {"type": "object"},
    "builtins.float": {"type": "number"},
    "builtins.frozenset": {"type": "array", "items": {}, "uniqueItems": True},
    "builtins.int": {"type": "integer"},
    "builtins.list": {"type": "array", "items": {}},
    "builtins.object": {},
    "builtins.set": {"type": "array", "items": {}, "uniqueItems": True},
    "builtins.str": {"type": "string"},
    "builtins.tuple": {"type": "array", "items": {}},
    "collections.abc.Mapping": {"type": "object"},
    "collections.abc.Sequence": {"type": "array", "items": {}},
    "datetime.date": {"type": "string", "format": "date"},
    "datetime.datetime": {"type": "string", "format": "date-time"},
    "datetime.time": {"type": "string", "format": "time"},
    "datetime.timedelta": {"type": "string", "format": "duration"},
    "decimal.Decimal": {"type": "string", "format": "decimal"},
    "typing.Any": {},
    "uuid.UUID": {"type": "string", "format": "uuid"},
}
"""What Pydantic says of these, as `event_schema` of the template leaves it. Others are found by running the tests."""
ARRAYS = frozenset({"builtins.list", "collections.abc.Sequence"})
SETS = frozenset({"builtins.set", "builtins.frozenset"})
OBJECTS = frozenset({"builtins.dict", "collections.abc.Mapping"})


class Type(NamedTuple):
    """A type, as code in which what has to be imported is still marked."""

    node: ast.expr
    schema: Schema | None
    """Its JSON Schema; None if only the running project can tell."""
    foreign: Target | None = None
    """What belongs to another app, so that `Any` stands in its place."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """What it needs, each once."""
        names = (node.id for node in ast.walk(self.node) if isinstance(node, ast.Name))
        return tuple(dict.fromkeys(Target(*name.split(MARK)) for name in names if MARK in name))

    @property
    def is_any(self) -> bool:
        """Does it say nothing?"""
        return self.targets == (ANY_TARGET,) and isinstance(self.node, ast.Name)

    def same(self, other: Type) -> bool:
        """Do both say the same?"""
        return ast.dump(self.node) == ast.dump(other.node)

    def code(self, names: Mapping[Target, str]) -> str:
        """The type with these names for what is imported."""
        node = copy.deepcopy(self.node)
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and MARK in one.id:
                one.id = names[Target(*one.id.split(MARK))]
        return requote(ast.unparse(node), '"')


def any_type(foreign: Target | None = None) -> Type:
    """`Any`, in the place of what belongs to another app or is not known."""
    return Type(_marked(ANY_TARGET), {}, foreign)


def type_of(annotation: ast.expr | None, scope: Scope, *, is_foreign: Callable[[Target], bool]) -> Type:
    """The type that an annotation of this module means; `Any` for none, and for what is not to be imported."""
    if annotation is None:
        return any_type()
    reading = _Reading(scope, is_foreign)
    try:
        node = reading.read(annotation)
    except _Untold:
        return any_type(reading.foreign)
    return Type(node, _schema(node))


class _Untold(Exception):
    """No type that could be said in a contract."""


class _Reading:
    """One annotation, being read."""

    def __init__(self, scope: Scope, is_foreign: Callable[[Target], bool]) -> None:
        self.scope = scope
        self.is_foreign = is_foreign
        self.foreign: Target | None = None

    def read(self, node: ast.expr) -> ast.expr:
        """The annotation with its names marked. Raises `_Untold`."""
        match node:
            case ast.Constant(value=str() as text):
                try:
                    return self.read(ast.parse(text.strip(), mode="eval").body)
                except SyntaxError:
                    raise _Untold from None
            case ast.Constant():
                return node
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _either([self.read(left), self.read(right)])
            case ast.Tuple(elts=elements):
                return ast.Tuple([self.read(one) for one in elements], ast.Load())
            case ast.List(elts=elements):
                return ast.List([self.read(one) for one in elements], ast.Load())
        raise _Untold

    def target(self, node: ast.expr) -> Target:
        """What a name means, in today's spelling. Raises `_Untold`."""
        name = dotted(node)
        if name is None:
            raise _Untold
        found = self.scope.resolve(name)
        if found.module in {"typing", "typing_extensions"}:
            if found.name in OLD_NAMES:
                return Target("builtins", OLD_NAMES[found.name])
            if found.name == "Type":
                return Target("builtins", "type")
            if found.name in ABSTRACT:
                return Target("collections.abc", found.name.replace("AbstractSet", "Set"))
            return Target("typing", found.name)
        return found

    def _name(self, node: ast.expr) -> ast.expr:
        found = self.target(node)
        if self.is_foreign(found):
            self.foreign = found
            raise _Untold
        if found == Target("builtins", "None"):
            return ast.Constant(None)
        if (
            not found.name
            or found.module == STUBS
            or self._is_nowhere(found)
            or _is_variable(found, self.scope)
        ):
            raise _Untold
        return _marked(found)

    def _is_nowhere(self, target: Target) -> bool:
        """Is it neither defined nor imported here? A type parameter of a class, say."""
        head = target.name.partition(".")[0]
        return target.module == self.scope.module and head not in self.scope.names and not self.scope.stars

    def _subscript(self, node: ast.Subscript) -> ast.expr:
        found = self.target(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if found.module == "typing":
            match found.name:
                case "Optional":
                    return _either([self.read(node.slice), ast.Constant(None)])
                case "Union":
                    return _either([self.read(one) for one in inner])
                case "Annotated" | "Final" | "Required":
                    return self.read(inner[0])
                case "Literal":
                    return ast.Subscript(_marked(found), node.slice, ast.Load())
        return ast.Subscript(self._name(node.value), self.read(node.slice), ast.Load())


def _is_variable(target: Target, scope: Scope) -> bool:
    """Is it a type variable of the module, which stands for any type?"""
    if target.module != scope.module:
        return False
    for statement in scope.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if name == target.name:
                return getattr(func, "id", getattr(func, "attr", "")) in {
                    "ParamSpec",
                    "TypeVar",
                    "TypeVarTuple",
                }
    return False


def _marked(target: Target) -> ast.expr:
    head, *rest = target.name.split(".")
    node: ast.expr = ast.Name(
        head if target.module == "builtins" else f"{target.module}{MARK}{head}", ast.Load()
    )
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


def _either(options: list[ast.expr]) -> ast.expr:
    """`a | b`; `Any` has to stay alone."""
    node = options[0]
    for option in options[1:]:
        node = ast.BinOp(node, ast.BitOr(), option)
    return node


def _schema(node: ast.expr) -> Schema | None:
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Name(id=name):
            return SCALARS.get(name.replace(MARK, ".") if MARK in name else f"builtins.{name}")
        case ast.BinOp():
            return _any_of(node)
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            name = name.replace(MARK, ".") if MARK in name else f"builtins.{name}"
            return _generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
    return None


def _any_of(node: ast.expr) -> Schema | None:
    options: list[Schema | None] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.BinOp):
            waiting += [one.right, one.left]
        else:
            options.append(_schema(one))
    once = [option for at, option in enumerate(options) if option not in options[:at]]
    if None in once or {} in once:
        return None
    once.sort(key=lambda option: option == {"type": "null"})  # as Pydantic does
    return once[0] if len(once) == 1 else {"anyOf": once}


def _generic(name: str, inner: list[ast.expr]) -> Schema | None:
    if name == "typing.Literal":
        return _literal(inner)
    parts = [_schema(one) for one in inner if not _is_ellipsis(one)]
    if not parts or None in parts:
        return None
    if name in ARRAYS and len(parts) == 1:
        return {"type": "array", "items": parts[0]}
    if name in SETS and len(parts) == 1:
        return {"type": "array", "items": parts[0], "uniqueItems": True}
    if name == "builtins.tuple":
        if len(inner) == 2 and _is_ellipsis(inner[1]):
            return {"type": "array", "items": parts[0]}
        count = len(parts)
        return {"type": "array", "prefixItems": parts, "minItems": count, "maxItems": count}
    if name in OBJECTS and len(parts) == 2 and parts[0] in ({"type": "string"}, {"type": "integer"}):
        return {"type": "object", "additionalProperties": parts[1]} if parts[1] else {"type": "object"}
    return None


def _literal(inner: list[ast.expr]) -> Schema | None:
    values = [one.value if isinstance(one, ast.Constant) else None for one in inner]
    for kind, name in ((str, "string"), (int, "integer")):
        if all(type(value) is kind for value in values):
            return {"type": name, **({"const": values[0]} if len(values) == 1 else {"enum": values})}
    return None


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
