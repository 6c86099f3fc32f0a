"""The project's Celery application, in whatever file it is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.modules import dotted_name
from djroadmap.model.project import Celery
from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted, statements

from .search import containing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Dependencies
    from djroadmap.syntax.sources import Sources


IMPORTED = regex(
    r"(?m)^\s*(?:from celery[.\w]* import (?:\([^)]*|[^\n]*)\bCelery\b|import celery\b(?=(?s:.*)\.Celery\b))"
)
"""Parsing every file that speaks of Celery would cost more than anything else here."""


def celery_of(
    sources: Sources, files: Sequence[RelPath], roots: Sequence[RelPath], dependencies: Dependencies
) -> Celery | None:
    """The module-level `name = Celery(...)` in one of `files`, one configured from Django's settings before any other.

    Only files with a name that speaks of Celery are searched if no dependency does.
    """
    if dependencies.names and not any("celery" in name for name in dependencies.names):
        files = [path for path in files if "celery" in path.lower()]
    found: list[Celery] = []
    for path in containing(sources, files, (b"Celery", b"celery"), likely=("celery",)):
        if not IMPORTED.search(sources.text(path) or ""):
            continue
        tree = sources.module(path)
        name = _application(tree) if tree else None
        if name is None:
            continue
        app = Celery(module=dotted_name(sources, roots, path), path=path, name=name)
        if sources.holds(path, b"django.conf"):
            return app
        found.append(app)
    return found[0] if found else None


def _application(tree: ast.Module) -> str | None:
    """The name that an application of Celery is bound to at module level.

    Made by calling `Celery` or a class of its own built on it, or a function of the file that does so.
    """
    makers: set[str] = set()
    for statement, _ in statements(tree.body):
        match statement:
            case ast.ImportFrom(module="celery" | "celery.app" | "celery.app.base", names=aliases):
                makers |= {alias.asname or alias.name for alias in aliases if alias.name == "Celery"}
            case ast.Import(names=aliases):
                makers |= {
                    f"{alias.asname or alias.name}.Celery" for alias in aliases if alias.name == "celery"
                }
            case ast.ClassDef(name=name, bases=bases) if any(dotted(base) in makers for base in bases):
                makers.add(name)
            case ast.FunctionDef(name=name) if _returns(statement, makers):
                makers.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if dotted(value) in makers:
                makers.add(name)
            case ast.Assign(targets=[ast.Name(id=name), *_], value=ast.Call(func=func)) if (
                dotted(func) in makers
            ):
                return name
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func)) if dotted(func) in makers:
                return name
    return None


def _returns(function: ast.FunctionDef, makers: set[str]) -> bool:
    """Does the function return what one of `makers` makes, at once or through a name?"""
    made: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if dotted(func) in makers:
                made.add(name)
    return any(
        isinstance(node, ast.Return)
        and (
            (isinstance(node.value, ast.Name) and node.value.id in made)
            or (isinstance(node.value, ast.Call) and dotted(node.value.func) in makers)
        )
        for node in ast.walk(function)
    )
