"""Settings followed from top to bottom: which variables are read, and whether that is certain to happen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from djroadmap.planning.deploying.readers import Read, Readers
from djroadmap.syntax.evaluate import evaluate
from djroadmap.syntax.reading import UNKNOWN, dotted
from djroadmap.syntax.values import Either, Env, items_of, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.evaluate import Frame


class Walk(Readers):
    """Reads settings files from top to bottom."""

    def __init__(self, given: frozenset[str]) -> None:
        super().__init__()
        self.given = given
        self.found: list[Read] = []
        self.assigned: dict[str, tuple[ast.expr, RelPath]] = {}

    def read(self, tree: ast.Module, frame: Frame) -> None:
        """Read one file."""
        self.frame = frame
        self._statements(tree.body, certain=True)

    def _statements(self, body: Sequence[ast.stmt], *, certain: bool) -> None:
        for node in body:
            self._statement(node, certain=certain)

    def _statement(self, node: ast.stmt, *, certain: bool) -> None:
        if self._compound(node, certain=certain):
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.name not in self.wrappers:
                    self._statements(node.body, certain=False)
            case ast.ClassDef():
                self._statements(node.body, certain=certain)
            case ast.Assign(targets=[target, *_], value=value):
                self._assigned(target, value, certain=certain)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assigned(target, value, certain=certain)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="setdefault", value=owner), args=[key, _])):
                if certain and (dotted(owner) or "").endswith("environ"):
                    self.set.add(self.text(key))
            case _:
                self._inside(node, certain=certain)

    def _compound(self, node: ast.stmt, *, certain: bool) -> bool:
        """Follow a statement that decides what is run of it; False for any other."""
        match node:
            case ast.If():
                self._expression(node.test, certain=certain)
                held = self.truth(node.test)
                self._statements(node.body, certain=certain and held is True)
                self._statements(node.orelse, certain=certain and held is False)
            case ast.Try() | ast.TryStar():
                self._statements(node.body, certain=certain and not node.handlers)
                handled = [inner for handler in node.handlers for inner in handler.body]
                self._statements([*handled, *node.orelse], certain=False)
                self._statements(node.finalbody, certain=certain)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._expression(item.context_expr, certain=certain)
                self._statements(node.body, certain=certain)
            case ast.For() | ast.AsyncFor():
                self._expression(node.iter, certain=certain)
                self._statements((*node.body, *node.orelse), certain=False)
            case ast.While():
                self._expression(node.test, certain=certain)
                self._statements((*node.body, *node.orelse), certain=False)
            case ast.Match():
                self._statements([inner for case in node.cases for inner in case.body], certain=False)
            case _:
                return False
        return True

    def _assigned(self, target: ast.expr, value: ast.expr, *, certain: bool) -> None:
        keys: list[str] = []
        node = target
        while isinstance(node, ast.Subscript):
            keys.append(str(node.slice.value) if isinstance(node.slice, ast.Constant) else "")
            node = node.value
        if isinstance(target, ast.Subscript) and (dotted(target.value) or "").endswith("environ"):
            self._expression(value, certain=certain)
            if certain:
                self.set.add(self.text(target.slice))
            return
        if isinstance(node, ast.Name):
            if node is target:
                self.assigned[node.id] = (value, self.frame.path)
            self.goes_to = (node.id, *reversed(keys))
        self._expression(value, certain=certain)
        self.goes_to = ()

    def _expression(self, node: ast.expr, *, certain: bool) -> None:
        if (read := self.one(node, certain=certain)) is not None:
            self.found.append(read)
            for inner in (
                [*node.args[1:], *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
            ):
                self._expression(inner, certain=certain)
            return
        match node:
            case ast.IfExp():
                self._expression(node.test, certain=certain)
                held = self.truth(node.test)
                self._expression(node.body, certain=certain and held is True)
                self._expression(node.orelse, certain=certain and held is False)
            case ast.BoolOp():
                for value in node.values:
                    self._expression(value, certain=certain)
                    certain = certain and self.truth(value) is isinstance(node.op, ast.And)
            case ast.Dict():
                self._dict(node, certain=certain)
            case ast.Lambda():
                self._expression(node.body, certain=False)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._expression(node.generators[0].iter, certain=certain)
                self._inside(node, certain=False)
            case _:
                self._inside(node, certain=certain)

    def _dict(self, node: ast.Dict, *, certain: bool) -> None:
        before = self.goes_to
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self._expression(key, certain=certain)
            name = plain(evaluate(key, self.frame)) if key is not None else UNKNOWN
            self.goes_to = (*before, name if isinstance(name, str) else "") if before else ()
            self._expression(value, certain=certain)
        self.goes_to = before

    def _inside(self, node: ast.AST, *, certain: bool) -> None:
        """Whatever expressions a node holds."""
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.keyword):
                self._expression(inner.value, certain=certain)
            elif isinstance(inner, ast.expr):
                self._expression(inner, certain=certain)

    def truth(self, node: ast.expr) -> bool | None:
        """Does a condition hold, if every variable that may be left out is? None if that cannot be told."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                held = self.truth(operand)
                return None if held is None else not held
            case ast.BoolOp(op=op, values=values):
                held_by = [self.truth(value) for value in values]
                decisive = isinstance(op, ast.Or)
                if decisive in held_by:
                    return decisive
                return None if None in held_by else not decisive
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(node, left, op, right)
        read = self.one(node, certain=True)
        if read is not None:
            if read.name in self.given:
                return True if read.default is None else None
            if not read.optional:
                return None
        value = evaluate(node, self.frame)
        if read is not None and read.default is None and not isinstance(value, Env):
            return False
        return self._held(value, read)

    def _held(self, value: Any, read: Read | None) -> bool | None:
        if isinstance(value, Either):
            return None
        if isinstance(value, Env):
            if value.name in self.given:
                return None
            if value.default is UNKNOWN:
                return False if read is not None and read.optional and read.default is None else None
            return self._held(value.default, read)
        if (items := items_of(value)) is not None:
            return bool(items.entries) if items.complete else None
        found = plain(value)
        return None if found is UNKNOWN else bool(found)

    def _compared(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
        if isinstance(op, ast.In | ast.NotIn):
            read = self.one(node, certain=True)
            if read is None:
                return None
            return (read.name in self.given) == isinstance(op, ast.In)
        sides = [self._side(left), self._side(right)]
        if UNKNOWN in sides:
            return None
        if isinstance(op, ast.Eq | ast.Is):
            return bool(sides[0] == sides[1])
        if isinstance(op, ast.NotEq | ast.IsNot):
            return bool(sides[0] != sides[1])
        return None

    def _side(self, node: ast.expr) -> Any:
        value = evaluate(node, self.frame)
        if isinstance(value, Either) or (isinstance(value, Env) and value.name in self.given):
            return UNKNOWN
        if isinstance(value, Env) and value.default is UNKNOWN:
            read = self.one(node, certain=True)
            return None if read is not None and read.optional and read.default is None else UNKNOWN
        return plain(value)
