"""Elements of urlpatterns."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from djroadmap.syntax.quoting import quote_near, requote
from djroadmap.syntax.reading import constant, dotted
from djroadmap.syntax.shapes import Member, Part, Unclear

from .python_lists import ListElement
from .python_source import elements, expression, same

if TYPE_CHECKING:
    from djroadmap.syntax.shapes import ListShape

WIDEST = 79
"""Longer lines are laid out one argument a line; formatters leave that alone whatever their width."""

CONVERTERS = {"int": r"\d+", "slug": r"[-\w]+", "path": r".+", "uuid": r"[-0-9a-f]{36}"}

PROBE = "djroadmap/"
"""A path nobody has, for patterns whose own route is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlPattern(ListElement):
    """One element of urlpatterns, given as Python code, such as `path("healthz/", healthz)`."""

    kind: ClassVar[str] = "url"
    pattern: str
    position: Literal["first", "last"] = "last"

    @property
    def list_name(self) -> str:
        """The list."""
        return "urlpatterns"

    def candidates(self, shape: ListShape) -> list[Member]:
        """Whole elements."""
        return elements(shape)

    def is_mine(self, member: Member) -> bool:
        """Is this the pattern, however it is laid out?"""
        return same(member.element, expression(self.pattern))

    def snippet(self) -> str:
        """What the user can paste."""
        return f"urlpatterns += [{self.pattern}]"

    def code(self, text: str, neighbours: list[ast.expr]) -> str:
        """The pattern in the neighbours' quotes, one argument a line if it is long."""
        code = requote(self.pattern, quote_near(text, neighbours))
        indent = max((node.col_offset for node in neighbours[:1]), default=4)
        if "\n" in code or indent + len(code) + 1 <= WIDEST:
            return code
        return exploded(code)

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """The end of the literal, but before what catches everything and before unpacked lists at its end."""
        if shape.problem:
            raise shape.refusal()
        if not shape.literals():
            return self._without_literal(shape)
        parts = [part for part in shape.literals() if part.reach()] or shape.literals()
        if self.position == "first":
            return parts[0], 0
        end = max(n for n, part in enumerate(shape.parts) if part.node is parts[0].node)
        route = route_of(expression(self.pattern))
        for one in elements(shape):
            if shape.parts.index(one.part) <= end and catches(one.element, route):
                return self._before(one.part, one.number)
        number = parts[0].reach()
        assert parts[0].node is not None  # noqa: S101
        while number and isinstance(parts[0].node.elts[number - 1], ast.Starred):
            number -= 1
        return parts[0], number or parts[0].reach()

    def _before(self, part: Part, number: int) -> tuple[Part, int]:
        if part.node is None or part.conditional:
            raise Unclear(
                part.line, "urlpatterns hold a pattern that catches everything, and it is not in a plain list"
            )
        return part, number

    def _without_literal(self, shape: ListShape) -> tuple[Part, int] | None:
        """`urlpatterns = i18n_patterns(...)`: ours are not translated, so they follow in a list of their own."""
        calls = [part for part in shape.parts if part.call is not None and not part.conditional]
        plain = calls and all(
            dotted(part.call.func) == "i18n_patterns" for part in calls if part.call is not None
        )
        if not plain or len(calls) != len(shape.parts) or not shape.fresh or self.position == "first":
            raise shape.refusal()
        for part in calls:
            for pattern in part.call.args if part.call is not None else ():
                if catches(pattern, route_of(expression(self.pattern))):
                    raise Unclear(pattern.lineno, "urlpatterns hold a pattern that catches everything")
        return None

    def describe(self) -> str:
        """`path("healthz/", healthz) in urlpatterns`."""
        return f"{self.pattern} in urlpatterns"


def catches(node: ast.expr, route: str) -> bool:
    """May this pattern answer for `route`? So do those that are alike, and includes at the very root."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    name = (dotted(node.func) or "").rpartition(".")[2]
    if name == "i18n_patterns":
        return any(catches(inner, route) for inner in node.args)
    own = constant(node.args[0])
    if name not in {"path", "re_path", "url"} or not isinstance(own, str):
        return False
    included = (
        len(node.args) > 1 and isinstance(node.args[1], ast.Call) and dotted(node.args[1].func) == "include"
    )
    if included:
        return own in {"", "^"}
    if name != "path":
        return _matches(own, route)
    pieces = re.split(r"<(?:(\w+):)?\w+>", own)
    wild = [CONVERTERS.get(kind or "", r"[^/]+") for kind in pieces[1::2]]
    plain = [re.escape(piece) for piece in pieces[::2]]
    return _matches(plain[0] + "".join(map("".join, zip(wild, plain[1:], strict=True))) + r"\Z", route)


def route_of(pattern: ast.expr) -> str:
    """The path that a pattern is for, or one that nobody has."""
    if isinstance(pattern, ast.Call) and pattern.args:
        route = constant(pattern.args[0])
        if isinstance(route, str) and route:
            return route
    return PROBE


def _matches(expression: str, route: str) -> bool:
    try:
        return re.match(expression, route) is not None
    except re.error:
        return False


def exploded(code: str) -> str:
    """A call with one argument a line and a comma behind the last, which formatters leave as it is."""
    tree = expression(code)
    if not isinstance(tree, ast.Call) or not (tree.args or tree.keywords):
        return code
    rows = code.splitlines()
    if len(rows) > 1:
        return code
    spans = [(node.col_offset - 1, (node.end_col_offset or 0) - 1) for node in tree.args]
    spans += [(node.col_offset - 1, (node.end_col_offset or 0) - 1) for node in tree.keywords]
    if not code.isascii():
        return code
    head = code[: code.index("(", (tree.func.end_col_offset or 1) - 1) + 1]
    return "\n".join((head, *(f"    {code[start:end]}," for start, end in sorted(spans)), ")"))
