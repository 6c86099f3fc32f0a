"""Events carry the correlation id of what published them, and handlers run under it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django_guid.context import guid
from django_guid.utils import generate_guid

if TYPE_CHECKING:
    from collections.abc import Callable


def current() -> str:
    """Return the id of this request or task, or a new one outside of them."""
    return guid.get() or generate_guid()


def restore(event: Any, handler: Any, call_next: Callable[[], Any]) -> Any:
    """Middleware of the bus: whoever calls the handler, and however late."""
    correlation_id = getattr(event, "correlation_id", "")
    if not correlation_id:
        return call_next()
    token = guid.set(correlation_id)
    try:
        return call_next()
    finally:
        guid.reset(token)
