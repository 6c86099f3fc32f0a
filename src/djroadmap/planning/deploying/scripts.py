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
BRANCH = regex(r"^(?:elif|else)\b")
TEST = regex(r"^(?:\[|test\s|\(\()")
DEFAULT = regex(r":?[-=](.*)", re.DOTALL)
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


def script_of(text: str, path: RelPath, known: Iterable[str] = (), *, strict: bool = False) -> Script:
    """Read the script at `path`. `known`: variables that are set when it starts; `strict`: is `nounset` on?"""
    strict = strict or NOUNSET.search(text) is not None
    held = {*known, *SHELLS_OWN}
    found: list[Expansion] = []
    exported: dict[str, None] = {}
    defaults: dict[str, None] = {}
    literal: dict[str, str] = {}
    depth, moves, before = 0, False, (0, "")
    for line, command in numbered(text):
        command = command.strip()  # noqa: PLW2901
        conditional = depth > 0 or (before[0] == line and TEST.match(before[1]) is not None)
        before = (line, command)
        if CLOSING.match(command):
            depth = max(depth - 1, 0)
        assigned = ASSIGNMENT.match(command)
        name = assigned[1] if assigned and not LEADING.match(command) else ""
        for one in _expansions(command):
            if one.name in held:
                continue
            required = not conditional and (one.required or (strict and one.default is None))
            default = None if one.default == "\0" else one.default
            found.append(one._replace(path=path, line=line, required=required, into=name, default=default))
            if one.default is not None and "=" in one.into:
                held.add(one.name)
        if name:
            (defaults if conditional else exported if EXPORT.match(command) else {})[name] = None
            held.add(name)
            value = assigned[2].strip().strip("\"'") if assigned else ""
            if not conditional and "$" not in value and "`" not in value:
                literal[name] = value
        for bound in BOUND.finditer(command):
            held.add(bound[1] or bound[2])
        if (names := EXPORTED.match(command)) is not None and not conditional:
            exported |= dict.fromkeys(one for one in names[1].split() if one in held)
        moves = moves or command.startswith(("cd ", "pushd "))
        if OPENING.match(command) and not command.rstrip().endswith(("fi", "done", "esac")):
            depth += 1
    return Script(tuple(found), tuple(exported), tuple(defaults), tuple(literal.items()), moves)


def _expansions(command: str) -> list[Expansion]:
    """What a command expands; `into` holds the operator, the default `\\0` stands for one that needs none."""
    hidden = DOUBLE.sub(lambda match: match[0].replace("'", "\1"), command)
    visible = SINGLE.sub(lambda match: " " * len(match[0]), hidden).replace("\1", "'")
    found = []
    for match in EXPANSION.finditer(visible):
        name = match[2] or match[4]
        if not name or name.isdigit() or match[1] == "!":
            continue
        operator = match[3] or ""
        if default := DEFAULT.fullmatch(operator):
            inner = _expansions(default[1]) if "$" in default[1] else []
            found.append(Expansion(name, "", 0, required=False, default=default[1], into=operator[:2]))
            found += inner
        elif operator.startswith((":?", "?")):
            found.append(Expansion(name, "", 0, required=True))
        elif operator.startswith((":+", "+")):
            found.append(Expansion(name, "", 0, required=False, default="\0"))
        else:
            found.append(Expansion(name, "", 0, required=False))
    return found
