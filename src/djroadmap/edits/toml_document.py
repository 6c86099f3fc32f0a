"""Where things stand in a TOML text: tomllib says what it means, a small scanner says where it is written."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Unrecognised
from djroadmap.regex import regex

from .textlines import line_at

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str, ...]

SPACE = regex(r"[ \t]*")
FILLER = regex(r"(?:[ \t\r\n]+|#[^\n]*)*")
KEY = regex(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
STRING = regex(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''',
    re.DOTALL,
)
BARE = regex(r"[^,\]}#\r\n]*[^,\]}#\s]")
BARE_KEY = regex(r"[A-Za-z0-9_-]+")


class Value(NamedTuple):
    """The span of a value, and for an array those of its elements."""

    start: int
    stop: int
    items: tuple[Value, ...] = ()


class Statement(NamedTuple):
    """A header, or a key with its value. It takes whole lines."""

    table: Path
    """The table it stands in, or that it opens."""
    key: Path
    """Its own, maybe dotted key; nothing for a header."""
    first: int
    """Index of its first line."""
    last: int
    """Index of its last line."""
    value: Value
    repeated: bool
    """Is it, or does it stand below, the header of an array of tables?"""

    @property
    def path(self) -> Path:
        """What it defines."""
        return self.table + self.key

    @property
    def is_header(self) -> bool:
        """Is it `[table]` or `[[table]]`?"""
        return not self.key


class Document(NamedTuple):
    """A TOML text, its data and its statements in order."""

    text: str
    data: dict[str, Any]
    statements: tuple[Statement, ...]

    def header(self, table: Path) -> Statement | None:
        """The line `[table]`."""
        return next((s for s in self.statements if s.is_header and s.table == table and not s.repeated), None)

    def find(self, path: Path) -> Statement | None:
        """The key whose full name is `path`, however it is divided into table and dotted key."""
        return next(
            (s for s in self.statements if not s.is_header and s.path == path and not s.repeated), None
        )

    def inside(self, table: Path) -> list[Statement]:
        """The keys that stand directly below the header `[table]` (or above all headers)."""
        return [s for s in self.statements if not s.is_header and s.table == table and not s.repeated]

    def raw(self, value: Value) -> str:
        """A value as it is written."""
        return self.text[value.start : value.stop]

    def quote(self, array: Value | None = None) -> str:
        """The quotation mark of the first string that could have either: in an array, else in the document."""
        every = (v for s in self.statements if not s.is_header for v in (s.value, *s.value.items))
        values = (*(array.items if array else ()), *every)
        raws = (raw for raw in map(self.raw, values) if raw[:1] == "'" or (raw[:1] == '"' and "'" not in raw))
        return next(raws, '"')[0]


def read_toml(text: str | None, *, path: str) -> Document:
    """The document. Raises `Unrecognised` if it is no TOML."""
    try:
        return _document(text or "")
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        why = f"does not read as TOML ({str(error).partition(' (at')[0].lower()})"
        raise Unrecognised(path=path, line=int(line[1]) if line else None, why=why) from None


def read_data(text: str | None) -> dict[str, Any]:
    """What the text means, nothing if it is no TOML or there is no file."""
    try:
        return _data(text or "")
    except tomllib.TOMLDecodeError:
        return {}


def look_up(data: Any, path: Iterable[str]) -> Any:
    """The value at a path, or None."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


@lru_cache(maxsize=8)
def _data(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


@lru_cache(maxsize=8)
def _document(text: str) -> Document:
    return Document(text, _data(text), tuple(_scan(text)))


@lru_cache(maxsize=64)
def parse_key(dotted: str) -> Path:
    """The parts of a dotted key: `tool."a.b".c` has three. Raises `ValueError` if it is none."""
    parts, stop = _key(dotted, 0)
    if stop != len(dotted):
        msg = f"no TOML key: {dotted!r}"
        raise ValueError(msg)
    return parts


def write_key(path: Iterable[str]) -> str:
    """A dotted key as TOML, quoted where it must be."""
    return ".".join(part if BARE_KEY.fullmatch(part) else write_string(part) for part in path)


def write_string(value: str, *, like: str = '"') -> str:
    """A string as TOML, in single quotes if `like` begins with one and the string allows it."""
    if like[:1] == "'" and not re.search(r"['\x00-\x08\x0a-\x1f\x7f]", value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


def write_value(value: Any, *, like: str = '"') -> str:
    """A string, number, boolean or sequence of them on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(write_value(item, like=like) for item in value)}]"
    return write_string(value, like=like) if isinstance(value, str) else str(value)


def _scan(text: str) -> Iterable[Statement]:
    """The statements of a text that tomllib accepts."""
    table: Path = ()
    repeated: set[Path] = set()
    position = _skip(FILLER, text, 0)
    while position < len(text):
        start = position
        if text[position] == "[":
            double = text.startswith("[[", position)
            table, position = _key(text, position + 1 + double)
            position += 1 + double
            if double:
                repeated.add(table)
            key: Path = ()
            value = Value(start, position)
        else:
            key, position = _key(text, position)
            value = _value(text, _skip(SPACE, text, position + 1))
            position = value.stop
        below = any(table[: len(other)] == other for other in repeated)
        first, last = line_at(text, start) - 1, line_at(text, position) - 1
        yield Statement(table, key, first, last, value, below)
        position = _skip(FILLER, text, position)


def _key(text: str, position: int) -> tuple[Path, int]:
    """A dotted key, and the position after it and the white space that follows."""
    parts: list[str] = []
    while True:
        match = KEY.match(text, _skip(SPACE, text, position))
        if not match:
            msg = f"no TOML key: {text!r}"
            raise ValueError(msg)
        raw = match[0]
        parts.append(tomllib.loads(f"x = {raw}")["x"] if raw[0] in "\"'" else raw)
        position = _skip(SPACE, text, match.end())
        if text[position : position + 1] != ".":
            return tuple(parts), position
        position += 1


def _value(text: str, start: int) -> Value:
    """The value that begins at `start`."""
    if text[start] not in "[{":
        match = STRING.match(text, start) if text[start] in "\"'" else BARE.match(text, start)
        return Value(start, match.end() if match else start)
    array = text[start] == "["
    items: list[Value] = []
    position = _skip(FILLER, text, start + 1)
    while text[position] not in "]}":
        if not array:
            position = _skip(SPACE, text, _key(text, position)[1] + 1)
        items.append(_value(text, position))
        position = _skip(FILLER, text, items[-1].stop)
        if text[position] == ",":
            position = _skip(FILLER, text, position + 1)
    return Value(start, position + 1, tuple(items) if array else ())


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
