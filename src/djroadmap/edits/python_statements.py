"""Statements in a settings module: code that works on settings, under the banner of their section."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from djroadmap.model.edit import Edit
from djroadmap.syntax.assigned import scope_of
from djroadmap.syntax.matching import find_code
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse

from .python_source import refusing, reverting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.codemods.settings import Wanted

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
STRINGS = (ast.Constant, ast.JoinedStr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements(Edit):
    """Consecutive statements at the level of the settings, where `Setting` would put one of that section.

    They are recognised by their trees, wherever at that level they stand.
    """

    kind: ClassVar[str] = "statements"
    code: str
    behind: str = field(default="", compare=False)
    """The setting that they work on: every statement that names it comes first."""
    comment: str = field(default="", compare=False)
    section: str = field(default="", compare=False)
    link: str = field(default="", compare=False)
    keep_title: bool = field(default=False, metadata={"bound": True})
    """Was the banner there already, with nothing under it?"""

    def __post_init__(self) -> None:
        body = ast.parse(self.code).body
        lines = len(self.code.splitlines())
        whole = bool(body) and (body[0].lineno, body[-1].end_lineno) == (1, lines)
        if not whole or self.code.endswith("\n") or "\n\n" in self.code:
            msg = f"not statements line upon line: {self.code!r}"
            raise ValueError(msg)
        if any(isinstance(node, DEFINITIONS) for node in body):
            msg = f"there are edits of their own for definitions and imports: {self.code!r}"
            raise ValueError(msg)
        if any(isinstance(node, STRINGS) and node.lineno != node.end_lineno for node in _all(body)):
            msg = f"a string over lines, which an indentation would change: {self.code!r}"
            raise ValueError(msg)

    def holds(self, text: str | None) -> bool:
        """Are they there, at the level of the settings?"""
        try:
            return bool(self._found(text or ""))
        except SyntaxError:
            return False

    def kept(self, text: str | None) -> bool:
        """Are they there, perhaps deeper by now, or tuned: one like the first, with most of its strings?"""
        try:
            return self.holds(text) or self._elsewhere(text or "") is not None
        except SyntaxError:
            return False

    def bind(self, text: str | None) -> Self:
        """Remember an empty section that is there."""
        if text is None or self.holds(text):
            return self
        from djroadmap.codemods import settings  # noqa: PLC0415 - LibCST is slow to import

        with refusing(self.path, self.code):
            return self.with_(keep_title=bool(self.section) and settings.is_empty_section(text, self.section))

    def apply(self, text: str | None) -> str | None:
        """Write them. Raises `Unrecognised` where what they work on is changed further below."""
        if self.holds(text):
            return text
        with refusing(self.path, self.code):
            if text is None:
                raise Unclear(None, "there is no such file")
            from djroadmap.codemods import settings  # noqa: PLC0415

            line = self._last_use(text)
            if line is not None and line > settings.row_of_new(text, self.section) + 1:
                why = (
                    f"{self.behind} is used below the place for new settings, and this must come behind that"
                )
                raise Unclear(line, why)
            return settings.add(text, self._wanted())

    def revert(self, text: str | None) -> str | None:
        """Take them out. Raises `CannotRevert` if they were tuned, moved under a condition or commented on."""
        if text is None or not self.kept(text):
            return text
        from djroadmap.codemods import settings  # noqa: PLC0415

        with reverting(self.path, self.code):
            found = self._found(text)
            if len(found) != 1:
                line = found[1][0].lineno if found else self._elsewhere(text)
                raise Unclear(line, "changed since djroadmap wrote it, so it is kept")
            lines = _lines(text, found[0])
            if _comments(lines) != _comments(self.code):
                why = "commented on since djroadmap wrote it, so it is kept"
                raise Unclear(found[0][0].lineno, why)
            return settings.remove_statements(text, self._wanted(), found[0], keep_title=self.keep_title)

    def describe(self) -> str:
        """The first line of the code."""
        first, _, rest = self.code.partition("\n")
        return f"{first} ..." if rest else first

    def _found(self, text: str) -> list[list[ast.stmt]]:
        """Every place where they stand at the level of the settings."""
        body = scope_of(parse(text)).body
        wished = [ast.dump(node) for node in ast.parse(self.code).body]
        runs = (body[first : first + len(wished)] for first in range(len(body) - len(wished) + 1))
        return [run for run in runs if [ast.dump(node) for node in run] == wished]

    def _elsewhere(self, text: str) -> int | None:
        """The line of the same code in another block, or of what the first statement has become."""
        if deeper := find_code(text, self.code, statements=True):
            return deeper[0].line
        first = ast.parse(self.code).body[0]
        strings = _strings(first)
        for node in scope_of(parse(text)).body:
            shared = len(strings & _strings(node))
            if shared and 2 * shared > len(strings) and type(node) is type(first):
                return node.lineno
        return None

    def _last_use(self, text: str) -> int | None:
        """The last line of the last statement that names the setting."""
        if not self.behind:
            return None
        lines = [
            node.end_lineno or node.lineno
            for node in scope_of(parse(text)).body
            if any(isinstance(one, ast.Name) and one.id == self.behind for one in ast.walk(node))
        ]
        return max(lines, default=None)

    def _wanted(self) -> Wanted:
        from djroadmap.codemods.settings import Wanted  # noqa: PLC0415

        return Wanted("this", "", self.comment, self.link, self.section, statements=self.code)


def _all(body: list[ast.stmt]) -> Iterator[ast.AST]:
    return (inner for node in body for inner in ast.walk(node))


def _strings(node: ast.AST) -> set[str]:
    return {
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def _lines(text: str, nodes: list[ast.stmt]) -> str:
    """The lines of these statements, as a text that can be split into tokens."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = " " * nodes[0].col_offset
    inside = rows[nodes[0].lineno - 1 : nodes[-1].end_lineno]
    return f"if True:\n{chr(10).join(inside)}\n" if head else "\n".join([*inside, ""])


def _comments(code: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
