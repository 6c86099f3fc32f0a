"""An event bus in memory, for projects that have none: what cookiecutter-turbo-django calls `domain_events`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.commands import command, manage
from djroadmap.planning.events import event_file, event_test, events
from djroadmap.planning.settings import installed_app
from djroadmap.planning.tests import uses_pytest
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

FILES = ("__init__.py", "apps.py", "base.py", "bus.py", "events.py")


def presence(project: Project) -> Presence | None:
    """A bus of any making is one."""
    if project.event_bus is not None:
        return Presence(found=(project.event_bus.path,), note=f"the bus is {project.event_bus.path}")
    return Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The app, and tests of the bus."""
    found = installed_app(project, events(project).package, group="local")
    for name in FILES:
        found += event_file(project, "event-bus", name)
    return (
        found + event_test(project, "event-bus", "tests/test_bus.py") + Plan(todos=(_first_event(project),))
    )


def _first_event(project: Project) -> Todo:
    found = events(project)
    text = "write your first event and publish it, and subscribe to it in the ready method of an AppConfig"
    snippet = f"from {found.package}.bus import event_bus\n\nevent_bus.subscribe(SomethingHappened, handler)"
    return Todo(text=text, snippet=snippet, path=f"{found.folder}/events.py")


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    found, why = events(project), "test the event bus"
    if uses_pytest(project):
        path = f"{found.folder}/tests/test_bus.py".removeprefix(f"{project.base}/")
        return (command(project, "pytest", path, why=why),)
    return (manage(project, "test", f"{found.package}.tests.test_bus", why=why),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still import the package."""
    found = events(project)
    return importers(project, found.package, but=found.folder)


FEATURE = Feature(
    id="event-bus",
    title="Domain events",
    summary="Apps tell each other what happened through a bus, instead of importing each other.",
    group="Events and testing",
    version=1,
    docs="https://martinfowler.com/eaaDev/DomainEvent.html",
    plan=plan,
    presence=presence,
    checks=checks,
    guard=guard,
)
