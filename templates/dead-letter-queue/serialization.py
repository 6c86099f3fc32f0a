"""Events as JSON that every database takes, and back."""

from __future__ import annotations

import base64
import logging
import sys
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from [= base =] import DomainEvent

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

TAG = "__type__"
EXACT_INT = 2**53
NESTED = {list, tuple, set, frozenset, dict, datetime, time}


class Encoded(NamedTuple):
    """An event as it is stored."""

    event_type: str
    payload: Any
    replayable: bool


class UndecodableError(Exception):
    """What is stored cannot be made into an event again."""


def encode(event: Any) -> Encoded:
    """Encode an event. Never raises: what has no encoding becomes its `repr`.

    Such an event is not replayable.
    """
    encoder = Encoder()
    kind = type(event)
    try:
        payload = encoder.encode(state_of(event))
    except RecursionError:
        payload = encoder.unknown(event)
    makeable = isinstance(event, DomainEvent) and _is_found(kind) and _is_makeable(kind)
    return Encoded(path_of(kind), payload, encoder.replayable and makeable)


def decode(event_type: str, payload: Any) -> DomainEvent:
    """Make the event again, from its state and without its constructor.

    Raises `UndecodableError`. Nothing but events and enums is ever made.
    """
    try:
        kind: type[DomainEvent] = _found(event_type, DomainEvent)
        return _restored(kind, _decoded(payload))
    except (ArithmeticError, AttributeError, LookupError) as error:
        raise UndecodableError(repr(error)) from error
    except (RecursionError, TypeError, ValueError) as error:
        raise UndecodableError(repr(error)) from error


def path_of(kind: type) -> str:
    """The class as `module:Qualname`."""
    return f"{kind.__module__}:{kind.__qualname__}"


def state_of(event: Any) -> dict[str, Any]:
    """All attributes of an instance: those in its dict and those in slots."""
    state = dict(getattr(event, "__dict__", {}))
    for kind in type(event).__mro__:
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else tuple(slots):
            private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{kind.__name__.lstrip('_')}{slot}" if private else slot
            if name not in {"__dict__", "__weakref__"} and hasattr(event, name):
                state[name] = getattr(event, name)
    return state


def printable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL and lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


class Encoder:
    """Encodes values by their exact type, so that subclasses are not flattened."""

    def __init__(self) -> None:
        self.replayable = True

    def encode(self, value: Any) -> Any:
        """Encode any value at all."""
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind in PLAIN:
            return PLAIN[kind](value)
        return self._nested(value) if kind in NESTED else self._object(value)

    def _nested(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self._mapping(value)
        if isinstance(value, datetime | time):
            return self._moment(value)
        return self._collection(value)

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(value, Enum) and _is_found(kind):
            return self._tagged("enum", kind, value.value)
        if isinstance(value, DomainEvent) and _is_found(kind) and _is_makeable(kind):
            return self._tagged("event", kind, state_of(value))
        return self.unknown(value)

    def unknown(self, value: Any) -> Any:
        """Something for people to read."""
        self.replayable = False
        try:
            text = repr(value)
        except Exception:
            logger.exception("No representation of %s", path_of(type(value)))
            text = object.__repr__(value)
        return {TAG: "repr", "value": printable(text)}

    def _tagged(self, tag: str, kind: type, value: Any) -> Any:
        return {TAG: tag, "class": path_of(kind), "value": self.encode(value)}

    def _collection(self, value: Any) -> Any:
        items = [self.encode(item) for item in value]
        if isinstance(value, list):
            return items
        ordered = items if isinstance(value, tuple) else sorted(items, key=repr)
        return {TAG: type(value).__name__, "value": ordered}

    def _mapping(self, value: dict[Any, Any]) -> Any:
        if TAG not in value and all(_is_plain_key(key) for key in value):
            return {key: self.encode(item) for key, item in value.items()}
        pairs = [[self.encode(key), self.encode(item)] for key, item in value.items()]
        return {TAG: "dict", "value": pairs}

    def _moment(self, value: Any) -> Any:
        zone = value.tzinfo
        moment = {TAG: type(value).__name__, "fold": value.fold}
        if zone is None or type(zone) is timezone:
            return {**moment, "value": value.isoformat()}
        if type(zone) is ZoneInfo and zone.key:
            local = value.replace(tzinfo=None).isoformat()
            return {**moment, "value": local, "zone": zone.key}
        return self.unknown(value)


def _is_plain(text: str) -> bool:
    return text == printable(text)


def _is_plain_key(key: Any) -> bool:
    return type(key) is str and _is_plain(key)


def _text(value: str) -> Any:
    if _is_plain(value):
        return value
    return {TAG: "str", "value": _base64(value.encode("utf-8", "surrogatepass"))}


def _int(value: int) -> Any:
    # Some databases keep numbers in JSON as floats.
    return value if abs(value) < EXACT_INT else {TAG: "int", "value": hex(value)}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


PLAIN: dict[type, Callable[[Any], Any]] = {
    str: _text,
    int: _int,
    float: lambda value: {TAG: "float", "value": repr(value)},
    bytes: lambda value: {TAG: "bytes", "value": _base64(value)},
    Decimal: lambda value: {TAG: "Decimal", "value": str(value)},
    UUID: lambda value: {TAG: "UUID", "value": str(value)},
    date: lambda value: {TAG: "date", "value": value.isoformat()},
    timedelta: lambda value: {
        TAG: "timedelta",
        "value": [value.days, value.seconds, value.microseconds],
    },
}


def _moment(kind: type[datetime | time], stored: dict[str, Any]) -> datetime | time:
    value = kind.fromisoformat(stored["value"]).replace(fold=stored["fold"])
    return value.replace(tzinfo=ZoneInfo(stored["zone"])) if "zone" in stored else value


def _dict(value: list[Any]) -> dict[Any, Any]:
    return {_decoded(key): _decoded(item) for key, item in value}


DECODERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "str": lambda it: base64.b64decode(it["value"]).decode("utf-8", "surrogatepass"),
    "int": lambda it: int(it["value"], 16),
    "float": lambda it: float(it["value"]),
    "bytes": lambda it: base64.b64decode(it["value"]),
    "Decimal": lambda it: Decimal(it["value"]),
    "UUID": lambda it: UUID(it["value"]),
    "date": lambda it: date.fromisoformat(it["value"]),
    "time": lambda it: _moment(time, it),
    "datetime": lambda it: _moment(datetime, it),
    "timedelta": lambda it: timedelta(*it["value"]),
    "tuple": lambda it: tuple(_decoded(it["value"])),
    "set": lambda it: set(_decoded(it["value"])),
    "frozenset": lambda it: frozenset(_decoded(it["value"])),
    "dict": lambda it: _dict(it["value"]),
    "enum": lambda it: _found(it["class"], Enum)(_decoded(it["value"])),
    "event": lambda it: _restored(
        _found(it["class"], DomainEvent),
        _decoded(it["value"]),
    ),
}


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if isinstance(value, dict) and TAG in value:
        return DECODERS[value[TAG]](value)
    if isinstance(value, dict):
        return {key: _decoded(item) for key, item in value.items()}
    return value


def _restored(kind: type[DomainEvent], state: dict[str, Any]) -> DomainEvent:
    event = object.__new__(kind)
    for name, value in state.items():
        object.__setattr__(event, name, value)
    return event


def _found(path: str, base: type) -> Any:
    module, _, qualname = path.partition(":")
    try:
        found: Any = import_module(module)
    except ImportError as error:
        message = f"there is no {path}"
        raise UndecodableError(message) from error
    for name in qualname.split("."):
        found = getattr(found, name)
    if not (isinstance(found, type) and issubclass(found, base)):
        message = f"{path} is no {base.__name__}"
        raise UndecodableError(message)
    return found


def _is_found(kind: type) -> bool:
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


def _is_makeable(kind: type) -> bool:
    try:
        object.__new__(kind)
    except TypeError:
        return False
    return True
