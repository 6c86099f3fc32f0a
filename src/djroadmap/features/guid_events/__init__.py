"""The correlation id in domain events: what joins `guid` to the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature, Presence
from djroadmap.planning.events import event_file, event_test, events, older_python
from djroadmap.planning.settings import list_item, setting_key

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

MODULE = "correlation.py"


def supports(project: Project) -> str | None:
    """There must be a bus of the known shape."""
    if project.event_bus is None:
        return "the project has no event bus"
    if project.event_bus.modified:
        return f"{project.event_bus.path} calls its handlers in another way"
    return older_python(project)


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without its module."""
    return None if project.tree.exists(f"{events(project).folder}/{MODULE}") else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """Events get the id of what publishes them; around their handlers it is the current one."""
    found = events(project)
    module = f"{found.package}.correlation"
    return (
        event_file(project, "guid-events", MODULE)
        + list_item(project, "EVENT_BUS_MIDDLEWARE", f'"{module}.restore"', position="first", rows=True)
        + setting_key(project, "EVENT_BUS_METADATA", ("correlation_id",), f'"{module}.current"')
        + event_test(project, "guid-events", "tests/test_correlation.py", base=found.module(found.base))
    )


FEATURE = Feature(
    id="guid-events",
    title="Correlation ids in domain events",
    summary="Events carry the id of the request that published them, and handlers run under it.",
    group="Observability",
    version=1,
    docs="https://django-guid.readthedocs.io",
    plan=plan,
    supports=supports,
    presence=presence,
    requires=("guid", "event-pipeline"),
    bridges=("guid",),
    internal=True,
)
