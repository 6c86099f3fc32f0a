"""Dockerfiles read: their stages, what runs in the one that is built, and which files of the repository it holds."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

HEREDOC = regex(r"<<-?[\"']?(\w+)[\"']?")
FROM = regex(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
VARIABLE = regex(r"(\\?)\$(?:\{(\w+)(?::?([-+])([^}]*))?\}|(\w+))")
PAIR = regex(r"(\w+)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:\\.|\S)*)")
WORD = regex(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|\S)+")
OPTION = regex(r"--(\w+)(?:=(\S+))?\s+")
NEW_USER = regex(r"\b(?:useradd|adduser)\b([^&|;\n]*)")
NUMBER = regex(r"(?:^|\s)(?:-u|--uid)[ =]\s*(\d+)\b")
GLOB = regex(r"[*?\[]")
PLAIN_BASE = regex(
    r"(?:^|.*/)(?:python|pypy|debian|ubuntu|alpine|fedora|amazonlinux|rockylinux|almalinux|uv|ubi\d*|ubi-minimal"
    r"|python-\d+|scratch|buildpack-deps)(?:[:@].*)?"
)
"""Images that bring no entrypoint and no user of their own. https://hub.docker.com/_/python"""


class Instruction(NamedTuple):
    """One instruction, its continued lines joined."""

    name: str
    value: str
    line: int


class Stage(NamedTuple):
    """One stage as it is written."""

    name: str
    base: str
    instructions: tuple[Instruction, ...]
    line: int


class Copied(NamedTuple):
    """One COPY or ADD: from the context, or from another stage."""

    sources: tuple[str, ...]
    target: str
    is_folder: bool
    """Does the target say that it is a folder?"""
    origin: str
    """The stage (or image) it copies from; nothing for the context."""
    line: int


class Said(NamedTuple):
    """What ENTRYPOINT or CMD says."""

    words: tuple[str, ...]
    shell: bool
    """In the form that a shell runs: `CMD gunicorn ...`."""
    line: int


class Made(NamedTuple):
    """What a stage ends up as, with what it goes on from."""

    base: str
    """The image that it is made from, in the end."""
    environment: Mapping[str, str]
    arguments: Mapping[str, str]
    workdir: str = "/"
    user: str = ""
    entrypoint: Said | None = None
    command: Said | None = None
    copied: tuple[Copied, ...] = ()
    ran: tuple[Instruction, ...] = ()


class Dockerfile:
    """A Dockerfile, built in a folder of the repository (its context) up to one of its stages."""

    def __init__(self, tree: Tree, path: RelPath, context: RelPath = "", target: str = "") -> None:
        self.tree = tree
        self.path = path
        self.context = context
        try:
            text = tree.read(path) or ""
        except Refused:
            text = ""
        self.arguments, self.stages = stages_of(text)
        self.target = target
        self.at = self._index(target, len(self.stages)) if target else len(self.stages) - 1
        self._made: dict[int, Made] = {}

    @property
    def final(self) -> Made:
        """What is built."""
        return self.made(self.at)

    @property
    def is_whole(self) -> bool:
        """Has it the stage that is to be built?"""
        return 0 <= self.at < len(self.stages)

    def made(self, at: int) -> Made:
        """What the stage with this number ends up as."""
        if at not in self._made:
            self._made[at] = self._build(at)
        return self._made[at]

    def source_of(self, name: str) -> RelPath | None:
        """The file of the repository behind a path in what is built, as far as COPY says."""
        absolute = posixpath.normpath(posixpath.join(self.final.workdir, name))
        return self._source(self.at, absolute, len(self.stages))

    def place_of(self, path: RelPath) -> str | None:
        """Where a file of the repository lies in what is built; None if it is not taken in."""
        return self._place(self.at, path, len(self.stages))

    def needed(self) -> list[int]:
        """The stages that are built: the target, and those that it goes on from or copies from."""
        found: list[int] = []
        waiting = [self.at] if self.is_whole else []
        while waiting:
            at = waiting.pop()
            if at in found:
                continue
            found.append(at)
            waiting += [one for one in (self._index(self.stages[at].base, at),) if one >= 0]
            for copied in self.made(at).copied:
                if copied.origin and (one := self._index(copied.origin, at)) >= 0:
                    waiting.append(one)
        return sorted(found)

    def copies(self, at: int) -> tuple[Copied, ...]:
        """What this very stage copies, without what it goes on from."""
        below = self._index(self.stages[at].base, at)
        return self.made(at).copied[len(self.made(below).copied) if below >= 0 else 0 :]

    def uid(self) -> int | None:
        """The number of the user that it ends up as, where the Dockerfile says it."""
        user = self.final.user.partition(":")[0]
        if user.isdigit():
            return int(user)
        for one in self.final.ran if user else ():
            for created in NEW_USER.finditer(one.value):
                if user in created[1].split() and (number := NUMBER.search(created[1])):
                    return int(number[1])
        return None

    def _index(self, name: str, before: int) -> int:
        """The number of the stage of this name (or number) that comes before; -1 for an image from elsewhere."""
        for at in range(min(before, len(self.stages)) - 1, -1, -1):
            if self.stages[at].name.lower() == name.lower() and name:
                return at
        return int(name) if name.isdigit() and int(name) < before else -1

    def _build(self, at: int) -> Made:
        if not 0 <= at < len(self.stages):
            return Made("", {}, {})
        stage = self.stages[at]
        below = self._index(stage.base, at)
        start = self.made(below) if below >= 0 else Made(stage.base, {}, {})
        made = start
        for one in stage.instructions:
            known = {**made.arguments, **made.environment}
            value = one.value if one.name in {"CMD", "ENTRYPOINT"} else expanded(one.value, known)
            made = self._applied(made, one._replace(value=value), inherited=start)
        return made

    def _applied(self, made: Made, one: Instruction, *, inherited: Made) -> Made:
        match one.name:
            case "ARG":
                return made._replace(arguments={**made.arguments, **dict(self._arguments(one.value))})
            case "ENV":
                return made._replace(environment={**made.environment, **dict(pairs(one.value))})
            case "WORKDIR":
                where = posixpath.normpath(posixpath.join(made.workdir, bare(one.value)))
                return made._replace(workdir=where)
            case "USER":
                return made._replace(user=bare(one.value))
            case "ENTRYPOINT":
                kept = made.command if made.command is not inherited.command else None
                return made._replace(entrypoint=said(one), command=kept)
            case "CMD":
                return made._replace(command=said(one))
            case "COPY" | "ADD":
                copied = copied_by(one, made.workdir)
                return made if copied is None else made._replace(copied=(*made.copied, copied))
            case "RUN":
                return made._replace(ran=(*made.ran, one))
        return made

    def _arguments(self, value: str) -> Iterator[tuple[str, str]]:
        """The names and values of ARG; one without a value has that from before the first stage, if any."""
        for word in WORD.findall(value):
            name, equals, default = word.partition("=")
            if equals or name in self.arguments:
                yield name, bare(default) if equals else self.arguments[name]

    def _source(self, at: int, name: str, depth: int) -> RelPath | None:
        for copied in reversed(self.made(at).copied if depth else ()):
            for source in copied.sources:
                for inner in _inner(copied, source, name):
                    if not copied.origin:
                        path = posixpath.normpath(posixpath.join(self.context, inner.lstrip("/")))
                        if self.tree.exists(path):
                            return path
                    elif (below := self._index(copied.origin, at)) >= 0:
                        found = self._source(below, posixpath.normpath(posixpath.join("/", inner)), depth - 1)
                        if found is not None:
                            return found
        return None

    def _place(self, at: int, path: RelPath, depth: int) -> str | None:
        for copied in reversed(self.made(at).copied if depth else ()):
            if copied.origin:
                below = self._index(copied.origin, at)
                lies = self._place(below, path, depth - 1) if below >= 0 else None
            else:
                inside = posixpath.relpath(path or ".", self.context or ".")
                lies = None if inside.startswith("..") else inside
            for source in copied.sources if lies is not None else ():
                if (place := self._outer(copied, source, lies or "")) is not None:
                    return place
        return None

    def _outer(self, copied: Copied, source: str, lies: str) -> str | None:
        """Where a file at `lies` goes, if this is part of the source."""
        whole = posixpath.normpath(source if copied.origin else source.lstrip("/") or ".")
        if lies == whole:
            path = posixpath.join(self.context, whole)
            into = copied.is_folder and (bool(copied.origin) or self.tree.exists(path))
            return posixpath.join(copied.target, posixpath.basename(whole)) if into else copied.target
        if whole in {".", "/"}:
            return posixpath.join(copied.target, lies.lstrip("/"))
        below = lies.removeprefix(whole.rstrip("/") + "/")
        return None if below == lies else posixpath.join(copied.target, below)


def _inner(copied: Copied, source: str, name: str) -> Iterator[str]:
    """What `name` could be of `source`: the file itself, or one in the folder."""
    if name == copied.target:
        yield source
    below = name.removeprefix(copied.target.rstrip("/") + "/")
    if below != name:
        if below == posixpath.basename(source):
            yield source
        yield posixpath.join(source, below)


def stages_of(text: str) -> tuple[dict[str, str], tuple[Stage, ...]]:
    """The arguments before the first stage, and the stages."""
    arguments: dict[str, str] = {}
    found: list[tuple[Instruction, list[Instruction]]] = []
    for one in instructions(text):
        if one.name == "FROM":
            found.append((one, []))
        elif found:
            found[-1][1].append(one)
        elif one.name == "ARG":
            name, _, value = one.value.partition("=")
            arguments[name.strip()] = expanded(bare(value.strip()), arguments)
    stages = []
    for start, inner in found:
        if match := FROM.match(expanded(start.value, arguments)):
            stages.append(Stage(match[2] or "", match[1], tuple(inner), start.line))
    return arguments, tuple(stages)


def instructions(text: str) -> Iterator[Instruction]:
    """The instructions in order. Comments and here-documents are left out."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at].strip()
        at += 1
        if not line or line.startswith("#"):
            continue
        while line.endswith("\\") and at < len(lines):
            following = lines[at].strip()
            at += 1
            if following and not following.startswith("#"):
                line = f"{line[:-1].rstrip()} {following}"
        name, _, value = line.partition(" ")
        if name.upper() in {"RUN", "COPY", "ADD"}:
            for heredoc in HEREDOC.finditer(value):
                while at < len(lines) and lines[at].strip() != heredoc[1]:
                    at += 1
                at += 1
        yield Instruction(name.upper(), value.strip(), number)


def expanded(text: str, known: Mapping[str, str]) -> str:
    """`${NAME}`, `$NAME` and `${NAME:-default}` replaced as Docker does; what is not known stays as it is written."""

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return match[0]
        name = match[2] or match[5]
        if match[3] == "+":
            return match[4] if known.get(name) else ""
        found = known.get(name)
        if found is None:
            return match[4] if match[3] == "-" else match[0]
        return found or (match[4] if match[3] == "-" else "")

    return VARIABLE.sub(value, text) if "$" in text else text


def pairs(value: str) -> Iterator[tuple[str, str]]:
    """The names and values of ENV, in both of its forms."""
    name, _, rest = value.partition(" ")
    if "=" not in name:
        yield name, rest.strip()
        return
    for match in PAIR.finditer(value):
        yield match[1], bare(match[2])


def said(one: Instruction) -> Said:
    """ENTRYPOINT or CMD, whose form without brackets a shell runs."""
    if one.value.startswith("["):
        try:
            words = json.loads(one.value)
        except ValueError:
            words = None
        if isinstance(words, list):
            return Said(tuple(str(word) for word in words), False, one.line)
    return Said(("/bin/sh", "-c", one.value), True, one.line)


def copied_by(one: Instruction, workdir: str) -> Copied | None:
    """What COPY or ADD takes where; None for here-documents."""
    value, origin = one.value, ""
    while option := OPTION.match(value):
        origin = option[2] or "" if option[1] == "from" else origin
        value = value[option.end() :]
    if "<<" in value:
        return None
    words: list[str] = []
    if value.startswith("["):
        try:
            words = [str(word) for word in json.loads(value)]
        except ValueError:
            words = []
    else:
        words = [bare(word) for word in WORD.findall(value)]
    if len(words) < 2:
        return None
    *sources, target = words
    place = posixpath.normpath(posixpath.join(workdir, target))
    is_folder = target.endswith("/") or len(sources) > 1 or place == workdir or target in {".", ".."}
    return Copied(tuple(sources), place, is_folder, origin, one.line)


def bare(word: str) -> str:
    """A word without quotes and backslashes."""
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1].replace('\\"', '"') if word[0] == '"' else word[1:-1]
    return word.replace("\\ ", " ")
