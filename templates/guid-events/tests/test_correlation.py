from __future__ import annotations

from typing import Any
from uuid import uuid4

[% if pytest %]
import pytest
[% endif %]
from django.conf import settings
from django.test import SimpleTestCase
from django.test import override_settings
from django_guid.context import guid

from [= package =] import correlation
from [= base =] import DomainEvent
from [= package =].bus import EventBus

SENT, OTHER = uuid4().hex, uuid4().hex
CURRENT = f"{correlation.__name__}.current"
RESTORE = f"{correlation.__name__}.restore"


class BrokenError(Exception):
    pass


class Happened(DomainEvent):
    pass


@override_settings(
    EVENT_BUS_MIDDLEWARE=[RESTORE],
    EVENT_BUS_METADATA={"correlation_id": CURRENT},
)
class CorrelationTests(SimpleTestCase):
    def setUp(self) -> None:
        self.bus = EventBus()
        self.seen: list[Any] = []
        self.set(None)

    def set(self, correlation_id: str | None) -> None:
        self.addCleanup(guid.reset, guid.set(correlation_id))

    def event(self, correlation_id: str | None) -> Any:
        token = guid.set(correlation_id)
        try:
            return Happened()
        finally:
            guid.reset(token)

    def publish(self, event: Any) -> None:
        self.bus.subscribe(Happened, lambda _event: self.seen.append(guid.get()))
        self.bus.publish(event)

    def test_an_event_has_the_id_of_the_request(self) -> None:
        assert self.event(SENT).correlation_id == SENT

    def test_an_event_without_a_request_has_an_id_too(self) -> None:
        first, second = self.event(None), self.event(None)
        assert first.correlation_id
        assert first.correlation_id != second.correlation_id

    def test_handlers_run_under_the_id_of_the_event(self) -> None:
        self.publish(self.event(SENT))
        assert self.seen == [SENT]
        assert guid.get() is None

    def test_afterwards_the_id_is_what_it_was(self) -> None:
        self.set(OTHER)
        self.publish(self.event(SENT))
        assert self.seen == [SENT]
        assert guid.get() == OTHER

    def test_after_an_error_too(self) -> None:
        def fail(event: Any) -> None:
            raise BrokenError

        self.set(OTHER)
        self.bus.subscribe(Happened, fail)
        with [= raises =](BrokenError):
            self.bus.publish(self.event(SENT))
        assert guid.get() == OTHER

    def test_what_a_handler_publishes_has_the_same_id(self) -> None:
        self.bus.subscribe(Happened, lambda _event: self.seen.append(Happened()))
        self.bus.publish(self.event(SENT))
        assert [event.correlation_id for event in self.seen] == [SENT]

    def test_an_event_from_before_leaves_the_id_alone(self) -> None:
        self.set(OTHER)
        event = self.event(SENT)
        event.correlation_id = ""
        self.publish(event)
        assert self.seen == [OTHER]


class SettingsTests(SimpleTestCase):
    def test_the_bus_knows(self) -> None:
        assert settings.EVENT_BUS_MIDDLEWARE[0] == RESTORE
        assert settings.EVENT_BUS_METADATA["correlation_id"] == CURRENT
