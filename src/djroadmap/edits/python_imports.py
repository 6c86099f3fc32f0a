"""Imports at the top of a module."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from djroadmap.model.edit import Edit
from djroadmap.syntax.isort import Wanted, imported_by
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import dotted, parse, statements

from .python_source import refusing, reverting

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Edit):
    """`import module [as alias]`, or `from module import name [as alias]`, where isort would put it."""

    kind: ClassVar[str] = "import"
    module: str
    name: str = ""
    alias: str = ""
    section: Literal["", "first", "third"] = field(default="", compare=False)
    """Whose the module is, where neither the path nor the other imports of the file tell."""
    single_line: bool = field(default=False, compare=False)
    """One name a statement (isort's force-single-line), where the file itself does not tell."""
    create: bool = field(default=False, compare=False)
    """May it be the first line of a new file?"""
    blank: bool = field(default=False, metadata={"bound": True})
    """The file was there before, and empty."""
    wrapped: bool = field(default=False, metadata={"bound": True})
    """Did adding the name break a long import into lines?"""
    missing: int = field(default=0, metadata={"bound": True})
    """How many blank lines were missing between the docstring and what follows it (less than 0: too many)."""
    uses: int = field(default=0, metadata={"bound": True})
    """How often the name was used already, by grace of an import under a condition or of `import *`."""

    @property
    def target(self) -> tuple[Any, ...]:
        """The name, wherever it comes from; packages share theirs (`import a.b`, `import a.c`), so they are whole."""
        return (self.kind, self.path, self.wanted.binds if self.name or self.alias else self.module)

    def giving_way(self, successor: Edit) -> Import:
        """What uses the name has it from the successor."""
        return self.with_(uses=sys.maxsize) if self.target == successor.target else self

    def succeeding(self, earlier: Edit) -> Import:
        """Those that use the name had it from the earlier import, and not by grace of something else."""
        return self.with_(uses=earlier.uses) if isinstance(earlier, Import) else self

    @property
    def wanted(self) -> Wanted:
        """The import as data."""
        return Wanted(self.module, self.name, self.alias)

    def holds(self, text: str | None) -> bool:
        """Is the name imported at module level, other than for type checkers only or under an `if`?"""
        try:
            found = list(_imported(parse(text or "")))
        except SyntaxError:
            return False
        bare = Wanted(self.module) if not self.name and not self.alias else None
        return any(one == self.wanted or (bare and _binds_module(one, self.module)) for one in found)

    def apply(self, text: str | None) -> str | None:
        """Add the import. Raises `Unrecognised` if its name means something else in the file."""
        if self.holds(text):
            return text
        with refusing(self.path, self.wanted.code):
            if text is None and not self.create:
                raise Unclear(None, "there is no such file")
            if not text:
                return f"{self.wanted.code}\n"
            self._check_free(parse(text))
            return self._added(text)

    def bind(self, text: str | None) -> Import:
        """Remember whether a long import is broken into lines, and blank lines that have to be added."""
        if not text or self.holds(text):
            return self.with_(blank=True) if text == "" else self
        from djroadmap.codemods import imports  # noqa: PLC0415

        with refusing(self.path, self.wanted.code):
            wrapped, missing = imports.to_remember(
                text, self.wanted, first_party=self._first_party(), single_line=self.single_line
            )
        return self.with_(wrapped=wrapped, missing=missing, uses=len(_uses(parse(text), self.wanted)))

    def revert(self, text: str | None) -> str | None:
        """Take the import out. Raises `CannotRevert` while its name is used."""
        if text is None or not self.holds(text):
            return text
        from djroadmap.codemods import imports  # noqa: PLC0415 - LibCST is slow to import

        with reverting(self.path):
            module = parse(text)
            lines = _uses(module, self.wanted)
            if len(lines) > self.uses:
                raise Unclear(
                    lines[0], f"{self.wanted.binds} is still used here, so `{self.wanted.code}` is kept"
                )
            if imports.find(module, self.wanted) is None:
                return text
            rest = imports.remove(
                text,
                self.wanted,
                first_party=self._first_party(),
                single_line=self.single_line,
                wrapped=self.wrapped,
                missing=self.missing,
            )
            return rest if rest or self.blank or not self.create else None

    def describe(self) -> str:
        """The statement."""
        return self.wanted.code

    def _added(self, text: str) -> str:
        from djroadmap.codemods import imports  # noqa: PLC0415

        return imports.add(text, self.wanted, first_party=self._first_party(), single_line=self.single_line)

    def _first_party(self) -> frozenset[str]:
        own = set(self.path.split("/")[:-1])
        top = self.module.partition(".")[0]
        if self.section == "first":
            own.add(top)
        elif self.section == "third":
            own.discard(top)
        return frozenset(own)

    def _check_free(self, module: ast.Module) -> None:
        binds = self.wanted.binds
        for node, _ in statements(module.body):
            names: list[str] = []
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    names = [name]
                case ast.Assign(targets=targets):
                    names = [target.id for target in targets if isinstance(target, ast.Name)]
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names = [name]
                case ast.ImportFrom() | ast.Import():
                    names = [one.binds for one in imported_by(node) if not self._agrees(one)]
            if binds in names:
                raise Unclear(node.lineno, f"{binds} already means something else in this module")

    def _agrees(self, other: Wanted) -> bool:
        """May both imports bind the name? `import a.b` and `import a.c` may, and so may the same one twice."""
        packages = not self.alias and not self.name and not other.alias and not other.name
        return other == self.wanted or packages


def _imported(module: ast.Module) -> Iterator[Wanted]:
    """Imports that always run, or that a `try` guards."""
    for node in module.body:
        inner = node.body if isinstance(node, ast.Try) else [node]
        for statement in inner:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                yield from imported_by(statement)


def _binds_module(one: Wanted, module: str) -> bool:
    """Does `import a.b.c` also give `a.b`?"""
    return not one.name and not one.alias and one.module.startswith(f"{module}.")


def _uses(module: ast.Module, wanted: Wanted) -> list[int]:
    """The lines that use the name, in order."""
    binds = wanted.binds
    others = [
        one
        for node, _ in statements(module.body)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for one in imported_by(node)
        if one != wanted and one.binds == binds
    ]
    deep = not wanted.name and not wanted.alias and others
    lines = []
    for node in ast.walk(module):
        if deep and isinstance(node, ast.Attribute):
            chain = dotted(node) or ""
            if chain == wanted.module or chain.startswith(f"{wanted.module}."):
                lines.append(node.lineno)
        elif not others and isinstance(node, ast.Name) and node.id == binds:
            lines.append(node.lineno)
        elif isinstance(node, ast.Assign) and any(dotted(target) == "__all__" for target in node.targets):
            exported = [inner.value for inner in ast.walk(node.value) if isinstance(inner, ast.Constant)]
            lines += [node.lineno] if binds in exported else []
    return sorted(lines)
