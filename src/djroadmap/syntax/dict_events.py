"""What the statements of a file do to one dict: the events, in order."""

from __future__ import annotations

import ast
from typing import NamedTuple

from .parts import Unclear
from .reading import constant, statements


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


class Reader:
    """Collects what the statements of one body do to a name."""

    def __init__(self, body: list[ast.stmt], name: str, known: dict[str, object]) -> None:
        self.name = name
        self.known = known
        self.events: list[Event] = []
        self.problem: Unclear | None = None
        for node, conditional in statements(body):
            self._statement(node, conditional=conditional)

    def _statement(self, node: ast.stmt, *, conditional: bool) -> None:  # noqa: C901 - one case each
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
