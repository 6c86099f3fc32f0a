"""What the statements of a file do to one list: the parts it is made of, in order."""

from __future__ import annotations

import ast
from typing import NamedTuple

from .reading import UNKNOWN, constant, dotted, statements


class Unclear(Exception):
    """A shape that is left alone: the line to blame (None: the file) and why."""

    def __init__(self, line: int | None, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


class Part(NamedTuple):
    """One stretch of a list, in the order the list has when the file has run."""

    line: int
    owner: str
    """The name whose assignment holds it: `THIRD_PARTY_APPS`, or the list itself."""
    conditional: bool
    node: ast.List | ast.Tuple | None = None
    """The literal, of which the part is the elements from `low` to `high`."""
    low: int = 0
    high: int = 0
    item: ast.expr | None = None
    """A single element put in by `.append` or `.insert`."""
    unknown: str = ""
    """Why the elements of this part are not known: `call`, `name`, `comprehension`, `other`."""
    call: ast.Call | None = None
    """The call that gives an unknown part."""
    floating: bool = False
    """Put in by `.insert`, so it may be anywhere."""

    @property
    def size(self) -> int:
        """How many elements the part has, as far as they are known."""
        return self.high - self.low if self.node is not None else int(self.item is not None)

    def own(self) -> int:
        """How many elements the whole literal has, without those it unpacks."""
        return (
            sum(not isinstance(element, ast.Starred) for element in self.node.elts)
            if self.node is not None
            else 0
        )

    def reach(self) -> int:
        """How many elements the whole literal has."""
        return len(self.node.elts) if self.node is not None else 0


class Member(NamedTuple):
    """One element: its text if it folds to a string, and where it stands."""

    value: str | None
    line: int
    part: Part
    number: int
    """Number of the element in the part's literal; for an item, 0."""
    element: ast.expr


def strings_of(body: list[ast.stmt]) -> dict[str, object]:
    """Names that are bound once, to a string."""
    found: dict[str, object] = {}
    twice: set[str] = set()
    for node, _ in statements(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in found:
                twice.add(name)
            found[name] = (
                constant(node.value, found)
                if isinstance(node.value, ast.Constant | ast.JoinedStr)
                else UNKNOWN
            )
    return {name: value for name, value in found.items() if isinstance(value, str) and name not in twice}


class ListReader:
    """Follows what the statements of one body do to a name, and to the names it is made of."""

    def __init__(
        self,
        body: list[ast.stmt],
        name: str,
        known: dict[str, object],
        *,
        before: int | None = None,
        seen: frozenset[str] = frozenset(),
    ) -> None:
        self.body = body
        self.name = name
        self.known = known
        self.before = before
        self.seen = seen | {name}
        self.parts: list[Part] = []
        self.bound = False
        self.problem: Unclear | None = None
        self.positions: list[int] = []
        self.last: ast.stmt | None = None
        self.fresh = True
        self._read()

    def _read(self) -> None:
        for top in self.body:
            if self.before is not None and top.lineno >= self.before:
                return
            for node, conditional in statements([top]):
                if self._statement(node, conditional=conditional):
                    self.last = top

    def _statement(self, node: ast.stmt, *, conditional: bool) -> bool:  # noqa: C901 - one case each
        """Take one statement in; does it concern the name?"""
        match node:
            case ast.Assign(targets=targets, value=value):
                return (
                    sum(self._assign(target, value, node, conditional=conditional) for target in targets) > 0
                )
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._assign(target, value, node, conditional=conditional)
            case ast.AugAssign(target=target, op=op, value=value) if self._is_name(target):
                if isinstance(op, ast.Add):
                    self.parts += self._evaluate(value, conditional=conditional)
                else:
                    self.problem = Unclear(
                        node.lineno, f"{self.name} is changed by an operator other than +="
                    )
                self.bound = True
                return True
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr=method)) as call) if (
                self._is_name(target)
            ):
                return self._method(method, call, conditional=conditional)
            case ast.Delete(targets=targets):
                return sum(self._delete(target, conditional=conditional) for target in targets) > 0
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                if any((alias.asname or alias.name) == self.name for alias in names):
                    self._bind(
                        [Part(node.lineno, self.name, conditional, unknown="name")],
                        node,
                        conditional=conditional,
                    )
                    return True
            case ast.FunctionDef(name=self.name) | ast.AsyncFunctionDef(name=self.name):
                self.problem = Unclear(node.lineno, f"{self.name} is a function, so it is left alone")
                return True
            case ast.For(target=target) | ast.AsyncFor(target=target) if self._is_name(target):
                self.problem = Unclear(node.lineno, f"{self.name} is a loop variable, so it is left alone")
                return True
        return False

    def _is_name(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self.name

    def _assign(self, target: ast.expr, value: ast.expr, node: ast.stmt, *, conditional: bool) -> bool:
        if self._is_name(target):
            parts = self._evaluate(value, conditional=conditional)
            self._bind(parts, node, conditional=conditional, itself=_mentions(value, self.name))
            self.fresh = not isinstance(value, ast.Name)
            if isinstance(value, ast.Name) and self._named_elsewhere(value.id):
                why = f"{self.name} is another name for {value.id}, which is used elsewhere too, so it is left alone"
                self.problem = Unclear(node.lineno, why)
            return True
        if isinstance(target, ast.Subscript) and self._is_name(target.value):
            self._count(target.slice)
            return True
        if isinstance(target, ast.Tuple | ast.List) and any(self._is_name(inner) for inner in target.elts):
            self.problem = Unclear(
                node.lineno, f"{self.name} is one of several results of a call, so it is left alone"
            )
            self.bound = True
            return True
        return False

    def _named_elsewhere(self, other: str) -> bool:
        """Is a list of this file, known by another name, used under that name too?"""
        nodes = [
            node
            for top in self.body
            for node in ast.walk(top)
            if isinstance(node, ast.Name) and node.id == other
        ]
        return len(nodes) > 2 and any(isinstance(node.ctx, ast.Store) for node in nodes)

    def _bind(self, parts: list[Part], node: ast.stmt, *, conditional: bool, itself: bool = False) -> None:
        self.bound = True
        if itself or not conditional:
            self.parts = parts
        else:  # what was there before still counts where the condition does not hold
            self.parts += parts
        if not conditional and not itself:
            self.problem = None
            self.positions = []
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Set | ast.Dict):
            self.problem = Unclear(node.lineno, f"{self.name} is not a list or tuple, so it is left alone")

    def _method(self, method: str, call: ast.Call, *, conditional: bool) -> bool:
        self.bound = True
        if method == "append" and len(call.args) == 1:
            self.parts.append(Part(call.lineno, self.name, conditional, item=call.args[0]))
        elif method == "extend" and len(call.args) == 1:
            self.parts += self._evaluate(call.args[0], conditional=conditional)
        elif method == "insert" and len(call.args) == 2:
            self._count(call.args[0])
            front = constant(call.args[0]) == 0
            part = Part(call.lineno, self.name, conditional, item=call.args[1], floating=not front)
            self.parts.insert(0 if front else len(self.parts), part)
        elif method == "pop" and call.args:
            self._count(call.args[0])
        return True

    def _delete(self, target: ast.expr, *, conditional: bool) -> bool:
        if self._is_name(target) and not conditional:
            self.parts, self.bound = [], False
            return True
        if isinstance(target, ast.Subscript) and self._is_name(target.value):
            self._count(target.slice)
            return True
        return False

    def _count(self, index: ast.expr) -> None:
        bounds = (index.lower, index.upper) if isinstance(index, ast.Slice) else (index,)
        for bound in bounds:
            number = constant(bound)
            if isinstance(number, int):
                self.positions.append(number)

    def _evaluate(self, node: ast.expr, *, conditional: bool) -> list[Part]:
        """The parts that an expression is made of."""
        match node:
            case ast.List() | ast.Tuple():
                return self._literal(node, conditional=conditional)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._once(
                    [
                        *self._evaluate(left, conditional=conditional),
                        *self._evaluate(right, conditional=conditional),
                    ]
                )
            case ast.Name(id=name):
                return self._named(name, node, conditional=conditional)
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[]):
                return []
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[inner]):
                return self._evaluate(inner, conditional=conditional)
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._evaluate(body, conditional=True), *self._evaluate(orelse, conditional=True)]
            case ast.Subscript(value=ast.Name(id=self.name), slice=index):
                self._count(index)
                return list(self.parts)
        if _is_filter(node, self.name):
            return list(self.parts)
        kind = {ast.Call: "call", ast.Attribute: "name"}.get(type(node), "other")
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            kind = "comprehension"
        call = node if isinstance(node, ast.Call) else None
        unknown = Part(node.lineno, self.name, conditional, unknown=kind, call=call)
        # f(INSTALLED_APPS): what goes in comes out again, as a rule
        through = isinstance(node, ast.Call) and _mentions(node, self.name)
        return [*self.parts, unknown] if through else [unknown]

    def _literal(self, node: ast.List | ast.Tuple, *, conditional: bool) -> list[Part]:
        parts: list[Part] = []
        low = 0
        for index, element in enumerate(node.elts):
            if isinstance(element, ast.Starred):
                parts.append(Part(node.lineno, self.name, conditional, node, low, index))
                parts += self._evaluate(element.value, conditional=conditional)
                low = index + 1
        parts.append(Part(node.lineno, self.name, conditional, node, low, len(node.elts)))
        return self._once(parts)

    def _named(self, name: str, node: ast.expr, *, conditional: bool) -> list[Part]:
        if name == self.name:
            return list(self.parts)
        if name in self.seen:
            return [Part(node.lineno, name, conditional, unknown="other")]
        other = ListReader(self.body, name, self.known, before=node.lineno, seen=self.seen)
        if not other.bound or other.problem:
            return [Part(node.lineno, name, conditional, unknown="name")]
        self.positions += other.positions
        return [part._replace(conditional=part.conditional or conditional) for part in other.parts]

    @staticmethod
    def _once(parts: list[Part]) -> list[Part]:
        """Slicing a list apart and adding it up again names its parts twice."""
        return list(dict.fromkeys(parts))

    def members(self) -> list[Member]:
        """The elements of all parts, those of nested lists one by one."""
        found: list[Member] = []
        for part in self.parts:
            if part.node is not None:
                for index in range(part.low, part.high):
                    found += self._member(part.node.elts[index], part, index)
            elif part.item is not None:
                found += self._member(part.item, part, 0)
        return found

    def _member(self, element: ast.expr, part: Part, index: int) -> list[Member]:
        if isinstance(element, ast.List | ast.Tuple):  # a nested list, flattened somewhere later
            return [one for inner in element.elts for one in self._member(inner, part, index)]
        value = constant(element, self.known)
        return [Member(value if isinstance(value, str) else None, element.lineno, part, index, element)]


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _is_filter(node: ast.expr, name: str) -> bool:
    """`[app for app in NAME if ...]`, which only leaves elements out."""
    if not isinstance(node, ast.ListComp) or len(node.generators) != 1:
        return False
    only = node.generators[0]
    return (
        dotted(only.iter) == name and isinstance(only.target, ast.Name) and dotted(node.elt) == only.target.id
    )
