"""Quotes: which ones a file uses, and code given in double quotes put into those."""

from __future__ import annotations

import ast
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from .reading import Offsets, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

Quote = Literal["'", '"']


def string(value: str, quote: Quote) -> str:
    """A string literal of `value`, in these quotes where they need no escapes."""
    if value.isprintable() and quote not in value and "\\" not in value:
        return f"{quote}{value}{quote}"
    return repr(value)


@lru_cache(maxsize=256)
def quote_of(text: str) -> Quote:
    """The quotes that most strings of the file are written in; double ones if nothing tells."""
    return _most(Offsets.of(text), ast.walk(parse(text))) or '"'


def quote_near(text: str, nodes: Iterable[ast.expr]) -> Quote:
    """The quotes of the first of `nodes` that holds a string, else those of the file."""
    offsets = Offsets.of(text)
    for node in nodes:
        found = _most(offsets, ast.walk(node))
        if found:
            return found
    return quote_of(text)


def requote(code: str, quote: Quote) -> str:
    """`code` with its plain strings in these quotes; triple quotes and what would need escapes are kept."""
    import tokenize  # noqa: PLC0415 - only what writes pays for it

    other = '"' if quote == "'" else "'"
    pieces = []
    lines = code.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.STRING:
            continue
        body = token.string.lstrip("rRbBuU")
        inner = body[1:-1]
        plain = body[0] == other and not body.startswith(other * 3)
        if plain and quote not in inner and "\\" not in inner:
            prefix = token.string[: len(token.string) - len(body)]
            begin = starts[token.start[0] - 1] + token.start[1]
            pieces.append((begin, begin + len(token.string), f"{prefix}{quote}{inner}{quote}"))
    for begin, end, new in reversed(pieces):
        code = code[:begin] + new + code[end:]
    return code


def _most(offsets: Offsets, nodes: Iterable[ast.AST]) -> Quote | None:
    single = double = 0
    for node in nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        start, _ = offsets.span(node)
        body = offsets.text[start : start + 5].lstrip("rRbBuU")
        if body.startswith(('"""', "'''")):
            continue
        single += body.startswith("'")
        double += body.startswith('"')
    if single == double == 0:
        return None
    return "'" if single > double else '"'
