"""The oldest version of a distribution that a project allows, raised where it is written down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import line_at

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFloor(Edit):
    """No version older than `floor` where `name` is required: a requirement, a string of TOML, a key of Poetry's.

    Only the number changes; `==5.2.7` becomes `==5.4.0`, `>=5.2,<6` becomes `>=5.4,<6`.
    """

    kind: ClassVar[str] = "version-floor"
    varies: ClassVar[tuple[str, ...]] = ("floor",)
    name: str
    """The distribution, normalised."""
    floor: str
    before: tuple[str, ...] = field(default=(), metadata={"bound": True})
    """The numbers that were there, in order."""

    def holds(self, text: str | None) -> bool:
        """Is no older version allowed?"""
        return not self._old(text)

    def bind(self, text: str | None) -> Self:
        """Remember the numbers."""
        return self.with_(before=tuple(match["version"] for match in self._old(text)))

    def apply(self, text: str | None) -> str | None:
        """Raise them. Raises `Unrecognised` if newer versions are excluded."""
        result = text or ""
        for match in reversed(self._old(text)):
            if excluded(result[match.end() :], self.floor):
                why = f"newer versions of {self.name} are excluded here"
                raise Unrecognised(
                    path=self.path,
                    line=line_at(result, match.start()),
                    why=why,
                    snippet=f"{self.name}>={self.floor}",
                )
            result = result[: match.start("version")] + self._number(match) + result[match.end("version") :]
        return text if text is None else result

    def revert(self, text: str | None) -> str | None:
        """Put the old numbers back. Raises `CannotRevert` if there are more or fewer of ours now."""
        if text is None:
            return text
        ours = [
            match for match in _pattern(self.name).finditer(text) if match["version"] == self._number(match)
        ]
        if not ours:
            return text
        if len(ours) != len(self.before):
            why = f"{self.name} is required in other words now, so its version stays"
            raise CannotRevert(path=self.path, line=line_at(text, ours[0].start()), why=why)
        for match, number in reversed(list(zip(ours, self.before, strict=True))):
            text = text[: match.start("version")] + number + text[match.end("version") :]
        return text

    def describe(self) -> str:
        """`celery 5.4 or newer`."""
        return f"{self.name} {self.floor} or newer"

    def _old(self, text: str | None) -> list[re.Match[str]]:
        return [
            match
            for match in _pattern(self.name).finditer(text or "")
            if is_older(match["version"], self.floor)
        ]

    def _number(self, match: re.Match[str]) -> str:
        """The floor with as many parts as a pin needs, and no fewer."""
        exact = match["op"] in {"==", "===", "~=", "="}
        return f"{self.floor}.0" if exact and self.floor.count(".") < 2 else self.floor


def is_older(version: str, floor: str) -> bool:
    """Is a version before the floor?"""
    return _version(version) < _version(floor)


def excluded(rest: str, floor: str) -> bool:
    """Does what follows in the same specifier exclude the floor, and all after it: `,<5.4`?"""
    found = re.match(r"[^\"'\n;#]*?<=?\s*(\d[\d.]*)", rest)
    return found is not None and _version(found[1]) <= _version(floor)


def _version(text: str) -> Version:
    parts = [int(part) for part in re.findall(r"\d+", text)][:3]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


@lru_cache(maxsize=16)
def _pattern(name: str) -> re.Pattern[str]:
    """Where the oldest version of a distribution is written: `celery[redis]>=5.2`, `celery = "^5.2"`."""
    written = name.replace("-", "[-_.]+")
    return re.compile(
        rf"""(?mix)(?:^[ \t]*|["'])["']?{written}["']?
        (?:\s*\[[^\]\n]*\])?\s*\(?
        (?:=\s*(?:\{{[^}}\n]*?\bversion\s*=\s*)?["']\s*)?
        (?:[<!][^"'\n,]*,\s*)*
        (?P<op>===|==|~=|>=|\^|~|=|(?=\d))\s*(?P<version>\d[\w.]*)"""
    )
