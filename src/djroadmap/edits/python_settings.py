"""Settings, and keys of dict settings."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from djroadmap.model.edit import Edit
from djroadmap.syntax.assigned import certain, imported, setting
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_of, requote
from djroadmap.syntax.reading import Offsets, parse

from .python_dicts import SettingKey
from .python_source import expression, refusing, reverting, same

if TYPE_CHECKING:
    from djroadmap.codemods.settings import Wanted

__all__ = ["Setting", "SettingKey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Edit):
    """`NAME = value` (Python code) in a settings module, under the banner of its section."""

    kind: ClassVar[str] = "setting"
    varies: ClassVar[tuple[str, ...]] = ("value", "replace")
    name: str
    value: str
    comment: str = field(default="", compare=False)
    section: str = field(default="", compare=False)
    link: str = field(default="", compare=False)
    annotation: str = field(default="", compare=False)
    """Its type, where an empty list or dict does not tell type checkers."""
    initial: bool = field(default=False, compare=False)
    """Is the value only a start, which other edits add to?"""
    replace: bool = False
    """May the value replace another one?"""
    old: str = field(default="", metadata={"bound": True})
    """The source of the value that was replaced."""
    keep_title: bool = field(default=False, metadata={"bound": True})
    """Was the banner there already, with nothing under it?"""

    def holds(self, text: str | None) -> bool:
        """Is the setting's last unconditional value the wanted one, however it is written?"""
        try:
            found = certain(setting(text or "", self.name))
        except SyntaxError:
            return False
        if found is None:
            return False
        return same(found.value, expression(self.value)) or (self.initial and self._grown(found.value))

    def kept(self, text: str | None) -> bool:
        """Is the setting set, and not back at the value that was replaced?"""
        try:
            found = setting(text or "", self.name)
        except SyntaxError:
            return False
        back = bool(self.old) and bool(found) and same(found[-1].value, expression(self.old))
        return bool(found) and not back

    def bind(self, text: str | None) -> Setting:
        """Remember the value that is replaced."""
        if text is None or self.holds(text):
            return self
        from djroadmap.codemods import settings  # noqa: PLC0415 - LibCST is slow to import

        with refusing(self.path, self.snippet()):
            found = certain(setting(text, self.name))
            if found is not None:
                return self.with_(old=Offsets.of(text).source(found.value))
            return self.with_(keep_title=bool(self.section) and settings.is_empty_section(text, self.section))

    def apply(self, text: str | None) -> str | None:
        """Set it. Raises `Unrecognised` if it has another value already, unless that is to be replaced."""
        if self.holds(text):
            return text
        with refusing(self.path, self.snippet()):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import settings, source  # noqa: PLC0415

            source.check(text)
            found = setting(text, self.name)
            line = imported(parse(text), self.name)
            if not found and line is not None:
                raise Unclear(line, f"{self.name} is imported, so it has a value, which is left alone")
            if not found:
                return settings.add(text, self._wanted())
            if not self.replace:
                raise Unclear(
                    found[-1].node.lineno, f"{self.name} already has another value, which is left alone"
                )
            return settings.replace(text, self.name, requote(self.value, quote_of(text)))

    def revert(self, text: str | None) -> str | None:
        """Take it out, or put the old value back. Raises `CannotRevert` if its value was changed since."""
        if text is None or not self.kept(text):
            return text
        from djroadmap.codemods import settings  # noqa: PLC0415

        with reverting(self.path):
            found = certain(setting(text, self.name))
            if found is None or not same(found.value, expression(self.value)):
                line = setting(text, self.name)[-1].node.lineno
                raise Unclear(line, f"{self.name} was changed since djroadmap set it, so it is kept")
            if self.old:
                return settings.replace(text, self.name, self.old)
            return settings.remove(text, self._wanted(), keep_title=self.keep_title)

    def snippet(self) -> str:
        """What the user can paste."""
        annotation = f": {self.annotation}" if self.annotation else ""
        return f"{self.name}{annotation} = {self.value}"

    def describe(self) -> str:
        """`NAME = value`, the first line of it."""
        first, _, rest = self.snippet().partition("\n")
        return f"{first} ..." if rest else first

    def _grown(self, value: ast.expr) -> bool:
        """Is it a list or dict as well, with more in it?"""
        return isinstance(value, ast.List | ast.Tuple | ast.Dict) and type(value) is type(
            expression(self.value)
        )

    def _wanted(self) -> Wanted:
        from djroadmap.codemods.settings import Wanted  # noqa: PLC0415

        name = f"{self.name}: {self.annotation}" if self.annotation else self.name
        return Wanted(self.name, self.value, self.comment, self.link, self.section, written=name)
