"""What `make test`, `just test` and `./run_tests.sh` run in the end."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.syntax.shell import bare, folder, invocations
from djroadmap.syntax.sources import folder_of, join

from .commands import ASSIGNMENT, prefix_and_rest
from .tools import MAKEFILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.shell import Invocation
    from djroadmap.syntax.sources import Sources

DEPTH = 4
RULE = regex(r"^([A-Za-z0-9_$(][^:=#\t]*?)\s*::?(?!=)\s*([^=#;]*?)\s*(?:[;#].*)?$")
VARIABLE = regex(r"^(?:export\s+)?([A-Za-z_]\w*)\s*(\+|[:?]*)=\s*(.*?)\s*(?:#.*)?$")
CONDITION = regex(r"\s*(?:ifn?def|ifn?eq)\b")
REFERENCE = regex(r"\$\((\w+)\)|\$\{(\w+)\}")
JUST_RULE = regex(r"^@?([A-Za-z_][\w-]*)(?:\s[^:\n]*?)?:(?!=)\s*(.*?)\s*$")
JUST_VARIABLE = regex(r"^(?:export\s+)?([A-Za-z_]\w*)\s*:=\s*(['\"])(.*)\2\s*$")
JUST_REFERENCE = regex(r"\{\{\s*(\w+)\s*\}\}")
JUST_FOLDER = regex(r"^\[.*working-directory\(['\"](.+?)['\"]\).*\]")
SCRIPT = regex(r"[^.]*(?:\.{0,2}/)*(?:[\w-]+/)*[\w-]+\.(?:ba|z)?sh|(?:\.{0,2}/)?(?:[\w-]+/)+[\w-]+|\./[\w-]+")
UNKNOWN = "$(?)"
"""Stands for what cannot be said without running make, so that nobody takes the command for known."""


def resolved(
    sources: Sources, invocation: Invocation, depth: int = DEPTH
) -> Iterator[tuple[tuple[str, ...], Invocation]]:
    """The commands that this one leads to, each with the words that go before it; nothing if it leads nowhere."""
    prefix, rest = prefix_and_rest(invocation.words)
    if not rest or not depth:
        return
    for script, cwd in _scripts(sources, rest, invocation.cwd):
        for inner in invocations(script, cwd):
            deeper = list(resolved(sources, inner, depth - 1))
            yield from ((prefix + more, last) for more, last in deeper or [((), inner)])


def _scripts(sources: Sources, words: Sequence[str], cwd: RelPath) -> Iterator[tuple[str, RelPath]]:
    """The scripts behind a command, and the folders that they begin in."""
    name = words[0].rpartition("/")[2]
    arguments = [word for word in words[1:] if not ASSIGNMENT.match(word)]
    if name == "make":
        if arguments[:1] == ["-C"] and len(arguments) > 1:
            cwd, arguments = folder(join(cwd, bare(arguments[1]))), arguments[2:]
        yield from _made(sources, cwd, [word for word in arguments if not word.startswith("-")] or [""])
    elif name == "just":
        yield from _just(sources, cwd, arguments[:1])
    else:
        target = arguments[0] if name in {"sh", "bash"} and arguments else words[0]
        path = folder(posixpath.join(cwd, bare(target)))
        if SCRIPT.fullmatch(target) and sources.exists(path):
            yield _body(sources, path), cwd


def _body(sources: Sources, path: RelPath) -> str:
    """A shell script without what is only defined in it."""
    text = sources.text(path) or ""
    shebang = text.partition("\n")[0]
    if shebang.startswith("#!") and not re.search(r"\b(?:ba|da|z|k)?sh\b", shebang):
        return ""
    return re.sub(r"(?m)^(?:function\s+[\w:-]+.*|[\w:-]+\s*\(\)\s*)\{\n(?:.*\n)*?\}", "", text)


def _made(sources: Sources, cwd: RelPath, targets: Sequence[str]) -> Iterator[tuple[str, RelPath]]:
    path = next((found for name in MAKEFILES if sources.exists(found := join(cwd, name))), None)
    if path is None:
        return
    rules, variables = _rules(sources.text(path) or "")
    seen: dict[str, None] = {}
    waiting = [target or next(iter(rules), "") for target in targets]
    while waiting:
        target = waiting.pop(0)
        if target in seen or target not in rules:
            continue
        seen[target] = None
        needs, lines = rules[target]
        waiting = [*_expanded(needs, variables).split(), *waiting]
        script = "\n".join(re.sub(r"^[@+-]+\s*", "", _expanded(line, variables)) for line in lines)
        # Every line of a recipe has a shell of its own, so what `cd` does ends with it.
        for piece in re.split(r"(?<!\\)\n", script):
            yield piece.replace("$$", "$"), cwd


def _rules(text: str) -> tuple[dict[str, tuple[str, list[str]]], dict[str, str]]:
    """Targets with what they need and their lines, and the variables of a Makefile."""
    rules: dict[str, tuple[str, list[str]]] = {}
    variables: dict[str, str] = {"MAKE": "make"}
    current: list[str] = []
    nested = 0
    for line in text.splitlines():
        if line.startswith("\t") or (current and current[-1].endswith("\\")):
            current.append(line.strip())
        elif CONDITION.match(line):
            nested += 1
        elif line.strip() == "endif":
            nested -= 1
        elif variable := VARIABLE.match(line):
            known = variables.get(variable[1], "") if variable[2] == "+" else ""
            variables[variable[1]] = UNKNOWN if nested else f"{known} {variable[3]}".strip()
        elif (rule := RULE.match(line)) and not line.startswith("."):
            current = []
            for name in rule[1].split():
                needs, lines = rules.get(name, ("", current))
                rules[name] = (f"{needs} {rule[2]}".strip(), lines)
                current = lines
    return rules, variables


def _expanded(line: str, variables: dict[str, str], depth: int = 5) -> str:
    def value(match: re.Match[str]) -> str:
        return variables.get(match[1] or match[2], "")

    line = REFERENCE.sub(
        lambda match: match[0] if match.start() and line[match.start() - 1] == "$" else value(match), line
    )
    return (
        _expanded(line, variables, depth - 1)
        if depth and REFERENCE.search(line) and UNKNOWN not in line
        else line
    )


def _just(sources: Sources, cwd: RelPath, targets: Sequence[str]) -> Iterator[tuple[str, RelPath]]:
    home = cwd
    while not any(
        path.rpartition("/")[2].lower() in {"justfile", ".justfile"} for path in sources.beside(home)
    ):
        if not home:
            return
        home = folder_of(home)
    path = next(
        path for path in sources.beside(home) if path.rpartition("/")[2].lower() in {"justfile", ".justfile"}
    )
    text = sources.text(path) or ""
    for target in targets:
        body, where = _recipe(text, target)
        yield (
            JUST_REFERENCE.sub(lambda match: _just_variable(text, match[1]), "\n".join(body)),
            join(home, where),
        )


def _recipe(text: str, target: str) -> tuple[list[str], str]:
    lines, inside, where, attribute = [], False, "", ""
    for line in text.splitlines():
        if line[:1].isspace():
            if inside:
                lines.append(re.sub(r"^[@-]+", "", line.strip()))
        elif match := JUST_FOLDER.match(line):
            attribute = match[1]
        elif match := JUST_RULE.match(line):
            inside = match[1] == target
            where = attribute if inside else where
            attribute = ""
    return lines, where


def _just_variable(text: str, name: str) -> str:
    found = [
        match[3] for line in text.splitlines() if (match := JUST_VARIABLE.match(line)) and match[1] == name
    ]
    return found[0] if found else UNKNOWN
