"""Contracts of domain events: what an event carries, by name and type, and no more.

They stand in the module `event_contracts` of the app that has the events, and in this
package for events of no app. https://docs.pydantic.dev/latest/concepts/models/
"""

from __future__ import annotations

import sys
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import NotRequired
from typing import Union
from typing import get_args
from typing import get_origin

from django.apps import apps
from django.utils.module_loading import autodiscover_modules
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import create_model
from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from types import ModuleType

MODULE = "event_contracts"
# What the bus may give to every event: part of a contract only if it names it.
METADATA = {"event_id", "correlation_id"}
# What a schema may say that changes nothing for those who read events.
PROSE = {"title", "description", "default"}


class NotKept:
    """Stands for the type of what an event takes when it is made and does not keep."""


class EventContract(BaseModel):
    """Every attribute is there, of its very type, and no other is."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        protected_namespaces=(),
    )
    contract_event: ClassVar[type] = object
    """The event that this is the contract of."""
    contract_types: ClassVar[dict[str, Any]] = {}
    """What was said of each attribute."""


class OpenEventContract(EventContract):
    """The same for events that may carry more than the contract names."""

    model_config = ConfigDict(extra="allow")


def contract(
    event_type: type,
    extra: Literal["forbid", "allow"] = "forbid",
    /,
    **types: Any,
) -> type[EventContract]:
    """The contract of an event: `contract(OrderPlaced, order_id=int, total=Decimal)`.

    `NotRequired[...]` is for what it may lack, `NotKept` for what it takes and does not
    keep. With "allow" it may carry more.
    """
    definitions: dict[str, Any] = {}
    for name, kind in types.items():
        if kind is NotKept:
            continue
        optional = get_origin(kind) is NotRequired
        # Names that mean something to Pydantic itself: those it knows as an alias only.
        taken = name.startswith("_") or hasattr(EventContract, name)
        field = Field(None if optional else ..., alias=name if taken else None)
        attribute = f"field_{name.strip('_')}" if taken else name
        definitions[attribute] = (get_args(kind)[0] if optional else kind, field)
    made: type[EventContract] = create_model(
        f"{event_type.__qualname__}Contract".replace(".", ""),
        __base__=EventContract if extra == "forbid" else OpenEventContract,
        __module__=event_type.__module__,
        **definitions,
    )
    made.contract_event, made.contract_types = event_type, types
    return made


def contract_modules() -> list[ModuleType]:
    """The modules that have contracts: one in each app that has events."""
    autodiscover_modules(MODULE)
    names = dict.fromkeys([*(app.name for app in apps.get_app_configs()), __package__])
    modules = (sys.modules.get(f"{name}.{MODULE}") for name in names)
    return [module for module in modules if module is not None]


@cache
def contracts() -> dict[type, type[EventContract]]:
    """The contract of each event."""
    values = [value for module in contract_modules() for value in vars(module).values()]
    return {
        value.contract_event: value
        for value in values
        if isinstance(value, type) and issubclass(value, EventContract)
    }


def validate_event(event: Any) -> EventContract:
    """Check an event against its contract.

    Raises `LookupError` if it has none, and `pydantic.ValidationError`.
    """
    found = contracts().get(type(event))
    if found is None:
        msg = f"{type(event).__qualname__} has no contract: write one in {MODULE}.py"
        raise LookupError(msg)
    return found.model_validate(event_payload(event, found))


def event_payload(
    event: Any,
    made: type[EventContract] | None = None,
) -> dict[str, Any]:
    """The attributes of an event; metadata and private ones as its contract says."""
    types = made.contract_types if made else {}
    named = {name for name, kind in types.items() if kind is not NotKept}
    slots: list[str] = []
    for base in type(event).__mro__:
        own = getattr(base, "__slots__", ())
        slots += [own] if isinstance(own, str) else own
    found = {name: getattr(event, name) for name in slots if hasattr(event, name)}
    found |= getattr(event, "__dict__", {})
    defaults = {name: getattr(event, name) for name in named if hasattr(event, name)}
    return defaults | {
        name: value
        for name, value in found.items()
        if name in named or not (name in METADATA or name.startswith("_"))
    }


def event_schema(made: type[EventContract]) -> dict[str, Any]:
    """The JSON Schema of a contract, without what says nothing of an event."""
    schema: dict[str, Any] = _plain(
        made.model_json_schema(schema_generator=EventJsonSchema),
    )
    return schema


class EventJsonSchema(GenerateJsonSchema):
    """Says of classes that JSON does not know which ones they are."""

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        """The same in all versions of Pydantic."""
        return {"type": "string", "format": schema["type"]}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Any:
        """The name of the class."""
        del error_info
        return {"python": getattr(schema.get("cls"), "__qualname__", schema["type"])}


def bare(kind: Any) -> Any:
    """A type without `NotRequired`, and without what `Annotated` says of it."""
    while get_origin(kind) in {NotRequired, Annotated}:
        kind = get_args(kind)[0]
    return kind


def same(one: Any, other: Any) -> bool:
    """Are these the same type, however it is spelled: `Optional[int]`, `int | None`?"""
    one, other = bare(one), bare(other)
    kinds = [get_origin(kind) or kind for kind in (one, other)]
    first, second = (Union if kind is UnionType else kind for kind in kinds)
    inner = get_args(one), get_args(other)
    return one == other or (
        first == second
        and len(inner[0]) == len(inner[1])
        and all(same(*pair) for pair in zip(*inner, strict=True))
    )


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:  # where the keys are names
            found[key] = {name: _plain(part) for name, part in value.items()}
        elif key == "required":
            found[key] = sorted(value)
        elif (key, value) != ("additionalProperties", True) and key not in PROSE:
            found[key] = _plain(value)
    return found
