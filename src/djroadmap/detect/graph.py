"""Settings files and what each takes from others: star imports, `include`, modules of classes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.model.modules import find_module
from djroadmap.regex import regex
from djroadmap.syntax.evaluate import Frame, evaluate
from djroadmap.syntax.includes import included, patterns
from djroadmap.syntax.paths import is_own, relative_module
from djroadmap.syntax.reading import dotted, statements
from djroadmap.syntax.sources import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeGuard

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

UPPER = regex(r"[A-Z][A-Z0-9_]*")
TAKEN_OVER = regex(
    r"\w*_APPS|APPS|MIDDLEWARE\w*|DATABASES|LOGGING|TEMPLATES|CACHES|ROOT_URLCONF|REST_FRAMEWORK"
)
ASKING = frozenset({"exists", "isfile", "is_file", "find_spec", "lexists"})
FOLDERS = regex(r"settings|conf(ig)?$|envs?$|environments?$")
ODD = (
    ("exec", regex(r"\bexec(file)?\("), "settings are taken in with exec, which is not followed"),
    (
        "import_module",
        regex(r"\bimport_module\("),
        "a settings module is chosen at run time, which is not followed",
    ),
    (
        "s()",
        regex(r"\b(globals|locals|vars)\(\)\s*(\[|\.update|\.setdefault)"),
        "settings are set through globals()",
    ),
    (
        "dynaconf",
        regex(r"^[ \t]*(import|from)[ \t]+dynaconf\b", re.MULTILINE),
        "settings come from dynaconf",
    ),
)
"""A word that no match is without, the pattern, and what a match means."""


class Link(NamedTuple):
    """A settings file that another one takes names from."""

    path: RelPath
    guarded: bool
    """Inside try, so that it may be missing."""


class Node(NamedTuple):
    """One file of the graph."""

    path: RelPath
    links: tuple[Link, ...]
    names: frozenset[str]


class Graph:
    """Settings files as they are reached, with what could not be followed."""

    def __init__(self, sources: Sources, roots: Sequence[RelPath]) -> None:
        self.sources = sources
        self.roots = roots
        self.nodes: dict[RelPath, Node] = {}
        self.problems: dict[str, None] = {}
        self.foreign: dict[str, str] = {}
        """`path:line` to the name of a module of other people's that everything is taken over from."""

    def reach(self, path: RelPath) -> None:
        """Take in `path` and everything it builds on."""
        if path in self.nodes:
            return
        self.nodes[path] = Node(path, (), frozenset())
        tree = self.sources.module(path)
        if tree is not None:
            self.nodes[path] = self._read(path, tree)
        self._odd(path)
        for link in self.nodes[path].links:
            self.reach(link.path)

    def order(self, starts: Sequence[RelPath]) -> list[RelPath]:
        """Every file, those that build on others before them; the first start comes first."""
        finished: dict[RelPath, None] = {}
        begun: set[RelPath] = set()

        def visit(path: RelPath) -> None:
            if path not in begun:
                begun.add(path)
                for link in self.nodes[path].links:
                    visit(link.path)
                finished[path] = None

        for path in reversed(starts):
            visit(path)
        return list(reversed(finished))

    def _read(self, path: RelPath, tree: ast.Module) -> Node:
        links: dict[RelPath, Link] = {}
        names: set[str] = set()
        frame = Frame({}, path)
        guarded = _guarded(tree)
        includes = self.sources.holds(path, b"include(")
        for statement, _ in statements(tree.body):
            names.update(_bound(statement))
            if includes and isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                frame.scope[statement.targets[0].id] = evaluate(statement.value, frame)
            may_fail = id(statement) in guarded
            for target, optional in self._targets(statement, frame, guarded=may_fail):
                if target != path:
                    links.setdefault(target, Link(target, guarded=may_fail or optional))
        return Node(path, tuple(links.values()), frozenset(names))

    def _targets(self, statement: ast.stmt, frame: Frame, *, guarded: bool) -> Iterator[tuple[RelPath, bool]]:
        """The files that a statement takes in, and whether it says that they may be missing."""
        match statement:
            case ast.ImportFrom():
                yield from ((path, False) for path in self._imported(statement, frame, guarded=guarded))
            case ast.Import(names=aliases):
                for alias in aliases:
                    target = self._find(frame.path, 0, alias.name)
                    if target and any(FOLDERS.search(part) for part in alias.name.split(".")):
                        yield target, False
            case ast.Expr(value=ast.Call(func=func) as call):
                if (dotted(func) or "").rpartition(".")[2] == "include":
                    yield from self._included(call, frame, guarded=guarded)

    def _imported(self, node: ast.ImportFrom, frame: Frame, *, guarded: bool) -> Iterator[RelPath]:
        module, level = node.module or "", node.level
        names = [alias.name for alias in node.names]
        if not level and not is_own(self.sources, self.roots, module):
            if "*" in names:
                self.foreign[f"{frame.path}:{node.lineno}"] = module
            return
        target = self._find(frame.path, level, module)
        if any(name == "*" or TAKEN_OVER.fullmatch(name) for name in names):
            if target:
                yield target
            elif not guarded:
                why = f"{'.' * level}{module} is imported, but not in the repository"
                self.problems[f"{frame.path}:{node.lineno}: {why}"] = None
            return
        for name in names:  # from . import base; from .base import Base (django-configurations)
            found = self._find(frame.path, level, ".".join(part for part in (module, name) if part))
            if found is None and name[:1].isupper():
                found = target
            if found and folder_of(found) == folder_of(frame.path) and self._speaks(found):
                yield found

    def _find(self, path: RelPath, level: int, name: str) -> RelPath | None:
        if level:
            return relative_module(self.sources, path, level, name)
        return find_module(self.sources, self.roots, name)

    def _speaks(self, path: RelPath) -> bool:
        """Does the file look as if it held settings, and not views or models?"""
        return bool(FOLDERS.search(path)) or self.sources.holds(path, b"INSTALLED_APPS")

    def _included(self, call: ast.Call, frame: Frame, *, guarded: bool) -> Iterator[tuple[RelPath, bool]]:
        found = included(self.sources, frame, call)
        required = included(self.sources, frame, call, optional=False)
        yield from ((path, path not in required) for path in found)
        if not found and not guarded and not list(patterns(call, frame)):
            why = "include() with names that only running it could tell"
            self.problems[f"{frame.path}:{call.lineno}: {why}"] = None

    def _odd(self, path: RelPath) -> None:
        if problem := self.sources.problems.get(path):
            self.problems[problem] = None
        text = self.sources.text(path) or ""
        for word, pattern, why in ODD:
            for match in pattern.finditer(text) if word in text else ():
                start = text.rfind("\n", 0, match.end()) + 1
                if not text[start : match.end()].lstrip().startswith("#"):
                    self.problems[f"{path}:{text.count(chr(10), 0, start) + 1}: {why}"] = None
                    break


def _guarded(tree: ast.Module) -> set[int]:
    """Module-level statements that may fail, as `_may_fail` says of the blocks that hold them."""
    blocks = [node for node, _ in statements(tree.body) if _may_fail(node)]
    return {id(inner) for block in blocks for inner, _ in statements(block.body)}


def _may_fail(node: ast.stmt) -> TypeGuard[ast.Try | ast.With | ast.If]:
    """Is this a `try` with handlers, a `with suppress(...)`, or an `if` that asks for a file?"""
    match node:
        case ast.Try(handlers=[_, *_]):
            return True
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=func)), *_]):
            return (dotted(func) or "").rpartition(".")[2] == "suppress"
        case ast.If(test=test):
            return _asks_for_file(test)
    return False


def _asks_for_file(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in ASKING for node in ast.walk(test))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Upper-case names that a statement binds, by an import too; class attributes included (django-configurations)."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.ImportFrom):
        bound = (alias.asname or alias.name for alias in statement.names)
        yield from (name for name in bound if UPPER.fullmatch(name))
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.ClassDef):
        for inner in statement.body:
            yield from _bound(inner)
    for target in targets:
        for name in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(name, ast.Name) and UPPER.fullmatch(name.id):
                yield name.id
