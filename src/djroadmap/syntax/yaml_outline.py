"""A tolerant reader of YAML as configuration files are written: mappings, lists, scalars by indentation.

It is for facts only, so it is small and quick, knows no types (every scalar is a string) and never fails:
what it does not understand becomes a string or is left out. Edits go by a real YAML library.
"""

from __future__ import annotations

import re
from typing import Any

from djroadmap.regex import regex

BLOCK = regex(r"[|>][-+0-9]*$")
DECORATION = regex(r"(?:&(\S+)|!\S*)(?:\s+|$)")
MARKER = regex(r"^(?:---|\.\.\.)(?:\s|$)")
COMMENT = regex(r"(?:^|\s)#.*$")


def read(text: str, *, literal: bool = False) -> Any:
    """The first document of `text` as dicts, lists and strings; an empty dict if there is nothing in it.

    `literal`: without what stands behind anchors and aliases, since that is in more than one place.
    """
    try:
        return _Reader(text, literal=literal).document()
    except RecursionError:
        return {}


def listed(value: Any) -> list[Any]:
    """`value` if it is a list, a list of it if it is a scalar, else nothing."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) and value else []


class _Reader:
    def __init__(self, text: str, *, literal: bool) -> None:
        self.lines = text.splitlines()
        self.literal = literal
        self.at = 0
        self.anchors: dict[str, Any] = {}

    def document(self) -> Any:
        while self.at < len(self.lines) and (
            MARKER.match(self.lines[self.at]) or self.lines[self.at].startswith("%")
        ):
            self.at += 1
        found = self.block(0)
        return {} if found in ("", None) else found

    def peek(self) -> tuple[int, str] | None:
        """Indentation and content of the next line that says something."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            content = line.strip()
            if content and not content.startswith("#"):
                return None if MARKER.match(line) else (len(line) - len(line.lstrip()), content)
            self.at += 1
        return None

    def block(self, least: int) -> Any:
        """The node that starts at the next line, if that is indented by at least `least`."""
        ahead = self.peek()
        if ahead is None or ahead[0] < least:
            return ""
        indent, content = ahead
        if content == "-" or content.startswith("- "):
            return self.sequence(indent)
        if split_key(content) is not None:
            return self.mapping(indent)
        self.at += 1
        return self.value(content, indent - 1)

    def sequence(self, indent: int) -> list[Any]:
        found: list[Any] = []
        while (
            (ahead := self.peek()) is not None
            and ahead[0] == indent
            and (ahead[1] == "-" or ahead[1].startswith("- "))
        ):
            rest = ahead[1][1:].lstrip()
            if decoration := DECORATION.match(rest):
                rest = rest[decoration.end() :]
            if not rest or rest.startswith("#"):
                self.at += 1
                found.append(self.block(indent + 1))
            elif rest == "-" or rest.startswith("- ") or split_key(rest) is not None:
                width = len(self.lines[self.at].rstrip()) - len(ahead[1]) + ahead[1].index(rest, 1)
                self.lines[self.at] = " " * width + rest
                found.append(self.block(indent + 1))
            else:
                self.at += 1
                found.append(self.value(rest, indent))
        return found

    def mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Any] = []
        while (ahead := self.peek()) is not None and ahead[0] == indent:
            pair = split_key(ahead[1])
            if pair is None:
                if ahead[1].startswith("- "):
                    break
                self.at += 1  # not YAML that is understood: leave the line out
                continue
            self.at += 1
            key, rest = pair
            value = self.value(rest, indent, in_mapping=True)
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
            else:
                found[key] = value
        for table in merged:
            if isinstance(table, dict):
                found = {**table, **found}
        return found

    def value(self, rest: str, indent: int, *, in_mapping: bool = False) -> Any:
        """What stands behind a key or dash, on its line and on the lines below that belong to it."""
        if decoration := DECORATION.match(rest):
            value = self.value(rest[decoration.end() :], indent, in_mapping=in_mapping)
            if decoration[1] and self.literal:
                return ""
            if decoration[1]:
                self.anchors[decoration[1]] = value
            return value
        rest = uncommented(rest)
        if not rest:
            ahead = self.peek()
            below = ahead is not None and ahead[0] == indent and in_mapping and ahead[1].startswith("-")
            return self.block(indent if below else indent + 1)
        if rest.startswith("*"):
            return self.anchors.get(rest[1:].strip(), "")
        if BLOCK.match(rest):
            return self.scalar(indent, folded=rest[0] == ">")
        if rest[0] in "[{":
            return _Flow(self.gathered(rest, indent), self.anchors).node()
        if rest[0] in "\"'":
            return unquoted(self.gathered(rest, indent))
        return self.continued(rest, indent)

    def scalar(self, indent: int, *, folded: bool) -> str:
        found: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            found.append(line)
            self.at += 1
        margin = min((len(line) - len(line.lstrip()) for line in found if line.strip()), default=0)
        text = [line[margin:].rstrip() for line in found]
        return (" " if folded else "\n").join(text).strip("\n ")

    def gathered(self, rest: str, indent: int) -> str:
        """A flow or quoted node with the further lines it takes to close it."""
        while (
            not closed(rest)
            and (ahead := self.peek()) is not None
            and (ahead[0] > indent or ahead[1][0] in "]}")
        ):
            rest += " " + uncommented(ahead[1])
            self.at += 1
        return rest

    def continued(self, rest: str, indent: int) -> str:
        while (ahead := self.peek()) is not None and ahead[0] > indent:
            if split_key(ahead[1]) is not None:
                break
            rest += " " + uncommented(ahead[1])
            self.at += 1
        return rest


class _Flow:
    """`[a, b]` and `{a: b}`, from left to right."""

    def __init__(self, text: str, anchors: dict[str, Any]) -> None:
        self.text = text
        self.anchors = anchors
        self.at = 0

    def node(self) -> Any:
        self.blank()
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            return self.many("]")
        if opening == "{":
            pairs = self.many("}")
            return {key: value for key, value in pairs if isinstance(key, str)}
        return self.plain()

    def many(self, closing: str) -> list[Any]:
        self.at += 1
        found: list[Any] = []
        while True:
            self.blank()
            char = self.text[self.at : self.at + 1]
            if char in ("", closing):
                self.at += 1
                return found
            if char == ",":
                self.at += 1
                continue
            before = self.at
            key = self.node()
            self.blank()
            if closing == "}":
                value: Any = ""
                if self.text[self.at : self.at + 1] == ":":
                    self.at += 1
                    value = self.node()
                found.append((key if isinstance(key, str) else "", value))
            else:
                found.append(key)
            if self.at == before:
                self.at += 1

    def plain(self) -> Any:
        quote = self.text[self.at : self.at + 1]
        if quote and quote in "\"'":
            end = self.text.find(quote, self.at + 1)
            end = len(self.text) if end < 0 else end + 1
            found = unquoted(self.text[self.at : end])
            self.at = end
            return found
        match = re.compile(r"(?:[^,\]}:]|:(?!\s))*").match(self.text, self.at)
        found = match[0].strip() if match else ""
        self.at += len(match[0]) if match else 1
        return self.anchors.get(found[1:], "") if found.startswith("*") else found

    def blank(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1


def split_key(content: str) -> tuple[str, str] | None:
    """`key: rest` cut in two, or None if the line is no mapping entry."""
    if content[0] in "\"'":
        end = content.find(content[0], 1)
        after = content[end + 1 :].lstrip() if end > 0 else ""
        if after.startswith(":") and (len(after) == 1 or after[1].isspace()):
            return content[1:end], after[1:].strip()
        return None
    if content[0] in "[{#|>%@`" or content.startswith("- "):
        return None
    key, colon, rest = content.partition(": ")
    if not colon:
        bare = uncommented(content)
        return (bare[:-1].rstrip(), "") if bare.endswith(":") else None
    return None if " #" in key else (key.rstrip(), rest.strip())


def uncommented(text: str) -> str:
    """The text without the comment at its end, unless the `#` stands in quotes."""
    if "#" not in text:
        return text.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        return text.strip() if end < 0 else text[: end + 1] + COMMENT.sub("", text[end + 1 :]).rstrip()
    return COMMENT.sub("", text).strip()


def unquoted(text: str) -> str:
    """A quoted scalar without its quotes."""
    text = text.strip()
    if text[:1] == '"':
        return text[1:].removesuffix('"').replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    return text[1:].removesuffix("'").replace("''", "'") if text[:1] == "'" else text


def closed(text: str) -> bool:
    """Does a flow or quoted node end in `text`?"""
    if text[0] in "\"'":
        body = text[1:].replace('\\"', "") if text[0] == '"' else text[1:].replace("''", "")
        return text[0] in body
    depth, quote = 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "[{") - (char in "]}")
    return depth <= 0
