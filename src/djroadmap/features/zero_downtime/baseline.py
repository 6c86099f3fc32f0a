"""The migrations that the project has already, as its files tell."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.syntax.reading import dotted, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import Project

SAFE = frozenset({"CreateModel", "AddIndex", "AddConstraint"})
"""What the first migration of an app consists of, when its tables are all new."""

Baseline = tuple[tuple[str, tuple[str, ...]], ...]


def baseline(project: Project, test: str) -> Baseline:
    """The label of each app of the project, with the names of its migrations; as the file `test` has it, if it does."""
    if (written := _written(project.tree.read(test) if project.tree.exists(test) else None)) is not None:
        return written
    found: dict[str, set[str]] = {}
    for path in project.tree.files():
        folder, _, name = path.rpartition("/")
        if not name.endswith(".py") or name.startswith(("_", "~")) or "migrations" not in folder.split("/"):
            continue
        home, _, last = folder.rpartition("/")
        if b"Migration" in (project.tree.raw(path) or b"") and not _comes_and_goes(project, path):
            label = _label(project, home) if last == "migrations" else last
            found.setdefault(label, set()).add(name.removesuffix(".py"))
    return tuple((label, tuple(sorted(names))) for label, names in sorted(found.items()))


def _label(project: Project, folder: str) -> str:
    """That of the app in this folder; of migrations that lie elsewhere (MIGRATION_MODULES) most likely its name."""
    known = (app.label for app in project.apps.local if app.path == folder)
    return next(known, folder.rpartition("/")[2])


def _comes_and_goes(project: Project, path: str) -> bool:
    """Is this the table of a feature of the event bus? Its app has others of its own only if the owner made them."""
    bus = project.event_bus.path.rpartition("/")[0] if project.event_bus else ""
    return (
        bool(bus) and path.startswith(f"{bus}/") and set(_operations(project.tree.read(path) or "")) <= SAFE
    )


def _operations(text: str) -> Iterator[str]:
    try:
        tree = parse(text)
    except SyntaxError:
        yield ""
        return
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="operations")], value=ast.List(elts=elements)):
                for element in elements:
                    called = dotted(element.func) if isinstance(element, ast.Call) else None
                    yield (called or "").rpartition(".")[2]


def _written(text: str | None) -> Baseline | None:
    """What a file of ours says: it is not to change when there are more migrations."""
    try:
        tree = parse(text or "")
    except SyntaxError:
        return None
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="BASELINE"), value=ast.Dict() as value):
                try:
                    found = ast.literal_eval(value)
                    return tuple((str(label), tuple(sorted(names))) for label, names in found.items())
                except (ValueError, TypeError):
                    return None
    return None
