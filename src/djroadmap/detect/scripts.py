"""What a script of the project hands over to: the modules it imports, and those it runs by name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.modules import find_module, module_file
from djroadmap.syntax.reading import dotted, imports
from djroadmap.syntax.sources import folder_of, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources


def handed_to(sources: Sources, path: RelPath, roots: Iterable[RelPath]) -> list[RelPath]:
    """The project's own files that the script `path` imports or runs with `runpy`, in order."""
    tree = sources.module(path)
    if tree is None:
        return []
    known = tuple(roots)
    found = dict.fromkeys(_run(sources, tree, path, known))
    for one in imports(tree):
        for name in (one.module, f"{one.module}.{one.name}"):
            if target := find_module(sources, known, name):
                found[target] = None
    return list(found)


def _run(sources: Sources, tree: ast.Module, path: RelPath, roots: tuple[RelPath, ...]) -> Iterator[RelPath]:
    """What `runpy.run_module("shop")` and `runpy.run_path("shop/cli.py")` run."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=[ast.Constant(value=str(named)), *_]):
                called = (dotted(func) or "").rpartition(".")[2]
            case _:
                continue
        if called == "run_module":
            yield from _main_of(sources, roots, named)
        elif called == "run_path" and sources.exists(target := join(folder_of(path), named)):
            yield target


def _main_of(sources: Sources, roots: tuple[RelPath, ...], named: str) -> Iterator[RelPath]:
    for root in roots:
        for name in (f"{named}.__main__", named):
            if target := module_file(sources, root, name):
                yield target
                return
