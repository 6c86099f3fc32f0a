"""Contracts as code: the module of an app that has none yet, and single ones for a module that is there."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan
from djroadmap.planning.events import events
from djroadmap.planning.settings import import_
from djroadmap.templating import rendered

from .scopes import Target, scope_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .declared import Event
    from .fields import Field

ID = "event-contracts"
OPTIONAL = Target("typing", "NotRequired")


def new_module(project: Project, path: RelPath, found: Iterable[Event]) -> Plan:
    """The module `path` with the contracts of these events."""
    listed = tuple(found)

    def content() -> str:
        names = _named(_needs(project, listed), taken={event.contract: None for event in listed})
        contracts = [{"name": event.contract, "code": _code(project, event, names)} for event in listed]
        package = events(project).package
        return rendered(
            ID, "event_contracts.py", package=package, events=contracts, imports=_lines(project, names)
        )()

    return Plan((edits.WholeFile(path=path, content=cache(content)),))


def more_contracts(project: Project, path: RelPath, found: Iterable[Event]) -> Plan:
    """The contracts of these events in the module `path`, which is there."""
    scope = scope_at(project, path)
    taken: dict[str, Target | None] = dict(scope.names) if scope else {}
    plan = Plan()
    for event in found:
        names = _named(_needs(project, (event,)), taken={**taken, event.contract: None})
        for target, name in names.items():
            taken[name] = target
            alias = "" if name == target.name else name
            plan += import_(project, path, target.module, target.name, alias=alias)
        plan += Plan((edits.Setting(path=path, name=event.contract, value=_code(project, event, names)),))
    return plan


def snapshot(found: Iterable[Event]) -> Callable[[], str]:
    """The schemas as a JSON file, as the tests write it too."""
    listed = tuple(found)
    return lambda: json.dumps({str(one.target): one.schema() for one in listed}, indent=2, sort_keys=True)


def _needs(project: Project, found: Iterable[Event]) -> list[Target]:
    """All that contracts refer to, each once."""
    package = f"{events(project).package}.contracts"
    needed = [Target(package, "contract")]
    for event in found:
        needed.append(_root(event.target))
        for field in event.said.fields:
            if not field.kept:
                needed.append(Target(package, "NotKept"))
                continue
            needed += [OPTIONAL] * (not field.always)
            needed += field.type.targets
    return list(dict.fromkeys(needed))


def _named(needed: Iterable[Target], *, taken: Mapping[str, Target | None]) -> dict[Target, str]:
    """A name for each; one that is taken for something else is preceded by its module's."""
    used = dict(taken)
    names: dict[Target, str] = {}
    for target in needed:
        name = target.name
        module = target.module
        while used.get(name, target) != target:
            module, _, last = module.rpartition(".")
            name = f"{last.title().replace('_', '') or '_'}{name}"
        names[target] = name
        used[name] = target
    return names


def _code(project: Project, event: Event, names: Mapping[Target, str]) -> str:
    """`contract(OrderPlaced, order_id=int)`, a line for each."""
    root = _root(event.target)
    package = f"{events(project).package}.contracts"
    rows = [names[root] + event.target.name.removeprefix(root.name)]
    rows += ['"allow"'] * event.said.open
    rows += [f"{field.name}={_type(field, package, names)}" for field in event.said.fields]
    lines = "".join(f"    {row},\n" for row in rows)
    return f"{names[Target(package, 'contract')]}(\n{lines})"


def _type(field: Field, package: str, names: Mapping[Target, str]) -> str:
    if not field.kept:
        return names[Target(package, "NotKept")]
    code = field.type.code(names)
    return code if field.always else f"{names[OPTIONAL]}[{code}]"


def _root(target: Target) -> Target:
    return target._replace(name=target.name.partition(".")[0])


def _lines(project: Project, names: Mapping[Target, str]) -> list[str]:
    """The import statements, a paragraph for each section, as isort has them."""
    own = {project.name, *(app.name.partition(".")[0] for app in project.apps.local)}
    sections: dict[int, list[str]] = {}
    for target, name in sorted(names.items()):
        top = target.module.partition(".")[0]
        section = 0 if top in sys.stdlib_module_names else 2 if top in own else 1
        alias = "" if name == target.name else f" as {name}"
        sections.setdefault(section, []).append(f"from {target.module} import {target.name}{alias}")
    lines: list[str] = []
    for _, rows in sorted(sections.items()):
        lines += ["", *rows] if lines else rows
    return lines
