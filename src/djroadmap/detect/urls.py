"""The root URL configuration."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.modules import dotted_name, find_module
from djroadmap.model.project import Urlconf
from djroadmap.syntax.paths import relative_module
from djroadmap.syntax.reading import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

HOPS = 5


def urlconf_of(
    sources: Sources, roots: Sequence[RelPath], module: str | None
) -> tuple[Urlconf | None, tuple[str, ...]]:
    """The urlconf that ROOT_URLCONF names, followed to where `urlpatterns` is bound, and what is wrong with it."""
    if module is None:
        return None, ("ROOT_URLCONF is not set, or only running the settings could tell",)
    path = find_module(sources, roots, module)
    if path is None:
        return None, (f"ROOT_URLCONF names {module}, which is not in the repository",)
    owner = _owner(sources, roots, path)
    problem = sources.problems.get(owner)
    named = module if owner == path else dotted_name(sources, roots, owner)
    return Urlconf(module=named, path=owner), (problem,) if problem else ()


def _owner(sources: Sources, roots: Sequence[RelPath], path: RelPath) -> RelPath:
    """The file that binds `urlpatterns`, through modules that only pass it on."""
    for _ in range(HOPS):
        tree = sources.module(path)
        if tree is None or _binds(tree):
            return path
        onward = next(_sources_of(sources, roots, tree, path), None)
        if onward is None:
            return path
        path = onward
    return path


def _binds(tree: ast.Module) -> bool:
    for statement, _ in statements(tree.body):
        match statement:
            case ast.Assign(targets=[*_, ast.Name(id="urlpatterns")]):
                return True
            case (
                ast.AnnAssign(target=ast.Name(id="urlpatterns"))
                | ast.AugAssign(target=ast.Name(id="urlpatterns"))
            ):
                return True
    return False


def _sources_of(
    sources: Sources, roots: Sequence[RelPath], tree: ast.Module, path: RelPath
) -> Iterator[RelPath]:
    for statement, _ in statements(tree.body):
        if isinstance(statement, ast.ImportFrom) and any(
            alias.name in {"*", "urlpatterns"} for alias in statement.names
        ):
            name = statement.module or ""
            found = (
                relative_module(sources, path, statement.level, name)
                if statement.level
                else find_module(sources, roots, name)
            )
            if found and found != path and sources.holds(found, b"urlpatterns"):
                yield found
