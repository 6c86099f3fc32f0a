"""Contracts of domain events with Pydantic: what each carries, strictly. https://docs.pydantic.dev/latest/concepts/strict_mode/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.model.feature import Feature, Growth, Missing, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.commands import command, manage
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.events import event_file, event_test, events, older_python
from djroadmap.planning.tests import uses_pytest
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

    from .declared import Event

ID = "event-contracts"
MODULE = "contracts.py"
TESTS = "test_contracts.py"
SNAPSHOT = "tests/event_contracts.json"
UPDATE = "UPDATE_EVENT_CONTRACTS=1"


def supports(project: Project) -> str | None:
    """The package of the bus must be an app, where contracts are looked for, and events must have a base."""
    found = events(project)
    if project.event_bus is None or older_python(project):
        return older_python(project)
    if project.event_bus.base is None:
        return f"there is no class DomainEvent beside {found.bus}, so nothing tells what is an event"
    if project.apps.complete and not project.apps.has(found.package):
        return f"{found.package} is not in INSTALLED_APPS, so its tests are not run"
    return None


def presence(project: Project) -> Presence | None:
    """The trace of it is its module."""
    return None if project.tree.exists(f"{events(project).folder}/{MODULE}") else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """What contracts are made with, one for each event, tests, and the schemas as they are today."""
    from .declared import declared  # noqa: PLC0415 - `status` does not need it
    from .writing import new_module, snapshot  # noqa: PLC0415

    found, all_events = events(project), declared(project)
    facts: dict[str, Any] = {"base": found.module(found.base)}
    total = dependency(project, "pydantic") + event_file(project, ID, MODULE)
    for home in dict.fromkeys(event.home for event in all_events):
        total += new_module(project, home, [event for event in all_events if event.home == home])
    total += event_test(project, ID, "tests/examples.py", **facts)
    total += event_test(project, ID, f"tests/{TESTS}", **facts)
    total += event_file(project, ID, SNAPSHOT, extra=True, schemas=snapshot(all_events))
    return total + _notes(project, all_events)


def growth(project: Project, _options: NoOptions) -> Growth | None:
    """Events without a contract."""
    from .declared import covered, declared  # noqa: PLC0415 - only projects that have it pay for it

    all_events = declared(project)
    homes = {home: covered(project, home) for home in dict.fromkeys(event.home for event in all_events)}
    new = [event for event in all_events if event.target not in homes[event.home]]
    if not new:
        return None
    missing = tuple(Missing(event.home, f"{event.name} has no contract") for event in new)
    return Growth(missing, lambda: _grown(project, new))


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (_tests(project),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still use the contracts."""
    found = events(project)
    problems = importers(project, f"{found.package}.{MODULE.removesuffix('.py')}", but=found.folder)
    return [one for one in problems if not one.path.endswith("/event_contracts.py")]


def _grown(project: Project, new: Sequence[Event]) -> Plan:
    import json  # noqa: PLC0415 - as above

    from .writing import more_contracts, new_module  # noqa: PLC0415 - as above

    total, found = Plan(), events(project)
    for home in dict.fromkeys(event.home for event in new):
        here = [event for event in new if event.home == home]
        write = more_contracts if project.tree.exists(home) else new_module
        total += write(project, home, here)
    path = f"{found.folder}/{SNAPSHOT}"
    for event in new:
        value = json.dumps(event.schema(), sort_keys=True)
        total += Plan((edits.JsonKey(path=path, name=str(event.target), value=value, extra=True),))
    return total + _notes(project, new)


def _notes(project: Project, found: Iterable[Event]) -> Plan:
    """What a person should look at, and the command for what only the running project can tell."""
    from .declared import unused  # noqa: PLC0415 - as above

    todos: list[Todo] = []
    unknown = [event.name for event in found if event.schema() is None]
    for event in found:
        for field in unused(event):
            text = f"{event.path}:{field.line}: {event.name} takes {field.name} and does not keep it"
            snippet = f"self.{field.name} = {field.name}"
            todos.append(
                Todo(
                    text=f"{text}; keep it, and say its type in {event.home}",
                    snippet=snippet,
                    path=event.path,
                )
            )
        for field in event.said.fields:
            if field.kept and field.type.foreign is not None:
                text = f"{event.path}:{field.line}: {event.name}.{field.name} is {field.type.foreign}, of another app"
                todos.append(
                    Todo(text=f"{text}, so its contract says Any; an id would do without it", path=event.path)
                )
        if event.said.open:
            text = f"{event.path}:{event.line}: {event.name} may carry more than can be read"
            todos.append(Todo(text=f"{text}, so its contract allows more", path=event.path))
    commands: tuple[Command, ...] = ()
    if unknown:
        test = _tests(project)
        why = f"record the schemas that only your code can tell: {', '.join(unknown)}"
        commands = (test._replace(argv=_with_update(test, project), why=why),)
    return Plan(commands=commands, todos=tuple(todos))


def _tests(project: Project) -> Command:
    """How the tests of contracts are run."""
    found, why = events(project), "test the contracts of events"
    if uses_pytest(project):
        path = f"{found.folder}/tests/{TESTS}".removeprefix(f"{project.base}/")
        return command(project, "pytest", path, why=why)
    return manage(project, "test", f"{found.package}.tests.{TESTS.removesuffix('.py')}", why=why)


def _with_update(test: Command, project: Project) -> tuple[str, ...]:
    """The same, with the variable that accepts the schemas as they are."""
    from djroadmap.planning.commands import prefix  # noqa: PLC0415 - as above

    before = prefix(project)
    return (*before, "env", UPDATE, *test.argv[len(before) :])


FEATURE = Feature(
    id=ID,
    title="Contracts of domain events",
    summary="What each event carries, checked strictly; a change that breaks handlers shows in review.",
    group="Events and testing",
    version=1,
    docs="https://docs.pydantic.dev/latest/concepts/strict_mode/",
    plan=plan,
    supports=supports,
    presence=presence,
    growth=growth,
    checks=checks,
    guard=guard,
    requires=("event-bus",),
)
