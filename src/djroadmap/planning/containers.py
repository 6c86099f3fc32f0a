"""Where the web server of the project listens in its containers, read from compose files, Dockerfiles and scripts."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

PORT_OPTIONS = {
    "gunicorn": ("-b", "--bind"),
    "hypercorn": ("-b", "--bind"),
    "uvicorn": ("--port",),
    "granian": ("--port",),
    "daphne": ("-p", "--port"),
}
"""The servers that are known, and the options that name where they listen."""

ANYWHERE = frozenset({"", "0.0.0.0", "127.0.0.1", "localhost", "[::]", "[::1]", "*"})  # noqa: S104 - read, not bound
SHELLS = ("sh", "bash")
DEVELOPMENT = ("--reload", "runserver")
ENCRYPTED = ("--certfile", "--keyfile", "--ssl-keyfile", "--ssl-certificate")
FROM = regex(r"(?im)^[ \t]*FROM[ \t]")
INSTRUCTION = regex(r"(?im)^[ \t]*(CMD|ENTRYPOINT)[ \t]+((?:[^\n]*\\\n)*[^\n]*)")
HEALTHCHECK = regex(r"(?im)^[ \t]*HEALTHCHECK[ \t]")
COPIED = regex(r"(?im)^[ \t]*(?:COPY|ADD)[ \t]+((?:--\S+[ \t]+)*)(\S+)[ \t]+(\S+)[ \t]*$")


class Server(NamedTuple):
    """A command that serves the project."""

    where: RelPath
    """The file that holds the command."""
    port: int | None
    """The port it listens at, over plain HTTP; None if that is not certain."""


class Image(NamedTuple):
    """What a Dockerfile says of the container that it makes."""

    path: RelPath
    text: str
    context: RelPath
    """The folder that is built."""

    @property
    def last(self) -> str:
        """The text of its last stage."""
        starts = [match.start() for match in FROM.finditer(self.text)]
        return self.text[starts[-1] :] if starts else self.text

    @property
    def is_checked(self) -> bool:
        """Has it a health check?"""
        return HEALTHCHECK.search(self.last) is not None

    @property
    def copied(self) -> list[str]:
        """Where single files go that it takes in."""
        return [target for _, _, target in COPIED.findall(self.last) if posixpath.basename(target)]

    def instruction(self, name: str) -> str:
        """What CMD or ENTRYPOINT says last; nothing if it is not there."""
        found = [match[2] for match in INSTRUCTION.finditer(self.last) if match[1].upper() == name]
        return found[-1] if found else ""


def image_of(project: Project, path: RelPath, context: RelPath = "") -> Image | None:
    """The Dockerfile at `path`, if it can be read."""
    text = _read(project, path)
    return None if text is None else Image(path, text.replace("\r\n", "\n"), context)


def server_of(project: Project, image: Image | None, command: Any, where: RelPath) -> Server | None:
    """The server that a container runs by this command (a text, or a list of words), written in the file `where`.

    Without a command, that of the image. Scripts are looked up where the image takes them from. None if the command is
    no server of this project, or one for development.
    """
    if not command and image is not None:
        command, where = image.instruction("CMD") or image.instruction("ENTRYPOINT"), image.path
    for words in _commands(command):
        script = _script(project, image, words)
        if script is not None:
            text = _read(project, script) or ""
            served = [one for line in _lines(text) if (one := _served(project, _split(line), script))]
            return served[-1] if served else None
        if served_here := _served(project, words, where):
            return served_here
    return None


def _commands(command: Any) -> Iterator[list[str]]:
    """The words of each command in a text, a list of words, or the JSON of one."""
    if isinstance(command, str) and command.lstrip().startswith("["):
        try:
            command = json.loads(command.replace("\\\n", " "))
        except ValueError:
            return
    words = [str(word) for word in command] if isinstance(command, list) else _split(str(command or ""))
    if len(words) == 3 and posixpath.basename(words[0]) in SHELLS and words[1] == "-c":
        yield from _commands(words[2])
    elif isinstance(command, list):
        yield words
    else:
        yield from (words for line in _lines(str(command or "")) if (words := _split(line)))


def _lines(text: str) -> list[str]:
    """Single commands, as a shell reads them, near enough."""
    whole = text.replace("\r\n", "\n").replace("\\\n", " ")
    return [part.strip() for line in whole.split("\n") for part in re.split(r"&&|\|\||;", line)]


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []


def _script(project: Project, image: Image | None, words: Sequence[str]) -> RelPath | None:
    """The file of the repository behind `/start` or `bash ./start.sh`."""
    name = next((word for word in words if posixpath.basename(word) not in {*SHELLS, "exec"}), "")
    if "/" not in name and not name.endswith(".sh"):
        return None
    for _, source, target in COPIED.findall(image.text) if image else ():
        path = posixpath.normpath(posixpath.join(image.context if image else "", source))
        full = f"{target}{posixpath.basename(source)}" if target.endswith("/") else target
        if full == name and project.tree.exists(path):
            return path
    # What is copied as a whole lies as in the repository.
    tail = posixpath.normpath(name.lstrip("/")).removeprefix("app/").removeprefix("code/")
    return next((path for path in (tail, project.join(tail)) if project.tree.exists(path)), None)


def _served(project: Project, words: Sequence[str], where: RelPath) -> Server | None:
    names = [posixpath.basename(word) for word in words]
    at = next((i for i, name in enumerate(names) if name in PORT_OPTIONS), None)
    if at is None or any(word in DEVELOPMENT for word in words) or not _is_ours(project, words[at + 1 :]):
        return None
    encrypted = any(word.partition("=")[0] in ENCRYPTED for word in words)
    return Server(where, None if encrypted else _port(names[at], words[at + 1 :]))


def _is_ours(project: Project, words: Sequence[str]) -> bool:
    """Is one of the words the application of this project?"""
    paths = [path for path in (project.wsgi, project.asgi) if path]
    dotted = [path.removesuffix(".py").replace("/", ".") for path in paths]
    for word in words:
        module = word.partition(":")[0]
        if module and any(name == module or name.endswith(f".{module}") for name in dotted):
            return True
    return False


def _port(server: str, words: Sequence[str]) -> int | None:
    options = PORT_OPTIONS[server]
    found = []
    for i, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in options:
            found.append(value if equals else next(iter(words[i + 1 : i + 2]), ""))
        elif word[:2] in options and not word.startswith("--") and len(word) > 2:
            found.append(word[2:])
    ports = [port for one in found if (port := _number(one)) is not None]
    return ports[0] if ports else None


def _number(text: str) -> int | None:
    host, _, port = text.rpartition(":")
    return int(port) if port.isdigit() and host in ANYWHERE else None


def _read(project: Project, path: RelPath) -> str | None:
    try:
        return project.tree.read(path)
    except Refused:
        return None
