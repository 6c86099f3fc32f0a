"""Who still imports the package of the bus."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused
from djroadmap.planning.events import events
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import Project


def usage(project: Project) -> tuple[Problem, ...]:
    """A problem for every import of the package from elsewhere, in the order of the paths."""
    found = events(project)
    problems: list[Problem] = []
    for path in project.tree.files():
        if not path.endswith(".py") or path.startswith(f"{found.folder}/"):
            continue
        if found.label.encode() not in (project.tree.raw(path) or b""):
            continue
        try:
            text = project.tree.read(path) or ""
        except Refused as refused:
            problems += refused.problems
            continue
        problems += [
            Problem(path=path, line=line, why=f"still imports {found.package}")
            for line in _importing(text, found.package)
        ]
    return tuple(problems)


def _importing(text: str, package: str) -> Iterator[int]:
    try:
        module = parse(text)
    except SyntaxError:  # which nothing can import either
        return
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        if any(name == package or name.startswith(f"{package}.") for name in names):
            yield node.lineno
