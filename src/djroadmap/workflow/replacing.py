"""A recorded edit and the one that replaces it: which belong together, was it tuned, where does the new one stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.regex import regex

from .merge import added, put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from djroadmap.manifest import Recorded
    from djroadmap.model.edit import Edit

NAMELESS = {"block", "line", "statements", "url", "yaml-item"}
"""Kinds of edits that are nothing but their text: two of them are the same if most of it is."""
ALIKE = 0.6
PLACING = {"before", "after", "behind", "position", "group"}
"""Fields that say where something goes."""
SHAPE = regex(r"[\s'\",]")
"""What formatters change."""


def pairs(old: Sequence[Recorded], new: Sequence[Edit]) -> list[Recorded | None]:
    """For each new edit the recorded one that it comes from, if any: the same wish, the same target, the same text."""
    left = list(old)
    found: list[Recorded | None] = [None] * len(new)

    def match(alike: Callable[[Edit, Edit], bool]) -> None:
        for index, edit in enumerate(new):
            if found[index] is None:
                one = next((one for one in left if alike(one.edit, edit)), None)
                if one is not None:
                    found[index] = one
                    left[:] = [other for other in left if other is not one]

    match(lambda one, edit: one.key == edit.key)
    match(lambda one, edit: one.target == edit.target)
    match(_is_alike)
    return found


def _is_alike(one: Edit, other: Edit) -> bool:
    if one.kind != other.kind or one.path != other.path or one.kind not in NAMELESS:
        return False
    from difflib import SequenceMatcher  # noqa: PLC0415 - only upgrades pay for it

    texts = [" ".join(map(str, edit.wish())) for edit in (one, other)]
    return SequenceMatcher(a=texts[0], b=texts[1], autojunk=False).ratio() >= ALIKE


def lines_of(edit: Edit, old: Edit, text: str | None) -> str:
    """The lines that the new edit would write."""
    for start in (_reverted(old, text), None):
        try:
            return "\n".join(added(start, edit.apply(start)))
        except Refused:
            continue
    return edit.describe()


def _reverted(edit: Edit, text: str | None) -> str | None:
    try:
        return edit.revert(text)
    except Refused:
        return text


def is_untouched(old: Edit, new: Edit, text: str, bare: str | None) -> bool:
    """Is what would be taken out just what was written, formatting and place aside?"""
    wished = [spec.name for spec in fields(old) if spec.compare and not spec.metadata.get("bound", False)]
    if {name for name in wished if getattr(old, name) != getattr(new, name, None)} <= PLACING:
        return True
    try:
        again = old.apply(bare)
    except Refused:
        return False
    return _shape(added(bare, text)) == _shape(added(bare, again))


def _shape(lines: Sequence[str]) -> Counter[str]:
    bare = (SHAPE.sub("", line) for line in lines)
    return Counter(line for line in bare if line)


def in_place(old: Edit, new: Edit, text: str, bare: str | None, after: str | None) -> str | None:
    """The text with the new edit where the old one stood, if it is to be found again there; else where it goes."""
    moved = any(getattr(old, name, "") != getattr(new, name, "") for name in PLACING)
    if bare is None or after is None or moved:
        return after
    placed = put_in_place(text, bare, after)
    try:
        if placed is not None and new.holds(placed) and new.revert(placed) == bare:
            return placed
    except Refused:
        return after
    return after
