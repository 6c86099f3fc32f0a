"""Features that grow, on every layout: what has come is covered once, and comes through removal as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from djroadmap.catalog import load
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.text import decode, encode
from djroadmap.planning.events import events
from djroadmap.planning.settings import installed_app
from djroadmap.workflow.status import growth_of
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.matrix.cases import LAYOUTS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.workflow.prepared import Prepared
    from tests.memory import Memory

GROWING = tuple(feature.id for feature in load().public() if feature.growth is not None)
EVENT = """\
from {base} import DomainEvent


class Billed(DomainEvent):
    def __init__(self, total: int) -> None:
        self.total = total
"""


TASK = """\
from celery import shared_task


@shared_task
def balance(year):
    return year
"""
SERVICE = """\
import {name}.models

from .tasks import balance


def close(year):
    balance.delay(year)
"""


ENVIRONMENT = """\
locals {
  environment = "qa"
}
"""


def newcomer(project: Memory) -> dict[str, bytes]:
    """What comes to a project: an app with an event, a task and an import of another app, and an environment."""
    facts = project.world.project()
    beside = facts.apps.local[0]
    folder = "/".join(filter(None, (beside.path.rpartition("/")[0], "ledger_book")))
    name = ".".join(filter(None, (beside.name.rpartition(".")[0], "ledger_book")))
    found = events(facts)
    texts = {
        f"{folder}/__init__.py": "",
        f"{folder}/models.py": "",
        f"{folder}/services.py": SERVICE.format(name=beside.name),
        f"{folder}/tasks.py": TASK,
        f"{folder}/events.py": EVENT.format(base=found.module(found.base)),
        "infrastructure/environments/qa/env.hcl": ENVIRONMENT,
    }
    (edit,) = installed_app(facts, name, group="local").edits
    before = project.files[edit.path]
    after = encode(edit.apply(decode(before)) or "", like=before)
    return {edit.path: after, **{path: text.encode() for path, text in texts.items()}}


def upgrade(project: Memory) -> Prepared:
    prepared = prepare_upgrade(project.world, ())
    assert not prepared.problems, [str(problem) for problem in prepared.problems]
    prepared.commit(project.world)
    return prepared


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("feature", GROWING)
def test_what_has_come_is_covered_once_and_left_as_it_was(
    feature: str, layout: str, variant: str, make: Callable[..., Memory]
) -> None:
    project, plain = make(layout, variant), make(layout, variant)
    for one in (project, plain):
        if one.world.project().event_bus is None:
            one.add("event-bus")
    if reason := project.supports(feature):
        pytest.skip(reason)
    project.add(feature)
    for one in (project, plain):
        one.files |= newcomer(one)
    grown = upgrade(project)
    assert feature in grown.features
    assert grown.changes
    facts, installed = project.world.project(), project.world.manifest().features
    assert all(growth_of(project.catalog.get(name), installed[name], facts) is None for name in installed)
    assert not upgrade(project).changes
    removed = project.remove(feature)
    assert not removed.todos
    ours = {path: data for path, data in project.files.items() if path != MANIFEST}
    assert ours == {path: data for path, data in plain.files.items() if path != MANIFEST}


def test_there_are_features_that_grow() -> None:
    assert set(GROWING) >= {"delay-on-commit", "ecs", "event-contracts", "grimp", "import-linter"}
