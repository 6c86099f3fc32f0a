"""What shell scripts expect of the environment, and what they put into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.containers import numbered
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import RelPath

NOUNSET = regex(r"(?m)^\s*set\s+(?:[^#\n]*\s)?(?:-[a-tv-z]*u[a-z]*\b|-o\s+nounset\b)|^#!.*\s-[a-z]*u")
EXPANSION = regex(r"\\.|\$(?:\{([#!]?)(\w+)([^}]*)\}|([A-Za-z_]\w*))")
ASSIGNMENT = regex(
    r"^(?:(?:export|readonly|declare|local|typeset)\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)\+?=(.*)$", re.DOTALL
)
LEADING = regex(r"^(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|\$\([^)]*\)|[^\s\"'(]*)\s+)+(?=\S)")
EXPORT = regex(r"^(?:export|declare\s+-x)\s")
EXPORTED = regex(r"^export\s+((?:[A-Za-z_]\w*\s*)+)$")
SINGLE = regex(r"'[^']*'")
DOUBLE = regex(r"\"(?:\\.|[^\"\\])*\"")
BOUND = regex(r"^(?:for\s+(\w+)\b|read\s+(?:-\w+\s+)*(\w+))")
OPENING = regex(
    r"^(?:then\s+|do\s+|else\s+)?(?:if|for|while|until|case|select)\b|^(?:function\s+)?[\w-]+\s*\(\)\s*\{?"
)
CLOSING = regex(r"^(?:(?:fi|done|esac)\b|\})")
TEST = regex(r"^(?:\[|test\s|\(\()")
DEFAULT = regex(r"(:?[-=])(.*)", re.DOTALL)
NONE = "\0"
"""Stands for a default that is nothing."""
SHELLS_OWN = frozenset(
    [
        "BASH",
        "BASHPID",
        "BASH_SOURCE",
        "BASH_VERSION",
        "EUID",
        "FUNCNAME",
        "HOME",
        "HOSTNAME",
        "IFS",
        "LINENO",
        "OLDPWD",
        "OPTARG",
        "OPTIND",
        "OSTYPE",
        "PATH",
        "PPID",
        "PWD",
        "RANDOM",
        "REPLY",
        "SECONDS",
        "SHELL",
        "SHLVL",
        "TERM",
        "UID",
    ]
)
"""What a shell or a container sets by itself."""


class Expansion(NamedTuple):
    """One variable that a script expands before it sets it."""

    name: str
    path: RelPath
    line: int
    required: bool
    """The script stops without it."""
    default: str | None = None
    into: str = ""
    """The variable that it is put into."""
    guarded: bool = False
    """Does the script say what to do without it?"""


class Script(NamedTuple):
    """What a script expects and what it exports."""

    expansions: tuple[Expansion, ...]
    exported: tuple[str, ...]
    """Always, for whatever it runs."""
    defaults: tuple[str, ...] = ()
    """Variables that it sets where they are not given."""
    literal: tuple[tuple[str, str], ...] = ()
    """Variables that it always sets, with a plain value."""
    moves: bool = False
    """Does it change the folder?"""


def script_of(text: str, path: RelPath, known: Iterable[str] = ()) -> Script:
    """Read the script at `path`. `known`: variables that are set when it starts."""
    reader = _Reader(path, known, strict=NOUNSET.search(text) is not None)
    for line, command in numbered(text):
        reader.command(line, command.strip())
    return reader.script


class _Reader:
    """Follows a script from top to bottom: what it expands before it is set, and what is always set."""

    def __init__(self, path: RelPath, known: Iterable[str], *, strict: bool) -> None:
        self.path = path
        self.strict = strict
        self.held = {*known, *SHELLS_OWN}
        self.found: list[Expansion] = []
        self.exported: dict[str, None] = {}
        self.defaults: dict[str, None] = {}
        self.literal: dict[str, str] = {}
        self.depth = 0
        self.before = (0, "")
        self.moves = False

    @property
    def script(self) -> Script:
        """What was found."""
        return Script(
            expansions=tuple(self.found),
            exported=tuple(self.exported),
            defaults=tuple(self.defaults),
            literal=tuple(self.literal.items()),
            moves=self.moves,
        )

    def command(self, line: int, command: str) -> None:
        """Follow one command."""
        tested = self.before[0] == line and TEST.match(self.before[1]) is not None
        conditional = self.depth > 0 or tested
        self.before = (line, command)
        if CLOSING.match(command):
            self.depth = max(self.depth - 1, 0)
        assigned = None if LEADING.match(command) else ASSIGNMENT.match(command)
        self._expanded(line, command, assigned[1] if assigned else "", conditional=conditional)
        if assigned:
            self._set(assigned, exported=EXPORT.match(command) is not None, conditional=conditional)
        self.held |= {name for bound in BOUND.finditer(command) for name in bound.groups() if name}
        if (names := EXPORTED.match(command)) is not None and not conditional:
            self.exported |= dict.fromkeys(one for one in names[1].split() if one in self.held)
        self.moves = self.moves or command.startswith(("cd ", "pushd "))
        if OPENING.match(command):
            self.depth += 1

    def _expanded(self, line: int, command: str, into: str, *, conditional: bool) -> None:
        for one in _expansions(command):
            if one.name in self.held:
                continue
            required = not conditional and (one.required or (self.strict and one.default is None))
            default = None if one.default == NONE else one.default
            self.found.append(
                Expansion(
                    one.name,
                    self.path,
                    line,
                    required=required,
                    default=default,
                    into=into,
                    guarded=one.guarded,
                )
            )
            if one.into.endswith("="):
                self.held.add(one.name)

    def _set(self, assigned: re.Match[str], *, exported: bool, conditional: bool) -> None:
        name, value = assigned[1], assigned[2].strip().strip("\"'")
        self.held.add(name)
        if conditional:
            self.defaults[name] = None
            return
        if exported:
            self.exported[name] = None
        if "$" not in value and "`" not in value:
            self.literal[name] = value


def _expansions(command: str) -> list[Expansion]:
    """What a command expands, still without a place; `into` holds the operator that gives the default."""
    hidden = DOUBLE.sub(lambda match: match[0].replace("'", "\1"), command)
    visible = SINGLE.sub(lambda match: " " * len(match[0]), hidden).replace("\1", "'")
    found = []
    for match in EXPANSION.finditer(visible):
        name, operator = match[2] or match[4], match[3] or ""
        if not name or name.isdigit() or match[1] == "!":
            continue
        blank = Expansion(name, "", 0, required=False)
        if default := DEFAULT.fullmatch(operator):
            found.append(blank._replace(default=default[2], into=default[1], guarded=True))
            found += _expansions(default[2]) if "$" in default[2] else []
        elif operator.startswith((":+", "+")):
            found.append(blank._replace(default=NONE, guarded=True))
        else:
            found.append(blank._replace(required=operator.startswith((":?", "?"))))
    return found
