from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from enum import Enum
from enum import IntFlag
from typing import Any
from uuid import UUID
from uuid import uuid4
from zoneinfo import ZoneInfo

[% if pytest %]
import pytest
[% endif %]
from django.test import SimpleTestCase

from [= base =] import DomainEvent
from [= package =].serialization import UndecodableError
from [= package =].serialization import decode
from [= package =].serialization import encode


class Color(Enum):
    RED = "red"


class Access(IntFlag):
    READ = 1
    WRITE = 2


class Happened(DomainEvent):
    def __init__(self, value: Any) -> None:
        self.value = value


class Computed(DomainEvent):
    """Its constructor takes what it does not keep."""

    def __init__(self, first: str, last: str) -> None:
        self.name = f"{first} {last}"


@dataclass(frozen=True, slots=True)
class Slotted(DomainEvent):
    value: Any


class Text(str):
    __slots__ = ()


class Rude:
    def __repr__(self) -> str:
        raise ValueError


BERLIN = ZoneInfo("Europe/Berlin")
VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**80),
    1.0,
    -0.0,
    1e300,
    float("inf"),
    "",
    "grün",
    "a\0b",
    "\ud800",
    b"\0\xff",
    Decimal("1.10"),
    UUID(int=7),
    date(2024, 2, 29),
    time(12, 30, fold=1),
    time(12, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=UTC),
    datetime(2024, 2, 29, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    timedelta(days=-1, microseconds=1),
    Color.RED,
    Access.READ | Access.WRITE,
    [1, [2, (3, {"a": {4}})]],
    (),
    (1, "a"),
    {1, 2},
    frozenset({"a"}),
    {"a": 1, "b": [Decimal(1)]},
    {1: "a", (2, 3): "b", UUID(int=1): None},
    {"__type__": "UUID", "value": "no"},
    {"a\0": 1},
]


def stored(event: Any) -> Any:
    """The event, after it was in a database."""
    encoded = encode(event)
    assert encoded.replayable, encoded
    text = json.dumps(encoded.payload, allow_nan=False)
    assert "\\u0000" not in text
    return decode(encoded.event_type, json.loads(text))


class SerializationTests(SimpleTestCase):
    def test_every_value_comes_back_with_its_type(self) -> None:
        for value in VALUES:
            with self.subTest(value=ascii(value)):
                found = stored(Happened(value)).value
                assert found == value
                assert type(found) is type(value)
                assert repr(found) == repr(value)

    def test_not_a_number_comes_back(self) -> None:
        found = stored(Happened(float("nan"))).value
        assert repr(found) == "nan"

    def test_the_zone_comes_back_and_not_its_offset_only(self) -> None:
        moment = datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1)
        found = stored(Happened(moment)).value
        assert found.tzinfo is BERLIN
        assert found.fold == 1
        assert found.utcoffset() == timedelta(hours=1)

    def test_the_constructor_is_not_called(self) -> None:
        assert stored(Computed("Ada", "Lovelace")).name == "Ada Lovelace"

    def test_slots_come_back(self) -> None:
        event = Slotted(Decimal(1))
        assert stored(event) == event

    def test_events_in_events_come_back(self) -> None:
        event = Happened([Happened({"key": Slotted(1)})])
        assert stored(event).value[0].value == {"key": Slotted(1)}

    def test_metadata_comes_back(self) -> None:
        event: Any = Happened(1)
        found = stored(event)
        assert found.event_id == event.event_id
        assert found.correlation_id == event.correlation_id

    def test_what_is_unknown_can_be_read_but_not_replayed(self) -> None:
        for value in (object(), Text("a"), {1: [Rude()]}, {Rude: 1}, 1j):
            encoded = encode(Happened(value))
            assert not encoded.replayable
            assert json.dumps(encoded.payload)

    def test_a_cycle_is_no_error(self) -> None:
        cycle: list[Any] = []
        cycle.append(cycle)
        assert not encode(Happened(cycle)).replayable

    def test_a_class_that_cannot_be_found_is_not_replayable(self) -> None:
        class Local(DomainEvent):
            pass

        assert not encode(Local()).replayable

    def test_what_is_no_event_is_not_replayable(self) -> None:
        assert not encode(uuid4()).replayable

    def test_sets_are_stored_in_the_same_order(self) -> None:
        # Two sets that iterate in different orders.
        first, second = (set(items) for items in ([0, 8], [8, 0]))
        assert encode(Happened(first)).payload["value"]["value"] == [0, 8]
        assert encode(Happened(second)).payload["value"]["value"] == [0, 8]

    def test_large_numbers_are_no_json_numbers(self) -> None:
        assert encode(Happened(2**60)).payload["value"]["__type__"] == "int"
        assert encode(Happened(1.5)).payload["value"]["__type__"] == "float"

    def test_only_events_and_enums_are_made(self) -> None:
        for path in ("subprocess:Popen", "builtins:dict", f"{__name__}:Color"):
            with [= raises =](UndecodableError):
                decode(path, {})
        for tag in ("event", "enum"):
            value: Any = {"__type__": tag, "class": "subprocess:Popen", "value": {}}
            with [= raises =](UndecodableError):
                decode(f"{__name__}:Happened", {"value": value})

    def test_what_is_gone_or_spoilt_cannot_be_decoded(self) -> None:
        happened = f"{__name__}:Happened"
        for path, payload in (
            ("there.is.none:Event", {}),
            (f"{__name__}:Missing", {}),
            ("", {}),
            (happened, {"value": {"__type__": "UUID", "value": "x"}}),
            (happened, {"value": {"__type__": "Decimal", "value": "x"}}),
            (happened, {"value": {"__type__": "new"}}),
            (happened, {"value": {"__type__": "set"}}),
            (happened, []),
        ):
            with self.subTest(path=path), [= raises =](UndecodableError):
                decode(path, payload)
