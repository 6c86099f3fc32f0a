"""The classes of the domain events of a project, wherever they are, found by their base."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from djroadmap.planning.events import events
from djroadmap.syntax.reading import dotted, statements

from .scopes import Target, definition, scope_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .scopes import Scope

BASE = "DomainEvent"
ELSEWHERE = re.compile(r"(?:^|/)(?:(?:tests?|migrations)/|(?:test_[^/]*|[^/]*_tests?|tests|conftest)\.py$)")
"""What is no part of the running project. The generated tests leave out the same."""


@dataclass(frozen=True, slots=True)
class EventClass:
    """A class, and those of its bases that matter."""

    target: Target
    scope: Scope
    node: ast.ClassDef
    bases: tuple[Target, ...]

    @property
    def is_abstract(self) -> bool:
        """Has it a method that its subclasses have to give?"""
        return any(
            (dotted(one) or "").rpartition(".")[2] == "abstractmethod"
            for method in self.node.body
            if isinstance(method, ast.FunctionDef)
            for one in method.decorator_list
        )


def event_classes(project: Project) -> Mapping[Target, EventClass]:
    """Every event and the base itself, by what it is called; in the order of paths and lines."""
    found = events(project)
    base = Target(found.module(found.base), BASE)
    classes: dict[Target, EventClass] = {}
    paths = [path for path in project.tree.files() if path.endswith(".py") and not ELSEWHERE.search(path)]
    names, searched = {BASE}, set[str]()
    seen: set[RelPath] = set()
    while names:
        words = [name.encode() for name in names]
        new = [path for path in paths if path not in seen and _mentions(project, path, words)]
        seen.update(new)
        scopes = [scope for path in new if (scope := scope_at(project, path)) is not None]
        for scope in scopes:
            classes |= {one.target: one for one in _classes(project, scope)}
        known = _descendants(base, classes)
        named = {one.name.rpartition(".")[2] for one in (base, *known)}
        searched |= names
        names = (named | _aliases(scopes, named)) - searched
    known = _descendants(base, classes)
    order = sorted(known, key=lambda one: (classes[one].scope.path, classes[one].node.lineno))
    return {one: classes[one] for one in (*((base,) if base in classes else ()), *order)}


def lineage(one: EventClass, classes: Mapping[Target, EventClass]) -> Iterator[EventClass]:
    """The class, then what it inherits from, nearest first, as far as that is known."""
    waiting = [one.target]
    seen: set[Target] = set()
    while waiting:
        target = waiting.pop(0)
        if target in classes and target not in seen:
            seen.add(target)
            yield classes[target]
            waiting = [*classes[target].bases, *waiting]


def _mentions(project: Project, path: RelPath, words: list[bytes]) -> bool:
    raw = project.tree.raw(path) or b""
    return any(word in raw for word in words)


def _aliases(scopes: list[Scope], names: set[str]) -> set[str]:
    """The other names under which these are imported, since somebody may import those."""
    return {
        bound
        for scope in scopes
        for bound, target in scope.names.items()
        if target.name in names and bound != target.name
    }


def _classes(project: Project, scope: Scope) -> Iterator[EventClass]:
    for name, node in _defined(scope.tree.body, ""):
        bases = (dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases)
        targets = (definition(project, scope.resolve(base)) for base in bases if base)
        yield EventClass(Target(scope.module, name), scope, node, tuple(targets))


def _defined(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for statement, _ in statements(body):
        if isinstance(statement, ast.ClassDef):
            yield prefix + statement.name, statement
            yield from _defined(statement.body, f"{prefix}{statement.name}.")


def _descendants(base: Target, classes: Mapping[Target, EventClass]) -> list[Target]:
    found = [base]
    for parent in found:
        found += [one.target for one in classes.values() if parent in one.bases and one.target not in found]
    return found[1:]
