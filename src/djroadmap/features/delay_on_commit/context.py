"""What is around a call, as far as it decides whether it may wait for the commit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.syntax.reading import dotted

from . import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath

    from .names import Names, Scope
    from .reasons import Reason

ATOMIC = "django.db.transaction.atomic"
SUPPRESSING = frozenset({"contextlib.suppress"})
PLAIN = frozenset({"open", "contextlib.nullcontext"})
"""Contexts that do not care what is sent when."""
QUERIES = frozenset(
    {
        "save",
        "create",
        "get_or_create",
        "update_or_create",
        "bulk_create",
        "update",
        "delete",
        "filter",
        "atomic",
    }
)
FAILURES = frozenset(
    {
        "on_failure",
        "on_retry",
        "handle_exception",
        "exception_handler",
        "process_exception",
        "handle_uncaught_exception",
    }
)
DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
LOOPS = ast.For | ast.AsyncFor | ast.While


class Around(NamedTuple):
    """The nodes around one, the innermost first, and the functions and classes among them, the outermost first."""

    nodes: tuple[ast.AST, ...]
    scopes: tuple[Scope, ...]

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost function."""
        found = [one for one in self.scopes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        return found[-1] if found else None


class Tree:
    """A module, and what is above the nodes of some of its lines: walking all of it would cost more than parsing it."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self.parents: dict[int, ast.AST] = {}

    def at(self, line: int) -> Iterator[ast.AST]:
        """The parts of the innermost statements on that line (from 1), without other statements in them."""
        waiting: list[ast.AST] = []
        outer: list[ast.AST] = [self.module]
        while outer:
            above = outer.pop()
            inner = [one for one in _blocks(above) if _covers(one, line)]
            self.parents.update((id(one), above) for one in inner)
            outer += inner
            is_here = not inner or getattr(above, "lineno", 0) == line
            waiting += [above] if is_here and above is not self.module else []
        while waiting:
            node = waiting.pop()
            yield node
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                    self.parents[id(child)] = node
                    waiting.append(child)

    def around(self, node: ast.AST) -> Around:
        """What is around a node that `at` has found, or around a statement above one."""
        nodes: list[ast.AST] = []
        above = self.parents.get(id(node))
        child = node
        scopes: list[Scope] = []
        while above is not None:
            nodes.append(above)
            if isinstance(above, ast.Lambda) or (
                isinstance(above, DEFINED) and child not in above.decorator_list
            ):
                scopes.append(above)
            child, above = above, self.parents.get(id(above))
        return Around(tuple(nodes), tuple(reversed(scopes)))


def _blocks(node: ast.AST) -> Iterator[ast.AST]:
    """The statements, handlers and cases directly below a node."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        below = getattr(node, field, None)
        if isinstance(below, list):
            yield from below


def _covers(node: ast.AST, line: int) -> bool:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno <= line <= (node.body[-1].end_lineno or 0)
    first: int = node.lineno  # type: ignore[attr-defined]
    first = min([first, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    return first <= line <= (node.end_lineno or 0)  # type: ignore[attr-defined]


def obstacle(names: Names, path: RelPath, statement: ast.stmt, around: Around) -> Reason | None:
    """Why a call that is a statement of its own may not wait for the commit."""
    if around.function is None:
        return reasons.MODULE
    if any(isinstance(one, ast.AsyncFunctionDef) for one in around.scopes):
        return reasons.ASYNC
    child: ast.AST = statement
    for above in around.nodes:
        if found := _block(names, path, child, above, around) or _followed(child, above):
            return found
        if above is around.function:
            break
        child = above
    return next(filter(None, (_function(names, path, one) for one in around.scopes)), None)


def queries(function: ast.AST) -> bool:
    """Does the function query the database itself, as far as that is seen?"""
    return any(
        isinstance(node, ast.Attribute) and (node.attr in QUERIES or node.attr == "objects")
        for node in ast.walk(function)
    )


def is_atomic(names: Names, path: RelPath, around: Around) -> bool:
    """Is there a transaction to be seen?"""
    items = [item.context_expr for node in around.nodes if isinstance(node, ast.With) for item in node.items]
    decorators = [one for scope in around.scopes for one in getattr(scope, "decorator_list", ())]
    return any(_name(names, path, one, around.scopes) == ATOMIC for one in [*items, *decorators])


def _block(names: Names, path: RelPath, child: ast.AST, above: ast.AST, around: Around) -> Reason | None:
    match above:
        case ast.Try() | ast.TryStar():
            if child in above.body and above.handlers:
                return reasons.TRY
            return reasons.FAILURE if child in above.finalbody else None
        case ast.ExceptHandler():
            return reasons.FAILURE
        case ast.With():
            every = (_with(names, path, item.context_expr, around) for item in above.items)
            return next(filter(None, every), None)
    return None


def _with(names: Names, path: RelPath, context: ast.expr, around: Around) -> Reason | None:
    name = _name(names, path, context, around.scopes)
    if name == ATOMIC:
        return reasons.DATABASE if _is_of_another(context) else None
    if name in SUPPRESSING:
        return reasons.SUPPRESS
    return None if name in PLAIN else reasons.CONTEXT


def _function(names: Names, path: RelPath, scope: Scope) -> Reason | None:
    """What the function around it, or its decorators, say."""
    if isinstance(scope, ast.Lambda):
        return None
    if isinstance(scope, ast.FunctionDef):
        if scope.name == "ready":
            return reasons.OUTSIDE
        rolls_back = names.says(path, "rollback") and any(map(_rolls_back, ast.walk(scope)))
        if scope.name in FAILURES or rolls_back:
            return reasons.FAILURE
    return next(filter(None, (_decorator(names, path, one) for one in scope.decorator_list)), None)


def _decorator(names: Names, path: RelPath, decorator: ast.expr) -> Reason | None:
    if _name(names, path, decorator, ()) == ATOMIC and _is_of_another(decorator):
        return reasons.DATABASE
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(called, ast.Attribute) and called.attr == "connect":
        signal = _name(names, path, called.value, ())
        if signal.startswith("celery.") or ".on_after_" in f".{dotted(called.value)}":
            return reasons.OUTSIDE
    inside = ast.walk(decorator) if isinstance(decorator, ast.Call) else ()
    failed = any((dotted(one) or "").endswith("got_request_exception") for one in inside)
    return reasons.FAILURE if failed else None


def _followed(child: ast.AST, above: ast.AST) -> Reason | None:
    """Does an exception come behind it, which rolls the transaction back?"""
    for field in ("body", "orelse", "finalbody"):
        block: Sequence[ast.AST] = getattr(above, field, None) or ()
        if isinstance(block, list) and child in block:
            behind = block[block.index(child) + 1 :]
            return reasons.FAILURE if any(isinstance(one, ast.Raise) for one in behind) else None
    return None


def _rolls_back(node: ast.AST) -> bool:
    name = dotted(node.func) if isinstance(node, ast.Call) else None
    return name is not None and name.rpartition(".")[2] in {"set_rollback", "rollback", "savepoint_rollback"}


def _is_of_another(context: ast.expr) -> bool:
    """`atomic("other")`, `atomic(using=...)`."""
    if not isinstance(context, ast.Call):
        return False
    given = [*context.args, *(one.value for one in context.keywords if one.arg in {"using", None})]
    return any(not (isinstance(one, ast.Constant) and one.value in {None, "default"}) for one in given)


def _name(names: Names, path: RelPath, node: ast.expr, scopes: Sequence[Scope]) -> str:
    """The full name of what is called or named, if it is not the project's own; else as it is written."""
    called = node.func if isinstance(node, ast.Call) else node
    name = dotted(called) or ""
    target = names.resolve(path, name, scopes) if name else None
    return target.name if target is not None and not target.path else name


def later(function: ast.AST, statement: ast.stmt, around: Around) -> Iterator[ast.AST]:
    """The nodes of a function that run after the statement: those behind it, and all of the loops around it."""
    loops = [one for one in around.nodes if isinstance(one, LOOPS)]
    again = {id(node) for loop in loops if _is_within(loop, function) for node in ast.walk(loop)}
    end = (statement.end_lineno or 0, statement.end_col_offset or 0)
    own = {id(node) for node in ast.walk(statement)}
    for node in ast.walk(function):
        if not hasattr(node, "lineno") or id(node) in own:
            continue
        if id(node) in again or (node.lineno, getattr(node, "col_offset", 0)) >= end:
            yield node


def _is_within(node: ast.AST, function: ast.AST) -> bool:
    return _covers(function, getattr(node, "lineno", 0))
