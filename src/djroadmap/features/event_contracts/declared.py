"""The events of a project, each with the app that it belongs to and the module that is to hold its contract."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.contracts import KERNEL
from djroadmap.planning.events import events
from djroadmap.planning.packages import BUS, within
from djroadmap.syntax.reading import dotted

from .classes import BASE, event_classes
from .fields import fields_of
from .scopes import Target, definition, scope_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .annotations import Schema
    from .fields import Field, Fields

NAME = "event_contracts.py"


class Event(NamedTuple):
    """One event."""

    target: Target
    path: RelPath
    line: int
    home: RelPath
    """The module for its contract, in the app it belongs to, or in the package of the bus."""
    said: Fields

    @property
    def name(self) -> str:
        """`OrderPlaced`."""
        return self.target.name

    @property
    def contract(self) -> str:
        """The name of its contract: `OrderPlacedContract`."""
        return f"{self.target.name.replace('.', '')}Contract"

    def schema(self) -> Schema | None:
        """Its JSON Schema, as the tests will find it; None if only the running project can tell."""
        kept = [field for field in self.said.fields if field.kept]
        if any(field.type.schema is None for field in kept):
            return None
        schema: Schema = {
            "type": "object",
            "properties": {field.name: field.type.schema for field in kept},
        }
        if required := sorted(field.name for field in kept if field.always):
            schema["required"] = required
        return schema if self.said.open else {**schema, "additionalProperties": False}


def declared(project: Project) -> tuple[Event, ...]:
    """Every event that is not abstract, by path and line."""
    classes = event_classes(project)
    found = []
    for one in classes.values():
        if one.is_abstract or one.target.name == BASE:
            continue
        path = one.scope.path
        owner, home = _home(project, path)
        said = fields_of(one, classes, is_foreign=_Foreign(project, owner))
        found.append(Event(one.target, path, one.node.lineno, f"{home}/{NAME}", said))
    return tuple(found)


def covered(project: Project, path: RelPath) -> frozenset[Target]:
    """The events that a module has contracts for: `contract(OrderPlaced, ...)`, however it is written."""
    scope = scope_at(project, path) if project.tree.exists(path) else None
    if scope is None:
        return frozenset()
    calls = (node for node in ast.walk(scope.tree) if isinstance(node, ast.Call) and node.args)
    names = (dotted(call.args[0]) for call in calls if (dotted(call.func) or "").endswith("contract"))
    return frozenset(definition(project, scope.resolve(name)) for name in names if name)


def unused(event: Event) -> Iterator[Field]:
    """What the event takes and does nothing with."""
    return (field for field in event.said.fields if not field.kept and not field.used)


class _Foreign:
    """Does something belong to an app that the events of this one should not know?"""

    def __init__(self, project: Project, owner: str) -> None:
        self.apps: Collection[str] = [app.name for app in project.apps.local]
        self.owner = owner

    def __call__(self, target: Target) -> bool:
        """Whose is it?"""
        holding = [app for app in self.apps if within(str(target), app)]
        app = max(holding, key=len, default=self.owner)
        return app != self.owner and app.rpartition(".")[2] not in {*KERNEL, BUS}


def _home(project: Project, path: RelPath) -> tuple[str, RelPath]:
    """The app that holds a file and its folder; the package of the bus for what is in no app."""
    holding = [app for app in project.apps.local if path.startswith(f"{app.path}/")]
    if holding:
        app = max(holding, key=lambda one: len(one.path))
        return app.name, app.path
    found = events(project)
    return found.package, found.folder
