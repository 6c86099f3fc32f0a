"""A double of the event bus: tests see what was published, and no handler runs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields
from dataclasses import is_dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar
from unittest import mock

from [= bus =] import event_bus

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
[% if not pytest %]
    from unittest import TestCase

    Base = TestCase
else:
    Base = object
[% endif %]

Event = TypeVar("Event")

MISSING = object()
METADATA = {"event_id", "correlation_id"}


class FakeEventBus:
    """Records events in `published`. With `publish`, hands them on as well."""

    def __init__(self, publish: Callable[[Any], object] | None = None) -> None:
        self.published: list[Any] = []
        self._handlers: list[tuple[type, Callable[[Any], object]]] = []
        self._publish = publish

    def subscribe(
        self,
        event_type: type,
        handler: Callable[[Any], object],
    ) -> None:
        """Subscribe for as long as the double is there."""
        self._handlers.append((event_type, handler))

    def publish(self, event: Any) -> None:
        """Record the event."""
        self.published.append(event)
        if self._publish is None:
            return
        self._publish(event)
        for event_type, handler in self._handlers:
            if type(event) is event_type:
                handler(event)

    def clear(self) -> None:
        """Forget what was published so far."""
        self.published.clear()

    def of_type(self, event_type: type[Event]) -> list[Event]:
        """The events of exactly this type, in order."""
        return [event for event in self.published if type(event) is event_type]

    def assert_published(
        self,
        event_type: type[Event],
        times: int | None = None,
        **attributes: Any,
    ) -> Event:
        """Assert that such an event was published, and return the first one.

        `times` is how often; any number of times if it is left out.
        """
        found = [
            event for event in self.of_type(event_type) if _has(event, attributes)
        ]
        wanted = _shown(event_type.__name__, attributes)
        if times is None:
            assert found, f"expected at least one {wanted}, {self._report()}"
        else:
            count = f"{times} time" if times == 1 else f"{times} times"
            message = f"expected {wanted} {count}, got {len(found)}, {self._report()}"
            assert len(found) == times, message
        return found[0]

    def assert_not_published(self, event_type: type[Any], **attributes: Any) -> None:
        """Assert that no such event was published."""
        found = [
            event for event in self.of_type(event_type) if _has(event, attributes)
        ]
        wanted = _shown(event_type.__name__, attributes)
        assert not found, f"expected no {wanted}, {self._report()}"

    def assert_nothing_published(self) -> None:
        """Assert that there was no event at all."""
        assert not self.published, f"expected no events, {self._report()}"

    def _report(self) -> str:
        shown = ", ".join(
            _shown(type(event).__name__, _attributes(event)) for event in self.published
        )
        return f"published: {shown or 'nothing'}"


@contextmanager
def replace_event_bus(*, call_handlers: bool = False) -> Iterator[FakeEventBus]:
    """Put a double in the place of the bus, also for code that has imported it.

    With `call_handlers`, handlers run as well.
    """
    fake = FakeEventBus(event_bus.publish if call_handlers else None)
    with (
        mock.patch.object(event_bus, "publish", fake.publish),
        mock.patch.object(event_bus, "subscribe", fake.subscribe),
    ):
        yield fake


def _has(event: Any, attributes: dict[str, Any]) -> bool:
    """Does the event have these attributes? One that is missing equals nothing."""
    return all(
        (found := getattr(event, name, MISSING)) is not MISSING and found == value
        for name, value in attributes.items()
    )


def _attributes(event: Any) -> dict[str, Any]:
    names = [field.name for field in fields(event)] if is_dataclass(event) else []
    found = {name: getattr(event, name, MISSING) for name in names}
    found |= getattr(event, "__dict__", {})
    return {name: value for name, value in found.items() if name not in METADATA}


def _shown(name: str, attributes: dict[str, Any]) -> str:
    inner = ", ".join(f"{key}={value!r}" for key, value in attributes.items())
    return f"{name}({inner})"
[% if not pytest %]


class FakeEventBusMixin(Base):
    """For a `TestCase`: the double is `self.event_bus` in every test."""

    event_bus: FakeEventBus

    def setUp(self) -> None:
        super().setUp()
        self.event_bus = self.enterContext(replace_event_bus())
[% endif %]
