"""The lines of a text by number (from 0), with their exact ends, and the banners that head its sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from djroadmap.regex import regex

from .reading import LINE_END

RULE: Final = regex(r"#[ \t]*([-=#*~_])\1{7,}[ \t]*#?[ \t]*")
YOURS: Final = regex(
    r"(your|my|project|custom)\b.*\b(stuff|settings?|code|here|overrides?)\b.*", re.IGNORECASE
)
BELOW: Final = regex(r"#.*\bdo not\b.*\bbelow\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rows:
    """A text as rows; `starts` has one more entry, for the end."""

    text: str
    starts: tuple[int, ...]
    stops: tuple[int, ...]
    """Where each row's content ends, before its line end."""

    @classmethod
    def of(cls, text: str) -> Rows:
        """The rows of `text`; what follows the last line end is a row only if there is something."""
        ends = [match.span() for match in LINE_END.finditer(text)]
        if not ends or ends[-1][1] < len(text):
            ends.append((len(text), len(text)))
        starts = (0, *(end for _, end in ends))
        return cls(text, starts, tuple(start for start, _ in ends))

    def __len__(self) -> int:
        return len(self.stops)

    def __getitem__(self, number: int) -> str:
        return self.text[self.starts[number] : self.stops[number]]

    def blank(self, number: int) -> bool:
        """Is there nothing but blank space on the row?"""
        return not self[number].strip()

    def is_comment(self, number: int, indent: str) -> bool:
        """Is the row a comment at exactly this indentation?"""
        return self[number].startswith(f"{indent}#")

    def last_filled(self, before: int) -> int:
        """The last row before row `before` that is not blank; -1 if there is none."""
        return next((number for number in range(before - 1, -1, -1) if not self.blank(number)), -1)


class Banner(NamedTuple):
    """A comment that heads a section: its title between or above rules."""

    title: str
    start: int
    stop: int
    """The row behind it."""
    boxed: bool
    rule: str


def banners(rows: Rows, indent: str, free: list[int]) -> list[Banner]:
    """The banners among the rows that are `free` of statements: a title above a rule, or between two."""
    found: list[Banner] = []
    comments = {number for number in free if rows.is_comment(number, indent)}
    for number in free:
        if not {number, number + 1} <= comments or (found and number < found[-1].stop):
            continue
        one, two = rows[number].strip(), rows[number + 1].strip()
        three = rows[number + 2].strip() if number + 2 in comments else ""
        if RULE.fullmatch(one) and _is_title(two) and RULE.fullmatch(three):
            found.append(Banner(_title(two), number, number + 3, True, one))
        elif _is_title(one) and RULE.fullmatch(two):
            found.append(Banner(_title(one), number, number + 2, False, two))
    return found


def is_closing(title: str) -> bool:
    """Is this the place that a template leaves for its user (`Your stuff...`)?"""
    return YOURS.fullmatch(title.strip()) is not None


def _is_title(row: str) -> bool:
    return row.startswith("#") and not RULE.fullmatch(row) and bool(_title(row))


def _title(row: str) -> str:
    return row.strip().strip("#").strip()
