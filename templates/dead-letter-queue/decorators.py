"""What a handler asks of the dead letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[..., Any]


def must_succeed(handler: Handler) -> Handler:
    """Errors of this handler reach the publisher: nothing is retried or stored."""
    vars(handler)["event_bus_must_succeed"] = True
    return handler


def non_atomic(handler: Handler) -> Handler:
    """Call it once and outside a transaction, for `atomic(durable=True)` in it.

    What it has done when it fails stays done.
    """
    vars(handler)["event_bus_non_atomic"] = True
    return handler


def has_to_succeed(handler: Any) -> bool:
    """Is it marked with `must_succeed`? So are the bound methods of a function."""
    return bool(getattr(handler, "event_bus_must_succeed", False))


def is_atomic(handler: Any) -> bool:
    """Is it not marked with `non_atomic`?"""
    return not getattr(handler, "event_bus_non_atomic", False)
