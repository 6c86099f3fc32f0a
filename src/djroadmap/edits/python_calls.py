"""Calls that are made by another name: at once before, when the transaction commits from now on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from djroadmap.errors import Refused
from djroadmap.model.edit import Edit
from djroadmap.syntax.deferred import Deferred, deferred
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import Offsets, parse

from .python_source import refusing, reverting


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSwap(Edit):
    """In one function, statements that call `old`, be it through `on_commit`, call `new` with the same arguments.

    The statements of the function that call either are counted from 0: others may stay as they are.
    """

    kind: ClassVar[str] = "call"
    varies: ClassVar[tuple[str, ...]] = ("new",)
    scope: str
    """The function, with what is around it: `Order.save`."""
    old: str
    """The callee as it is written: `send.delay`."""
    new: str
    at: tuple[int, ...] = (0,)
    """Which of the statements."""
    of: int = 1
    """How many there are."""
    width: int = field(default=88, compare=False, metadata={"recorded": False})
    """The longest line that the project likes; longer ones are broken as its formatter would. 0: never."""
    had: int = field(default=0, metadata={"bound": True})
    """How many called `new` before."""
    source: tuple[str, ...] = field(default=(), metadata={"bound": True})
    """For each statement how it was written, where it is more than the other name; else nothing."""

    def holds(self, text: str | None) -> bool:
        """Do the statements call `new`?"""
        found = self._found(text)
        if len(found) == self.of:
            return all(found[number].callee == self.new for number in self.at)
        news = sum(one.callee == self.new for one in found)
        return news >= len(self.at) and len(found) - news <= self.of - len(self.at)

    def kept(self, text: str | None) -> bool:
        """Is none of them back? A function that is gone needs nothing, nor does what is called at once on purpose."""
        found = self._found(text)
        if len(found) == self.of:
            return all(found[number].callee == self.new or found[number].guarded for number in self.at)
        return sum(one.callee == self.old and not one.guarded for one in found) <= self.of - len(self.at)

    def bind(self, text: str | None) -> Self:
        """Remember what a statement said besides the name."""
        if text is None or self.holds(text):
            return self
        from djroadmap.codemods import calls  # noqa: PLC0415 - only what writes pays for it

        try:
            with refusing(self.path, self.new):
                chosen = self._chosen(text)
                offsets = Offsets.of(text)
                sources = tuple(
                    calls.source_of(offsets, one)
                    if calls.is_rewritten(offsets, one, self.new, self.width)
                    else ""
                    for one in chosen
                )
        except Refused:  # which `apply` will say
            return self
        had = sum(one.callee == self.new for one in self._found(text))
        return self.with_(source=sources if any(sources) else (), had=had)

    def apply(self, text: str | None) -> str | None:
        """Call the other name. Raises `Unrecognised` if the statements are not the ones that were counted."""
        if self.holds(text):
            return text
        with refusing(self.path, f"{self.new}(...)"):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import calls  # noqa: PLC0415

            result, before = text, [one.says() for one in self._found(text)]
            for one in reversed(self._chosen(text)):
                result = calls.renamed(Offsets.of(text), one, self.new, width=self.width, into=result)
            if not self.holds(result) or [one.says() for one in self._found(result)] != before:
                raise Unclear(None, f"{self.new} would not be found again in {self._where}")
            return result

    def revert(self, text: str | None) -> str | None:
        """Call the old name again. Raises `CannotRevert` if it is not clear which statements were changed."""
        if text is None:
            return text
        with reverting(self.path, f"{self.old}(...)"):
            found = self._ours(text)
            if not found:
                return text
            from djroadmap.codemods import calls  # noqa: PLC0415

            result = text
            sources = self.source if len(self.source) == len(self.at) == len(found) else ("",) * len(found)
            for one, source in reversed(list(zip(found, sources, strict=True))):
                if one.callee == self.new and one.way == "call":
                    result = calls.restored(Offsets.of(text), one, self.old, source, into=result)
            parse(result)
            return result

    def describe(self) -> str:
        """`send.delay_on_commit in Order.save`."""
        return f"{self.new} in {self._where}"

    @property
    def _where(self) -> str:
        return f"{self.scope}()" if self.scope else "the module"

    def _found(self, text: str | None) -> list[Deferred]:
        try:
            module = parse(text or "")
        except SyntaxError:
            return []
        return [one for one in deferred(module, (self.old, self.new)) if one.scope == self.scope]

    def _chosen(self, text: str) -> list[Deferred]:
        parse(text)
        found = self._found(text)
        if len(found) != self.of:
            raise Unclear(None, f"{self._where} does not call {self.old} {self.of} times any more")
        return [found[number] for number in self.at if found[number].callee == self.old]

    def _ours(self, text: str) -> list[Deferred]:
        """The statements that were changed, as far as they are there still. Raises `Unclear`."""
        parse(text)
        found = self._found(text)
        news = [one for one in found if one.callee == self.new]
        if len(found) == self.of:
            return [found[number] for number in self.at]
        if not news and self.new in text:
            where = text.count("\n", 0, text.index(self.new)) + 1
            raise Unclear(
                where, f"{self._where} does not call {self.new} any more: wherever that went, it stays"
            )
        if len(news) > len(self.at) or (news and self.had):
            raise Unclear(
                news[0].first.lineno,
                f"there are other calls of {self.new} in {self._where} now, so all of them stay",
            )
        return news
