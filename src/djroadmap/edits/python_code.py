"""Exact pieces of code, found by their trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, NamedTuple, Self

from djroadmap.errors import Refused
from djroadmap.model.edit import Edit
from djroadmap.syntax.matching import Match, find_beside, find_code, is_expression, outside
from djroadmap.syntax.parts import Unclear

from .python_source import refusing, reverting


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReplace(Edit):
    """A piece of code (statements, or one expression) replaced by another; there must be exactly one.

    Code is compared by its tree, so layout and comments do not matter. Where `new` is `old` with
    statements added before or behind it, only the added ones count: others may add theirs there too.
    """

    kind: ClassVar[str] = "code"
    varies: ClassVar[tuple[str, ...]] = ("new",)
    old: str
    new: str
    source: str = field(default="", metadata={"bound": True})
    """The replaced code as it was written, comments included."""
    wrapped: bool = field(default=False, metadata={"bound": True})
    """Did the new code need parentheses?"""

    def holds(self, text: str | None) -> bool:
        """Is the new code there, and the old one nowhere besides?"""
        try:
            olds, news = self._found(text or "")
        except SyntaxError:
            return False
        return bool(news) and not olds

    def kept(self, text: str | None) -> bool:
        """Is the new code there?"""
        try:
            return bool(self._found(text or "")[1])
        except SyntaxError:
            return False

    def bind(self, text: str | None) -> Self:
        """Remember how the old code is written."""
        if text is None or self.holds(text) or addition(self.old, self.new):
            return self
        from djroadmap.codemods import code  # noqa: PLC0415 - LibCST is slow to import

        try:
            with refusing(self.path, self.new):
                match = self._place(text)
                _, wrapped = code.replace(text, match, self.new)
        except Refused:  # which `apply` will say
            return self
        return self.with_(source=code.source_of(text, match), wrapped=wrapped)

    def apply(self, text: str | None) -> str | None:
        """Replace the old code. Raises `Unrecognised` if it is not there exactly once."""
        if self.holds(text):
            return text
        with refusing(self.path, self.new):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import code  # noqa: PLC0415

            match = self._place(text)
            added = addition(self.old, self.new)
            if added is not None:
                result = code.surround(text, match, added.code, behind=added.behind, gap=added.gap)
            else:
                result, _ = code.replace(text, match, self.new)
            if not self.holds(result):
                raise Unclear(match.line, "the new code would not be found again in this place")
            return result

    def revert(self, text: str | None) -> str | None:
        """Put the old code back. Raises `CannotRevert` if the new code is there more than once."""
        if text is None or not self.kept(text):
            return text
        with reverting(self.path, self.old):
            from djroadmap.codemods import code  # noqa: PLC0415

            match = _only(self._found(text)[1], "the code that djroadmap wrote")
            added = addition(self.old, self.new)
            if added is not None:
                return code.drop(text, match, added.code, behind=added.behind, gap=added.gap)
            return code.restore(text, match, self.old, self.source, wrapped=self.wrapped)

    def describe(self) -> str:
        """The first line of the new code."""
        lines = self.new.strip().splitlines()
        return lines[0] + (" ..." if len(lines) > 1 else "")

    def _found(self, text: str) -> tuple[list[Match], list[Match]]:
        """Where the old code stands and should not, and where the new code stands."""
        added = addition(self.old, self.new)
        if added is not None:
            return [], find_beside(text, self.old, added.code, behind=added.behind)
        whole = not (is_expression(self.old) and is_expression(self.new))
        olds = find_code(text, self.old, statements=whole)
        news = find_code(text, self.new, statements=whole)
        if find_code(self.new, self.old, statements=whole):
            return outside(olds, news), news
        return olds, outside(news, olds)

    def _place(self, text: str) -> Match:
        """Where the code goes. Raises `Unclear`."""
        if addition(self.old, self.new) is not None:
            return _only(find_code(text, self.old, statements=True), "the code to put this beside")
        olds, news = self._found(text)
        match = _only(olds, "the code to change")
        if news:
            raise Unclear(
                match.line, f"the code to change is here, but the new one is in line {news[0].line}"
            )
        return match


class Addition(NamedTuple):
    """What `new` has besides all of `old`."""

    code: str
    behind: bool
    gap: int
    """How many blank lines are between the two."""


@lru_cache(maxsize=128)
def addition(old: str, new: str) -> Addition | None:
    """The statements that `new` has before or behind all of `old`; None if it is no plain addition.

    Raises `ValueError` if either is not Python code, which is a mistake of the feature.
    """
    olds, news = _body(old), _body(new)
    wished = list(map(ast.dump, olds))
    dumps = list(map(ast.dump, news))
    lines = new.splitlines()
    if len(dumps) > len(wished) and dumps[: len(wished)] == wished:
        rest = lines[news[len(wished) - 1].end_lineno :]
        gap = next(number for number, row in enumerate(rest) if row.strip())
        return Addition("\n".join(rest).strip("\n"), True, gap)
    first = len(dumps) - len(wished)
    if first > 0 and dumps[first:] == wished:
        start = min([news[first].lineno, *(one.lineno for one in getattr(news[first], "decorator_list", ()))])
        rest = lines[: start - 1][::-1]
        gap = next(number for number, row in enumerate(rest) if row.strip())
        return Addition("\n".join(rest[::-1]).strip("\n"), False, gap)
    return None


def _body(code: str) -> list[ast.stmt]:
    try:
        body = ast.parse(code).body
    except SyntaxError as error:
        msg = f"not Python code: {code}"
        raise ValueError(msg) from error
    if not body:
        msg = "no code to look for"
        raise ValueError(msg)
    return body


def _only(found: list[Match], what: str) -> Match:
    if not found:
        raise Unclear(None, f"{what} is not in this file")
    if len(found) > 1:
        raise Unclear(found[1].line, f"{what} is in this file more than once")
    return found[0]
