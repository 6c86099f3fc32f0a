"""What an expression is worth, without running it: literals, known names, `+`, `%`, `.format`, f-strings."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 100_000
"""Longer strings than this are not folded, so that `"x" * 10**9` or `"%1000000000d"` costs nothing."""


class _Unknown(enum.Enum):
    """A type of its own for the sentinel, so that it survives `is` and type checkers alike."""

    UNKNOWN = "UNKNOWN"

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown.UNKNOWN
"""What `constant` says of an expression that only running it could tell."""


def constant(node: ast.AST | None, names: Mapping[str, object] | None = None) -> object:  # noqa: C901 - one case each
    """The value of an expression, or `UNKNOWN`.

    `names` gives the values of names that are known (dotted ones too: `"settings.BASE"`). Lists,
    tuples, sets and dicts keep `UNKNOWN` as a member where only a member is not known; strings that
    hold something unknown are `UNKNOWN` as a whole.
    """
    known = names or {}
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return known.get(node.id, UNKNOWN)
        case ast.Attribute():
            return known.get(ast.unparse(node), UNKNOWN)
        case ast.List():
            return _members(node.elts, known)
        case ast.Tuple():
            return tuple(_members(node.elts, known))
        case ast.Set():
            return _set(_members(node.elts, known))
        case ast.Dict():
            return _dict(node, known)
        case ast.JoinedStr():
            return _joined(node, known)
        case ast.BinOp():
            return _operation(node, known)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = constant(operand, known)
            return -value if isinstance(value, int | float) else UNKNOWN
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            value = constant(operand, known)
            return UNKNOWN if value is UNKNOWN else not value
        case ast.Call(func=ast.Attribute(value=template, attr="format")):
            return _format(template, node, known)
    return UNKNOWN


def _members(nodes: list[ast.expr], names: Mapping[str, object]) -> list[object]:
    members: list[object] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = constant(node.value, names)
            members += inner if isinstance(inner, list | tuple) else [UNKNOWN]
        else:
            members.append(constant(node, names))
    return members


def _set(members: list[object]) -> object:
    try:
        return set(members)
    except TypeError:
        return UNKNOWN


def _dict(node: ast.Dict, names: Mapping[str, object]) -> object:
    found: dict[object, object] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        folded = constant(key, names) if key is not None else UNKNOWN
        try:
            found[folded] = constant(value, names)
        except TypeError:
            return UNKNOWN
    return found


def _joined(node: ast.JoinedStr, names: Mapping[str, object]) -> object:
    text = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            plain = part.conversion in {-1, ord("s")} and part.format_spec is None
            value = constant(part.value, names) if plain else UNKNOWN
        else:
            value = constant(part, names)
        if not isinstance(value, str | int):
            return UNKNOWN
        text += str(value)
    return text


def _operation(node: ast.BinOp, names: Mapping[str, object]) -> object:
    left, right = constant(node.left, names), constant(node.right, names)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    match node.op, left, right:
        case ast.Add(), str(), str():
            return left + right
        case ast.Add(), int() | float(), int() | float():
            return left + right
        case ast.Add(), list(), list():
            return left + right
        case ast.Add(), tuple(), tuple():
            return left + right
        case ast.Mult(), int() | float(), int() | float():
            return left * right
        case ast.Mod(), str(), _:
            return _percent(left, right)
    return UNKNOWN


def _percent(template: str, value: object) -> object:
    parts = value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,)
    if not all(isinstance(part, str | int) for part in parts) or any(
        digit in template for digit in "0123456789*"
    ):
        return UNKNOWN
    try:
        return template % value
    except (TypeError, ValueError, KeyError):
        return UNKNOWN


def _format(template: ast.expr, call: ast.Call, names: Mapping[str, object]) -> object:
    text = constant(template, names)
    args = [constant(arg, names) for arg in call.args]
    kwargs = {str(keyword.arg): constant(keyword.value, names) for keyword in call.keywords}
    values = [*args, *kwargs.values()]
    if not isinstance(text, str) or ":" in text or not all(isinstance(value, str | int) for value in values):
        return UNKNOWN
    try:
        filled = text.format(*args, **kwargs)
    except (LookupError, ValueError, AttributeError, TypeError):
        return UNKNOWN
    return filled if len(filled) <= LONGEST else UNKNOWN
