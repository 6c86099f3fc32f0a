"""Shell command lines of CI files: which one runs the tests, what stands before it, and where."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath

TESTS = re.compile(
    r"(?<![\w-])(?:pytest|py\.test)(?![\w-])|manage\.py\s+(?:\S+=\S+\s+)?test\b|django-admin\s+test\b|runtests\.py|-m\s+unittest"
)
RUNNERS = re.compile(
    r"(?<![\w-])(?:tox|nox)(?![\w-])|\b(?:make|just)\s+(?:\S+\s+)*?(?:backend-|py-?)?(?:test|tests|pytest|check|ci)\b|\bhatch\s+(?:run\s+)?\S*test"
)
SETUP = re.compile(r"\b(?:install|add|sync|download|uninstall|cache|lock|build)\b")
HEAD = re.compile(
    r"(?:\S*/)?(?:pytest|py\.test|coverage|python[\d.]*|(?:\./)?manage\.py|django-admin|tox|nox|make|just|bash|sh|runtests\.py|\S+/manage\.py)"
)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
WITH_VALUE = frozenset(
    {
        "-e",
        "--env",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "-v",
        "--volume",
        "--name",
        "--entrypoint",
        "-p",
        "--publish",
        "--env-file",
    }
)


class Invocation(NamedTuple):
    """One command of a script."""

    line: str
    """Its first line as written, without indentation."""
    text: str
    """All of its lines as one."""
    words: tuple[str, ...]
    cwd: RelPath


def invocations(script: str) -> Iterator[Invocation]:
    """The commands of a script, with the folder that `cd` left them in."""
    cwd = ""
    for lines in _logical(script):
        text = " ".join(line.removesuffix("\\").strip() for line in lines)
        for part in _parts(text):
            try:
                words = tuple(shlex.split(part, comments=True))
            except ValueError:
                words = tuple(part.split())
            if words[:1] == ("cd",) and len(words) == 2:
                cwd = folder(posixpath.join(cwd, words[1]))
            elif words:
                yield Invocation(lines[0].strip(), text, words, cwd)


def _logical(script: str) -> Iterator[list[str]]:
    """The lines of a script, those that a backslash continues together."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if not line.endswith("\\"):
            yield lines
            lines = []
    if lines:
        yield lines


def folder(path: str) -> RelPath:
    """A folder as a path from the root; the root itself if that cannot be said."""
    path = posixpath.normpath(path or ".")
    return "" if path == "." or path.startswith(("/", "..", "$", "~")) else path


def tests_rank(invocation: Invocation) -> int:
    """2 for a command that runs Python tests, 1 for a runner that likely does, 0 for anything else."""
    text = " ".join(invocation.words)
    if TESTS.search(text) and not (
        SETUP.search(text.partition("pytest")[0]) and "run" not in invocation.words
    ):
        return 2
    return 1 if RUNNERS.search(text) and not SETUP.search(text) else 0


def prefix_of(invocation: Invocation) -> tuple[str, ...]:
    """What stands before the command proper: `uv run`, `docker compose -f x.yml run --rm django`."""
    words = list(invocation.words)
    while words and (ASSIGNMENT.match(words[0]) or words[0] in {"env", "time", "sudo", "exec"}):
        words.pop(0)
    if (compose := _compose(words)) is not None:
        return compose
    for index, word in enumerate(words):
        if HEAD.fullmatch(word):
            return tuple(words[:index])
    return ()


def runs_project(invocation: Invocation, prefix: tuple[str, ...]) -> bool:
    """Is this a command of the project itself, run as its tests are?"""
    text = " ".join(invocation.words)
    if prefix:
        return prefix_of(invocation) == prefix or _starts(invocation.words, prefix)
    return bool(TESTS.search(text) or "manage.py" in text) and not SETUP.search(
        text.partition("manage.py")[0]
    )


def _starts(words: tuple[str, ...], prefix: tuple[str, ...]) -> bool:
    return words[: len(prefix)] == prefix


def _compose(words: list[str]) -> tuple[str, ...] | None:
    """Everything up to the service of `docker compose run` or `exec`; `run` gets its `--rm`."""
    start = 2 if words[:2] == ["docker", "compose"] else 1 if words[:1] == ["docker-compose"] else 0
    verb = next(
        (index for index, word in enumerate(words) if index >= start and word in {"run", "exec"}), None
    )
    if not start or verb is None:
        return None
    index = verb + 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in WITH_VALUE else 1
    if index >= len(words):
        return None
    found = words[: index + 1]
    if words[verb] == "run" and "--rm" not in found:
        found.insert(verb + 1, "--rm")
    return tuple(found)


def _parts(line: str) -> Iterator[str]:
    """The commands of a line, cut at `&&`, `||`, `;` and `|` outside quotes."""
    quote, start = "", 0
    for index, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "&|;":
            if line[start:index].strip(" &|;"):
                yield line[start:index].strip(" &|;")
            start = index + 1
    if line[start:].strip(" &|;"):
        yield line[start:].strip(" &|;")
