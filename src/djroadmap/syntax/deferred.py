"""Statements that call something, at once or when the transaction commits: `f(x)`, `on_commit(lambda: f(x))`, ..."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal, NamedTuple

from .reading import dotted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Way = Literal["call", "lambda", "partial", "name", "function"]
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "orelse", "finalbody")


class Deferred(NamedTuple):
    """One statement that calls something and does nothing with what it returns."""

    callee: str
    """What is called, as written: `tasks.send.delay`."""
    way: Way
    """Called as it stands, or handed to `on_commit` in one of four ways."""
    scope: str
    """The function around it with the classes and functions around that: `Order.save`; "" in the module itself."""
    statement: ast.Expr
    first: ast.stmt
    """Where it begins: the local function that is handed to `on_commit`, else the statement itself."""
    call: ast.Call | None
    """The call whose arguments the callee gets; None for `on_commit(send.delay)`."""
    guarded: bool = False
    """Is it in async code, or where errors are handled, so that it may be called at once on purpose?"""

    @property
    def arguments(self) -> list[ast.expr]:
        """What the callee gets by position."""
        if self.call is None:
            return []
        return self.call.args[1:] if self.way == "partial" else self.call.args

    @property
    def keywords(self) -> list[ast.keyword]:
        """What the callee gets by name."""
        return [] if self.call is None else self.call.keywords

    @property
    def wrapper(self) -> ast.Call | None:
        """The call of `on_commit`, if there is one."""
        value = self.statement.value
        return value if self.way != "call" and isinstance(value, ast.Call) else None

    @property
    def has_long_string(self) -> bool:
        """Does a string in it go over lines, so that it cannot be indented otherwise?"""
        nodes = [inner for node in {self.first, self.statement} for inner in ast.walk(node)]
        return any(
            isinstance(node, ast.JoinedStr | ast.Constant)
            and node.lineno != node.end_lineno
            and (isinstance(node, ast.JoinedStr) or isinstance(node.value, str | bytes))
            for node in nodes
        )

    def says(self) -> str:
        """What is called with what, to be compared."""
        keywords = [(one.arg, ast.dump(one.value)) for one in self.keywords]
        return repr(([ast.dump(one) for one in self.arguments], keywords))


def deferred(
    module: ast.Module, callees: Collection[str] = (), suffixes: tuple[str, ...] = ()
) -> list[Deferred]:
    """Every such statement whose callee is one of `callees` or ends with one of `suffixes`, in order of lines."""
    found = [
        one
        for one in _in_body(module.body, "")
        if one.callee in callees or (suffixes and one.callee.endswith(suffixes))
    ]
    return sorted(found, key=lambda one: (one.first.lineno, one.first.col_offset))


def _in_body(body: list[ast.stmt], scope: str, *, guarded: bool = False) -> Iterator[Deferred]:
    for number, statement in enumerate(body):
        if isinstance(statement, ast.Expr):
            before = body[number - 1] if number else None
            if found := _of(statement, before, scope):
                yield found._replace(guarded=guarded)
            continue
        if isinstance(statement, Function) and _is_handed_over(statement, body[number + 1 : number + 2]):
            continue
        inner = scope
        if isinstance(statement, Function | ast.ClassDef):
            inner = f"{scope}.{statement.name}" if scope else statement.name
        within = guarded or isinstance(statement, ast.AsyncFunctionDef)
        handlers = getattr(statement, "handlers", ())
        for field in BLOCKS:
            handled = field == "finalbody" or (field == "body" and bool(handlers))
            yield from _in_body(getattr(statement, field, None) or [], inner, guarded=within or handled)
        for block in handlers:
            yield from _in_body(block.body, inner, guarded=True)
        for block in getattr(statement, "cases", ()):
            yield from _in_body(block.body, inner, guarded=within)


def _of(statement: ast.Expr, before: ast.stmt | None, scope: str) -> Deferred | None:
    call = statement.value
    if not isinstance(call, ast.Call):
        return None
    name = dotted(call.func)
    if name is None:
        return None
    handed = call.args[0] if _is_on_commit(call) else None
    if handed is None:
        return Deferred(name, "call", scope, statement, statement, call)
    match handed:
        case ast.Lambda(args=arguments, body=ast.Call(func=func) as inner) if not _parameters(arguments):
            callee, way = dotted(func), "lambda"
        case ast.Call(func=func, args=[first, *_]) as inner if (dotted(func) or "").endswith("partial"):
            callee, way = dotted(first), "partial"
        case ast.Name() if isinstance(before, ast.FunctionDef) and _is_handed_over(before, [statement]):
            only = before.body[0]
            assert isinstance(only, ast.Expr)  # noqa: S101 - as `_is_handed_over` says
            assert isinstance(only.value, ast.Call)  # noqa: S101
            callee = dotted(only.value.func)
            return Deferred(callee, "function", scope, statement, before, only.value) if callee else None
        case ast.Name() | ast.Attribute():
            callee = dotted(handed)
            return Deferred(callee, "name", scope, statement, statement, None) if callee else None
        case _:
            return None
    return Deferred(callee, way, scope, statement, statement, inner) if callee else None  # type: ignore[arg-type]


def _is_on_commit(call: ast.Call) -> bool:
    """`on_commit(x)` of whatever, with that one argument."""
    name = dotted(call.func) or ""
    return name.rpartition(".")[2] == "on_commit" and len(call.args) == 1 and not call.keywords


def _is_handed_over(function: Function, following: list[ast.stmt]) -> bool:
    """Is it a local function of one call, and the next statement `on_commit(it)`?"""
    if not isinstance(function, ast.FunctionDef) or not following:
        return False
    match following[0]:
        case ast.Expr(value=ast.Call(args=[ast.Name(id=name)]) as call) if name == function.name:
            pass
        case _:
            return False
    return (
        _is_on_commit(call)
        and not function.decorator_list
        and not _parameters(function.args)
        and len(function.body) == 1
        and isinstance(function.body[0], ast.Expr)
        and isinstance(function.body[0].value, ast.Call)
    )


def _parameters(arguments: ast.arguments) -> bool:
    return bool(
        arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
    )
