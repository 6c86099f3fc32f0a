"""What a list setting can look like in one file: the one place that knows the shapes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .parts import ListReader, Member, Part, Unclear, strings_of
from .reading import parse

__all__ = ["UNCERTAIN", "ListShape", "Member", "Part", "Unclear", "find_list"]

UNCERTAIN: Final = -1
"""Stands for a position that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """Everything a file says of one list."""

    text: str
    """The file."""
    name: str
    bound: bool
    """Does the file bind the name at all (star imports do not count)?"""
    parts: tuple[Part, ...]
    members: tuple[Member, ...]
    """The elements of all parts, conditional ones too, in the order of the parts."""
    problem: Unclear | None
    """Why the file must not be edited for this list, or None."""
    positions: tuple[int, ...]
    """Numbers that the file uses to change the list by position (`.insert(3, ...)`)."""
    last: ast.stmt | None
    """The last statement of the module (or class) that changes the list."""
    fresh: bool
    """May `NAME += (...)` follow `last` without changing another list?"""
    indent: int = 0
    """Column of the statements: more than 0 in a class."""

    def strings(self) -> list[str]:
        """The members that are strings."""
        return [member.value for member in self.members if member.value is not None]

    def literals(self) -> list[Part]:
        """One part for each literal that always counts, in order."""
        seen: dict[int, Part] = {}
        for part in self.parts:
            if part.node is not None and not part.conditional:
                seen.setdefault(id(part.node), part)
        return list(seen.values())

    def extendable(self) -> bool:
        """May `NAME += (...)` be put behind the last statement, for want of a literal?

        So for sums and imports of lists that other files hold; an alias would change the other list too.
        """
        return (
            self.bound
            and self.problem is None
            and self.fresh
            and not any(part.node is not None for part in self.parts)
            and any(part.unknown == "name" and not part.conditional for part in self.parts)
            and all(part.unknown in {"name", ""} for part in self.parts)
        )

    def base(self) -> Part:
        """The literal to extend when nothing says otherwise. Raises `Unclear`.

        That is the first one in the file, rebuilt or not. A head list of one element that is extended
        by a longer literal is not it.
        """
        found = self.literals()
        if not found or self.problem:
            raise self.refusal()
        own = sorted([part for part in found if part.owner == self.name] or found, key=lambda part: part.line)
        if len(own) > 1 and own[0].own() <= 1 < max(map(Part.own, own)):
            return max(own, key=Part.own)
        return own[0]

    def refusal(self) -> Unclear:
        """Why there is no literal to edit."""
        if self.problem:
            return self.problem
        if not self.bound:
            return Unclear(None, f"{self.name} is not set in this file")
        unknown = {part.unknown: part.line for part in reversed(self.parts) if part.unknown}
        literal = next((part.line for part in self.parts if part.node is not None), None)
        if literal is not None:
            return Unclear(literal, f"{self.name} is only set under a condition, so it is left alone")
        if "comprehension" in unknown:
            why = f"{self.name} is built by a comprehension, so it is left alone"
            return Unclear(unknown["comprehension"], why)
        if "call" in unknown:
            return Unclear(unknown["call"], f"{self.name} is built by a function call, so it is left alone")
        if not self.fresh and "name" in unknown:
            other = next(part.owner for part in self.parts if part.unknown == "name")
            why = f"{self.name} is another name for {other}, a list of another module, so it is left alone"
            return Unclear(unknown["name"], why)
        line = next(iter(unknown.values()), self.last.lineno if self.last else None)
        return Unclear(line, f"{self.name} is not a list or tuple literal, so it is left alone")

    def place(self, part: Part, number: int) -> int:
        """How many elements come before element `number` of `part`'s literal, or `UNCERTAIN`."""
        count = 0
        for other in self.parts:
            if other.node is not None and other.node is part.node and other.low <= number <= other.high:
                return count + number - other.low
            if other.floating or other.conditional:
                continue
            if other.unknown:
                return UNCERTAIN
            count += other.size
        return UNCERTAIN

    def check_position(self, part: Part, number: int) -> None:
        """Raises `Unclear` if a new element number `number` would shift what the file counts by number."""
        place = self.place(part, number)
        unknown = any(part.unknown for part in self.parts)
        total = UNCERTAIN if unknown else sum(part.size for part in self.parts if not part.conditional)
        for position in self.positions:
            late = position < 0 and (total == UNCERTAIN or place >= total + position)
            if position and (place == UNCERTAIN or late or 0 <= place <= position):
                why = f"{self.name} is changed by position ({position}), which a new element would shift"
                raise Unclear(self.last.lineno if self.last else None, why)


@lru_cache(maxsize=512)
def find_list(text: str, name: str) -> ListShape:
    """The shape of the list `name` (INSTALLED_APPS, urlpatterns, ...) in a file.

    Looks at module level, then, for django-configurations, at the attributes of classes.
    Raises `SyntaxError` if the file cannot be parsed.
    """
    module = parse(text)
    known = strings_of(module.body)
    shape = _shape(text, ListReader(module.body, name, known), 0)
    if shape.bound or shape.problem:
        return shape
    inside = []
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            reader = ListReader(node.body, name, known | strings_of(node.body))
            if reader.bound or reader.problem:
                inside.append(_shape(text, reader, node.body[0].col_offset))
    owning = [one for one in inside if one.problem or not any(part.unknown == "name" for part in one.parts)]
    if len(owning) > 1:
        line = owning[1].last.lineno if owning[1].last else None
        why = f"{name} is set in more than one class, so it is left alone"
        return replace(owning[0], problem=Unclear(line, why))
    return (owning or inside or [shape])[0]


def _shape(text: str, reader: ListReader, indent: int) -> ListShape:
    return ListShape(
        text=text,
        name=reader.name,
        bound=reader.bound,
        parts=tuple(reader.parts),
        members=tuple(reader.members()),
        problem=reader.problem,
        positions=tuple(reader.positions),
        last=reader.last,
        fresh=reader.fresh,
        indent=indent,
    )
