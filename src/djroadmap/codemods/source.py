"""Whether a file can be edited at all: it parses, and LibCST gives back every byte of it."""

from __future__ import annotations

from functools import lru_cache

import libcst as cst

from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse


@lru_cache(maxsize=64)
def check(text: str) -> None:
    """Raises `SyntaxError` if `text` does not parse, `Unclear` if it does not survive a round trip."""
    parse(text)
    try:
        code = cst.parse_module(text).code
    except Exception as error:
        raise Unclear(None, f"LibCST cannot read this file ({type(error).__name__})") from error
    if code != text:
        line = next((n for n, (a, b) in enumerate(zip(code, text, strict=False)) if a != b), len(code))
        raise Unclear(
            text.count("\n", 0, line) + 1, "this file does not survive being parsed and written again"
        )
