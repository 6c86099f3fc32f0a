"""What a Python expression of a settings file can be known to be, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .reading import UNKNOWN

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath

PLAIN = (str, int, float, bool, bytes, type(None))
MOST = 8
"""More alternatives of a string than this are not told apart."""


class Item(NamedTuple):
    """One element of a list, and where it is written."""

    value: Any
    path: RelPath
    line: int


class Items(NamedTuple):
    """A list, tuple or set; not `complete` if it may hold more than what is known."""

    entries: tuple[Item, ...]
    complete: bool = True


class Env(NamedTuple):
    """A value that the environment decides."""

    name: str
    default: Any = UNKNOWN


class Either(NamedTuple):
    """One of several values: what the branches of an `if` or a `try` leave behind."""

    options: tuple[Any, ...]


class Place(NamedTuple):
    """A path in the project, relative to its root."""

    path: RelPath


class Names(NamedTuple):
    """A module or class, as the names it holds."""

    scope: dict[str, Any]


class Function(NamedTuple):
    """A function that only returns an expression."""

    name: str
    """"" for a lambda."""
    arguments: ast.arguments
    result: ast.expr
    frame: Any
    """Where it is defined."""


def plain(value: Any) -> Any:
    """The str, number, bool or None that `value` is, or is by default; `UNKNOWN` for anything else."""
    if isinstance(value, Env):
        return plain(value.default)
    if isinstance(value, Either):
        return next((known for option in value.options if (known := plain(option)) is not UNKNOWN), UNKNOWN)
    return value if isinstance(value, PLAIN) else UNKNOWN


def text_of(value: Any) -> str | None:
    """The string that `value` is, or is by default; None for anything else."""
    known = plain(value)
    return known if isinstance(known, str) else None


def joined(parts: Sequence[Any]) -> Any:
    """The string that `parts` make one after another: every combination of what they may be.

    If the environment decides one of them, it decides the whole. `UNKNOWN` if a part is not known at all.
    """
    texts = [""]
    for part in parts:
        known = [text for option in options_of(part) if (text := plain(option)) is not UNKNOWN]
        if not known:
            return UNKNOWN
        texts = [f"{head}{tail}" for head in texts for tail in known][:MOST]
    distinct = tuple(dict.fromkeys(texts))
    found = distinct[0] if len(distinct) == 1 else Either(distinct)
    outside = next((one for part in parts for one in options_of(part) if isinstance(one, Env)), None)
    return found if outside is None else Env(outside.name, found)


def items_of(value: Any) -> Items | None:
    """The list that `value` is or may be; None if it is something else."""
    if isinstance(value, Items):
        return value
    if isinstance(value, Env):
        default = items_of(value.default)
        return None if default is None else Items(default.entries, complete=False)
    if isinstance(value, Either):
        found = [known for option in value.options if (known := items_of(option)) is not None]
        return union(found) if found else None
    return None


def union(lists: list[Items]) -> Items:
    """Every element of any of the lists, each once, in order of first sight."""
    seen: list[Any] = []
    kept = []
    for known in lists:
        for item in known.entries:
            if item.value is UNKNOWN or item.value not in seen:
                seen.append(item.value)
                kept.append(item)
    return Items(tuple(kept), complete=all(known.complete for known in lists))


def concatenated(left: Any, right: Any) -> Any:
    """`left + right`."""
    first, second = items_of(left), items_of(right)
    if first is None and second is None:
        texts = text_of(left) is not None and text_of(right) is not None
        return joined((left, right)) if texts else UNKNOWN
    known = [side for side in (first, second) if side is not None]
    entries = tuple(item for side in known for item in side.entries)
    return Items(entries, complete=len(known) == 2 and all(side.complete for side in known))


def either(left: Any, right: Any) -> Any:
    """What a name holds if it is `left` after one branch and `right` after another."""
    if left is right:
        return left
    if isinstance(left, Items) and isinstance(right, Items):
        return union([left, right])
    options: list[Any] = []
    for side in (left, right):
        for option in side.options if isinstance(side, Either) else (side,):
            if option is not UNKNOWN and not any(option is known or option == known for known in options):
                options.append(option)
    if not options:
        return UNKNOWN
    return options[0] if len(options) == 1 else Either(tuple(options))


def stored(container: Any, keys: tuple[Any, ...], value: Any) -> Any:
    """`container` with `container[k1][k2]... = value` done to a copy."""
    if not keys:
        return value
    if isinstance(container, Either):
        return Either(tuple(stored(option, keys, value) for option in container.options))
    if isinstance(container, dict):
        return {**container, keys[0]: stored(container.get(keys[0], UNKNOWN), keys[1:], value)}
    if isinstance(container, Env) and keys == ("ENGINE",):
        return {"ENGINE": value}  # a URL decides on the rest
    return container


def options_of(value: Any) -> Iterator[Any]:
    """The values that `value` may be: itself, or each side of an `Either`."""
    if isinstance(value, Either):
        for option in value.options:
            yield from options_of(option)
    else:
        yield value
