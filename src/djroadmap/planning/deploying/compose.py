"""Services of compose files, and which files are for production."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.planning.containers import text_of
from djroadmap.planning.deploying.dockerfiles import expanded
from djroadmap.regex import regex
from djroadmap.syntax.yaml_outline import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

PRODUCTION = regex(r"(?i)(?:^|[-_./])(?:prod|production|deploy|deployment|live|swarm|stack)(?:$|[-_./])")
STAGING = regex(r"(?i)(?:^|[-_./])(?:staging|stage|review|demo)(?:$|[-_./])")
DEVELOPMENT = regex(
    r"(?i)(?:^|[-_./])(?:local|dev|develop|development|devcontainer|debug|tests?|testing|e2e|ci|docs|override|example)"
    r"(?:$|[-_./])"
)


class Build(NamedTuple):
    """What an image is built from."""

    dockerfile: RelPath
    context: RelPath
    target: str = ""


class Service(NamedTuple):
    """One service of a compose file."""

    name: str
    path: RelPath
    line: int
    """The line of its command; that of its name if it has none of its own."""
    build: Build | None
    image: str
    command: Any
    """A text or a list of words; nothing for the image's own."""
    entrypoint: Any
    environment: tuple[tuple[str, str], ...]
    """What it sets, as it is written."""

    @property
    def where(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.line}"


def rank(path: RelPath) -> int | None:
    """How much a path speaks of production: 0 by name, 1 if it says nothing, 2 for staging; None for development."""
    if DEVELOPMENT.search(path):
        return None
    return 0 if PRODUCTION.search(path) else 2 if STAGING.search(path) else 1


def services_of(project: Project) -> list[Service]:
    """The services of every compose file, those for production first and those for development last."""
    found = []
    for path in project.docker.compose_files:
        found += list(_services(project, path))
    return sorted(found, key=lambda one: 3 if (at := rank(one.path)) is None else at)


def _services(project: Project, path: RelPath) -> Iterator[Service]:
    text = text_of(project, path)
    document = read(text)
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict):
        return
    for name, written in services.items():
        if isinstance(written, dict):
            one = _extended(services, written, 3)
            yield Service(
                name=name,
                path=path,
                line=_line(text, name),
                build=_build(one.get("build"), path),
                image=_interpolated(one.get("image")) if isinstance(one.get("image"), str) else "",
                command=_command(one.get("command")),
                entrypoint=_command(one.get("entrypoint")),
                environment=tuple(_environment(one.get("environment"))),
            )


def _extended(services: dict[str, Any], one: dict[str, Any], depth: int) -> dict[str, Any]:
    """With what `extends` takes over from the same file."""
    extends = one.get("extends")
    name = (
        extends if isinstance(extends, str) else extends.get("service") if isinstance(extends, dict) else None
    )
    other = services.get(name) if isinstance(name, str) else None
    if not isinstance(other, dict) or not depth or (isinstance(extends, dict) and "file" in extends):
        return one
    return {**_extended(services, other, depth - 1), **one}


def _build(build: Any, path: RelPath) -> Build | None:
    if isinstance(build, str) and build:
        build = {"context": build}
    if not isinstance(build, dict):
        return None
    folder = path.rpartition("/")[0]
    context = _joined(folder, _interpolated(build.get("context") or "."))
    dockerfile = _joined(context, _interpolated(build.get("dockerfile") or "Dockerfile"))
    return Build(dockerfile, context, _interpolated(build.get("target") or ""))


def _joined(folder: str, path: str) -> str:
    whole = posixpath.normpath(posixpath.join(folder, path))
    return "" if whole == "." else whole


def _command(value: Any) -> Any:
    if isinstance(value, list):
        return [_interpolated(word) for word in value]
    return _interpolated(value) if isinstance(value, str) else ""


def _interpolated(value: Any) -> str:
    """A scalar with the defaults of what compose fills in; `$$` is a `$` for the container."""
    text = value if isinstance(value, str) else ""
    return expanded(text.replace("$$", "\0"), {}).replace("\0", "$")


def _environment(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((name, one if isinstance(one, str) else "") for name, one in value.items())
    for one in value if isinstance(value, list) else ():
        if isinstance(one, str):
            name, _, text = one.partition("=")
            yield name, text


def _line(text: str, name: str) -> int:
    """The line of a service's own command, or of its name."""
    lines = text.splitlines()
    start = next(
        (at for at, line in enumerate(lines) if line.strip().startswith((f"{name}:", f'"{name}":'))), 0
    )
    indent = len(lines[start]) - len(lines[start].lstrip()) if lines else 0
    for at in range(start + 1, len(lines)):
        line = lines[at]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        if line.strip().startswith("command:"):
            return at + 1
    return start + 1
