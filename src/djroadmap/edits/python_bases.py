"""Base classes of a class at the top level of a module."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import ClassVar

from djroadmap.model.edit import Edit
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import dotted, parse

from .python_source import refusing, reverting


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBase(Edit):
    """A name as the first base of a class: `class DomainEvent(EventMetadata, ABC)`."""

    kind: ClassVar[str] = "class-base"
    varies: ClassVar[tuple[str, ...]] = ("unneeded",)
    name: str
    """The class."""
    base: str
    """The base, as the module names it."""
    unneeded: str = ""
    """A comment behind the head that says nothing any more once the base is there: `# noqa: B024`."""
    parentheses: bool = field(default=False, metadata={"bound": True})
    """Were there empty parentheses?"""
    dropped: str = field(default="", metadata={"bound": True})
    """The comment that was dropped, with the blanks before it."""

    def holds(self, text: str | None) -> bool:
        """Is it one of the bases, whichever?"""
        try:
            return self.base in [dotted(base) for node in self._classes(text) for base in node.bases]
        except SyntaxError:
            return False

    def bind(self, text: str | None) -> ClassBase:
        """Remember empty parentheses and the comment."""
        from djroadmap.codemods import classes  # noqa: PLC0415 - LibCST is slow to import

        if text is None or self.holds(text):
            return self
        with refusing(self.path, self.describe()):
            return self.with_(
                parentheses=classes.has_empty_parentheses(text, self.name),
                dropped=classes.find_comment(text, self.name, self.unneeded),
            )

    def apply(self, text: str | None) -> str | None:
        """Put it first. Raises `Unrecognised` if there is no such class."""
        if self.holds(text):
            return text
        with refusing(self.path, self.describe()):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import classes  # noqa: PLC0415

            text = classes.insert_base(text, self.name, self.base)
            return classes.drop_comment(text, self.name, self.unneeded)

    def revert(self, text: str | None) -> str | None:
        """Take it out of the bases."""
        if text is None or not self.holds(text):
            return text
        with reverting(self.path):
            from djroadmap.codemods import classes  # noqa: PLC0415

            text = classes.drop_base(text, self.name, self.base, parentheses=self.parentheses)
            return classes.insert_comment(text, self.name, self.dropped)

    def describe(self) -> str:
        """The head of the class."""
        return f"class {self.name}({self.base}, ...)"

    def _classes(self, text: str | None) -> list[ast.ClassDef]:
        return [
            node
            for node in parse(text or "").body
            if isinstance(node, ast.ClassDef) and node.name == self.name
        ]
