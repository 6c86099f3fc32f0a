"""Who still imports what is about to go."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project


def importers(project: Project, *modules: str, but: RelPath) -> tuple[Problem, ...]:
    """A problem for every import of one of the dotted modules from outside the folder `but`, in the order of paths."""
    words = {module.rpartition(".")[2].encode() for module in modules}
    problems: list[Problem] = []
    for path in project.tree.files():
        if not path.endswith(".py") or path.startswith(f"{but}/"):
            continue
        raw = project.tree.raw(path) or b""
        if not any(word in raw for word in words):
            continue
        try:
            text = project.tree.read(path) or ""
        except Refused as refused:
            problems += refused.problems
            continue
        problems += [
            Problem(path=path, line=line, why=f"still imports {module}")
            for line, module in _importing(text, modules)
        ]
    return tuple(problems)


def _importing(text: str, modules: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    try:
        tree = parse(text)
    except SyntaxError:  # which nothing can import either
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for module in modules:
            if any(name == module or name.startswith(f"{module}.") for name in names):
                yield node.lineno, module
