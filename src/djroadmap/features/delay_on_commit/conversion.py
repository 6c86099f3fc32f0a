"""The edits that let calls wait for the commit, and take out the imports that they leave unused."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan
from djroadmap.syntax.deferred import deferred
from djroadmap.syntax.isort import imported_by
from djroadmap.syntax.reading import dotted, parse

from .sites import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.project import Project
    from djroadmap.syntax.deferred import Deferred
    from djroadmap.syntax.isort import Wanted

    from .sites import Site


def conversion(project: Project, found: Sequence[Site]) -> Plan:
    """Edits for all sites that are to wait for the commit."""
    chosen = tuple(site for site in found if site.reason is None)
    total: list[Edit] = []
    for path, here in grouped(chosen).items():
        module = parse(project.tree.read(path) or "")
        total += _calls(project, path, module, here)
        total += _imports(path, module, [site.deferred for site in here if site.deferred])
    return Plan(tuple(total))


def _calls(project: Project, path: RelPath, module: ast.Module, here: Sequence[Site]) -> Iterator[Edit]:
    """One edit for each callee in each function."""
    width = project.style.line_length if project.style.tool != "none" else 0
    chosen = {id(site.deferred.statement) for site in here if site.deferred}
    for scope, old, new in dict.fromkeys(
        (site.deferred.scope, site.callee, site.new) for site in here if site.deferred
    ):
        every = [one for one in deferred(module, (old, new)) if one.scope == scope]
        at = tuple(
            number for number, one in enumerate(every) if id(one.statement) in chosen and one.callee == old
        )
        yield edits.CallSwap(path=path, scope=scope, old=old, new=new, at=at, of=len(every), width=width)


def _imports(path: RelPath, module: ast.Module, gone: Sequence[Deferred]) -> Iterator[Edit]:
    """What only the callbacks needed: `transaction`, `partial`."""
    wrappers = [one for one in gone if one.way != "call"]
    if not wrappers:
        return
    spent = {id(node) for one in wrappers for node in _spent(one)}
    roots = dict.fromkeys((dotted(node) or "").partition(".")[0] for one in wrappers for node in _spent(one))
    for root in roots:
        if _is_used(module, root, spent):
            continue
        if (wanted := _import_of(module, root)) is not None:
            yield edits.UnusedImport(
                path=path, module=wanted.module, name=wanted.name, alias=wanted.alias, extra=True
            )


def _spent(one: Deferred) -> Iterator[ast.expr]:
    """The names of `on_commit` and `partial` in a statement."""
    if one.wrapper is not None:
        yield one.wrapper.func
    if one.way == "partial" and one.call is not None:
        yield one.call.func


def _is_used(module: ast.Module, root: str, spent: set[int]) -> bool:
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if id(node) in spent:
            continue
        if isinstance(node, ast.Name) and node.id == root:
            return True
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.split(".")[0] == root
        ):
            return True
        waiting.extend(ast.iter_child_nodes(node))
    return False


def _import_of(module: ast.Module, root: str) -> Wanted | None:
    """The one import at the top of the module that binds the name, unless it ends the file or shares a line."""
    found = [
        (node, wanted)
        for node in module.body[:-1]
        if isinstance(node, ast.Import | ast.ImportFrom)
        for wanted in imported_by(node)
        if wanted.binds == root
    ]
    return found[0][1] if len(found) == 1 else None
