"""Keys of dict settings: LOGGING, DATABASES, REST_FRAMEWORK, and any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from djroadmap.model.edit import Edit
from djroadmap.syntax.dicts import find_dict, is_container, meaning
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.sequence import CommaFirst

from .python_source import expression, refusing, reverting

if TYPE_CHECKING:
    import ast

    from djroadmap.codemods.dicts import OneLine
    from djroadmap.syntax.dicts import Found, View


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKey(Edit):
    """A value, given as Python code, under a path of keys in a dict setting.

    Dicts on the way are made where they are missing, and go when they are left empty.
    """

    kind: ClassVar[str] = "setting-key"
    varies: ClassVar[tuple[str, ...]] = ("value",)
    name: str
    keys: tuple[str, ...]
    value: str
    stays: int = field(default=0, metadata={"bound": True})
    """So many of the keys lead to a dict that was there before, and so stays, even when it is left empty."""

    closed: str = field(default="", metadata={"bound": True})
    """The dict as it was if it was on one line: this value or others may need more room."""
    depth: int = field(default=0, metadata={"bound": True})
    """How many of the keys lead to that dict."""

    def __post_init__(self) -> None:
        if not self.keys:
            msg = f"{self.name}: no keys"
            raise ValueError(msg)

    def holds(self, text: str | None) -> bool:
        """Is this value surely there when the file has run, in the literal or by a later write?"""
        states = self._states(text)
        return bool(states) and all(self._is_mine(found.value) for found in states)

    def kept(self, text: str | None) -> bool:
        """Is the key there, whatever its value?"""
        states = self._states(text)
        return bool(states) and all(found.value is not None for found in states)

    def bind(self, text: str | None) -> Self:
        """Remember which dicts on the way are there already and would be left empty."""
        from djroadmap.codemods import dicts  # noqa: PLC0415 - LibCST is slow to import

        if text is None or self.holds(text):
            return self
        stays = 0
        try:
            found = self._place(self._look(text))
            for depth in range(1, len(found.containers)):
                if dicts.is_older(text, found.containers[depth], found.containers[depth - 1]):
                    stays = found.base + depth
            _, line = self._inserted(text, found)
        except (Unclear, CommaFirst, SyntaxError):  # which `apply` will say
            return self
        if line is None:
            return self.with_(stays=stays)
        return self.with_(stays=stays, closed=line.code, depth=found.base + line.depth)

    def apply(self, text: str | None) -> str | None:
        """Put the key into the dict literal. Raises `Unrecognised`."""
        if self.holds(text):
            return text
        with refusing(self.path, self.snippet()):
            if text is None:
                raise Unclear(None, "there is no such file")
            found = self._place(self._look(text))
            result, _ = self._inserted(text, found)
            if not self.holds(result):
                raise Unclear(None, f"{self.name} does not have a known shape, so it is left alone")
            return result

    def revert(self, text: str | None) -> str | None:
        """Take the key out again, and the dicts that are left empty. Raises `CannotRevert`."""
        if text is None or not self.kept(text):
            return text
        with reverting(self.path):
            found = self._look(text).states[0]
            assert found.value is not None  # noqa: S101 - it is kept
            if not self.holds(text):
                raise Unclear(found.value.lineno, f"{self.describe()} has been changed since, so it is kept")
            return self._closed(self._pruned(self._removed(text, found)))

    def snippet(self) -> str:
        """What the user can paste."""
        return f"{self.describe()} = {self.value}"

    def describe(self) -> str:
        """`LOGGING["filters"]["correlation_id"]`."""
        return self.name + "".join(f'["{key}"]' for key in self.keys)

    def _look(self, text: str, depth: int | None = None) -> View:
        return find_dict(text, self.name).look(self.keys[:depth])

    def _states(self, text: str | None) -> tuple[Found, ...]:
        try:
            return self._look(text or "").states
        except SyntaxError:
            return ()

    def _is_mine(self, value: ast.expr | None) -> bool:
        return value is not None and meaning(value) == meaning(expression(self.value))

    def _place(self, view: View) -> Found:
        """The dicts that the key goes into. Raises `Unclear`."""
        if view.problem:
            raise view.problem
        found = view.states[0]
        if found.problem:
            raise found.problem
        if found.value is not None:
            raise Unclear(found.value.lineno, f"{self.describe()} is set already, to something else")
        return found

    def _inserted(self, text: str, found: Found) -> tuple[str, OneLine | None]:
        from djroadmap.codemods import dicts  # noqa: PLC0415

        missing = self.keys[found.base + len(found.containers) - 1 :]
        return dicts.insert(text, found, missing, self.value)

    def _removed(self, text: str, found: Found) -> str:
        from djroadmap.codemods import dicts  # noqa: PLC0415

        assert found.value is not None  # noqa: S101 - checked by both callers
        if not found.containers:
            raise Unclear(found.value.lineno, f"{self.describe()} is not set in the dict literal itself")
        return dicts.remove(text, found.containers[-1], found.value)

    def _pruned(self, text: str) -> str:
        """`text` without the dicts on the way that are empty now, as far as they were not there before."""
        from djroadmap.codemods import dicts  # noqa: PLC0415

        for depth in range(len(self.keys) - 1, self.stays, -1):
            states = self._look(text, depth).states
            found = states[0] if states else None
            if (
                found is None
                or not found.containers
                or not is_container(found.value)
                or not dicts.is_bare(text, found.value)
            ):
                break
            text = self._removed(text, found)
        return text

    def _closed(self, text: str) -> str:
        """`text` with the dict that was on one line there again, if what is left in it fits."""
        from djroadmap.codemods import dicts  # noqa: PLC0415

        states = self._look(text).states if self.closed else ()
        if not states:
            return text
        return dicts.close(text, states[0].containers[self.depth - states[0].base :], self.closed)
