"""How a workflow writes the names of its steps, and when a text of YAML takes quotes."""

from __future__ import annotations

import re

from djroadmap.regex import regex

NAME = regex(r"^\s*(?:-\s+)?name:[ \t]*(\S.*?)[ \t]*(?:\s#.*)?$", re.MULTILINE)
SAFE = regex(r"(?:[A-Za-z0-9_./$(~]|-(?=\S))(?:(?!: |:$| #)[^\n\r\t])*")


def titled(name: str, text: str) -> str:
    """`name` in the capitals and quotes that the names in `text` have."""
    names = NAME.findall(text)
    plain = [found.strip("\"'") for found in names]
    words = [
        word for found in plain for word in found.split()[1:] if re.fullmatch(r"[A-Za-z][a-z]{2,}", word)
    ]
    # Some write words as they are: Python, Poetry. So it takes more than half of all words.
    if words and 2 * sum(word[0].isupper() for word in words) < len(words):
        start, *rest = name.split()
        name = " ".join([start, *map(_lowered, rest)])
    first = [found[0] for found in plain if " " in found and found[0].isascii() and found[0].isalpha()]
    if first and 2 * sum(char.islower() for char in first) > len(plain):
        start, *rest = name.split()
        name = " ".join([_lowered(start), *rest])
    for quote in "\"'":
        if names and 2 * sum(found.startswith(quote) for found in names) > len(names):
            return f"{quote}{name}{quote}"
    return name


def _lowered(word: str) -> str:
    """A word without its capital; names like OpenAPI keep theirs."""
    return word.lower() if word.istitle() else word


def quoted(text: str) -> str:
    """A text as a scalar of YAML, in quotes only where it must be."""
    if (
        SAFE.fullmatch(text)
        and not text.endswith(" ")
        and text.lower() not in {"true", "false", "yes", "no", "on", "off", "null"}
    ):
        return text
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    import json  # noqa: PLC0415 - only a text with quotes pays for it

    return json.dumps(text, ensure_ascii=False)
