"""Parts of what stands under the keys of a dict setting: elements of its lists, pieces of its strings."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from djroadmap.model.edit import Edit
from djroadmap.syntax.dicts import find_dict
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_near, requote
from djroadmap.syntax.reading import Offsets

from .python_source import expression, refusing, reverting, same

if TYPE_CHECKING:
    from djroadmap.syntax.dicts import Found


class SettingValue(Edit):
    """What edits of the value under a path of keys have in common: `name` and `keys` say which."""

    __slots__ = ()
    name: str
    keys: tuple[str, ...]

    @property
    def label(self) -> str:
        """`LOGGING["handlers"]["console"]["filters"]`."""
        return self.name + "".join(f'["{key}"]' for key in self.keys)

    def values(self, text: str | None) -> list[ast.expr | None]:
        """What is there when the file has run, once for every way it may run. Nothing if it cannot be parsed."""
        try:
            return [found.value for found in find_dict(text or "", self.name).look(self.keys).states]
        except SyntaxError:
            return []

    def value(self, text: str) -> ast.expr:
        """The one value there is. Raises `Unclear`, `SyntaxError`."""
        view = find_dict(text, self.name).look(self.keys)
        if view.problem:
            raise view.problem
        if len(view.states) != 1:
            raise Unclear(None, f"{self.label} is not the same in every case")
        return self._of(view.states[0])

    def _of(self, found: Found) -> ast.expr:
        if found.problem:
            raise found.problem
        if found.value is None:
            raise Unclear(None, f"there is no {self.label}")
        return found.value


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKeyItem(SettingValue):
    """A last element, given as Python code, of a list under a path of keys."""

    kind: ClassVar[str] = "setting-key-item"
    name: str
    keys: tuple[str, ...]
    item: str

    def holds(self, text: str | None) -> bool:
        """Is the element surely there, wherever in the list?"""
        values = self.values(text)
        return bool(values) and all(self._number(value) is not None for value in values)

    def apply(self, text: str | None) -> str | None:
        """Put it behind the others. Raises `Unrecognised` if there is no such list."""
        if self.holds(text):
            return text
        with refusing(self.path, self.describe()):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import items  # noqa: PLC0415 - LibCST is slow to import

            node = self._list(text)
            return items.insert(text, node, requote(self.item, quote_near(text, node.elts)))

    def revert(self, text: str | None) -> str | None:
        """Take it out again. Raises `CannotRevert` if the list is not a plain one any more."""
        if text is None or not self.holds(text):
            return text
        with reverting(self.path):
            from djroadmap.codemods import items  # noqa: PLC0415

            node = self._list(text)
            number = self._number(node)
            assert number is not None  # noqa: S101 - it holds
            return items.remove(text, node, number)

    def describe(self) -> str:
        """`"x" in LOGGING["handlers"]["console"]["filters"]`."""
        return f"{self.item} in {self.label}"

    def _list(self, text: str) -> ast.List | ast.Tuple:
        node = self.value(text)
        if not isinstance(node, ast.List | ast.Tuple):
            raise Unclear(node.lineno, f"{self.label} is not a list literal")
        return node

    def _number(self, value: ast.expr | None) -> int | None:
        wanted = expression(self.item)
        elements = value.elts if isinstance(value, ast.List | ast.Tuple) else []
        return next((number for number, one in enumerate(elements) if same(one, wanted)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingText(SettingValue):
    """A piece of the string under a path of keys, right before another: `[%(id)s] ` before `%(message)s`."""

    kind: ClassVar[str] = "setting-text"
    name: str
    keys: tuple[str, ...]
    piece: str
    before: str

    def holds(self, text: str | None) -> bool:
        """Is the piece surely in the string, wherever?"""
        values = self.values(text)
        return bool(values) and all(self.piece in _string(value) for value in values)

    def apply(self, text: str | None) -> str | None:
        """Put it in. Raises `Unrecognised` if there is no plain string with one such place in it."""
        if self.holds(text):
            return text
        with refusing(self.path, self.describe()):
            if text is None:
                raise Unclear(None, "there is no such file")
            start, source = self._source(text)
            at = start + self._at(text, source, self.before)
            result = f"{text[:at]}{self.piece}{text[at:]}"
            if not self.holds(result):
                raise Unclear(None, f"{self.label} is written in a way that is left alone")
            return result

    def revert(self, text: str | None) -> str | None:
        """Take it out again. Raises `CannotRevert` if it is there more than once."""
        if text is None or not self.holds(text):
            return text
        with reverting(self.path):
            start, source = self._source(text)
            at = start + self._at(text, source, self.piece)
            return text[:at] + text[at + len(self.piece) :]

    def describe(self) -> str:
        """`"..." in LOGGING["formatters"]["verbose"]["format"]`."""
        return f'"{self.piece}" in {self.label}'

    def _source(self, text: str) -> tuple[int, str]:
        node = self.value(text)
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            raise Unclear(node.lineno, f"{self.label} is not a plain string")
        start, end = Offsets.of(text).span(node)
        return start, text[start:end]

    def _at(self, text: str, source: str, piece: str) -> int:
        if source.count(piece) != 1:
            line = self.value(text).lineno
            raise Unclear(line, f'{self.label} has "{piece}" {source.count(piece)} times, not once')
        return source.index(piece)


def _string(value: ast.expr | None) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
