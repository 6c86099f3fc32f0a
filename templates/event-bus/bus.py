"""A simple publish and subscribe mechanism in memory, for domain events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from [= package =].base import DomainEvent


class EventBus:
    """Calls the handlers of an event at once, in the order in which they subscribed."""

    def __init__(self) -> None:
        self._subscribers: dict[type[DomainEvent], list[Callable[[Any], object]]] = (
            defaultdict(list)
        )

    def subscribe(
        self,
        event_type: type[DomainEvent],
        handler: Callable[[Any], object],
    ) -> None:
        """Call `handler(event)` for every event of exactly this type from now on."""
        self._subscribers[event_type].append(handler)

    def publish(self, event: DomainEvent) -> None:
        """Call all handlers of the event. What one of them raises ends the call."""
        for handler in self._subscribers.get(type(event), []):
            handler(event)


event_bus = EventBus()
