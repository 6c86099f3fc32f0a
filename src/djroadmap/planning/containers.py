"""Where the web server of the project listens in its containers, read from compose files, Dockerfiles and scripts."""

from __future__ import annotations

import json
import posixpath
import shlex
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from djroadmap.errors import Refused
from djroadmap.regex import regex
from djroadmap.syntax.shell import parts

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
COMMAND_OPTIONS = ("-c", "-lc", "-ec", "-exc", "-euxc")
HANDING_OVER = frozenset({"exec", "tini", "dumb-init", "--", "-g", "env", "then", "else", "do", "!"})
LAUNCHERS = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch", "rye"})
DEPTH = 3
"""Scripts that run scripts are followed this far."""
DEVELOPMENT = ("--reload", "runserver")
ENCRYPTED = ("--certfile", "--keyfile", "--ssl-keyfile", "--ssl-certificate")
FROM = regex(r"(?im)^[ \t]*FROM[ \t]")
INSTRUCTION = regex(r"(?im)^[ \t]*(CMD|ENTRYPOINT)[ \t]+((?:[^\n]*\\\n)*[^\n]*)")
HEREDOC = regex(r"<<-?\s*[\"']?(\w+)[\"']?")
HEALTHCHECK = regex(r"(?im)^[ \t]*HEALTHCHECK[ \t]")
COPIED = regex(r"(?im)^[ \t]*(?:COPY|ADD)[ \t]+((?:--\S+[ \t]+)*)(\S+)[ \t]+(\S+)[ \t]*$")


class Server(NamedTuple):
    """A command that serves the project."""

    where: RelPath
    """The file that holds the command."""
    port: int | None
    """The port it listens at, over plain HTTP; None if that is not certain."""
    line: int | None = None
    """The line of that file, if it is a script."""
    program: str = ""
    """`gunicorn`, `uvicorn`, ..."""
    application: RelPath = ""
    """The file with the application that it serves."""
    script: RelPath = ""
    """The script that holds the command, if it is one."""
    words: tuple[str, ...] = ()
    """What follows the program."""
    launcher: tuple[str, ...] = ()
    """What stands before it to find it: `("uv", "run")`."""


class Ran(NamedTuple):
    """One command that a container runs, in the end."""

    words: tuple[str, ...]
    where: RelPath
    line: int | None = None
    """Its line, if it stands in a script of the repository."""
    script: RelPath = ""


class Packed(Protocol):
    """What knows which files of the repository an image holds."""

    def source_of(self, name: str) -> RelPath | None:
        """The file of the repository behind a path in the image, if the image takes it in."""
        ...


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

    def source_of(self, name: str) -> RelPath | None:
        """The file of the repository that is copied to `name` by itself."""
        for _, source, target in COPIED.findall(self.text):
            full = f"{target}{posixpath.basename(source)}" if target.endswith("/") else target
            if full == name:
                return posixpath.normpath(posixpath.join(self.context, source))
        return None

    def instruction(self, name: str) -> str:
        """What CMD or ENTRYPOINT says last; nothing if it is not there."""
        found = [match[2] for match in INSTRUCTION.finditer(self.last) if match[1].upper() == name]
        return found[-1] if found else ""


def image_of(project: Project, path: RelPath, context: RelPath = "") -> Image | None:
    """The Dockerfile at `path`, if it can be read."""
    text = text_of(project, path)
    return Image(path, text, context) if text else None


def server_of(project: Project, image: Image | None, command: Any, where: RelPath) -> Server | None:
    """The server that a container runs by this command (a text, or a list of words), written in the file `where`.

    Without a command, that of the image. Scripts are looked up where the image takes them from. None if the command is
    no server of this project, or one for development.
    """
    if not command and image is not None:
        command, where = image.instruction("CMD") or image.instruction("ENTRYPOINT"), image.path
    served: list[Server] = []
    for ran in ran_by(project, image, command, where):
        if (one := served_by(project, ran)) is None:
            continue
        if not ran.script:
            return one
        served.append(one)
    return served[-1] if served else None


def ran_by(
    project: Project, image: Packed | None, command: Any, where: RelPath, *, depth: int = DEPTH
) -> Iterator[Ran]:
    """The commands that this command (a text, or a list of words) comes down to: those of scripts, where it runs some.

    Scripts are looked up where the image takes them from.
    """
    for words in _commands(command):
        script = _script(project, image, words) if depth else None
        if script is None:
            yield Ran(tuple(words), where)
            continue
        for number, line in numbered(text_of(project, script)):
            for ran in ran_by(project, image, line, script, depth=depth - 1):
                yield ran if ran.script else ran._replace(line=number, script=script)


def _commands(command: Any) -> Iterator[list[str]]:
    """The words of each command in a text, a list of words, or the JSON of one."""
    if isinstance(command, str) and command.lstrip().startswith("["):
        try:
            command = json.loads(command.replace("\\\n", " "))
        except ValueError:
            return
    words = [str(word) for word in command] if isinstance(command, list) else _split(str(command or ""))
    if len(words) == 3 and posixpath.basename(words[0]) in SHELLS and words[1] in COMMAND_OPTIONS:
        yield from _commands(words[2])
    elif isinstance(command, list):
        yield words
    else:
        yield from (words for _, line in numbered(str(command or "")) if (words := _split(line)))


def numbered(script: str) -> Iterator[tuple[int, str]]:
    """Single commands, as a shell reads them, near enough, each with the line that it begins in."""
    lines = script.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        while line.endswith("\\") and at + 1 < len(lines):
            at += 1
            line = line[:-1] + " " + lines[at]
        at += 1
        if line.lstrip().startswith("#"):
            continue
        yield from ((number, part) for part in parts(line))
        if heredoc := HEREDOC.search(line):
            while at < len(lines) and lines[at].strip() != heredoc[1]:
                at += 1
            at += 1


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return []


def _script(project: Project, image: Packed | None, words: Sequence[str]) -> RelPath | None:
    """The file of the repository behind `/start` or `bash ./start.sh`."""
    name = next((word for word in words if posixpath.basename(word) not in {*SHELLS, *HANDING_OVER}), "")
    if "/" not in name and not name.endswith(".sh"):
        return None
    # What is copied as a whole lies as in the repository.
    tail = posixpath.normpath(name.lstrip("/")).removeprefix("app/").removeprefix("code/")
    places = (image.source_of(name) if image else None, tail, project.join(tail))
    found = next((path for path in places if path is not None and project.tree.exists(path)), "")
    return None if not found or found.endswith(".py") else found


def served_by(project: Project, ran: Ran) -> Server | None:
    """The server that a command is; None if it is none of this project, or one for development."""
    names = [posixpath.basename(word) for word in ran.words]
    at = next((i for i, name in enumerate(names) if name in PORT_OPTIONS), None)
    if at is None or any(word in DEVELOPMENT for word in ran.words):
        return None
    words = ran.words[at + 1 :]
    application = _application(project, words)
    if not application:
        return None
    encrypted = any(word.partition("=")[0] in ENCRYPTED for word in ran.words)
    port = None if encrypted else _port(names[at], words)
    return Server(
        where=ran.where,
        port=port,
        line=ran.line,
        program=names[at],
        application=application,
        script=ran.script,
        words=words,
        launcher=_launcher(ran.words[:at]),
    )


def _launcher(words: Sequence[str]) -> tuple[str, ...]:
    """`uv run --no-sync` out of what stands before a program."""
    at = next((i for i in range(1, len(words)) if words[i] == "run" and words[i - 1] in LAUNCHERS), 0)
    options = takewhile(lambda word: word.startswith("--"), words[at + 1 :])
    return (*words[at - 1 : at + 1], *options) if at else ()


def _application(project: Project, words: Sequence[str]) -> RelPath:
    """The application of this project that one of the words is; nothing if none is."""
    paths = [path for path in (project.wsgi, project.asgi) if path]
    dotted = {path: path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths}
    for word in words:
        module = word.partition(":")[0]
        for path, name in dotted.items() if module else ():
            if name == module or name.endswith(f".{module}"):
                return path
    return ""


def _port(server: str, words: Sequence[str]) -> int | None:
    ports = [port for one in given(words, PORT_OPTIONS[server]) if (port := _number(one)) is not None]
    return ports[0] if ports else None


def given(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """The values that any of these options is given: `--bind X`, `--bind=X`, `-b X`, `-bX`."""
    found = []
    for i, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in options:
            found.append(value if equals else next(iter(words[i + 1 : i + 2]), ""))
        elif word[:2] in options and not word.startswith("--") and len(word) > 2:
            found.append(word[2:])
    return found


def _number(text: str) -> int | None:
    host, _, port = text.rpartition(":")
    return int(port) if port.isdigit() and host in ANYWHERE else None


def text_of(project: Project, path: RelPath) -> str:
    """The text of a file with plain line ends; nothing if there is none, or it cannot be read."""
    try:
        return (project.tree.read(path) or "").replace("\r\n", "\n")
    except Refused:
        return ""


def line_of(project: Project, path: RelPath, word: str) -> str:
    """`path:line` of the first line of a file that holds a word; nothing if none does."""
    lines = text_of(project, path).split("\n")
    return next((f"{path}:{number}" for number, line in enumerate(lines, 1) if word in line), "")
