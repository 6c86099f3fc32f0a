"""Examples of events, for the tests of their contracts."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import abc
from dataclasses import InitVar
from dataclasses import fields
from dataclasses import is_dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from pathlib import Path
from re import Pattern
from types import UnionType
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import Union
from typing import get_args
from typing import get_origin
from typing import get_type_hints
from typing import is_typeddict
from unittest import mock
from uuid import UUID

from [= base =] import DomainEvent
from [= package =].contracts import NotKept
from [= package =].contracts import bare
from [= package =].contracts import contract

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from [= package =].contracts import EventContract

# How to make an event with a type that has no good sample, or with checks of its own.
EXAMPLES: dict[type, Callable[[], Any]] = {}

SAMPLES: dict[Any, Any] = {
    None: None,
    type(None): None,
    bool: True,
    bytes: b"bytes",
    date: date(2020, 2, 29),
    datetime: datetime(2020, 2, 29, 12, 30, tzinfo=UTC),
    Decimal: Decimal("1.50"),
    Path: Path("path"),
    Pattern: re.compile("pattern"),
    float: 1.5,
    int: 1,
    str: "text",
    time: time(12, 30),
    timedelta: timedelta(minutes=1),
    UUID: UUID(int=1),
}

COLLECTIONS: list[tuple[Any, set[Any]]] = [
    (list, {list, abc.Collection, abc.Iterable, abc.MutableSequence, abc.Sequence}),
    (set, {set, abc.MutableSet, abc.Set}),
    (frozenset, {frozenset}),
]


def example(event_type: type, made: type[EventContract]) -> Any:
    """An event made of samples. `ValidationError` for a type without a good one."""
    if event_type in EXAMPLES:
        return EXAMPLES[event_type]()
    values = {}
    for name, kind in taken(event_type).items():
        said = made.contract_types.get(name, Any)
        wanted = kind if said in {Any, NotKept} else said
        values[name] = sample(wanted)
        contract(event_type, **{name: wanted}).model_validate({name: values[name]})
    found = inspect.signature(event_type).parameters.values()
    unnamed = inspect.Parameter.POSITIONAL_ONLY
    first = [values.pop(one.name) for one in found if one.kind is unnamed]
    return event_type(*first, **values)


def taken(event_type: type) -> dict[str, Any]:
    """What an event takes when it is made, with the types.

    What its modules import for type checkers only is lent to them meanwhile.
    """
    bases = [one for one in event_type.__mro__ if issubclass(one, DomainEvent)]
    homes = [sys.modules[name] for name in {one.__module__ for one in bases}]
    lent: list[tuple[ModuleType, str]] = []
    try:
        while True:
            try:
                return _parameters(event_type)
            except NameError as error:
                name = str(error.name)
                without = [home for home in homes if not hasattr(home, name)]
                if not without:
                    raise
                for home in without:
                    setattr(home, name, _for_type_checkers(home, name))
                    lent.append((home, name))
    finally:
        for borrower, borrowed in lent:
            delattr(borrower, borrowed)


def _for_type_checkers(module: ModuleType, name: str) -> Any:
    """What a name means that a module imports under `if TYPE_CHECKING:`."""
    tree = ast.parse(inspect.getsource(module))
    blocks = (node for node in ast.walk(tree) if isinstance(node, ast.If))
    for node in (one for block in blocks for one in block.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name.partition(".")[0]) != name:
                continue
            if isinstance(node, ast.Import):
                found = import_module(alias.name)
                return found if alias.asname else sys.modules[name]
            origin = "." * node.level + (node.module or "")
            home = import_module(origin, module.__package__)
            return getattr(home, alias.name, None) or import_module(
                f"{home.__name__}.{alias.name}",
            )
    return Any


def sample(kind: Any) -> Any:
    """A value of a type."""
    kind = bare(kind)
    while hasattr(kind, "__supertype__") or hasattr(kind, "__value__"):
        kind = getattr(kind, "__supertype__", None) or kind.__value__
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in SAMPLES:
        return SAMPLES[origin]
    if origin is Literal:
        return inner[0]
    if origin in {Union, UnionType}:
        return sample(next(one for one in inner if one is not type(None)))
    if isinstance(origin, type) and issubclass(origin, Enum):
        return next(iter(origin))
    if parts := _parts(kind):
        return kind(**{name: sample(one) for name, one in parts.items()})
    return _collection(origin, inner)


def _parts(kind: Any) -> dict[str, Any]:
    """The fields of data classes, models, typed dicts and named tuples."""
    names = getattr(kind, "model_fields", getattr(kind, "_fields", ()))
    if is_dataclass(kind):
        names = [field.name for field in fields(kind) if field.init]
    if not names and not is_typeddict(kind):
        return {}
    hints = get_type_hints(kind)
    return {name: hints[name] for name in names or hints}


def _collection(origin: Any, inner: tuple[Any, ...]) -> Any:
    """A collection of samples, or a double of what is none."""
    if origin is tuple:
        return tuple(sample(one) for one in inner if one is not ...)
    if origin is type:
        return inner[0] if inner else object
    if origin in {dict, abc.Mapping, abc.MutableMapping}:
        return {sample(inner[0]): sample(inner[1])} if inner else {}
    for made, kinds in COLLECTIONS:
        if origin in kinds:
            return made(sample(one) for one in inner)
    known = isinstance(origin, type) and origin not in {Any, object}
    return mock.MagicMock(spec=origin) if known else mock.MagicMock()


def _parameters(event_type: Any) -> dict[str, Any]:
    """The parameters, with the types. `NameError` for a type that has no name here."""
    several = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    found = inspect.signature(event_type).parameters.values()
    of_class, hints = get_type_hints(event_type), get_type_hints(event_type.__init__)
    hints = hints | of_class if is_dataclass(event_type) else of_class | hints
    named = [one.name for one in found if one.kind not in several]
    kinds = {name: hints.get(name, Any) for name in named}
    return {
        name: kind.type if isinstance(kind, InitVar) else kind
        for name, kind in kinds.items()
    }
