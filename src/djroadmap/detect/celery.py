"""The project's Celery application, in whatever file it is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.project import Celery
from djroadmap.syntax.reading import dotted, statements

from .paths import dotted_name
from .search import containing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Dependencies

    from .sources import Sources


def celery_of(
    sources: Sources, files: Sequence[RelPath], roots: Sequence[RelPath], dependencies: Dependencies
) -> Celery | None:
    """The module-level `name = Celery(...)` in one of `files`, one configured from Django's settings before any other.

    Files are searched only if dependencies name Celery, or are not known at all.
    """
    if dependencies.names and not any("celery" in name for name in dependencies.names):
        return None
    found: list[Celery] = []
    for path in containing(sources, files, (b"Celery(",), likely=("celery",)):
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
    """The name that a call of celery's `Celery` is bound to at module level."""
    names: set[str] = set()
    for statement, _ in statements(tree.body):
        match statement:
            case ast.ImportFrom(module="celery" | "celery.app" | "celery.app.base", names=aliases):
                names |= {alias.asname or alias.name for alias in aliases if alias.name == "Celery"}
            case ast.Import(names=aliases):
                names |= {
                    f"{alias.asname or alias.name}.Celery" for alias in aliases if alias.name == "celery"
                }
            case ast.Assign(targets=[ast.Name(id=name), *_], value=ast.Call(func=func)) if (
                dotted(func) in names
            ):
                return name
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func)) if dotted(func) in names:
                return name
    return None
