"""Elements of list settings: INSTALLED_APPS, MIDDLEWARE, and any other."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from djroadmap.model.edit import Edit
from djroadmap.regex import regex
from djroadmap.syntax.ends import open_end, open_start
from djroadmap.syntax.headings import sections
from djroadmap.syntax.quoting import quote_near, requote, string
from djroadmap.syntax.shapes import Member, Part, Unclear, find_list

from .python_source import elements, expression, refusing, reverting, same
from .textlines import BOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from djroadmap.syntax.shapes import ListShape

Group = Literal["third-party", "local", "django"]

GROUPS: dict[str, re.Pattern[str]] = {
    "django": regex(r"(^|_)(DJANGO|CONTRIB|CORE)(_|$)"),
    "third-party": regex(r"(^|_)(THIRD|3RD|VENDOR|EXTERNAL|EXTRA|PREREQ|LIB|LIBS|LIBRARY|SHARED)(_|$)"),
    "local": regex(r"(^|_)(LOCAL|PROJECT|OUR|MY|OWN|CUSTOM|INTERNAL|FIRST|SITE|USER)(_|$)"),
}
"""Names of the lists that INSTALLED_APPS is added up from."""


class ListElement(Edit):
    """What edits of one element of a list have in common."""

    __slots__ = ()

    @property
    def list_name(self) -> str:
        """The setting."""
        raise NotImplementedError(self.kind)

    def is_mine(self, member: Member) -> bool:
        """Is this the element?"""
        raise NotImplementedError(self.kind)

    def snippet(self) -> str:
        """What the user can paste."""
        raise NotImplementedError(self.kind)

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """The literal and the number that the element gets; None for a `+=` of its own. Raises `Unclear`."""
        raise NotImplementedError(self.kind)

    def code(self, text: str, neighbours: list[ast.expr]) -> str:
        """The element as it is written among `neighbours`."""
        raise NotImplementedError(self.kind)

    def candidates(self, shape: ListShape) -> list[Member]:
        """The elements among which the one is looked for."""
        return list(shape.members)

    def holds(self, text: str | None) -> bool:
        """Is the element there, under a condition or not? A commented-out one is not."""
        try:
            shape = find_list(text or "", self.list_name)
        except SyntaxError:
            return False
        return any(self.is_mine(member) for member in self.candidates(shape))

    def apply(self, text: str | None) -> str | None:
        """Put the element into the literal that is meant for it. Raises `Unrecognised`."""
        if self.holds(text):
            return text
        with refusing(self.path, self._pasted(text)):
            if text is None:
                raise Unclear(None, "there is no such file")
            result = self._applied(text)
            if not self.holds(result):
                raise Unclear(None, f"{self.list_name} does not have a known shape, so it is left alone")
            return result

    def _pasted(self, text: str | None) -> str:
        """What to paste: a statement of its own, or one element where only a function gives the list."""
        try:
            shape = find_list(text or "", self.list_name)
        except SyntaxError:
            return self.snippet()
        given = not shape.bound and shape.problem is not None
        return f"{self.code('', [])}," if given else self.snippet()

    def _applied(self, text: str) -> str:
        from djroadmap.codemods import lists, source  # noqa: PLC0415 - LibCST is slow to import

        source.check(text)
        shape = find_list(text, self.list_name)
        found = self.place(shape)
        if found is None:
            return lists.extend(text, shape, self.code(text, []))
        part, number = found
        assert part.node is not None  # noqa: S101 - places are in literals
        near = part.node.elts
        return lists.insert(
            text, shape, part, number, self.code(text, [*near[:number][::-1], *near[number:]])
        )

    def revert(self, text: str | None) -> str | None:
        """Take the element out again. Raises `CannotRevert` if only a condition or a call holds it."""
        if text is None or not self.holds(text):
            return text
        from djroadmap.codemods import lists  # noqa: PLC0415

        with reverting(self.path):
            shape = find_list(text, self.list_name)
            mine = [member for member in self.candidates(shape) if self.is_mine(member)]
            certain = [one for one in mine if one.part.node is not None and not one.part.conditional]
            if not certain:
                raise Unclear(mine[0].line, f"{self.describe()} is not in a plain list any more")
            exact = [one for one in certain if self.is_exact(one)] or certain
            return lists.remove(text, shape, exact[0].part, exact[0].number)

    def is_exact(self, member: Member) -> bool:
        """Is this the element as it was written, rather than another way of saying it?"""
        return self.is_mine(member)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledApp(ListElement):
    """An app in INSTALLED_APPS, in the list for its group where the setting is a sum of lists."""

    kind: ClassVar[str] = "installed-app"
    varies: ClassVar[tuple[str, ...]] = ("group",)
    app: str
    group: Group = "third-party"

    @property
    def list_name(self) -> str:
        """The setting."""
        return "INSTALLED_APPS"

    def is_mine(self, member: Member) -> bool:
        """Is this the app, by name or by the path of its AppConfig?"""
        return member.value is not None and is_app(member.value, self.app)

    def is_exact(self, member: Member) -> bool:
        """Is it written as it would be written now?"""
        return member.value == self.app

    def snippet(self) -> str:
        """What the user can paste."""
        return f'INSTALLED_APPS += ("{self.app}",)'

    def code(self, text: str, neighbours: list[ast.expr]) -> str:
        """The app's name in the neighbours' quotes."""
        return string(self.app, quote_near(text, neighbours))

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """The end of the list or of the headed section of the group, else of the literal that comes first."""
        if shape.extendable():
            return None
        base = shape.base()
        part = _of_group(shape.literals(), self.group) or base
        return part, _under_heading(shape, part, self.group)

    def describe(self) -> str:
        """`"waffle" in INSTALLED_APPS`."""
        return f'"{self.app}" in INSTALLED_APPS'


@dataclass(frozen=True, slots=True, kw_only=True)
class Middleware(ListElement):
    """A middleware, placed by its neighbours: behind every one of `after`, before every one of `before`.

    It goes right beside them; with `position="last"` and no `before`, to the end, if that is behind `after`.
    """

    kind: ClassVar[str] = "middleware"
    varies: ClassVar[tuple[str, ...]] = ("after", "before", "position")
    middleware: str
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    position: Literal["", "first", "last"] = ""

    @property
    def list_name(self) -> str:
        """The setting."""
        return "MIDDLEWARE"

    def is_mine(self, member: Member) -> bool:
        """Is this the middleware?"""
        return member.value == self.middleware

    def snippet(self) -> str:
        """What the user can paste."""
        hints = [f"behind {name}" for name in self.after] + [f"before {name}" for name in self.before]
        where = f"  # {', '.join(hints) or self.position or 'last'}"
        return f'"{self.middleware}",{where}'

    def code(self, text: str, neighbours: list[ast.expr]) -> str:
        """The path in the neighbours' quotes."""
        return string(self.middleware, quote_near(text, neighbours))

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """Beside the anchors that are there. Raises `Unclear` if none is, or if not all can be satisfied."""
        if not self.after and not self.before:
            return end_of(shape, self.position or "last")
        if not shape.literals() or shape.problem:
            raise shape.refusal()
        before = [(n, one) for n, one in enumerate(shape.members) if one.value in self.before]
        after = [(n, one) for n, one in enumerate(shape.members) if one.value in self.after]
        if not before and not after:
            names = " or ".join((*self.after, *self.before))
            raise Unclear(
                shape.base().line, f"MIDDLEWARE does not hold {names}, so there is no telling where to put it"
            )
        if before and after and before[0][0] < after[-1][0]:
            first, last = before[0][1], after[-1][1]
            raise Unclear(
                first.line, f"{first.value} stands before {last.value}, so nothing fits between them"
            )
        if after and not before and self.position == "last":
            end = end_of(shape, "last")
            if end is None or shape.place(*end) > after[-1][0]:
                return end
        anchor = after[-1][1] if after else before[0][1]
        if anchor.part.node is None or anchor.part.conditional:
            raise Unclear(anchor.line, f"{anchor.value} is not in a plain list, so nothing is put beside it")
        return anchor.part, anchor.number + 1 if after else anchor.number

    def describe(self) -> str:
        """`"waffle.middleware.WaffleMiddleware" in MIDDLEWARE`."""
        return f'"{self.middleware}" in MIDDLEWARE'


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem(ListElement):
    """One element, given as Python code, of a list or tuple setting."""

    kind: ClassVar[str] = "list-item"
    varies: ClassVar[tuple[str, ...]] = ("position", "rows")
    name: str
    value: str
    position: Literal["first", "last"] = "last"
    rows: bool = False
    """One element a row: `[]` is opened for the first one, and closed behind the last one."""
    open: bool = field(default=False, metadata=BOUND)
    """The list was open and empty before."""

    @property
    def list_name(self) -> str:
        """The setting."""
        return self.name

    def bind(self, text: str | None) -> Self:
        """Remember whether an empty list was open."""
        if not self.rows or text is None or self.holds(text):
            return self
        with refusing(self.path, self.snippet()):
            return self.with_(open=self._changed(text, lists_of().is_open_and_empty) is True)

    def apply(self, text: str | None) -> str | None:
        """Put the element into the literal that is meant for it. Raises `Unrecognised`."""
        if self.rows and text is not None and not self.holds(text):
            with refusing(self.path, self.snippet()):
                opened = self._changed(text, lists_of().open_rows)
                text = opened if isinstance(opened, str) else text
        return ListElement.apply(self, text)

    def revert(self, text: str | None) -> str | None:
        """Take the element out again. Raises `CannotRevert` if only a condition or a call holds it."""
        after = ListElement.revert(self, text)
        if not self.rows or self.open or after is None or after == text:
            return after
        with reverting(self.path):
            closed = self._changed(after, lists_of().close_rows)
            return closed if isinstance(closed, str) else after

    def _changed(self, text: str, change: Callable[[str, Part], str | bool]) -> str | bool | None:
        """What `change` makes of the literal that the element goes to; None if that is no literal."""
        found = self.place(find_list(text, self.name))
        return change(text, found[0]) if found and isinstance(found[0].node, ast.List) else None

    def candidates(self, shape: ListShape) -> list[Member]:
        """Whole elements, nested lists and tuples as one."""
        return elements(shape)

    def is_mine(self, member: Member) -> bool:
        """Is this the element, however it is written?"""
        return same(member.element, expression(self.value))

    def snippet(self) -> str:
        """What the user can paste."""
        return f"{self.name} += ({self.value},)"

    def code(self, text: str, neighbours: list[ast.expr]) -> str:
        """The element in the neighbours' quotes."""
        return requote(self.value, quote_near(text, neighbours))

    def place(self, shape: ListShape) -> tuple[Part, int] | None:
        """The start or the end of the literal."""
        return end_of(shape, self.position)

    def describe(self) -> str:
        """`"x" in NAME`."""
        return f"{self.value} in {self.name}"


def lists_of() -> ModuleType:
    """The codemods of lists; LibCST is slow to import."""
    from djroadmap.codemods import lists  # noqa: PLC0415

    return lists


def end_of(shape: ListShape, position: str) -> tuple[Part, int] | None:
    """Where the first or last element goes; None for a `+=` of its own. Raises `Unclear`."""
    if shape.extendable() and position == "last":
        return None
    part = shape.base()
    if position == "last":
        return part, _end(shape, part, part.reach())
    part = shape.literals()[0]
    if shape.place(part, 0) != 0:
        raise Unclear(part.line, f"{shape.name} starts with something else, so nothing is put first")
    return part, 0 if part.node is None else open_start(shape.text, part.node)


def _end(shape: ListShape, part: Part, number: int) -> int:
    """The number, but before elements there that are to stay last."""
    return number if part.node is None else open_end(shape.text, part.node, number)


def is_app(entry: str, app: str) -> bool:
    """Do two entries of INSTALLED_APPS install the same app, one of them by its AppConfig perhaps?"""
    config = re.compile(r"(\.[a-z_]\w*)?\.[A-Z]\w*")
    return (
        entry == app
        or any(
            long.startswith(f"{short}.") and config.fullmatch(long, len(short))
            for long, short in ((entry, app), (app, entry))
        )
        or _app_of(entry) == _app_of(app)
    )


def _app_of(entry: str) -> str:
    return re.sub(r"(\.apps)?\.[A-Z]\w*$", "", entry)


def _under_heading(shape: ListShape, part: Part, group: str) -> int:
    """Where an app of the group goes in a literal: behind its headed section, else before the local one's."""
    found = sections(shape.text, part.node) if part.node is not None else ()
    if mine := [section for section in found if section.group == group]:
        return _end(shape, part, mine[-1].stop)
    local = next((section for section in found if section.group == "local"), None)
    before = 0 if local is None or group == "local" else local.first
    return _end(shape, part, before or part.reach())


def _of_group(parts: list[Part], group: str) -> Part | None:
    """The list whose name fits the group; else, for a sum of names, local apps, else the last name."""
    named = [part for part in parts if part.owner != "INSTALLED_APPS"]
    if not named:
        return None
    wishes = dict.fromkeys((group, *(("local", "third-party") if group != "django" else ())))
    for wish in wishes:
        for part in reversed(named):
            if GROUPS[wish].search(part.owner):
                return part
        if wish == group and len(named) < len(parts):
            return None  # name + literal: the literal is the project's own
    if group == "django":
        return named[0]
    return named[-1]
