"""Entries put into and taken out of a YAML text as lines, in the layout of their neighbours."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from djroadmap.syntax.sequence import CommaFirst, insert, remove, scan

from .textlines import Lines
from .yaml_document import (
    NULL,
    Odd,
    column_of,
    compose,
    entries_of,
    follow,
    is_absent,
    is_mapping,
    is_sequence,
    leading,
    plain,
)
from .yaml_leaf import layout_of, rendered, write_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .yaml_document import Entry, Found, Keys
    from .yaml_leaf import Layout, Leaf


def add(text: str, keys: Keys, leaf: Leaf, *, before: str = "", after: str = "", shared: bool = False) -> str:
    """The text with `leaf` in the collection at `keys`; keys that are missing are made.

    It goes to the end, or `before` or `after` a sibling. Raises `Odd` where that cannot be done safely, as in a
    collection that other places take over by an alias, unless they are to have it as well (`shared`).
    """
    lines = Lines(text)
    root = compose(text)
    found = follow(root, keys)
    rest = tuple(str(key) for key in keys[len(found.steps) :])
    node = found.node
    if rest and (is_sequence(node) or any(isinstance(key, int) for key in keys[len(found.steps) :])):
        message = f"has no {_written_path(keys)}"
        raise Odd(message, None if found.key is None else found.key.start_mark.line)
    index = None
    if is_absent(node):
        _fill(lines, found, rest, leaf, layout_of(root))
    elif is_mapping(node) == bool(rest or leaf.name) and (is_mapping(node) or is_sequence(node)):
        index = len(node.value)
        if node.flow_style:
            lines = Lines(_add_to_flow(text, node, rest, leaf))
        else:
            index = _add_to_block(
                lines, found, rest, leaf, layout_of(root), before=before, after=after, shared=shared
            )
    else:
        message = f"has something else at {_written_path(found.steps)}"
        raise Odd(message, None if found.key is None else found.key.start_mark.line)
    expected = _with(plain(root, aliases=shared), found.steps, rest, leaf, index)
    return _proven(str(lines), expected, aliases=shared)


def take_out(
    text: str,
    keys: Keys,
    name: str | int,
    *,
    comments: Sequence[str],
    before: bool,
    kept: int,
    shared: bool = False,
) -> str:
    """The text without an entry, and without the keys above it that lead to nothing else now.

    `kept` keys from the start were there before, even though they led to nothing (-1: none). `shared`: what is taken
    over by an alias elsewhere changes along.
    Raises `Odd` where that cannot be done safely.
    """
    while True:
        lines = Lines(text)
        root = compose(text)
        found = follow(root, keys)
        node = found.node
        if node.flow_style:
            return _take_from_flow(text, node, name)
        entries = entries_of(lines, node, shared=shared)
        index = name if isinstance(name, int) else next(i for i, e in enumerate(entries) if e.key == name)
        _cut(lines, entries, index, comments=comments, before=before, top=_is_top(found))
        expected = _without(plain(root, aliases=shared), found.steps, name)
        text = _proven(str(lines), expected, aliases=shared)
        if len(entries) > 1 or len(keys) in (0, kept) or isinstance(found.steps[-1], int):
            return text
        keys, name, comments, before = keys[:-1], str(keys[-1]), (), False
        parents = entries_of(Lines(text), follow(compose(text), keys).node)
        parent = next(entry for entry in parents if entry.key == name)
        if parent.stop > parent.start + 1:
            return text


def _fill(lines: Lines, found: Found, rest: Sequence[str], leaf: Leaf, layout: Layout) -> None:
    """Put the leaf where nothing stands yet: in an empty document, or behind a key without a value."""
    if found.key is None:
        lines.insert(lines.end(), rendered(rest, leaf, 0, layout))
        return
    if isinstance(found.steps[-1], int):
        message = "has an empty item there"
        raise Odd(message, found.key.start_mark.line)
    column = found.key.start_mark.column + (layout.step if rest or leaf.name else layout.dash)
    lines.insert(found.key.start_mark.line + 1, rendered(rest, leaf, column, layout))


def _add_to_block(
    lines: Lines,
    found: Found,
    rest: Sequence[str],
    leaf: Leaf,
    layout: Layout,
    *,
    before: str,
    after: str,
    shared: bool,
) -> int:
    """Insert into a block collection; the index that the new entry has then."""
    node = found.node
    entries = entries_of(lines, node, shared=shared)
    column = column_of(node)
    new = rendered(rest, leaf, column, layout)
    blank = [""] if _is_spaced(lines, entries, top=_is_top(found)) else []
    if before and not rest:
        index = sibling(lines, entries, before)
        start = entries[index].start
        if lines.bodies[start][:column].strip():
            message = "begins on the line of a dash, so nothing is put before it"
            raise Odd(message, start)
        lowest = entries[index - 1].stop if index else 0
        lines.insert(leading(lines, start, lowest, column), [*new, *blank])
        return index
    index = sibling(lines, entries, after) if after and not rest else len(entries) - 1
    lines.insert(entries[index].stop, [*blank, *new])
    return index + 1


def _add_to_flow(text: str, node: Any, rest: Sequence[str], leaf: Leaf) -> str:
    source = leaf.source
    if rest or len(source) > 1 or (leaf.name and not leaf.is_inline):
        message = "has brackets there, in which several lines do not fit"
        raise Odd(message, node.start_mark.line)
    code = f"{write_key(leaf.name)}: {source[0]}" if leaf.name else source[0].removeprefix("- ")
    try:
        return insert(_flow(text, node), len(node.value), code)
    except (CommaFirst, ValueError):
        message = "has brackets there that are laid out oddly"
        raise Odd(message, node.start_mark.line) from None


def _take_from_flow(text: str, node: Any, name: str | int) -> str:
    index = (
        name
        if isinstance(name, int)
        else next(i for i, (key, _) in enumerate(node.value) if key.value == name)
    )
    try:
        return remove(_flow(text, node), index)
    except (CommaFirst, ValueError):
        message = "has brackets there that are laid out oddly"
        raise Odd(message, node.start_mark.line) from None


def _flow(text: str, node: Any) -> Any:
    pairs = node.value if is_mapping(node) else [(item, item) for item in node.value]
    spans = tuple((a.start_mark.index, b.end_mark.index) for a, b in pairs)
    opening = text.index("{" if is_mapping(node) else "[", node.start_mark.index)
    bracket = "{" if is_mapping(node) else "["
    return scan(text, opening + 1, node.end_mark.index - 1, spans, bracket=bracket)  # type: ignore[arg-type]


def sibling(lines: Lines, entries: Sequence[Entry], wanted: str) -> int:
    """The index of the entry that is meant: by key, by one of its values, or by a piece of its text.

    Raises `Odd` if there is none, or more than one.
    """
    found = [i for i, entry in enumerate(entries) if wanted == entry.key or wanted in _values(entry.value)]
    if not found:
        texts = ["\n".join(lines.bodies[entry.start : entry.stop]) for entry in entries]
        found = [i for i, text in enumerate(texts) if wanted in text]
        if not found:  # a folded text goes on over several lines
            found = [i for i, text in enumerate(texts) if " ".join(wanted.split()) in " ".join(text.split())]
    if len(found) == 1:
        return found[0]
    if found:
        message = f'has more than one entry with "{wanted}"'
        raise Odd(message, entries[found[1]].start)
    message = f'has no entry with "{wanted}"'
    raise Odd(message, entries[0].start)


def _values(node: Any) -> list[str]:
    if is_mapping(node):
        return [value.value for _, value in node.value if isinstance(value.value, str)]
    return [node.value] if node is not None and isinstance(node.value, str) else []


def _cut(
    lines: Lines, entries: Sequence[Entry], index: int, *, comments: Sequence[str], before: bool, top: bool
) -> None:
    """Take the lines of one entry out, with its comments and the blank line it owns."""
    start, stop, *_ = entries[index]
    above = [body.strip() for body in lines.bodies[max(0, start - len(comments)) : start]]
    if above == list(comments):
        start -= len(comments)
    if _is_spaced(lines, entries, skip=index, before=before, top=top):
        last = index == len(entries) - 1
        if not last and (before or not index) and lines.is_blank(stop):
            stop += 1
        elif index and lines.is_blank(start - 1):
            start -= 1
    lines.remove(start, stop)


def _is_spaced(
    lines: Lines, entries: Sequence[Entry], *, skip: int = -1, before: bool = False, top: bool = False
) -> bool:
    """Do blank lines stand between the entries? Those of several lines decide if there are any.

    `skip` is the entry in question, which has no say (nor has its own blank line). With nothing to go
    by, only what is at the `top` of a file is set apart.
    """
    gaps: list[tuple[bool, bool]] = []
    others = [(i, entry) for i, entry in enumerate(entries) if i != skip]
    for (i, first), (j, second) in pairwise(others):
        begin, end = first.stop, second.start
        if j - i > 1:
            begin, end = (begin, entries[skip].start) if before else (entries[skip].stop, end)
        tall = first.stop - first.start > 1 or second.stop - second.start > 1
        gaps.append((tall, any(map(lines.is_blank, range(begin, end)))))
    telling = [blank for tall, blank in gaps if tall] or [blank for _, blank in gaps]
    return sum(telling) * 2 >= len(telling) if telling else top


def _is_top(found: Found) -> bool:
    return is_mapping(found.node) and len(found.steps) <= 1


def _written_path(keys: Keys) -> str:
    return ".".join(str(key) for key in keys) or "the top"


def _with(data: Any, steps: Sequence[str | int], rest: Sequence[str], leaf: Leaf, index: int | None) -> Any:
    """The data as it should be with the leaf."""
    if steps:
        data = copy.copy(data)
        data[steps[0]] = _with(data[steps[0]], steps[1:], rest, leaf, index)
        return data
    name, value = leaf.name, leaf.data
    for key in reversed(rest):
        name, value = key, {name: value} if name else [value]
    if data == NULL:
        return {name: value} if name else [value]
    if name:
        return {**data, name: value}
    return [*data[:index], value, *data[index:]]


def _without(data: Any, steps: Sequence[str | int], name: str | int) -> Any:
    """The data as it should be without an entry; an empty collection is nothing."""
    data = copy.copy(data)
    if steps:
        data[steps[0]] = _without(data[steps[0]], steps[1:], name)
        return data
    del data[name]
    return data or NULL


def _proven(text: str, expected: Any, *, aliases: bool = False) -> str:
    """The text itself, if it means just what it should. Raises `Odd` otherwise."""
    try:
        same = plain(compose(text), aliases=aliases) == expected
    except Odd:
        same = False
    if not same:
        message = "is written in a way that djroadmap cannot change safely"
        raise Odd(message)
    return text
