from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

[% if pytest %]
import pytest
[% endif %]
from django.test import SimpleTestCase
from django.test import override_settings

from [= base =] import DomainEvent
from [= package =].bus import EventBus
from [= package =].dispatch import dispatch

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: list[str] = []
OUTER, INNER = f"{__name__}.outer", f"{__name__}.inner"


class BrokenError(Exception):
    pass


class Plain(DomainEvent):
    def __init__(self, name: str) -> None:
        self.name = name


@dataclass
class Data(DomainEvent):
    name: str


@dataclass(frozen=True)
class Frozen(DomainEvent):
    name: str


@dataclass(frozen=True, slots=True)
class Slotted(DomainEvent):
    name: str


EVENTS = (Plain, Data, Frozen, Slotted)


def outer(event: Any, handler: Any, call_next: Callable[[], Any]) -> Any:
    CALLS.append("outer")
    result = call_next()
    CALLS.append("outer again")
    return result


def inner(event: Any, handler: Any, call_next: Callable[[], Any]) -> Any:
    CALLS.append(f"inner {handler.__name__} {event.name}")
    return call_next()


def handle(event: Any) -> str:
    CALLS.append("handler")
    return f"handled {event.name}"


def fail(event: Any) -> None:
    raise BrokenError(event.name)


def provide() -> str:
    return "provided"


class DispatchTests(SimpleTestCase):
    def setUp(self) -> None:
        CALLS.clear()

    @override_settings(EVENT_BUS_MIDDLEWARE=[])
    def test_without_middleware_the_handler_is_called(self) -> None:
        assert dispatch(handle, Plain("a")) == "handled a"
        assert CALLS == ["handler"]

    @override_settings(EVENT_BUS_MIDDLEWARE=[OUTER, INNER])
    def test_the_first_middleware_is_outermost(self) -> None:
        assert dispatch(handle, Plain("a")) == "handled a"
        assert CALLS == ["outer", "inner handle a", "handler", "outer again"]

    @override_settings(EVENT_BUS_MIDDLEWARE=[OUTER, INNER])
    def test_middleware_can_be_left_out(self) -> None:
        dispatch(handle, Plain("a"), exclude=[OUTER])
        assert CALLS == ["inner handle a", "handler"]

    @override_settings(EVENT_BUS_MIDDLEWARE=[INNER])
    def test_errors_pass_through(self) -> None:
        with [= raises =](BrokenError):
            dispatch(fail, Plain("a"))

    @override_settings(EVENT_BUS_MIDDLEWARE=[OUTER])
    def test_the_bus_dispatches(self) -> None:
        bus = EventBus()
        bus.subscribe(Plain, handle)
        bus.publish(Plain("a"))
        assert CALLS == ["outer", "handler", "outer again"]


class MetadataTests(SimpleTestCase):
    @override_settings(EVENT_BUS_METADATA={})
    def test_every_event_has_an_id_of_its_own(self) -> None:
        for kind in EVENTS:
            first, second = kind("a"), kind("a")
            assert first.name == "a"
            assert first.event_id
            assert first.event_id != second.event_id

    @override_settings(EVENT_BUS_METADATA={"correlation_id": f"{__name__}.provide"})
    def test_settings_name_what_else_an_event_gets(self) -> None:
        for kind in EVENTS:
            assert kind("a").correlation_id == "provided"

    @override_settings(EVENT_BUS_METADATA={})
    def test_copies_keep_the_id(self) -> None:
        for kind in (Plain, Data, Frozen):
            event = kind("a")
            assert copy.copy(event).event_id == event.event_id
            assert copy.deepcopy(event).event_id == event.event_id

    def test_metadata_is_no_field(self) -> None:
        assert list(Data.__dataclass_fields__) == ["name"]
