"""Edits of INI files: a section, an option, or a line of one. Values are read as configparser reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import BOUND, Lines, block_lines, emptied

HEADER = re.compile(r"\[(?P<name>.+)\]")
DELIMITER = re.compile(r"\s*[^=:]*?(\s*)([=:])(\s*)(\S?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class IniSection(Edit):
    """A section with all its options, appended to the file."""

    kind: ClassVar[str] = "ini-section"
    varies: ClassVar[tuple[str, ...]] = ("body",)
    section: str
    body: str
    """The text below the header."""
    blank: bool = field(default=False, metadata=BOUND)
    """The file was there before, and empty."""

    @property
    def lines(self) -> list[str]:
        """The header and the body."""
        return block_lines(f"[{self.section}]\n{self.body}")

    def holds(self, text: str | None) -> bool:
        """Has the section all the options, with these values?"""
        wanted = read_ini("\n".join(self.lines), path=self.path)[self.section]
        return wanted.items() <= _read_or_empty(text).get(self.section, {}).items() and self.kept(text)

    def kept(self, text: str | None) -> bool:
        """Is there such a section?"""
        return self.section in _read_or_empty(text)

    def bind(self, text: str | None) -> Self:
        """Remember that the file was there, empty."""
        return self.with_(blank=True) if text == "" else self

    def apply(self, text: str | None) -> str | None:
        """Append the section. Raises `Unrecognised` if it is there, but differs, or nothing can be read."""
        if self.holds(text):
            return text
        lines = Lines(text or "")
        read_ini(text or "", path=self.path)
        if part := _section(lines, self.section):
            why = f"[{self.section}] is there already, with other options"
            raise Unrecognised(path=self.path, line=part.start + 1, why=why, snippet="\n".join(self.lines))
        lines.append_paragraph(self.lines)
        return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take the section out. Raises `CannotRevert` if it was edited."""
        if text is None:
            return None
        lines = Lines(text)
        part = _section(lines, self.section)
        if part is None:
            return text
        found = lines.find(self.lines)
        if found != part.start or part.stop > found + len(self.lines):
            why = f"[{self.section}] was edited since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=part.start + 1, why=why)
        lines.remove_paragraph(found, found + len(self.lines))
        return emptied(str(lines), keep=self.blank)

    def describe(self) -> str:
        """`[importlinter] in .importlinter`."""
        return f"[{self.section}] in {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IniOption(Edit):
    """One option of a section, which is appended if there is none."""

    kind: ClassVar[str] = "ini-option"
    varies: ClassVar[tuple[str, ...]] = ("value",)
    section: str
    name: str
    value: str
    empty: str = field(default="", metadata=BOUND)
    """What was there before, but empty, and so stays: `file` or `section`."""

    def holds(self, text: str | None) -> bool:
        """Has the option this value?"""
        found = _read_or_empty(text).get(self.section, {}).get(self.name.lower())
        return found is not None and found == _normal(self.value)

    def kept(self, text: str | None) -> bool:
        """Is there such an option, whatever its value?"""
        return self.name.lower() in _read_or_empty(text).get(self.section, {})

    def bind(self, text: str | None) -> Self:
        """Remember an empty file or section."""
        if text == "":
            return self.with_(empty="file")
        part = _section(Lines(text or ""), self.section)
        return self.with_(empty="section") if part is not None and not part.options else self

    def apply(self, text: str | None) -> str | None:
        """Add the option. Raises `Unrecognised` if it has another value, or the file does not parse."""
        if self.holds(text):
            return text
        lines = Lines(text or "")
        read_ini(text or "", path=self.path)
        new = _written(lines, self.section, self.name, self.value)
        part = _section(lines, self.section)
        if part is None:
            lines.append_paragraph([f"[{self.section}]", *new])
            return str(lines)
        if option := part.option(self.name):
            why = f"{self.name} in [{self.section}] has another value"
            raise Unrecognised(path=self.path, line=option.start + 1, why=why, snippet="\n".join(new))
        lines.insert(part.stop, new)
        return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take the option out, and the section if nothing is left. Raises `CannotRevert` if it changed."""
        if text is None:
            return None
        lines = Lines(text)
        part = _section(lines, self.section)
        option = part.option(self.name) if part else None
        if part is None or option is None:
            return text
        if not self.holds(text):
            why = f"{self.name} was changed since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=option.start + 1, why=why)
        lines.remove(option.start, option.stop)
        below = part.start + 1
        if (
            len(part.options) == 1
            and self.empty != "section"
            and (below == len(lines) or lines.is_blank(below))
        ):
            lines.remove_paragraph(part.start, below)
        return emptied(str(lines), keep=self.empty == "file")

    def describe(self) -> str:
        """`mypy.strict in setup.cfg`."""
        return f"{self.section}.{self.name} in {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IniItem(Edit):
    """One line in an option that is a list with a line for each item; the option is made if there is none."""

    kind: ClassVar[str] = "ini-item"
    section: str
    name: str
    value: str
    stays: bool = field(default=False, metadata=BOUND)
    """The option was there before, and empty."""

    def holds(self, text: str | None) -> bool:
        """Is there such a line?"""
        value = _read_or_empty(text).get(self.section, {}).get(self.name.lower())
        return self.value in (value or "").split("\n")

    def bind(self, text: str | None) -> Self:
        """Remember an option that is there, and empty."""
        lines = Lines(text or "")
        part = _section(lines, self.section)
        option = part.option(self.name) if part else None
        return self.with_(stays=True) if option and not _items(lines, option) else self

    def apply(self, text: str | None) -> str | None:
        """Add the line: in its place if the list is sorted, else at the end. Raises `Unrecognised`."""
        if self.holds(text):
            return text
        lines = Lines(text or "")
        read_ini(text or "", path=self.path)
        part = _section(lines, self.section)
        if part is None:
            why = f"there is no [{self.section}]"
            raise Unrecognised(path=self.path, line=None, why=why, snippet=self.value)
        option = part.option(self.name)
        if option is None:
            lines.insert(part.stop, _written(lines, self.section, self.name, f"\n{self.value}"))
            return str(lines)
        if not re.search(r"[=:]", lines.bodies[option.start]):
            why = f"{self.name} in [{self.section}] is no list"
            raise Unrecognised(path=self.path, line=option.start + 1, why=why, snippet=self.value)
        items = _items(lines, option)
        values = [value for _, value in items]
        above = [at for at, value in items if value < self.value or values != sorted(values)]
        rows = [lines.bodies[at] for at, _ in items if at > option.start]
        indent = next((row[: len(row) - len(row.lstrip())] for row in rows), "    ")
        lines.insert((above[-1] if above else option.start) + 1, [f"{indent}{self.value}"])
        return str(lines)

    def revert(self, text: str | None) -> str | None:
        """Take the line out, and the option if nothing is left. Raises `CannotRevert` if it was moved."""
        if text is None or not self.holds(text):
            return text
        lines = Lines(text)
        part = _section(lines, self.section)
        option = part.option(self.name) if part else None
        items = _items(lines, option) if option else []
        at = next(at for at, value in items if value == self.value)
        if option is not None and at == option.start:
            why = f"{self.value} was moved since djroadmap wrote it, so it is kept"
            raise CannotRevert(path=self.path, line=at + 1, why=why)
        lines.remove(at, at + 1)
        if option is not None and len(items) == 1 and not self.stays:
            lines.remove(option.start, option.start + 1)
        return str(lines)

    def describe(self) -> str:
        """`shop.billing in importlinter:contract:kernel.modules`."""
        return f"{self.value} in {self.section}.{self.name}"


def read_ini(text: str, *, path: str) -> dict[str, dict[str, str | None]]:
    """Sections, lower-case option names and values. Raises `Unrecognised` if they cannot be read."""
    import configparser  # noqa: PLC0415 - only projects with INI files pay for it

    parser = configparser.RawConfigParser(allow_no_value=True, default_section="\0")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((n for n, _ in getattr(error, "errors", ())), None)
        why = f"does not read as an INI file ({type(error).__name__})"
        raise Unrecognised(path=path, line=line, why=why) from None
    return {
        name: {key: None if value is None else _normal(value) for key, value in parser.items(name)}
        for name in parser.sections()
    }


class _Option(NamedTuple):
    key: str
    start: int
    stop: int


class _Section(NamedTuple):
    name: str
    start: int
    options: list[_Option]

    @property
    def stop(self) -> int:
        """After its last option."""
        return self.options[-1].stop if self.options else self.start + 1

    def option(self, key: str) -> _Option | None:
        """The lines of an option, if it is there."""
        return next((option for option in self.options if option.key == key.lower()), None)


def _sections(lines: Lines) -> list[_Section]:
    """The sections of a file that configparser can read, and the lines of their options."""
    found: list[_Section] = []
    indent = 0
    for index, body in enumerate(lines.bodies):
        stripped = body.strip()
        if not stripped or stripped[0] in "#;":
            continue
        column = len(body) - len(body.lstrip())
        options = found[-1].options if found else []
        if options and column > indent:
            options[-1] = options[-1]._replace(stop=index + 1)
        elif header := HEADER.match(stripped):
            found.append(_Section(header["name"], index, []))
        else:
            options.append(
                _Option(re.split(r"[=:]", stripped, maxsplit=1)[0].strip().lower(), index, index + 1)
            )
            indent = column
    return found


def _written(lines: Lines, section: str, name: str, value: str) -> list[str]:
    """An option as lines, with the delimiter of its neighbours."""
    parts = sorted(_sections(lines), key=lambda part: part.name != section)
    heads = (lines.bodies[option.start] for part in parts for option in part.options)
    found = next((match for match in map(DELIMITER.match, heads) if match), None)
    before, sign, after = (
        (found[1], found[2], found[3] if found[4] else found[1]) if found else (" ", "=", " ")
    )
    head, *rest = value.split("\n")
    first = f"{name}{before}{sign}{after}{head.strip()}".rstrip()
    return [first, *(f"    {line.strip()}" for line in rest if line.strip())]


def _items(lines: Lines, option: _Option) -> list[tuple[int, str]]:
    """The lines of an option that hold an item, and the items: what stands behind the delimiter is one, too."""
    head = re.split(r"[=:]", lines.bodies[option.start], maxsplit=1)[1:]
    rows = [(option.start, "".join(head).strip())]
    rows += [(at, lines.bodies[at].strip()) for at in range(option.start + 1, option.stop)]
    return [(at, row) for at, row in rows if row and row[0] not in "#;"]


def _section(lines: Lines, name: str) -> _Section | None:
    return next((section for section in _sections(lines) if section.name == name), None)


def _read_or_empty(text: str | None) -> dict[str, dict[str, str | None]]:
    try:
        return read_ini(text or "", path="")
    except Unrecognised:
        return {}


def _normal(value: str) -> str:
    return "\n".join(line.strip() for line in value.split("\n") if line.strip())
