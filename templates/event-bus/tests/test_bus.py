from __future__ import annotations

[% if pytest %]
import pytest
[% endif %]
from django.test import SimpleTestCase

from [= package =].base import DomainEvent
from [= package =].bus import EventBus


class BrokenError(Exception):
    pass


class Happened(DomainEvent):
    def __init__(self, name: str) -> None:
        self.name = name


class HappenedMore(Happened):
    pass


class EventBusTests(SimpleTestCase):
    def setUp(self) -> None:
        self.bus = EventBus()
        self.received: list[Happened] = []

    def test_handlers_are_called_in_the_order_of_subscription(self) -> None:
        calls: list[str] = []
        self.bus.subscribe(Happened, lambda event: calls.append(f"first {event.name}"))
        self.bus.subscribe(Happened, lambda event: calls.append(f"second {event.name}"))
        self.bus.publish(Happened("a"))
        assert calls == ["first a", "second a"]

    def test_handlers_get_the_event_itself(self) -> None:
        event = Happened("a")
        self.bus.subscribe(Happened, self.received.append)
        self.bus.publish(event)
        assert self.received == [event]

    def test_an_event_without_handlers_is_fine(self) -> None:
        self.bus.publish(Happened("a"))
        assert self.received == []

    def test_only_the_exact_type_is_called(self) -> None:
        self.bus.subscribe(Happened, self.received.append)
        self.bus.publish(HappenedMore("a"))
        assert self.received == []

    def test_buses_do_not_share_handlers(self) -> None:
        EventBus().subscribe(Happened, self.received.append)
        self.bus.publish(Happened("a"))
        assert self.received == []

    def test_errors_reach_the_publisher(self) -> None:
        def fail(event: Happened) -> None:
            raise BrokenError(event.name)

        self.bus.subscribe(Happened, fail)
        with [= raises =](BrokenError):
            self.bus.publish(Happened("a"))
