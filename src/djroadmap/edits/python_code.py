"""Exact pieces of code, found by their trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from djroadmap.model.edit import Edit
from djroadmap.syntax.matching import Match, find_code, match_insertion
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse

from .python_source import refusing, reverting


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReplace(Edit):
    """A piece of code (statements, or one expression) replaced by another; there must be exactly one.

    Code is compared by its tree, so layout and comments do not matter. Where `new` is `old` with
    statements added before or behind it, only the added ones count: others may add theirs there too.
    """

    kind: ClassVar[str] = "code"
    old: str
    new: str
    was: str = field(default="", metadata={"bound": True})
    """The replaced source as it was written, comments included."""

    def holds(self, text: str | None) -> bool:
        """Is the new code there?"""
        try:
            return bool(self._new(text or ""))
        except SyntaxError:
            return False

    def bind(self, text: str | None) -> CodeReplace:
        """Remember how the old code is written."""
        if text is None or self.holds(text):
            return self
        with refusing(self.path, self.new):
            if _added(self.old, self.new) is not None:
                return self
            match = self._only(find_code(text, self.old), "the code to change")
            return self.with_(was=text[match.start : match.end])

    def apply(self, text: str | None) -> str | None:
        """Replace the old code. Raises `Unrecognised` if it is not there exactly once."""
        if self.holds(text):
            return text
        with refusing(self.path, self.new):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import code, source  # noqa: PLC0415 - LibCST is slow to import

            source.check(text)
            match = self._only(find_code(text, self.old), "the code to change")
            added = _added(self.old, self.new)
            if added is None:
                return code.replace(text, match, self.new)
            before, behind = added
            return code.surround(text, match, before, behind)

    def revert(self, text: str | None) -> str | None:
        """Put the old code back. Raises `CannotRevert` if the new code is there more than once."""
        if text is None or not self.holds(text):
            return text
        with reverting(self.path, self.old):
            from djroadmap.codemods import code  # noqa: PLC0415

            added = _added(self.old, self.new)
            match = self._only(self._new(text), "the code that djroadmap wrote")
            if added is None:
                return code.replace(text, match, self.was or self.old, exact=bool(self.was))
            return code.drop(text, match)

    def describe(self) -> str:
        """The first line of the new code."""
        lines = self.new.strip().splitlines()
        return lines[0] + (" ..." if len(lines) > 1 else "")

    def _new(self, text: str) -> list[Match]:
        added = _added(self.old, self.new)
        if added is None:
            return find_code(text, self.new)
        return match_insertion(text, self.old, *added)

    @staticmethod
    def _only(found: list[Match], what: str) -> Match:
        if len(found) != 1:
            where = found[1].line if found else None
            count = "more than once" if found else "not"
            raise Unclear(where, f"{what} is {count} in this file")
        return found[0]


@lru_cache(maxsize=128)
def _added(old: str, new: str) -> tuple[str, str] | None:
    """The statements that `new` has before and behind all of `old`, as text; None if it is no plain addition."""
    try:
        olds, news = parse(old).body, parse(new).body
    except SyntaxError:
        return None
    dumps = [ast.dump(node) for node in news]
    wished = [ast.dump(node) for node in olds]
    if len(dumps) <= len(wished):
        return None
    lines = new.splitlines()
    for start in (0, len(dumps) - len(wished)):
        if dumps[start : start + len(wished)] == wished:
            if start:
                first = news[start].lineno - 1
                return "\n".join(lines[:first]).rstrip(), ""
            last = news[len(wished) - 1].end_lineno or 0
            return "", "\n".join(lines[last:]).strip("\n")
    return None
