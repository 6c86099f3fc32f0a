"""What is put into a YAML text, and how it is written there: in the layout of the file."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from .yaml_document import Odd, column_of, compose, is_absent, is_mapping, is_sequence, plain

if TYPE_CHECKING:
    from collections.abc import Sequence


class Leaf(NamedTuple):
    """What is put in: an item of a sequence, or a named entry of a mapping."""

    name: str
    text: str

    @property
    def source(self) -> list[str]:
        """The text as lines without common indentation; an item has its dash."""
        source = textwrap.dedent(self.text.replace("\r\n", "\n")).strip("\n").split("\n")
        comments = next((i for i, line in enumerate(source) if not line.lstrip().startswith("#")), 0)
        if not self.name and not source[comments].startswith(("- ", "-\n")):
            body = source[comments:]
            source[comments:] = [f"- {body[0]}", *(f"  {line}" if line.strip() else "" for line in body[1:])]
        return [line.rstrip() for line in source]

    @property
    def comments(self) -> list[str]:
        """The comments above an item."""
        source = [] if self.name else self.source
        return source[: next((i for i, line in enumerate(source) if not line.startswith("#")), 0)]

    @property
    def data(self) -> Any:
        """What it means. Raises `Odd` if the text is no YAML."""
        whole = plain(compose("\n".join(self.source)))
        return whole if self.name else whole[0]

    @property
    def is_inline(self) -> bool:
        """Does the value of a named entry stand on the line of its key?"""
        node = compose("\n".join(self.source))
        block = (is_mapping(node) or is_sequence(node)) and not node.flow_style
        return not block and not self.source[0].startswith("#")


class Layout(NamedTuple):
    """How a file indents: a mapping below its key, and the dashes of a sequence below its key."""

    step: int = 2
    dash: int = 2


def layout_of(root: Any) -> Layout:
    """The layout of the first mapping and the first sequence below a key."""
    step = dash = None
    stack = [root]
    while stack and (step is None or dash is None):
        node = stack.pop()
        if is_mapping(node) and not node.flow_style:
            for key, value in node.value:
                below = not is_absent(value) and value.start_mark.line > key.start_mark.line
                if step is None and below and is_mapping(value) and value.anchor is None:
                    step = column_of(value) - key.start_mark.column
                if (
                    dash is None
                    and below
                    and is_sequence(value)
                    and not value.flow_style
                    and not value.anchor
                ):
                    dash = column_of(value) - key.start_mark.column
            stack += [value for _, value in reversed(node.value)]
        elif is_sequence(node):
            stack += reversed(node.value)
    return Layout(step or 2, 2 if dash is None else dash)


def rendered(rest: Sequence[str], leaf: Leaf, column: int, layout: Layout) -> list[str]:
    """The leaf as lines, below the keys that have to be made for it."""
    if rest:
        inner = column + (layout.step if len(rest) > 1 or leaf.name else layout.dash)
        return [f"{' ' * column}{write_key(rest[0])}:", *rendered(rest[1:], leaf, inner, layout)]
    source = leaf.source
    if not leaf.name:
        return _indented(source, column)
    if not leaf.is_inline:
        is_list = is_sequence(compose("\n".join(source)))
        inner = column + (layout.dash if is_list else layout.step)
        return [f"{' ' * column}{write_key(leaf.name)}:", *_indented(source, inner)]
    below = textwrap.dedent("\n".join(source[1:])).split("\n") if len(source) > 1 else []
    return [f"{' ' * column}{write_key(leaf.name)}: {source[0]}", *_indented(below, column + layout.step)]


def _indented(source: Sequence[str], column: int) -> list[str]:
    return [f"{' ' * column}{line}" if line else "" for line in source]


def write_key(name: str) -> str:
    """A key as YAML, quoted where it must be."""
    try:
        node = compose(f"{name}: x")
        fits = is_mapping(node) and not node.flow_style and plain(node) == {name: plain(compose("x"))}
    except Odd:
        fits = False
    return name if fits else json.dumps(name)
