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
            for line, module in _importing(text, modules, _packages(project, path))
        ]
    return tuple(problems)


def _packages(project: Project, path: RelPath) -> list[tuple[str, ...]]:
    """The package that holds a module, as it is called from each folder on sys.path that it is below."""
    folders = [f"{root}/" if root else "" for root in project.python_roots]
    return [tuple(path.removeprefix(folder).split("/")[:-1]) for folder in folders if path.startswith(folder)]


def _importing(
    text: str, modules: tuple[str, ...], packages: list[tuple[str, ...]]
) -> Iterator[tuple[int, str]]:
    try:
        tree = parse(text)
    except SyntaxError:  # which nothing can import either
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [name for source in _sources(node, packages) for name in _named(source, node)]
        else:
            continue
        for module in modules:
            if any(name == module or name.startswith(f"{module}.") for name in names):
                yield node.lineno, module


def _sources(node: ast.ImportFrom, packages: list[tuple[str, ...]]) -> list[str]:
    """The module, or what it may be if it is a relative one."""
    if not node.level:
        return [node.module or ""]
    stem = [node.module] if node.module else []
    above = (package[: len(package) - node.level + 1] for package in packages if node.level <= len(package))
    return [".".join([*parts, *stem]) for parts in above]


def _named(source: str, node: ast.ImportFrom) -> list[str]:
    return [source, *(f"{source}.{alias.name}" for alias in node.names)]
