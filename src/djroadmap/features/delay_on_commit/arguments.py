"""What a task is sent with, and whether that is the same when the transaction commits."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.syntax.reading import dotted

from . import reasons
from .context import later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.syntax.deferred import Deferred

    from .context import Around
    from .names import Names
    from .reasons import Reason

CHANGING = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "sort",
        "reverse",
        "add",
        "discard",
        "update",
        "setdefault",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
        "appendleft",
        "extendleft",
        "popleft",
        "setlist",
        "appendlist",
    }
)
ROWS = frozenset({"self", "instance", "obj"})
"""What rows are called. Sent as a whole, they are pickled at the commit, and have no key if they were deleted."""
LAZY = frozenset(
    {"all", "filter", "exclude", "order_by", "values", "values_list", "distinct", "annotate", "union"}
)
SIMPLE_CALLS = frozenset({"str", "int"})
SAVED = ("save", "create", "delete", "refresh", "reload", "super", "clean", "populate", "full")
BEFORE = ("pre_", "before_", "clean", "full_clean", "validate")
"""Functions that see objects which are not saved yet."""
KEYS = frozenset({"pk", "id"})


def changed(names: Names, one: Deferred, around: Around) -> Reason | None:
    """A list or a dict that is sent now as it is, and would be sent at the commit as it is then."""
    function = around.function
    if function is not None and any(_deletes(node) for node in later(function, one.statement, around)):
        return reasons.DELETED
    passed = set(_passed([*one.arguments, *(keyword.value for keyword in one.keywords)]))
    if function is None or not passed:
        return None
    if passed & ROWS or any(_is_query(names, function, name) for name in passed):
        return reasons.OBJECT
    for node in later(function, one.statement, around):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if (
                name in CHANGING and dotted(value) in passed
            ):
                return reasons.CHANGED
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()) if dotted(value) in passed:
                return reasons.CHANGED
            case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()) if dotted(value) in passed:
                return reasons.CHANGED
            case ast.AugAssign(target=target) if dotted(target) in passed:
                return reasons.CHANGED
    return None


def _is_query(names: Names, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Is the name a query, which is made when it is sent?"""
    found = names.local(function).get(name, ())
    return any(
        isinstance(one.node, ast.Call)
        and isinstance(one.node.func, ast.Attribute)
        and one.node.func.attr in LAZY
        for one in found
    )


def _deletes(node: ast.AST) -> bool:
    """`order.delete()`, `self.order.delete()`, `super().delete()`: of a row, not of a query."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute(), attr="delete"), args=[]):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="delete")):
            return True
    return False


def late(names: Names, one: Deferred, around: Around) -> Reason | None:
    """Arguments of a callback, which are read when it runs: would they be the same now?"""
    values = [*one.arguments, *(keyword.value for keyword in one.keywords)]
    if not all(map(_is_plain, values)):
        return reasons.SHAPE
    function = around.function
    if function is None:
        return reasons.LATE if any(True for value in values for _ in _names(value)) else None
    used = {name for value in values for name in _names(value)}
    chains = {
        dotted(node) or "" for value in values for node in ast.walk(value) if isinstance(node, ast.Attribute)
    }
    if _owners(names, around, used) is None:
        return reasons.LATE
    early = function.name.startswith(BEFORE) or _is_early_handler(function)
    changes = (_may_be_other(node, used, chains) for node in later(function, one.statement, around))
    return reasons.LATE if (chains and early) or any(changes) else None


def _may_be_other(node: ast.AST, used: set[str], chains: set[str]) -> bool:
    """Could a name or an attribute be something else after this node?"""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return name in used
        case ast.Nonlocal(names=names) | ast.Global(names=names):
            return not used.isdisjoint(names)
        case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
            return (dotted(value) or "").split(".")[0] in {chain.split(".")[0] for chain in chains}
        case ast.Call():
            return _may_change(node, chains)
    return False


def _may_change(call: ast.Call, chains: set[str]) -> bool:
    """Could the call give one of these attributes another value?"""
    if not chains:
        return False
    name = dotted(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    roots = {chain.split(".")[0]: chain for chain in chains}
    of_super = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call)
    if of_super and dotted(call.func.value.func) == "super" and call.func.attr != "get":  # type: ignore[attr-defined]
        return True
    root = name.split(".")[0]
    given = {
        inner.id
        for value in [*call.args, *(keyword.value for keyword in call.keywords)]
        for inner in ast.walk(value)
        if isinstance(inner, ast.Name)
    }
    touched = [chain for base, chain in roots.items() if base in given or (base == root and "." in name)]
    if not touched:
        return False
    if all(chain.rpartition(".")[2] in KEYS or chain.endswith("_id") for chain in touched):
        last = name.rpartition(".")[2].lower()
        return any(word in last for word in SAVED)
    return True


def _owners(names: Names, around: Around, used: set[str]) -> bool | None:
    """None if a name belongs to a function further out, which may go on changing it."""
    function = around.function
    for scope in reversed(around.scopes):
        if isinstance(scope, ast.Lambda | ast.ClassDef):
            continue
        own = set(names.local(scope)) & used
        if own and scope is not function:
            return None
        used = used - own
    return True


def _is_early_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A receiver of `pre_save`: what it gets has no key yet."""
    inside = (node for decorator in function.decorator_list for node in ast.walk(decorator))
    return any((dotted(node) or "").rpartition(".")[2].startswith("pre_") for node in inside)


def _is_plain(node: ast.expr) -> bool:
    """Names, attributes, constants, and displays of them."""
    match node:
        case ast.Constant():
            return True
        case ast.Name() | ast.Attribute():
            return dotted(node) is not None
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return all(map(_is_plain, elements))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _is_plain(key) for key in keys) and all(map(_is_plain, values))
        case ast.Starred(value=value):
            return _is_plain(value)
        case ast.Call(func=ast.Name(id=name), args=[value], keywords=[]) if name in SIMPLE_CALLS:
            return _is_plain(value)
    return False


def _names(node: ast.expr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id not in SIMPLE_CALLS:
            yield inner.id


def _passed(nodes: list[ast.expr]) -> Iterator[str]:
    """The objects themselves that are passed on: `x` of `f(x)`, `f([x])`, `f(a=x.y)`."""
    for node in nodes:
        match node:
            case ast.Name() | ast.Attribute():
                yield dotted(node) or ""
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                yield from _passed(elements)
            case ast.Dict(values=values):
                yield from _passed(values)
            case ast.Starred(value=value):
                yield from _passed([value])
            case ast.IfExp(body=body, orelse=orelse):
                yield from _passed([body, orelse])
            case ast.BoolOp(values=values):
                yield from _passed(values)
