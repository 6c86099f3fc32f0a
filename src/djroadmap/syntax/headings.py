"""Comments that head a group of elements in a literal: `# Third-party apps`, `# Local`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from djroadmap.regex import regex

from .reading import LINE_END

if TYPE_CHECKING:
    import ast

GROUPS: Final[dict[str, re.Pattern[str]]] = {
    "django": regex(r"\b(django|contrib|core|built-?ins?|default)\b", re.IGNORECASE),
    "third-party": regex(
        r"\b(third|3rd|vendor|external|extra|pre-?req\w*|lib|libs|librar(y|ies)|packages|plugins)\b",
        re.IGNORECASE,
    ),
    "local": regex(r"\b(local|project|our|my|own|custom|internal|first[- ]party)\b|^apps?$", re.IGNORECASE),
}
"""What the headings of each group say; a heading that fits several is the first of third-party, local, django."""

ORDER: Final = ("third-party", "local", "django")
WORDS: Final = 4
"""A heading has at most as many words; a longer comment explains something."""


class Section(NamedTuple):
    """Elements `first` up to `stop` of a literal, under one heading."""

    group: str
    """`third-party`, `local`, `django`, or nothing for a heading that says none of them."""
    first: int
    stop: int


def sections(text: str, literal: ast.List | ast.Tuple) -> tuple[Section, ...]:
    """The headed groups of elements of a literal in `text`, in order; empty if it has no headings."""
    rows = LINE_END.split(text)
    above = literal.lineno
    heads: list[tuple[str, int]] = []
    for number, element in enumerate(literal.elts):
        between = [row.strip() for row in rows[above : element.lineno - 1]]
        above = element.end_lineno or element.lineno
        if (group := _heading(between)) is not None:
            heads.append((group, number))
    stops = [*(first for _, first in heads), len(literal.elts)][1:]
    return tuple(Section(group, first, stop) for (group, first), stop in zip(heads, stops, strict=True))


def _heading(rows: list[str]) -> str | None:
    """The group that the comments above an element name; None if they head nothing."""
    for number, row in enumerate(rows):
        title = row.strip("#-=*~ \t")
        if not row.startswith("#") or not title or len(title.split()) > WORDS or _is_code(title):
            continue
        for group in ORDER:
            if GROUPS[group].search(title):
                return group
        if number and not rows[number - 1] and not title.endswith("."):
            return ""
    return None


def _is_code(title: str) -> bool:
    """Is this an element that was commented out?"""
    return title[0] in "'\"(*" or title.endswith(",")
