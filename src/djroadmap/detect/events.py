"""The domain event bus: a class that subscribes and publishes, and the one instance of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.model.modules import dotted_name
from djroadmap.model.project import EventBus
from djroadmap.syntax.reading import dotted, statements
from djroadmap.syntax.sources import folder_of

from .search import containing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

NEEDLES = (b"def subscribe", b"def publish", b"event_bus")


def event_bus_of(sources: Sources, files: Sequence[RelPath], roots: Sequence[RelPath]) -> EventBus | None:
    """The bus in one of `files`, if there is one; `modified` if `publish` no longer has the known shape."""
    for path in containing(sources, files, NEEDLES, likely=("bus", "event")):
        tree = sources.module(path)
        bus = _class(tree) if tree else None
        if bus is not None:
            module = dotted_name(sources, roots, path)
            package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
            return EventBus(
                package=package, path=path, modified=not _publishes(bus), base=_base(sources, files, path)
            )
    return None


def _base(sources: Sources, files: Sequence[RelPath], bus: RelPath) -> RelPath | None:
    """The module beside the bus that defines `DomainEvent`."""
    folder = folder_of(bus)
    beside = [path for path in files if folder_of(path) == folder]
    for path in containing(sources, beside, (b"class DomainEvent",), likely=("base", "event")):
        tree = sources.module(path)
        for node in tree.body if tree else ():
            if isinstance(node, ast.ClassDef) and node.name == "DomainEvent":
                return path
    return None


def _class(tree: ast.Module) -> ast.ClassDef | None:
    """The class with `subscribe` and `publish` that `event_bus` is an instance of."""
    classes = {node.name: node for node, _ in statements(tree.body) if isinstance(node, ast.ClassDef)}
    for statement, _ in statements(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id="event_bus")], value=ast.Call(func=func)):
                pass
            case ast.AnnAssign(target=ast.Name(id="event_bus"), value=ast.Call(func=func)):
                pass
            case _:
                continue
        found = classes.get(dotted(func) or "")
        if found is not None and {"subscribe", "publish"} <= _methods(found).keys():
            return found
    return None


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {method.name: method for method in node.body if isinstance(method, ast.FunctionDef)}


def _publishes(bus: ast.ClassDef) -> bool:
    """Is there a loop that calls `handler(event)`, or `dispatch(handler, event)`, and nothing else with them?"""
    publish = _methods(bus)["publish"]
    parameters = [argument.arg for argument in publish.args.args[1:]]
    for node in ast.walk(publish):
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and parameters:
            handler, event = node.target.id, parameters[0]
            calls = [
                inner.value
                for inner in node.body
                if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call)
            ]
            if any(_called(call) in {(handler, event), ("dispatch", handler, event)} for call in calls):
                return True
    return False


def _called(call: ast.Call) -> tuple[str, ...]:
    """The names in a call of names only."""
    if call.keywords:
        return ()
    return tuple(dotted(part) or "" for part in (call.func, *call.args))
