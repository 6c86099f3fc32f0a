"""What a function sets on its first argument, under which conditions, read without running it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.syntax.reading import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = ast.Constant(...)
"""A value that is not read."""


def assigned(
    body: list[ast.stmt], owner: str, *, always: bool = True
) -> Iterator[tuple[str, int, ast.AnnAssign | ast.expr, bool]]:
    """The attributes that are set, with the value and whether that always happens."""
    for statement in body:
        match statement:
            case ast.Assign() | ast.AnnAssign(value=ast.expr()) | ast.Expr(value=ast.Call()):
                for name, value in _set_by(statement, owner):
                    yield name, statement.lineno, value, always
            case ast.If():
                yield from _branches([statement.body, statement.orelse], owner, always=always)
            case ast.With():
                yield from assigned(statement.body, owner, always=always)
            case ast.Try():
                handlers = [handler.body for handler in statement.handlers]
                yield from _branches([[*statement.body, *statement.orelse], *handlers], owner, always=always)
                yield from assigned(statement.finalbody, owner, always=always)
            case ast.For() | ast.While():
                yield from assigned(statement.body, owner, always=False)


def is_super(node: ast.expr, method: str) -> bool:
    """Is it `super().<method>`?"""
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
            return name == method
    return False


def _set_by(
    statement: ast.Assign | ast.AnnAssign | ast.Expr, owner: str
) -> Iterator[tuple[str, ast.AnnAssign | ast.expr]]:
    """The attributes that one statement sets: `self.a = ...`, `self.a, self.b = ...`, `setattr(self, "a", ...)`."""
    pairs: list[tuple[ast.expr, ast.AnnAssign | ast.expr]] = []
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                pairs += _unpacked(target, value)
        case ast.AnnAssign(target=target):
            pairs = [(target, statement)]
        case ast.Expr(value=ast.Call() as call) if (given := _given_by_name(call, owner)) is not None:
            yield given
    for one, given_value in pairs:
        if (name := _attribute(one, owner)) is not None:
            yield name, given_value


def _unpacked(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Each single target with its value; `UNKNOWN` where that is taken out of something."""
    if not isinstance(target, ast.Tuple | ast.List):
        return [(target, value)]
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(one, UNKNOWN) for one in target.elts]


def _given_by_name(call: ast.Call, owner: str) -> tuple[str, ast.expr] | None:
    """What `setattr(self, "a", ...)` sets, or `object.__setattr__`, or `super().__setattr__` without the event."""
    arguments = call.args
    if dotted(call.func) in {"setattr", "object.__setattr__"}:
        if not arguments or dotted(arguments[0]) != owner:
            return None
        arguments = arguments[1:]
    elif not is_super(call.func, "__setattr__"):
        return None
    match arguments:
        case [ast.Constant(value=str() as name), value] if not name.startswith("_"):
            return name, value
    return None


def _branches(
    bodies: list[list[ast.stmt]], owner: str, *, always: bool
) -> Iterator[tuple[str, int, ast.AnnAssign | ast.expr, bool]]:
    """What is set in all branches is always set; one that cannot go on does not count."""
    ways = [list(assigned(body, owner, always=always)) for body in bodies]
    goes = [
        way for way, body in zip(ways, bodies, strict=True) if not (body and isinstance(body[-1], ast.Raise))
    ]
    for way in ways:
        for name, line, value, certain in way:
            everywhere = all(any(one[0] == name and one[3] for one in other) for other in goes)
            single = value if sum(one[0] == name for other in ways for one in other) == 1 else UNKNOWN
            yield name, line, single, certain and everywhere


def _attribute(target: ast.expr, owner: str) -> str | None:
    match target:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == owner:
            return attribute if not attribute.startswith("_") else None
    return None
