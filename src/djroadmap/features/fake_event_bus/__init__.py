"""A double of the event bus for tests: it records what is published, and calls no handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan
from djroadmap.planning.commands import command, manage
from djroadmap.planning.events import event_file, event_test, events
from djroadmap.planning.settings import import_
from djroadmap.planning.tests import conftest_for, uses_pytest

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

MODULE = "testing.py"
FIXTURE = '''\
@pytest.fixture
def fake_event_bus():
    """The event bus, recording what is published instead of calling handlers."""
    with replace_event_bus() as bus:
        yield bus
'''


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without its module."""
    found = events(project)
    return None if project.tree.exists(f"{found.folder}/{MODULE}") else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The double, a fixture that gives it where tests are run by pytest, and tests of it."""
    found = events(project)
    pytest = uses_pytest(project)
    return (
        event_file(project, "fake-event-bus", MODULE, bus=found.module(found.bus), pytest=pytest)
        + (_fixture(project) if pytest else Plan())
        + event_test(
            project,
            "fake-event-bus",
            "tests/test_testing.py",
            bus=found.module(found.bus),
            base=found.module(found.base),
        )
    )


def _fixture(project: Project) -> Plan:
    found = events(project)
    path = conftest_for(project, found.folder)
    return (
        import_(project, path, "pytest", create=True)
        + import_(project, path, f"{found.package}.testing", "replace_event_bus")
        + Plan((edits.Definition(path=path, code=FIXTURE),))
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    found, why = events(project), "test the double of the event bus"
    if uses_pytest(project):
        path = f"{found.folder}/tests/test_testing.py".removeprefix(f"{project.base}/")
        return (command(project, "pytest", path, why=why),)
    return (manage(project, "test", f"{found.package}.tests.test_testing", why=why),)


FEATURE = Feature(
    id="fake-event-bus",
    title="Double of the event bus",
    summary="Tests see which events were published, and no handler runs.",
    group="Events and testing",
    version=1,
    docs="https://docs.pytest.org/en/stable/how-to/fixtures.html",
    plan=plan,
    presence=presence,
    checks=checks,
    requires=("event-bus",),
)
