"""Indentation as a file has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.syntax.reading import Offsets
from djroadmap.syntax.sequence import BLANK

from .lists import unit_of

if TYPE_CHECKING:
    from djroadmap.syntax.sequence import Sequence


def indent_of(text: str, line: int) -> str:
    """The blanks before the first word of a line (from 1)."""
    row = text[Offsets.of(text).starts[line - 1] :]
    return row[: len(row) - len(row.lstrip(BLANK))]


def unit_inside(text: str, line: int, seq: Sequence) -> str:
    """One level of indentation in a sequence that starts on this line.

    It is what the first element has more than the line, else what the file has.
    """
    outer = indent_of(text, line)
    if seq.items:
        begin = seq.items[0][0]
        row = text[max(text.rfind(end, 0, begin) for end in "\r\n") + 1 : begin]
        if begin - len(row) > seq.start and not row.strip() and row.startswith(outer) and row != outer:
            return row[len(outer) :]
    return unit_of(text)
