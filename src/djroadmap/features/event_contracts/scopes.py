"""What names mean in a module: where they come from, followed through modules that only pass them on."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.model.modules import dotted_name, find_module
from djroadmap.syntax.reading import parse, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

BUILTINS = frozenset(dir(builtins))
DEEPEST = 8
"""So many modules may pass a name on."""


class Target(NamedTuple):
    """What a name stands for: something in a module, or the module itself if `name` is empty."""

    module: str
    name: str
    """Dotted for what is inside a class: `Order.Status`."""

    def __str__(self) -> str:
        return f"{self.module}.{self.name}".removesuffix(".")


@dataclass(frozen=True, slots=True)
class Scope:
    """A module of the project and what the names at its top level mean."""

    module: str
    path: RelPath
    tree: ast.Module
    names: Mapping[str, Target]
    imported: tuple[str, ...]
    """The modules of plain imports: `import a.b` binds `a` only."""
    stars: bool
    """Is there an `import *`, so that more names may be known?"""

    def resolve(self, name: str) -> Target:
        """What a dotted name means here. One that nothing binds is taken for this module's: `import *` may bring it."""
        head, _, rest = name.partition(".")
        found = self.names.get(head)
        if found is None:
            return Target("builtins" if head in BUILTINS else self.module, name)
        if found.name:
            return Target(found.module, ".".join(filter(None, (found.name, rest))))
        whole = ".".join(filter(None, (found.module, rest)))
        modules = [one for one in (*self.imported, found.module) if f"{whole}.".startswith(f"{one}.")]
        module = max(modules, key=len)
        return Target(module, whole[len(module) + 1 :])


def scope_at(project: Project, path: RelPath) -> Scope | None:
    """The scope of a file of the project; None if it cannot be read."""
    try:
        tree = parse(project.tree.read(path) or "")
    except (Refused, SyntaxError):
        return None
    module = dotted_name(project.tree, project.python_roots, path)
    package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
    return _scope(path, module, package, tree)


def definition(project: Project, target: Target) -> Target:
    """Where something is defined, as far as modules of the project pass it on."""
    for _ in range(DEEPEST):
        path = find_module(project.tree, project.python_roots, target.module)
        scope = scope_at(project, path) if path and target.name else None
        head, _, rest = target.name.partition(".")
        if scope is None:
            return target
        there = scope.names.get(head)
        if there is None and rest:
            below = f"{target.module}.{head}"
            if find_module(project.tree, project.python_roots, below) is None:
                return target
            target = Target(below, rest)
        elif there is None or there == Target(scope.module, head):
            return target
        else:
            target = scope.resolve(target.name)
    return target


@lru_cache(maxsize=1_000)
def _scope(path: RelPath, module: str, package: str, tree: ast.Module) -> Scope:
    names: dict[str, Target] = {}
    imported: list[str] = []
    for statement, _ in statements(tree.body):
        match statement:
            case ast.Import():
                for alias in statement.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    names[bound] = Target(alias.name if alias.asname else bound, "")
                    imported += [] if alias.asname else [alias.name]
            case ast.ImportFrom():
                origin = _absolute(package, statement)
                names |= {alias.asname or alias.name: Target(origin, alias.name) for alias in statement.names}
            case _:
                names |= {name: Target(module, name) for name in _defined(statement)}
    stars = names.pop("*", None) is not None
    return Scope(module, path, tree, names, tuple(imported), stars)


def _absolute(package: str, statement: ast.ImportFrom) -> str:
    if not statement.level:
        return statement.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - statement.level + 1]
    return ".".join(filter(None, (*above, statement.module)))


def _defined(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            alias = getattr(statement, "name", None)  # `type X = ...`, whatever the interpreter
            if isinstance(alias, ast.Name):
                yield alias.id
