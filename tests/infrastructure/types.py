"""Types of Terraform's variables, and what literal values do not have in common with them.

Terraform drops keys of objects that a type does not have, without a word: `port_mappings` for `portMappings` is
valid, and wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.infrastructure import hcl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLLECTIONS = ("list", "set", "map")
PASSING = (
    "merge",
    "concat",
    "try",
    "coalesce",
    "coalescelist",
    "tolist",
    "toset",
    "tomap",
    "distinct",
    "compact",
)
"""Functions that return what they are given, or a part of it."""

DEEPEST = 20
"""Locals may name each other, but not this often."""


class Unknown(NamedTuple):
    """A key that the type does not have."""

    path: str
    line: int
    known: tuple[str, ...]


def unknown_keys(
    value: hcl.Expression, type_: hcl.Expression, local: Mapping[str, hcl.Expression], path: str
) -> Iterator[Unknown]:
    """The literal keys in `value` that its type does not have, through collections, functions and `local`.

    What is only known when Terraform runs is passed over.
    """
    return _unknown(value, _required(type_), local, path, 0)


def _unknown(
    value: hcl.Expression, type_: hcl.Expression, local: Mapping[str, hcl.Expression], path: str, depth: int
) -> Iterator[Unknown]:
    if not isinstance(type_, hcl.Call) or depth > DEEPEST:
        return
    kind, inside = type_.name, _required(type_.arguments[0])

    def again(value: hcl.Expression, type_: hcl.Expression, path: str) -> Iterator[Unknown]:
        return _unknown(value, type_, local, path, depth + 1)

    match value:
        case hcl.Reference(text=text) if text.startswith("local.") and text[6:] in local:
            yield from again(local[text[6:]], type_, path)
        case hcl.Choice(yes=yes, no=no):
            yield from again(yes, type_, path)
            yield from again(no, type_, path)
        case hcl.Call(name=name, arguments=arguments) if name in PASSING:
            for argument in arguments:
                yield from again(argument, type_, path)
        case hcl.Object(items=items) if kind == "object" and isinstance(inside, hcl.Object):
            types = {each.key: _required(each.value) for each in inside.items}
            for each in items:
                if each.key is None:
                    continue
                if each.key not in types:
                    yield Unknown(f"{path}.{each.key}", each.line, tuple(sorted(filter(None, types))))
                else:
                    yield from again(each.value, types[each.key], f"{path}.{each.key}")
        case hcl.Object(items=items) if kind == "map":
            for each in items:
                yield from again(each.value, inside, f"{path}.{each.key or '?'}")
        case hcl.Tuple(items=items_) if kind in ("list", "set"):
            for number, item in enumerate(items_):
                yield from again(item, inside, f"{path}[{number}]")
        case hcl.For(value=made) if kind in COLLECTIONS:
            yield from again(made, inside, f"{path}[*]")


def _required(type_: hcl.Expression) -> hcl.Expression:
    """The type within `optional(...)`."""
    while isinstance(type_, hcl.Call) and type_.name == "optional":
        type_ = type_.arguments[0]
    return type_
