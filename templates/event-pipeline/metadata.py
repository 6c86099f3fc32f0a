"""What every event knows of itself, without a line in its own class."""

from __future__ import annotations

from typing import Any
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.utils.module_loading import import_string


class EventMetadata:
    """Stamps events when they are made: plain classes and dataclasses, frozen ones too.

    In `__new__`, since events need not call `super().__init__()`. Copies and unpickled
    events keep the values of the original.
    """

    event_id = ""
    correlation_id = ""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        event = super().__new__(cls)
        stamp(event)
        return event


def stamp(event: Any) -> None:
    """Give the event an id, and the attributes named in `EVENT_BUS_METADATA`."""
    object.__setattr__(event, "event_id", uuid4().hex)
    providers = getattr(settings, "EVENT_BUS_METADATA", {})
    for attribute, path in providers.items():
        object.__setattr__(event, attribute, import_string(path)())
