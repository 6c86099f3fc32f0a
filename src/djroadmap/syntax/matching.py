"""Pieces of code found in a file by their trees."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Final, NamedTuple

from .reading import Offsets, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OPAQUE: Final = ("JoinedStr", "TemplateStr")
"""Nothing inside these is looked for: older interpreters do not know where it stands."""


class Match(NamedTuple):
    """Where a piece of code stands in the text."""

    start: int
    end: int
    line: int
    node: ast.expr | None
    """The expression, if it is one."""
    body: list[ast.stmt]
    """The statements it is among, if it is statements."""
    first: int = 0
    stop: int = 0
    """Which of them it is."""

    def replaced(self, module: ast.Module, code: str) -> ast.Module:
        """The tree of the file with `code` in this place. Neither tree is changed."""
        wished = parse(code).body
        old: object
        new: object
        if self.node is not None:
            (statement,) = wished
            assert isinstance(statement, ast.Expr)  # noqa: S101 - whoever found an expression has one
            old, new = self.node, statement.value
        else:
            old, new = self.body, [*self.body[: self.first], *wished, *self.body[self.stop :]]
        changed: ast.Module = copy.deepcopy(module, {id(old): new})
        return changed


def find_code(text: str, code: str, *, statements: bool | None = None) -> list[Match]:
    """Every place where the file says `code`: consecutive statements, or an expression.

    A single expression is looked for everywhere, unless only whole `statements` are wanted.
    Raises `SyntaxError` if either cannot be parsed.
    """
    wished = parse(code).body
    module, offsets = parse(text), Offsets.of(text)
    if is_expression(code) and not statements:
        assert isinstance(wished[0], ast.Expr)  # noqa: S101 - that is what the function says
        return list(_expressions(module, offsets, wished[0].value))
    dumps = [ast.dump(node) for node in wished]
    found = []
    for body in _bodies(module):
        own = [type(node) for node in body]
        for first in range(len(body) - len(dumps) + 1):
            stop = first + len(dumps)
            if own[first:stop] == [type(node) for node in wished] and dumps == list(
                map(ast.dump, body[first:stop])
            ):
                start, end = _start(offsets, body[first]), offsets.span(body[stop - 1])[1]
                found.append(Match(start, end, offsets.line_of(start), None, body, first, stop))
    return found


def is_expression(code: str) -> bool:
    """Is it a single expression? Raises `SyntaxError`."""
    wished = parse(code).body
    return len(wished) == 1 and isinstance(wished[0], ast.Expr)


def outside(found: Iterable[Match], others: Iterable[Match]) -> list[Match]:
    """Those that are not part of any of the others."""
    spans = [(other.start, other.end) for other in others]
    return [one for one in found if not any(start <= one.start and one.end <= end for start, end in spans)]


def find_beside(text: str, anchor: str, added: str, *, behind: bool) -> list[Match]:
    """Every place where the `added` statements stand in one body with the `anchor`, behind or before it."""
    anchors = find_code(text, anchor, statements=True)
    return [
        one
        for one in find_code(text, added, statements=True)
        if any(
            one.body is other.body and (one.first >= other.stop if behind else one.stop <= other.first)
            for other in anchors
        )
    ]


def _expressions(module: ast.Module, offsets: Offsets, wished: ast.expr) -> Iterator[Match]:
    dump = ast.dump(wished)
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if type(node) is type(wished) and isinstance(node, ast.expr) and ast.dump(node) == dump:
            start, end = offsets.span(node)
            yield Match(start, end, node.lineno, node, [])
        if type(node).__name__ not in OPAQUE:
            waiting += reversed(list(ast.iter_child_nodes(node)))


def _start(offsets: Offsets, node: ast.stmt) -> int:
    """Where a statement starts, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    if not decorators:
        return offsets.span(node)[0]
    return offsets.text.rindex("@", 0, offsets.span(decorators[0])[0])


def _bodies(module: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(module):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body
