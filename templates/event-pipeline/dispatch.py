"""Calls event handlers through the middleware named in `EVENT_BUS_MIDDLEWARE`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Collection


def dispatch(
    handler: Callable[[Any], Any],
    event: Any,
    *,
    exclude: Collection[str] = (),
) -> Any:
    """Call `handler(event)` inside all middleware, the first one outermost.

    Middleware is called as `middleware(event, handler, call_next)` and goes on with
    `call_next()`. What is named in `exclude` is left out.
    """
    call: Callable[[], Any] = partial(handler, event)
    for path in reversed(getattr(settings, "EVENT_BUS_MIDDLEWARE", [])):
        if path not in exclude:
            call = partial(import_string(path), event, handler, call)
    return call()
