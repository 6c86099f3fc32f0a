"""Base classes put into the head of a class, and taken out again."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import NamedTuple

from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import Offsets, dotted, parse

from .source import check


class Head(NamedTuple):
    """Where the head of a class can be changed, as indices of the text."""

    name_end: int
    """Behind the name and its type parameters."""
    opening: int | None
    """Behind the opening parenthesis, if there is one."""
    closing: int | None
    arguments: tuple[tuple[str, int, int], ...]
    """Bases and keywords in order: the dotted name ("" for other expressions), start and end."""

    @property
    def end(self) -> int:
        """Behind what the head consists of; only blanks stand between it and the colon."""
        return self.name_end if self.closing is None else self.closing + 1


def insert_base(text: str, name: str, base: str) -> str:
    """`text` with `base` as the first base of the class. Raises `Unclear`, `SyntaxError`."""
    head = _head(text, name)
    if head.opening is None:
        return f"{text[: head.name_end]}({base}){text[head.name_end :]}"
    at = head.arguments[0][1] if head.arguments else head.opening
    return f"{text[:at]}{base}{', ' if head.arguments else ''}{text[at:]}"


def has_empty_parentheses(text: str, name: str) -> bool:
    """Is it `class Name():`? Raises `Unclear`, `SyntaxError`."""
    head = _head(text, name)
    return head.opening is not None and not head.arguments


def drop_base(text: str, name: str, base: str, *, parentheses: bool) -> str:
    """`text` without that base; empty `parentheses` stay if they were there before. Raises `Unclear`."""
    head = _head(text, name)
    arguments = head.arguments
    at = next((at for at, argument in enumerate(arguments) if argument[0] == base), None)
    if at is None:
        return text
    _, start, end = arguments[at]
    if len(arguments) == 1:
        if not parentheses and head.closing is not None:
            return text[: head.name_end] + text[head.closing + 1 :]
        return text[:start] + text[end:]
    if at + 1 < len(arguments):
        return text[:start] + text[arguments[at + 1][1] :]
    return text[: arguments[at - 1][2]] + text[end:]


def find_comment(text: str, name: str, comment: str) -> str:
    """The comment, with the blanks before it, if it is all that stands behind the head; else "". Raises `Unclear`."""
    found = _tail(text, name)[1] if comment else ""
    return found if found.strip() == comment else ""


def drop_comment(text: str, name: str, comment: str) -> str:
    """`text` without the comment, if it is all that stands behind the head. Raises `Unclear`."""
    found = find_comment(text, name, comment)
    at = _tail(text, name)[0] if found else 0
    return text[:at] + text[at + len(found) :]


def insert_comment(text: str, name: str, comment: str) -> str:
    """`text` with the comment behind the head, if nothing else is there. Raises `Unclear`."""
    if not comment:
        return text
    at, tail = _tail(text, name)
    return text if tail.strip() else text[:at] + comment + text[at:]


def _tail(text: str, name: str) -> tuple[int, str]:
    """Where the colon of the head ends, and the rest of its line."""
    at = text.index(":", _head(text, name).end) + 1
    return at, re.split(r"[\r\n]", text[at:], maxsplit=1)[0]


def _head(text: str, name: str) -> Head:
    check(text)
    found = [node for node in parse(text).body if isinstance(node, ast.ClassDef) and node.name == name]
    if len(found) != 1:
        why = f"there is no class {name} at the top level" if not found else f"there are two classes {name}"
        raise Unclear(found[1].lineno if found else None, why)
    offsets = Offsets.of(text)
    nodes = [(dotted(node) or "", *offsets.span(node)) for node in found[0].bases]
    nodes += [("", *offsets.span(node)) for node in found[0].keywords]
    start = offsets.starts[found[0].lineno - 1]
    name_end, opening, closing = _marks(text[start:])
    return Head(
        start + name_end,
        None if opening is None else start + opening,
        None if closing is None else start + closing,
        tuple(sorted(nodes, key=lambda node: node[1])),
    )


def _marks(text: str) -> tuple[int, int | None, int | None]:
    """The end of the name, and the parentheses, in a text that begins with a class."""
    offsets = Offsets.of(text)
    depth, name_end, opening = 0, 0, None
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        end = offsets.starts[token.end[0] - 1] + token.end[1]
        if token.type == tokenize.NAME and token.string != "class" and not depth and not name_end:
            name_end = end
        elif token.string in {"(", "["}:
            if not depth and token.string == "(":
                opening = end
            depth += 1
        elif token.string in {")", "]"}:
            depth -= 1
            if not depth and token.string == ")":
                return name_end, opening, end - 1
            name_end = end if not depth else name_end
        elif token.string == ":" and not depth:
            break
    return name_end, None, None
