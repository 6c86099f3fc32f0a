"""Events and their contracts agree.

Run this with UPDATE_EVENT_CONTRACTS=1 to accept other schemas, for the review to see.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import NotRequired
from unittest import SkipTest

[% if pytest %]
import pytest
[% endif %]
from django.core import exceptions
from django.test import SimpleTestCase
from django.utils.module_loading import autodiscover_modules
from pydantic import ValidationError

from [= base =] import DomainEvent
from [= package =].contracts import EventContract
from [= package =].contracts import NotKept
from [= package =].contracts import contract
from [= package =].contracts import contracts
from [= package =].contracts import event_payload
from [= package =].contracts import event_schema
from [= package =].contracts import same
from [= package =].contracts import validate_event

from .examples import example
from .examples import taken

SNAPSHOT = Path(__file__).with_name("event_contracts.json")
UPDATE = "UPDATE_EVENT_CONTRACTS"
REFUSALS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    exceptions.ValidationError,
)


class ContractsOfEventsTests(SimpleTestCase):
    """The events of this project."""

    def test_every_event_has_a_contract(self) -> None:
        missing = sorted(map(full_name, all_events() - contracts().keys()))
        advice = "give these events a contract in event_contracts.py of their app:"
        assert not missing, "\n    ".join([advice, *missing])

    def test_contracts_agree_with_what_events_take(self) -> None:
        for event_type, made in contracts().items():
            for name, kind in taken(event_type).items():
                with self.subTest(event=full_name(event_type), name=name):
                    said = made.contract_types.get(name, "nothing")
                    message = f"{name} is {kind}, and the contract says {said}"
                    assert said in {Any, NotKept} or same(said, kind), message

    def test_events_keep_their_contracts(self) -> None:
        refused = []
        for event_type, made in contracts().items():
            with self.subTest(event=full_name(event_type)):
                try:
                    event = example(event_type, made)
                except REFUSALS as error:
                    refused.append(f"{full_name(event_type)} ({error})")
                    continue
                kept, said = event_payload(event).keys(), made.contract_types
                now = [name for name in kept if said.get(name) is NotKept]
                assert not now, f"kept now, so the contract has to say its type: {now}"
                validate_event(event)
        if refused:
            msg = f"say in examples.EXAMPLES how to make {', '.join(refused)}"
            raise SkipTest(msg)

    def test_schemas_are_as_agreed(self) -> None:
        found = {
            full_name(one): event_schema(made) for one, made in contracts().items()
        }
        if os.environ.get(UPDATE):
            text = json.dumps(found, indent=2, sort_keys=True)
            SNAPSHOT.write_text(f"{text}\n", encoding="utf-8")
        agreed = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
        unknown = sorted(name for name, schema in agreed.items() if schema is None)
        for name in sorted({*found, *agreed}.difference(unknown)):
            with self.subTest(event=name):
                message = (
                    f"{name} is not as agreed. If all who handle it can take that, "
                    f"run this with {UPDATE}=1"
                )
                assert found.get(name) == agreed.get(name), message
        if unknown:
            msg = f"run this with {UPDATE}=1 once, to record {', '.join(unknown)}"
            raise SkipTest(msg)


@dataclass(frozen=True, slots=True)
class Paid:
    order_id: int
    total: Decimal
    tags: list[str]


class Sent:
    event_id = correlation_id = ""

    def __init__(self, order_id: int, schema: str, note: str | None = None) -> None:
        self.order_id = order_id
        self.schema = schema
        self._cached = "private"
        if note is not None:
            self.note = note


PaidContract = contract(Paid, order_id=int, total=Decimal, tags=list[str])
SentContract = contract(
    Sent,
    order_id=int,
    schema=str,
    note=NotRequired[str],
    address=NotKept,
)


class EventContractTests(SimpleTestCase):
    """Contracts themselves."""

    def check(self, made: type[EventContract], event: object) -> EventContract:
        return made.model_validate(event_payload(event, made))

    def test_events_that_keep_it(self) -> None:
        self.check(PaidContract, Paid(1, Decimal(2), ["a"]))
        self.check(SentContract, Sent(1, "a"))
        self.check(SentContract, Sent(1, "a", note="b"))

    def test_nothing_is_converted(self) -> None:
        wrong: list[tuple[Any, ...]] = [
            ("1", Decimal(2), ["a"]),
            (1, "2", ["a"]),
            (1, Decimal(2), [3]),
        ]
        for values in wrong:
            with [= raises =](ValidationError):
                self.check(PaidContract, Paid(*values))

    def test_nothing_is_missing(self) -> None:
        event = Sent(1, "a")
        del event.schema
        with [= raises =](ValidationError):
            self.check(SentContract, event)

    def test_nothing_else_is_there(self) -> None:
        event = Sent(1, "a")
        vars(event)["more"] = 1
        with [= raises =](ValidationError):
            self.check(SentContract, event)
        self.check(contract(Sent, "allow", order_id=int, schema=str), event)

    def test_metadata_and_what_is_private_do_not_count(self) -> None:
        event = Sent(1, "a")
        event.event_id = event.correlation_id = "b"
        wanted = {"order_id": 1, "schema": "a"}
        assert event_payload(event) == wanted
        made = contract(Sent, event_id=str, _cached=str, correlation_id=NotKept)
        more = {"event_id": "b", "_cached": "private"}
        assert event_payload(event, made) == wanted | more

    def test_the_schema_is_what_handlers_need(self) -> None:
        assert event_schema(PaidContract) == {
            "type": "object",
            "properties": {
                "order_id": {"type": "integer"},
                "total": {"type": "string", "format": "decimal"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["order_id", "tags", "total"],
            "additionalProperties": False,
        }

    def test_a_class_that_json_does_not_know_has_its_name_in_the_schema(self) -> None:
        schema = event_schema(contract(Sent, schema=SimpleTestCase))
        assert schema["properties"] == {"schema": {"python": "SimpleTestCase"}}

    def test_a_type_is_the_same_however_it_is_spelled(self) -> None:
        assert same(NotRequired[list[int] | None], None | list[int])
        assert same(Annotated[int, "positive"], int)
        assert not same(list[int], list[str])
        assert not same(int | None, int)
        assert not same(tuple[int], tuple[int, int])

    def test_an_event_without_a_contract_is_told(self) -> None:
        with [= raises =](LookupError):
            validate_event(Paid(1, Decimal(2), []))


def full_name(event_type: type) -> str:
    return f"{event_type.__module__}.{event_type.__qualname__}"


def all_events() -> set[type]:
    """Every event of the project, but for those of tests."""
    autodiscover_modules("events")
    found: set[type] = set()
    waiting: list[type] = [DomainEvent]
    while waiting:
        more = set(waiting.pop().__subclasses__()) - found
        found |= more
        waiting += more
    return {one for one in found if not inspect.isabstract(one) and is_own(one)}


def is_own(event_type: type) -> bool:
    """Is it no test's, and what its name stands for? `slots` leave a class behind."""
    parts = event_type.__module__.split(".")
    if any(
        part in {"conftest", "test", "tests"}
        or part.startswith("test_")
        or part.endswith(("_test", "_tests"))
        for part in parts
    ):
        return False
    named: Any = sys.modules.get(event_type.__module__)
    for name in event_type.__qualname__.split("."):
        named = getattr(named, name, None)
    return named is event_type
