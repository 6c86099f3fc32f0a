from __future__ import annotations

from dataclasses import dataclass

[% if pytest %]
import pytest
[% endif %]
from django.test import SimpleTestCase
[% if not pytest %]
from django.test import TestCase
[% endif %]

from [= base =] import DomainEvent
from [= bus =] import event_bus
[% if not pytest %]
from [= package =].testing import FakeEventBusMixin
[% endif %]
from [= package =].testing import replace_event_bus


class Placed(DomainEvent):
    def __init__(self, order: int, note: str | None = None) -> None:
        self.order = order
        if note is not None:
            self.note = note


class PlacedTwice(Placed):
    pass


@dataclass(frozen=True, slots=True)
class Paid(DomainEvent):
    order: int


class FakeEventBusTests(SimpleTestCase):
    def setUp(self) -> None:
        self.handled: list[object] = []

    def test_events_are_recorded_in_order(self) -> None:
        with replace_event_bus() as bus:
            first, second = Placed(1), Paid(1)
            event_bus.publish(first)
            event_bus.publish(second)
            assert bus.published == [first, second]
            assert bus.of_type(Paid) == [second]

    def test_the_bus_is_back_afterwards(self) -> None:
        with replace_event_bus() as bus:
            event_bus.publish(Paid(1))
        event_bus.publish(Paid(2))
        bus.assert_published(Paid, times=1, order=1)
        assert not {"publish", "subscribe"} & vars(event_bus).keys()

    def test_no_handler_is_called(self) -> None:
        with replace_event_bus():
            event_bus.subscribe(Placed, self.handled.append)
            event_bus.publish(Placed(1))
        event_bus.publish(Placed(2))
        assert self.handled == []

    def test_handlers_are_called_if_wanted(self) -> None:
        with replace_event_bus(call_handlers=True) as bus:
            event_bus.subscribe(Placed, self.handled.append)
            event_bus.publish(Placed(1))
            event_bus.publish(PlacedTwice(2))
        assert self.handled == bus.of_type(Placed)
        event_bus.publish(Placed(3))
        assert len(self.handled) == 1

    def test_assert_published_gives_the_event(self) -> None:
        with replace_event_bus() as bus:
            event_bus.publish(Placed(1))
            event_bus.publish(Placed(2))
            assert bus.assert_published(Placed, order=2).order == bus.published[1].order
            bus.assert_published(Placed, times=2)
            bus.assert_not_published(Placed, order=3)
            bus.assert_not_published(Paid)

    def test_only_the_exact_type_counts(self) -> None:
        with replace_event_bus() as bus:
            event_bus.publish(PlacedTwice(1))
            bus.assert_not_published(Placed)

    def test_failures_say_what_was_published(self) -> None:
        with replace_event_bus() as bus:
            with [= raises =](AssertionError) as nothing:
                bus.assert_published(Paid, order=1)
            event_bus.publish(Placed(1))
            event_bus.publish(Paid(2))
            with [= raises =](AssertionError) as other:
                bus.assert_published(Paid, order=1)
            with [= raises =](AssertionError) as often:
                bus.assert_published(Placed, times=2)
            with [= raises =](AssertionError) as unwanted:
                bus.assert_not_published(Paid)
            with [= raises =](AssertionError) as some:
                bus.assert_nothing_published()
        published = "published: Placed(order=1), Paid(order=2)"
        messages = {
            "expected at least one Paid(order=1), published: nothing": nothing,
            f"expected at least one Paid(order=1), {published}": other,
            f"expected Placed() 2 times, got 1, {published}": often,
            f"expected no Paid(), {published}": unwanted,
            f"expected no events, {published}": some,
        }
        for message, raised in messages.items():
            assert message in str(raised.[= "value" if pytest else "exception" =])

    def test_a_missing_attribute_equals_nothing(self) -> None:
        with replace_event_bus() as bus:
            event_bus.publish(Placed(1))
            bus.assert_not_published(Placed, note=None)
            bus.assert_not_published(Placed, ordr=1)

    def test_what_was_published_can_be_forgotten(self) -> None:
        with replace_event_bus() as bus:
            event_bus.publish(Placed(1))
            bus.clear()
            bus.assert_nothing_published()
[% if pytest %]


def test_the_fixture_is_the_double(fake_event_bus) -> None:
    event_bus.publish(Paid(1))
    fake_event_bus.assert_published(Paid, times=1, order=1)


def test_the_fixture_starts_empty(fake_event_bus) -> None:
    with pytest.raises(AssertionError, match="published: nothing"):
        fake_event_bus.assert_published(Paid)
[% else %]


class FakeEventBusMixinTests(FakeEventBusMixin, TestCase):
    def test_the_mixin_brings_the_double(self) -> None:
        event_bus.publish(Paid(1))
        self.event_bus.assert_published(Paid, times=1, order=1)

    def test_it_starts_empty(self) -> None:
        self.event_bus.assert_nothing_published()
[% endif %]
