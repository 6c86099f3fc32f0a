"""Elements of urlpatterns."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from djroadmap.syntax.calls import WIDEST, laid_out
from djroadmap.syntax.nodes import sequence_of
from djroadmap.syntax.quoting import quote_near, requote
from djroadmap.syntax.reading import Offsets, dotted, parse
from djroadmap.syntax.routes import catches, equivalent, route_of
from djroadmap.syntax.rows import is_closing
from djroadmap.syntax.sequence import by_lines
from djroadmap.syntax.shapes import Member, Part, Unclear, find_list

from .python_lists import ListElement
from .python_source import elements, expression, reverting, same

if TYPE_CHECKING:
    from djroadmap.syntax.shapes import ListShape

ROOM: Final = WIDEST - 5
"""What a pattern may take on a line: patterns stand four columns in, with a comma behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlPattern(ListElement):
    """One element of urlpatterns, given as Python code, such as `path("healthz/", healthz)`.

    It goes to the end of the list, but before what catches everything, before unpacked lists at the end
    and before a "your stuff" comment; or `first`; or `before` or `after` the pattern of another route.
    """

    kind: ClassVar[str] = "url"
    varies: ClassVar[tuple[str, ...]] = ("position", "before", "after")
    pattern: str
    position: Literal["first", "last"] = "last"
    before: str = ""
    after: str = ""

    @property
    def list_name(self) -> str:
        """The list."""
        return "urlpatterns"

    def candidates(self, shape: ListShape) -> list[Member]:
        """Whole elements."""
        return [] if shape.indent else elements(shape)

    def is_mine(self, member: Member) -> bool:
        """Is this the pattern, however it is laid out, or one that leads the same route to the same view?"""
        return self.is_exact(member) or equivalent(member.element, expression(self.pattern))

    def is_exact(self, member: Member) -> bool:
        """Is this the pattern, however it is laid out?"""
        return same(member.element, expression(self.pattern))

    def snippet(self) -> str:
        """What the user can paste."""
        return f"urlpatterns += [{self.pattern}]"

    def describe(self) -> str:
        """`path("healthz/", healthz) in urlpatterns`."""
        return f"{self.pattern} in urlpatterns"

    def revert(self, text: str | None) -> str | None:
        """Take the pattern out again. Raises `CannotRevert` if it was changed, or is under a condition."""
        if text is None or not self.holds(text):
            return text
        with reverting(self.path):
            mine = [one for one in self.candidates(find_list(text, self.list_name)) if self.is_mine(one)]
            exact = [one for one in mine if self.is_exact(one)]
            if not exact:
                raise Unclear(mine[0].line, f"{self.pattern} has been changed since, so it is kept")
            if not any(one.part.node is not None and not one.part.conditional for one in exact):
                raise Unclear(exact[0].line, f"{self.describe()} is not in a plain list any more")
        return ListElement.revert(self, text)

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """The literal and the number that the pattern gets; None for a `+=` of its own. Raises `Unclear`."""
        if shape.problem:
            raise shape.refusal()
        if shape.indent:
            raise Unclear(shape.parts[0].line if shape.parts else None, "urlpatterns is only set in a class")
        if self.before or self.after:
            return self._beside(shape)
        if not shape.literals():
            self._check_calls(shape)
            return None
        part = next((one for one in shape.literals() if one.reach()), shape.literals()[0])
        if self.position == "last":
            return self._last(shape, part)
        if shape.place(part, 0):
            raise Unclear(part.line, "urlpatterns starts with something else, so nothing is put first")
        return part, 0

    def _applied(self, text: str) -> str:
        from djroadmap.codemods import lists, source  # noqa: PLC0415 - LibCST is slow to import

        source.check(text)
        shape = find_list(text, self.list_name)
        found = self.place(shape)
        if found is None:
            return lists.extend(text, shape, requote(self.pattern, quote_near(text, [])))
        part, number = found
        _not_temporary(text, part)
        if self.position == "last" and not self.before and not self.after:
            number = _before_marker(text, part, number)
        return lists.insert(text, shape, part, number, self._code(text, part, number))

    def _code(self, text: str, part: Part, number: int) -> str:
        """The pattern in the neighbours' quotes, one argument a line if it is too long."""
        from djroadmap.codemods.indents import unit_inside  # noqa: PLC0415

        assert part.node is not None  # noqa: S101 - places are in literals
        near = part.node.elts
        code = requote(self.pattern, quote_near(text, [*near[:number][::-1], *near[number:]]))
        seq = sequence_of(Offsets.of(text), part.node)
        if not by_lines(seq):
            return code
        return laid_out(code, room=ROOM, unit=unit_inside(text, part.node.lineno, seq))

    def _last(self, shape: ListShape, part: Part) -> tuple[Part, int]:
        """The end of a literal, but before what catches the route and before unpacked lists."""
        end = max(n for n, one in enumerate(shape.parts) if one.node is part.node)
        for one in shape.parts[: end + 1]:
            if one.call is not None and catches(one.call, self._route):
                raise Unclear(one.line, "urlpatterns hold a pattern before this that catches everything")
        for member in elements(shape):
            if shape.parts.index(member.part) <= end and catches(member.element, self._route):
                if member.part.node is None or member.part.conditional:
                    why = "urlpatterns hold a pattern that catches everything, and it is not in a plain list"
                    raise Unclear(member.line, why)
                return member.part, member.number
        assert part.node is not None  # noqa: S101 - literals have one
        number = part.reach()
        while number and isinstance(part.node.elts[number - 1], ast.Starred):
            number -= 1
        return part, number or part.reach()

    def _beside(self, shape: ListShape) -> tuple[Part, int]:
        """Right before or behind the pattern of another route."""
        anchor = self.before or self.after
        every = elements(shape)
        found = [n for n, one in enumerate(every) if route_of(one.element) == anchor]
        if not found:
            line = shape.parts[0].line if shape.parts else None
            why = f'urlpatterns has no pattern for "{anchor}", so there is no telling where to put it'
            raise Unclear(line, why)
        index = found[0] if self.before else found[-1]
        member = every[index]
        if member.part.node is None or member.part.conditional:
            why = f'the pattern for "{anchor}" is not in a plain list, so nothing is put beside it'
            raise Unclear(member.line, why)
        for other in every[: index + bool(self.after)]:
            if catches(other.element, self._route):
                why = f'this pattern answers before what is put beside "{anchor}"'
                raise Unclear(other.line, why)
        return member.part, member.number + bool(self.after)

    def _check_calls(self, shape: ListShape) -> None:
        """`urlpatterns = i18n_patterns(...)`: ours are not translated, so they follow in a list of their own."""
        calls = [part.call for part in shape.parts if part.call is not None and not part.conditional]
        plain = calls and all(dotted(call.func) == "i18n_patterns" for call in calls)
        if not plain or len(calls) != len(shape.parts) or not shape.fresh or self.position == "first":
            raise shape.refusal()
        for call in calls:
            if catches(call, self._route):
                raise Unclear(call.lineno, "urlpatterns hold a pattern that catches everything")

    @property
    def _route(self) -> str | None:
        return route_of(expression(self.pattern))


def _before_marker(text: str, part: Part, number: int) -> int:
    """`number`, or that of the first element behind a comment that leaves the rest to the user."""
    assert part.node is not None  # noqa: S101 - places are in literals
    seq = sequence_of(Offsets.of(text), part.node)
    for start, end in seq.comments:
        if is_closing(text[start:end].strip("# ")):
            behind = sum(begin < start for begin, _ in seq.items)
            return min(number, behind) or number
    return number


def _not_temporary(text: str, part: Part) -> None:
    """Raises `Unclear` if the literal is inside a `with`, which may be made for something else."""
    for node in parse(text).body:
        if isinstance(node, ast.With) and node.lineno <= part.line <= (node.end_lineno or 0):
            raise Unclear(part.line, "urlpatterns is set inside a with block, so it is left alone")
