"""`event-bus`, and the seam that other features put into a bus."""

from __future__ import annotations

import ast
import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from djroadmap.catalog import load
from djroadmap.errors import Refused
from djroadmap.features.event_bus import FEATURE as BUS_FEATURE
from djroadmap.features.event_pipeline import FEATURE as PIPELINE
from djroadmap.planning.events import events
from tests.features.small import BUS, SMALL, applied, project, with_bus
from tests.memory import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.feature import NoOptions

NONE: NoOptions = BUS_FEATURE.options()
APP = {"shop/orders/__init__.py": "", "shop/orders/apps.py": ""}


def apps(*names: str) -> str:
    listed = "".join(f'    "{name}",\n' for name in names)
    return str(SMALL["shop/settings.py"]).replace("]\n\nMIDDLEWARE", f"{listed}]\n\nMIDDLEWARE")


@pytest.mark.parametrize(
    ("files", "package", "folder"),
    [
        (SMALL, "domain_events", "domain_events"),
        (
            {**SMALL, **APP, "shop/settings.py": apps("shop.orders")},
            "shop.domain_events",
            "shop/domain_events",
        ),
        (
            {**SMALL, "orders/__init__.py": "", "shop/settings.py": apps("orders")},
            "domain_events",
            "domain_events",
        ),
        (with_bus("shop/messages"), "shop.messages", "shop/messages"),
    ],
)
def test_the_place_of_the_bus(files: dict[str, str], package: str, folder: str) -> None:
    found = events(project(files))
    assert (found.package, found.folder) == (package, folder)
    assert found.module(found.base) == f"{package}.base"


def test_a_bus_that_is_there_is_the_bus() -> None:
    presence = BUS_FEATURE.presence
    assert presence is not None
    found = presence(project(with_bus()))
    assert found is not None and found.found == ("shop/domain_events/bus.py",)
    absent = presence(project(SMALL))
    assert absent is not None and not absent.found


def test_the_bus_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    after = applied(BUS_FEATURE.plan(project(SMALL), NONE), SMALL)
    assert '"domain_events",' in after["shop/settings.py"]
    for path, text in after.items():
        assert isinstance(text, str)
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    bus = importlib.import_module("domain_events.bus")
    received: list[object] = []
    bus.event_bus.subscribe(str, received.append)
    bus.event_bus.publish("hello")
    bus.event_bus.publish(1)
    assert received == ["hello"]
    for name in [name for name in sys.modules if name.startswith("domain_events")]:
        monkeypatch.delitem(sys.modules, name)


def test_removing_it_is_refused_while_it_is_imported() -> None:
    memory = Memory({path: str(text).encode() for path, text in SMALL.items()}, load())
    memory.add("event-bus")
    memory.files["shop/a.py"] = b"import os\nfrom domain_events import bus\n"
    memory.files["shop/b.py"] = b"def f():\n    from domain_events.bus import event_bus\n"
    memory.files["shop/c.py"] = b"import domain_events_of_others\nx = 'domain_events'\n"
    memory.files["shop/d.py"] = b"domain_events = (\n"
    assert [problem.where for problem in memory.refused("event-bus")] == ["shop/a.py:2", "shop/b.py:2"]


def test_the_seam_in_a_bus() -> None:
    files = with_bus()
    after = applied(PIPELINE.plan(project(files), NONE), files)
    assert "            dispatch(handler, event)\n" in str(after["shop/domain_events/bus.py"])
    assert "class DomainEvent(EventMetadata, ABC):" in str(after["shop/domain_events/base.py"])
    assert "EVENT_BUS_MIDDLEWARE: list[str] = []\n" in str(after["shop/settings.py"])
    for path, text in after.items():
        ast.parse(str(text), path)
    again = PIPELINE.plan(project(after), NONE)
    assert all(edit.holds(str(after[edit.path])) for edit in again.edits)
    grown = str(after["shop/settings.py"]).replace("list[str] = []", 'list[str] = ["shop.mine"]')
    assert all(edit.holds(grown) for edit in again.edits if edit.path == "shop/settings.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("handler(event)", "handler(event, 1)"),
        ("handler(event)", "tasks.append((handler, event))"),
        (
            "            handler(event)",
            "            if handler.wants(event):\n                handler.run(event)",
        ),
    ],
)
def test_a_bus_of_another_kind_is_left_alone(old: str, new: str) -> None:
    files = with_bus(bus=BUS.replace(old, new))
    with pytest.raises(Refused) as refused:
        PIPELINE.plan(project(files), NONE)
    (problem,) = refused.value.problems
    assert problem.path == "shop/domain_events/bus.py"
    assert problem.snippet == "dispatch(handler, event)"


def test_without_a_bus_there_is_no_seam() -> None:
    assert PIPELINE.supports(project(SMALL)) is not None
    assert PIPELINE.supports(project(with_bus())) is None
