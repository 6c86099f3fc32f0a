"""The lines of a text with their own endings, so that what is not touched keeps every byte."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.text import newline_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BOUND: dict[str, Any] = {"bound": True}
"""Field metadata of what `bind` remembers."""


class Lines:
    r"""A text as lines, contents and endings apart. Only `\n` and `\r\n` end a line.

    A text without a final newline still has none after `insert` at its end: the line that was last
    gets an ending and the new last line does without. `remove` is the exact inverse.
    """

    __slots__ = ("bodies", "ends", "newline")

    def __init__(self, text: str) -> None:
        self.newline = newline_of(text)
        self.bodies: list[str] = []
        self.ends: list[str] = []
        parts = text.split("\n")
        for part in parts[:-1]:
            body, end = (part[:-1], "\r\n") if part.endswith("\r") else (part, "\n")
            self.bodies.append(body)
            self.ends.append(end)
        if parts[-1]:
            self.bodies.append(parts[-1])
            self.ends.append("")

    def __len__(self) -> int:
        return len(self.bodies)

    def __str__(self) -> str:
        return "".join(body + end for body, end in zip(self.bodies, self.ends, strict=True))

    def is_blank(self, index: int) -> bool:
        """Is there a line of this index, and is it only white space?"""
        return 0 <= index < len(self.bodies) and not self.bodies[index].strip()

    def end(self) -> int:
        """The index after the last line that is not blank: where things are appended."""
        index = len(self.bodies)
        while index and self.is_blank(index - 1):
            index -= 1
        return index

    def insert(self, at: int, new: Sequence[str]) -> None:
        """Put lines (without endings) before line `at`; `at` may be the number of lines."""
        ends = [self.newline] * len(new)
        if new and at == len(self.bodies) and at and not self.ends[-1]:
            self.ends[-1] = self.newline
            ends[-1] = ""
        self.bodies[at:at] = new
        self.ends[at:at] = ends

    def remove(self, start: int, stop: int) -> None:
        """Take the lines from `start` up to, not including, `stop` out."""
        if start < stop == len(self.bodies) and start and not self.ends[-1]:
            self.ends[start - 1] = ""
        del self.bodies[start:stop]
        del self.ends[start:stop]

    def find(self, block: Sequence[str]) -> int | None:
        """Where these lines stand together, white space at line ends aside. The last such place."""
        wanted = [line.rstrip() for line in block]
        bodies = [line.rstrip() for line in self.bodies]
        for start in range(len(bodies) - len(wanted), -1, -1):
            if bodies[start : start + len(wanted)] == wanted:
                return start
        return None

    def append_paragraph(self, block: Sequence[str], *, at: int | None = None) -> None:
        """Put a block after line `at - 1` (by default the last that is not blank), a blank line before it."""
        place = self.end() if at is None else at
        self.insert(place, ["", *block] if place else block)

    def prepend_paragraph(self, block: Sequence[str], *, at: int) -> None:
        """Put a block before line `at`, a blank line after it."""
        self.insert(at, [*block, ""])

    def remove_paragraph(self, start: int, stop: int, *, before: bool = False) -> None:
        """Take a block out with the blank line it owns: the preceding one, or the following if put `before`.

        A block that has become the first (or the last) has lost that neighbour and takes the other one.
        """
        leading = self.is_blank(start - 1)
        trailing = self.is_blank(stop) and any(not self.is_blank(i) for i in range(stop, len(self)))
        if trailing and (before or not leading):
            stop += 1
        elif leading:
            start -= 1
        self.remove(start, stop)


def block_lines(text: str) -> list[str]:
    """The lines of a piece of text that an edit brings, without blank lines around it."""
    return [line.rstrip() for line in text.replace("\r\n", "\n").strip("\n").split("\n")]


def line_at(text: str, index: int) -> int:
    """The line number (from 1) of a position in `text`."""
    return text.count("\n", 0, index) + 1


def emptied(text: str, *, keep: bool) -> str | None:
    """What is left of a file after a revert: no file if nothing is left, unless it was there before."""
    return text if text or keep else None


@contextmanager
def taking_back() -> Iterator[None]:
    """What `apply` would refuse, `revert` cannot take back: turns `Unrecognised` into `CannotRevert`."""
    try:
        yield
    except Unrecognised as error:
        (problem,) = error.problems
        why = f"{problem.why}, so what djroadmap wrote is kept"
        raise CannotRevert(path=problem.path, line=problem.line, why=why) from None
