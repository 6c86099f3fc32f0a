"""What stands between the bus and its handlers: features add to it by a setting instead of rewriting the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Unrecognised
from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan
from djroadmap.planning.events import event_file, event_test, events, older_python
from djroadmap.planning.settings import import_, setting

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project

SECTION = "Domain events"
ABSTRACT_ALONE = "# noqa: B024"
"""Says that `ABC` alone makes no class abstract: https://docs.astral.sh/ruff/rules/abstract-base-class-without-abstract-method/"""
CALL, DISPATCHED = "handler(event)", "dispatch(handler, event)"


def supports(project: Project) -> str | None:
    """There must be a bus."""
    return older_python(project) if project.event_bus is not None else "the project has no event bus"


def presence(project: Project) -> Presence | None:
    """The trace of it is its first module."""
    found = events(project)
    return None if project.tree.exists(f"{found.folder}/dispatch.py") else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The seam in the bus and in the events, and the settings that say what happens there."""
    found = events(project)
    _check(project)
    return (
        setting(
            project,
            "EVENT_BUS_MIDDLEWARE",
            "[]",
            annotation="list[str]",
            initial=True,
            section=SECTION,
            comment="Runs around every call of an event handler, the first one outermost.",
        )
        + setting(
            project,
            "EVENT_BUS_METADATA",
            "{}",
            annotation="dict[str, str]",
            initial=True,
            section=SECTION,
            comment="Attributes that every event gets, each with the function that gives its value.",
        )
        + event_file(project, "event-pipeline", "dispatch.py")
        + event_file(project, "event-pipeline", "metadata.py")
        + import_(project, found.bus, f"{found.package}.dispatch", "dispatch")
        + Plan((edits.CodeReplace(path=found.bus, old=CALL, new=DISPATCHED),))
        + import_(project, found.base, f"{found.package}.metadata", "EventMetadata")
        + Plan(
            (
                edits.ClassBase(
                    path=found.base, name="DomainEvent", base="EventMetadata", unneeded=ABSTRACT_ALONE
                ),
            )
        )
        + event_test(project, "event-pipeline", "tests/test_pipeline.py", base=found.module(found.base))
    )


def _check(project: Project) -> None:
    bus = project.event_bus
    if bus is not None and bus.modified:
        why = f"publish does not call its handlers as `{CALL}`, so it is left alone"
        raise Unrecognised(path=bus.path, line=None, why=why, snippet=DISPATCHED)


FEATURE = Feature(
    id="event-pipeline",
    title="Event pipeline",
    summary="A place around every event handler, for features that add something to all of them.",
    group="Observability",
    version=1,
    docs="https://martinfowler.com/eaaDev/DomainEvent.html",
    plan=plan,
    supports=supports,
    presence=presence,
    requires=("event-bus",),
    internal=True,
)
