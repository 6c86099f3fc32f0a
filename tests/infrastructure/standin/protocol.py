"""Schemas of providers as Terraform's protocol has them.

https://github.com/hashicorp/terraform/blob/v1.11.4/docs/plugin-protocol/tfplugin6.8.proto
"""

from __future__ import annotations

import json
from typing import Any

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}


def varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def field(number: int, value: bytes | str | int | bool) -> bytes:
    """One field of a message: text, bytes and messages with their length, numbers without."""
    if isinstance(value, (bool, int)):
        return varint(number << 3) + varint(int(value)) if value else b""
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def fields(message: bytes) -> dict[int, list[Any]]:
    """The fields of a message by number: numbers, or bytes."""
    found: dict[int, list[Any]] = {}
    position = 0

    def number() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(message):
        tag = number()
        kind = tag & 7
        if kind == 0:
            value: Any = number()
        elif kind == 2:
            size = number()
            value = message[position : position + size]
            position += size
        else:
            size = 8 if kind == 1 else 4
            value = message[position : position + size]
            position += size
        found.setdefault(tag >> 3, []).append(value)
    return found


def entry(number: int, key: str, value: bytes) -> bytes:
    """One entry of a map of messages."""
    return field(number, field(1, key) + field(2, value))


def schema(block: dict[str, Any]) -> bytes:
    return field(2, _block(block))


def _block(block: dict[str, Any]) -> bytes:
    parts = [field(2, _attribute(name, each)) for name, each in block.get("attributes", {}).items()]
    for name, each in block.get("blocks", {}).items():
        nested = field(1, name) + field(2, _block(each)) + field(3, NESTING[each["nesting"]])
        parts.append(field(3, nested + field(4, each.get("min", 0)) + field(5, each.get("max", 0))))
    return b"".join(parts)


def _attribute(name: str, attribute: dict[str, Any]) -> bytes:
    """`type` is a type of Terraform as JSON, or {"nesting": ..., "attributes": ...}."""
    kind = attribute["type"]
    if isinstance(kind, dict):
        inner = b"".join(field(1, _attribute(*each)) for each in kind["attributes"].items())
        typed = field(10, inner + field(3, NESTING[kind["nesting"]]))
    else:
        typed = field(2, json.dumps(kind, separators=(",", ":")))
    mode = attribute["mode"]
    return (
        field(1, name)
        + typed
        + field(4, mode == "required")
        + field(5, mode in ("optional", "either"))
        + field(6, mode in ("computed", "either"))
        + field(7, attribute.get("sensitive", False))
        + field(11, attribute.get("write_only", False))
    )
