"""Where things stand in a YAML text: ruamel.yaml says where nodes begin and end."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Unrecognised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .textlines import Lines

Keys = tuple[str | int, ...]
"""A path: keys of mappings, indices of sequences, or `name=value` for the item that has this entry."""

NULL = ("tag:yaml.org,2002:null", "")
"""`plain` of a value that is not there; null written out differs, for it cannot be added to."""


class Odd(ValueError):
    """The text holds something that is never edited; the message says what, `line` where (from 0)."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


class Entry(NamedTuple):
    """An entry of a block mapping or an item of a block sequence, and its lines."""

    start: int
    """Line of its key or dash."""
    stop: int
    """After its last line, and after comments that are indented like its inside."""
    key: str
    """The key, nothing for an item."""
    value: Any
    """The node of the value."""


class Found(NamedTuple):
    """As far as a path leads: the node there, and the way to it."""

    node: Any
    steps: tuple[str | int, ...]
    """Keys and indices that were followed, selectors resolved; fewer than were asked for if some are missing."""
    key: Any = None
    """The node of the last key, or of the last item, that was followed."""


def read_yaml(text: str, *, path: str) -> Any:
    """The root node, None if there is none. Raises `Unrecognised` for what is no YAML, or of an odd kind."""
    try:
        root = compose(text)
        plain(root)
    except Odd as odd:
        line = None if odd.line is None else odd.line + 1
        raise Unrecognised(path=path, line=line, why=str(odd)) from None
    return root


@lru_cache(maxsize=8)
def compose(text: str) -> Any:
    """The root node of a text. Raises `Odd`. The nodes are shared, so nobody may change them."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - slow to import
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", "") or type(error).__name__).partition("\n")[0]
        message = f"does not read as one YAML document ({problem})"
        raise Odd(message, getattr(mark, "line", None)) from None


def plain(node: Any, *, aliases: bool = False) -> Any:
    """What a node means, as values that compare. Raises `Odd` for keys that are there twice.

    With `aliases`, what stands behind an alias (`*name`) is its name: the same, whatever becomes of what it names.

    Line ends at the end of a string do not count, unless they are kept on purpose (`|+`): those of a
    block scalar hang on where the file ends.
    """
    return _plain(node, set() if aliases else None)


def _plain(node: Any, seen: set[int] | None) -> Any:
    if node is None:
        return NULL
    if seen is not None and node.anchor:
        if id(node) in seen:
            return ("*", node.anchor)
        seen.add(id(node))
    tag = str(node.tag)
    if isinstance(node.value, str):
        kept = node.style in ("|", ">") and "+" in _raw(node)[:4]
        return (tag, node.value if kept else node.value.rstrip("\n"))
    if not is_mapping(node):
        return [_plain(item, seen) for item in node.value]
    data: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key.value, str):
            message = "has a key that is no plain word"
            raise Odd(message, key.start_mark.line)
        if key.value in data and key.value != "<<":
            message = f'has the key "{key.value}" twice'
            raise Odd(message, key.start_mark.line)
        data[key.value] = _plain(value, seen)
    return data


def is_mapping(node: Any) -> bool:
    """Is the node a mapping (and neither a sequence, nor a scalar, nor nothing)?"""
    return node is not None and type(node).__name__ == "MappingNode"


def is_sequence(node: Any) -> bool:
    """Is the node a sequence?"""
    return node is not None and type(node).__name__ == "SequenceNode"


def is_absent(node: Any) -> bool:
    """Is there no value: an empty document, or nothing behind the colon?"""
    return node is None or (plain_scalar(node) and node.start_mark.index == node.end_mark.index)


def plain_scalar(node: Any) -> bool:
    """Is the node a scalar without a style of its own?"""
    return isinstance(node.value, str) and not node.style


def follow(root: Any, keys: Keys) -> Found:
    """Follow a path as far as it leads. Raises `Odd` for an alias on the way, or an ambiguous selector."""
    found = Found(root, ())
    for key in keys:
        step = _step(found.node, key)
        if step is None:
            break
        name, at, child = step
        if not is_absent(child) and child.start_mark.index < _earliest(found.node, name, at):
            message = "stands behind an alias (*), so it would change in more than one place"
            raise Odd(message, None if at is child else at.start_mark.line)
        found = Found(child, (*found.steps, name), at)
    return found


def _earliest(node: Any, name: str | int, at: Any) -> int:
    """Where a child can begin at the earliest; an alias has its place where its anchor is, further up."""
    if isinstance(name, str):
        return int(at.start_mark.index)
    ends = [item.end_mark.index for item in node.value[:name]]
    return int(max(ends, default=node.start_mark.index))


def _step(node: Any, key: str | int) -> tuple[str | int, Any, Any] | None:
    """One step: the key or index, its node, and the node it leads to."""
    if is_mapping(node):
        return next(((k.value, k, v) for k, v in node.value if k.value == str(key)), None)
    if not is_sequence(node):
        return None
    items = list(enumerate(node.value))
    if isinstance(key, int):
        items = items[key : key + 1] if key >= 0 else items[key:][:1]
    else:
        name, _, wanted = key.partition("=")
        items = [(index, item) for index, item in items if is_mapping(item) and _has(item, name, wanted)]
    if len(items) > 1:
        message = f"has more than one item with {key}"
        raise Odd(message, items[1][1].start_mark.line)
    return (items[0][0], items[0][1], items[0][1]) if items else None


def _has(item: Any, name: str, wanted: str) -> bool:
    return any(key.value == name and value.value == wanted for key, value in item.value)


def entries_of(lines: Lines, node: Any, *, shared: bool = False) -> list[Entry]:
    """The entries of a block mapping or sequence and their lines. Raises `Odd` for an odd layout.

    As well for what others may take over by an alias, unless it is a mapping, and `shared` knowingly.
    """
    if node.anchor is not None and not (shared and is_mapping(node)):
        message = f"has an anchor (&{node.anchor}), so it would change in more than one place"
        raise Odd(message, node.start_mark.line)
    end = node.end_mark
    stop = end.line if not lines.bodies[end.line : end.line + 1] or not _before(lines, end) else end.line + 1
    column = column_of(node)
    if is_mapping(node):
        starts = [key.start_mark.line for key, _ in node.value]
        values = [(key.value, value) for key, value in node.value]
        first = node.start_mark.line
        if any(key.start_mark.column != column for key, _ in node.value) or len({*starts}) < len(starts):
            message = "has keys that do not stand below each other"
            raise Odd(message, first)
    else:
        starts = _dashes(lines, node.start_mark.line, stop, column)
        values = [("", item) for item in node.value]
    if len(starts) != len(values):
        message = "has a list whose items do not stand below each other"
        raise Odd(message, node.start_mark.line)
    ends = [*starts[1:], stop]
    return [
        Entry(start, _content_end(lines, start, limit, value, column), key, value)
        for start, limit, (key, value) in zip(starts, ends, values, strict=True)
    ]


def column_of(node: Any) -> int:
    """The column at which the entries of a block collection begin."""
    mark = node.value[0][0].start_mark if is_mapping(node) else node.start_mark
    return int(mark.column)


def _before(lines: Lines, mark: Any) -> str:
    return lines.bodies[int(mark.line)][: int(mark.column)].strip()


def _dashes(lines: Lines, start: int, stop: int, column: int) -> list[int]:
    """Lines on which an item begins; the first may stand behind something else (`- - a`)."""
    dash = re.compile(rf" {{{column}}}-(?:\s|$)")
    return [start, *(index for index in range(start + 1, stop) if dash.match(lines.bodies[index]))]


def _content_end(lines: Lines, start: int, limit: int, value: Any, column: int) -> int:
    """After the last line of an entry: without blank lines and comments that lead what comes next."""
    lowest = max((line for line in _scalar_ends(value) if start <= line < limit), default=start) + 1
    stop = limit
    while stop > lowest and (lines.is_blank(stop - 1) or lines.bodies[stop - 1].lstrip().startswith("#")):
        stop -= 1
    while (
        stop < limit
        and lines.bodies[stop].lstrip().startswith("#")
        and indent_of(lines.bodies[stop]) > column
    ):
        stop += 1
    return stop


def _scalar_ends(node: Any) -> Iterator[int]:
    """The last lines of all block scalars in a node; what looks like a comment there is none."""
    if isinstance(node.value, str):
        if node.style in ("|", ">"):
            yield node.start_mark.line + _raw(node).rstrip().count("\n")
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _scalar_ends(part)


def _raw(node: Any) -> str:
    """A node as it is written."""
    return str(node.start_mark.buffer[node.start_mark.pointer : node.end_mark.pointer])


def leading(lines: Lines, start: int, lowest: int, column: int) -> int:
    """The first line of the comments right above an entry, indented like it; `lowest` at the least."""
    while start > lowest and lines.bodies[start - 1].lstrip().startswith("#"):
        if indent_of(lines.bodies[start - 1]) != column:
            break
        start -= 1
    return start


def indent_of(body: str) -> int:
    """How many columns a line is indented."""
    return len(body) - len(body.lstrip())
