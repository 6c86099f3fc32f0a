"""What ENTRYPOINT runs, and whether it runs the commands that it is given."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from djroadmap.errors import Problem
from djroadmap.planning.containers import LAUNCHERS, PORT_OPTIONS, Ran, numbered, ran_by, served_by, text_of
from djroadmap.planning.deploying.facts import Unknown
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.dockerfiles import Dockerfile
    from djroadmap.planning.deploying.facts import Topic

CASE = regex(r"\s*case\s+[\"']?\$\{?1[^\s]*\s+in\b")
LABEL = regex(r"\s*\(?([\w\"' |*.-]+)\)(.*)$")
INITS = frozenset({"tini", "dumb-init", "--", "-g", "-s", "catatonit"})
INTERPRETERS = frozenset({"sh", "bash", "env", "python", "python3"})
WITHOUT = regex(r"\$\{?#|-z\s+[\"']?\$\{?[1@*]|\$\{[1@*]:?-")
"""A script that asks whether it is given a command."""
PYTHON = regex(r"(?s)(?=.*\bargv\b)(?=.*(?:\bexecv|\bsubprocess\b))")


def entrypoint_unknowns(project: Project, file: Dockerfile) -> Iterator[Unknown]:
    """Does the entrypoint run what it is given? Other commands than the server need that."""
    said = file.final.entrypoint
    if said is None or not said.words:
        return
    script, text = entry_script(project, file)
    if said.shell:
        why = (
            "ENTRYPOINT is written without brackets, so the container ignores every command that it is given"
        )
        yield unknown("entrypoint", file.path, why, said.line)
    elif served_by(project, Ran(said.words, file.path)) is not None:
        why = "ENTRYPOINT is the server itself, so that migrations cannot run behind it: start it in CMD"
        yield unknown("entrypoint", file.path, why, said.line)
    elif script and not script.endswith(".py"):
        if not _passes_on(script, text):
            why = 'does not run the command that it is given: end it with `exec "$@"`, and start the server in CMD'
            yield unknown("entrypoint", script, why, None, 'exec "$@"')
    elif not _is_launcher(said.words) and not _passes_on(script, text):
        why = (
            f"whether ENTRYPOINT ({' '.join(said.words)}) runs the command that it is given is not known here"
        )
        yield unknown("entrypoint", file.path, why, said.line)


def _is_launcher(words: tuple[str, ...]) -> bool:
    """Is this a program that only starts another one: `tini --`, `uv run`?"""
    names = [posixpath.basename(word) for word in words]
    return set(names) <= INITS or names[-1] == "--" or (names[0] in LAUNCHERS and "run" in names)


def _passes_on(script: str, text: str) -> bool:
    if script.endswith(".py"):
        return PYTHON.match(text) is not None
    return any(_hands_over(line) for _, line in numbered(text))


def _hands_over(line: str) -> bool:
    """Does this line of the entrypoint run the command that it is given, and not a server with more arguments?"""
    words = tuple(split(line))
    if not {"$@", "$*"} & set(words):
        return False
    names = {posixpath.basename(word) for word in words}
    return not names & {*PORT_OPTIONS, "celery", "uwsgi", "manage.py", "set"}


def serves_by_itself(project: Project, file: Dockerfile) -> bool:
    """Could the entrypoint start something without being given a command?"""
    script, text = entry_script(project, file)
    return not script or not _passes_on(script, text) or WITHOUT.search(text) is not None


def entry_script(project: Project, file: Dockerfile) -> tuple[str, str]:
    """Path and text of the script that ENTRYPOINT runs; nothing if it is none of the repository."""
    said = file.final.entrypoint
    words = said.words if said and not said.shell else ()
    name = next((word for word in words if posixpath.basename(word) not in INITS | INTERPRETERS), "")
    path = file.source_of(name) if "/" in name or name.endswith((".sh", ".py")) else None
    return (path, text_of(project, path)) if path else ("", "")


def branches_of(project: Project, file: Dockerfile) -> dict[str, tuple[Ran, ...]]:
    """The words that the entrypoint takes (`case "$1" in web)`), each with what it runs for it."""
    script, text = entry_script(project, file)
    lines = _joined(text)
    start = next((at for at, line in enumerate(lines) if CASE.match(line)), len(lines))
    found: dict[str, list[Ran]] = {}
    names: list[str] = []
    for at in range(start + 1, len(lines)):
        if lines[at].strip() == "esac":
            break
        if label := LABEL.match(lines[at]):
            names = [name.strip(" \"'") for name in label[1].split("|")]
            names = [name for name in names if name.replace("-", "").replace("_", "").isalnum()]
            lines[at] = label[2]
            found |= {name: [] for name in names}
        for ran in ran_by(project, file, lines[at], script) if names else ():
            one = ran if ran.line else ran._replace(line=at + 1, script=script)
            for name in names:
                found[name].append(one)
        if lines[at].rstrip().endswith(";;"):
            names = []
    return {name: tuple(runs) for name, runs in found.items()}


def _joined(text: str) -> list[str]:
    """The lines of a script; those that a backslash continues are empty, and stand in the first."""
    lines = text.split("\n")
    for at in range(len(lines) - 1, 0, -1):
        if lines[at - 1].endswith("\\"):
            lines[at - 1], lines[at] = f"{lines[at - 1][:-1]} {lines[at]}", ""
    return lines


def split(text: str) -> list[str]:
    """The words of a command."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def unknown(about: Topic, where: str, why: str, line: int | None = None, snippet: str = "") -> Unknown:
    """Something that is not known, at `path:line` or a path."""
    path, colon, number = where.rpartition(":")
    if colon and number.isdigit():
        return Unknown(about, Problem(path, int(number), why, snippet))
    return Unknown(about, Problem(where, line, why, snippet))
