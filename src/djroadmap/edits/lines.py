"""Edits of plain text files by lines: one line, or a block set apart by blank lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import BOUND, Lines, block_lines, emptied


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Edit):
    """One line of a text file (.gitignore, .dockerignore, justfile, .env.example).

    It goes to the end, or directly `after` or `before` another line: an anchor is that whole line or,
    if no line is equal to it, the beginning of exactly one.
    """

    kind: ClassVar[str] = "line"
    varies: ClassVar[tuple[str, ...]] = ("after", "before")
    line: str
    after: str = ""
    before: str = ""
    blank: bool = field(default=False, metadata=BOUND)
    """The file was there before, and empty."""

    def __post_init__(self) -> None:
        if not self.line.strip() or "\n" in self.line:
            msg = f"not one line: {self.line!r}"
            raise ValueError(msg)

    def holds(self, text: str | None) -> bool:
        """Is there such a line, white space at its end aside?"""
        return text is not None and self.line in text and Lines(text).find([self.line]) is not None

    def bind(self, text: str | None) -> Self:
        """Remember that the file was there, empty."""
        return self.with_(blank=True) if text == "" else self

    def apply(self, text: str | None) -> str | None:
        """Insert the line. Raises `Unrecognised` if the anchor is missing or there is more than one."""
        if self.holds(text):
            return text
        lines = Lines(text or "")
        if self.after or self.before:
            found = _anchor(lines, self.after or self.before, path=self.path, snippet=self.line)
            lines.insert(found + bool(self.after), [self.line])
        else:
            lines.insert(lines.end(), [self.line])
        return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take the line out."""
        if text is None:
            return None
        lines = Lines(text)
        found = lines.find([self.line])
        if found is None:
            return text
        lines.remove(found, found + 1)
        return emptied(str(lines), keep=self.blank)

    def describe(self) -> str:
        """`/var/ in .gitignore`."""
        return f"{self.line.strip()} in {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Edit):
    """Several lines, set apart by one blank line.

    They go to the end, or `after` or `before` the paragraph in which the anchor (see `Line`) stands:
    what the user wrote without a blank line between is never torn apart.
    """

    kind: ClassVar[str] = "block"
    text: str
    after: str = ""
    before: str = ""
    blank: bool = field(default=False, metadata=BOUND)
    """The file was there before, and empty."""

    def __post_init__(self) -> None:
        if not self.text.strip():
            msg = "an empty block"
            raise ValueError(msg)

    @property
    def target(self) -> tuple[Any, ...]:
        """The first line, which tells the block from others."""
        return (self.kind, self.path, self.lines[0])

    @property
    def lines(self) -> list[str]:
        """The lines to insert."""
        return block_lines(self.text)

    def holds(self, text: str | None) -> bool:
        """Do all the lines stand there together?"""
        return text is not None and Lines(text).find(self.lines) is not None

    def kept(self, text: str | None) -> bool:
        """Is its first line there, and more than half of the block from there on?"""
        return text is not None and self._tuned_at(Lines(text)) is not None

    def bind(self, text: str | None) -> Self:
        """Remember that the file was there, empty."""
        return self.with_(blank=True) if text == "" else self

    def apply(self, text: str | None) -> str | None:
        """Insert the block. Raises `Unrecognised` if it is there, but edited, or on a bad anchor."""
        if self.holds(text):
            return text
        lines = Lines(text or "")
        if (tuned := self._tuned_at(lines)) is not None:
            why = f'"{self.lines[0].strip()}" is there already, but not as djroadmap would write it'
            raise Unrecognised(path=self.path, line=tuned + 1, why=why, snippet=self.text)
        if self.before or self.after:
            found = _anchor(lines, self.after or self.before, path=self.path, snippet=self.text)
            start, stop = _paragraph(lines, found)
            if self.after:
                lines.append_paragraph(self.lines, at=stop)
            else:
                lines.prepend_paragraph(self.lines, at=start)
        else:
            lines.append_paragraph(self.lines)
        return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take the block out. Raises `CannotRevert` if it is there, but edited."""
        if text is None:
            return None
        lines = Lines(text)
        found = lines.find(self.lines)
        if found is None:
            tuned = self._tuned_at(lines)
            if tuned is None:
                return text
            why = "edited since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=tuned + 1, why=why, snippet=self.text)
        lines.remove_paragraph(found, found + len(self.lines), before=bool(self.before) and not self.after)
        return emptied(str(lines), keep=self.blank)

    def describe(self) -> str:
        """`# Feature flags in .env.example`."""
        return f"{self.lines[0].strip()} in {self.path}"

    def _tuned_at(self, lines: Lines) -> int | None:
        """Where the block begins, as its owner may have changed it; None if it is not there."""
        wanted = [line for line in self.lines if line]
        start = lines.find(wanted[:1])
        if start is None:
            return None
        below = {line.rstrip() for line in lines.bodies[start:]}
        return start if sum(line in below for line in wanted) * 2 > len(wanted) else None


def _anchor(lines: Lines, anchor: str, *, path: str, snippet: str) -> int:
    """The index of the one line that is the anchor, or that starts with it."""
    stripped = [line.strip() for line in lines.bodies]
    wanted = anchor.strip()
    found = [i for i, line in enumerate(stripped) if line == wanted]
    found = found or [i for i, line in enumerate(stripped) if line.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    why = f'the line "{wanted}" is there more than once' if found else f'there is no line "{wanted}"'
    raise Unrecognised(path=path, line=found[1] + 1 if found else None, why=why, snippet=snippet)


def _paragraph(lines: Lines, at: int) -> tuple[int, int]:
    """The lines from blank line to blank line around `at`; indented lines belong to what is above them."""
    start, stop = at, at + 1
    while start and (not lines.is_blank(start - 1) or lines.bodies[start][:1].isspace()):
        start -= 1
    for index in range(stop, len(lines)):
        if lines.is_blank(index):
            continue
        if lines.is_blank(index - 1) and not lines.bodies[index][:1].isspace():
            break
        stop = index + 1
    return start, stop
