"""Where a container stands: the folder of the repository in which its commands run."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from djroadmap.regex import regex
from djroadmap.syntax.shell import bare, folder
from djroadmap.syntax.sources import dig, folder_of, join
from djroadmap.syntax.yaml_outline import listed, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

DEFAULT = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
WORKDIR = regex(r"^\s*WORKDIR\s+(\S+)", re.MULTILINE | re.IGNORECASE)
COPY = regex(
    r"^\s*(?:COPY|ADD)\s+((?:--chown=\S+\s+|--chmod=\S+\s+)*)(\S+)\s+(\S+)\s*$", re.MULTILINE | re.IGNORECASE
)
FROM = regex(r"\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
VARIABLE = regex(r"^\s*(?:ARG|ENV)\s+(\w+)[=\s]+[\"']?([^\s\"']+)", re.MULTILINE | re.IGNORECASE)
COMPOSE = regex(r"(?:docker-)?compose(?:[.\-_].*)?\.ya?ml")
FILE_OPTIONS = frozenset({"-f", "--file"})
FOLDER_OPTIONS = frozenset({"-w", "--workdir"})


def inside_of(sources: Sources, prefix: Sequence[str], cwd: RelPath) -> RelPath | None:
    """The folder of the repository in which a command with this prefix runs; None if it cannot be told.

    The prefix is that of `docker compose run`, `docker compose exec` or `docker exec`, typed in `cwd`.
    """
    service, home = _service(sources, prefix, cwd)
    words = [bare(word) for word in prefix]
    where = next((word for option, word in pairwise(words) if option in FOLDER_OPTIONS), "")
    return _mapped(sources, service, home, where) if service else None


def dockerfile_of(sources: Sources, prefix: Sequence[str], cwd: RelPath) -> RelPath | None:
    """The Dockerfile of the image that a command with this prefix runs in; None if it cannot be told."""
    service, home = _service(sources, prefix, cwd)
    return _build(sources, service.get("build"), home)[1]


def _service(sources: Sources, prefix: Sequence[str], cwd: RelPath) -> tuple[dict[str, Any], RelPath]:
    """The service that the prefix means, and the folder that its paths start from."""
    words = [bare(word) for word in prefix]
    named = [word for option, word in pairwise(words) if option in FILE_OPTIONS]
    paths = [folder(posixpath.join(cwd, word)) for word in named] or [join(cwd, name) for name in DEFAULT]
    if words[:2] == ["docker", "exec"]:
        # A container that was started somehow: any compose file may name it.
        paths = [path for path in sources.files if COMPOSE.fullmatch(path.rpartition("/")[2])]
    service: dict[str, Any] = {}
    home = folder_of(paths[0]) if named else cwd
    for path in paths:
        for name, one in _services(sources, path):
            if name in words or one.get("container_name") in words:
                service = {**service, **one}
                home = home if named else folder_of(path)
    return service, home


def _services(sources: Sources, path: RelPath) -> Iterator[tuple[str, dict[str, Any]]]:
    services = dig(read(sources.text(path) or ""), "services") if sources.exists(path) else None
    if isinstance(services, dict):
        yield from ((name, one) for name, one in services.items() if isinstance(one, dict))


def _mapped(sources: Sources, service: dict[str, Any], home: RelPath, where: str) -> RelPath | None:
    context, dockerfile = _build(sources, service.get("build"), home)
    text = (
        _stage(sources.text(dockerfile) or "", str(dig(service, "build", "target") or ""))
        if dockerfile
        else ""
    )
    where = where or str(service.get("working_dir") or "") or _workdir(text)
    if not where.startswith("/"):
        return None
    places = [*_volumes(service.get("volumes"), home), *reversed(list(_copies(text, context)))]
    places = [place for place in places if not sources.exists(place[1])]  # single files
    # Mounts go over what was copied, and what was copied last over what was there before.
    for target, source in sorted(places, key=lambda place: -len(place[0])):
        if where == target or where.startswith(target.rstrip("/") + "/"):
            return folder(posixpath.join(source, posixpath.relpath(where, target)))
    return min(_parents(places, where), key=len, default=None)


def _parents(places: Sequence[tuple[str, RelPath]], where: str) -> Iterator[RelPath]:
    """Folders that could be `where`, going by what is put below it under the same path."""
    for target, source in places:
        below = posixpath.relpath(target, where)
        if not below.startswith("..") and f"/{source}".endswith(f"/{below}"):
            yield source[: -len(below)].rstrip("/")


def _stage(text: str, target: str) -> str:
    """The part of a Dockerfile that makes its last image, or the one named, with the stages that it goes on from."""
    parts = re.split(r"(?m)^(?=\s*FROM\s)", text, flags=re.IGNORECASE)
    stages = [(match[1], match[2] or "", part) for part in parts if (match := FROM.match(part))]
    wanted = next(
        (stage for stage in stages if target and stage[1] == target), stages[-1] if stages else None
    )
    found = ""
    while wanted is not None:
        origin = wanted[0]
        found = wanted[2] + found
        earlier = stages[: stages.index(wanted)]
        wanted = next((stage for stage in earlier if stage[1] == origin), None)
    return found or text


def _build(sources: Sources, build: Any, home: RelPath) -> tuple[RelPath, RelPath | None]:
    """The build's context, and its Dockerfile."""
    context = build if isinstance(build, str) else str(dig(build, "context") or ".")
    context = folder(posixpath.join(home, context))
    path = folder(posixpath.join(context, str(dig(build, "dockerfile") or "Dockerfile")))
    return context, path if build and sources.exists(path) else None


def _workdir(text: str) -> str:
    """Where a Dockerfile ends up."""
    variables = dict(VARIABLE.findall(text))
    where = ""
    for found in WORKDIR.findall(text):
        step = re.sub(r"\$\{?(\w+)\}?", lambda match: variables.get(match[1], match[0]), found)
        where = posixpath.normpath(posixpath.join(where, step))
    return where


def _volumes(volumes: Any, home: RelPath) -> Iterator[tuple[str, RelPath]]:
    """Folders of the container, each with the folder of the repository that is mounted there."""
    for volume in listed(volumes):
        if isinstance(volume, dict):
            source, target = str(volume.get("source") or ""), str(volume.get("target") or "")
        else:
            source, _, target = str(volume).partition(":")
            target = target.partition(":")[0]
        if source.startswith(".") and target.startswith("/"):
            yield posixpath.normpath(target), folder(posixpath.join(home, source))


def _copies(text: str, context: RelPath) -> Iterator[tuple[str, RelPath]]:
    """The same for what a Dockerfile copies whole."""
    variables = dict(VARIABLE.findall(text))
    where = ""
    for line in text.splitlines():
        line = re.sub(r"\$\{?(\w+)\}?", lambda match: variables.get(match[1], match[0]), line)  # noqa: PLW2901
        if moved := WORKDIR.match(line):
            where = posixpath.normpath(posixpath.join(where, moved[1]))
        elif (copied := COPY.match(line)) and not copied[2].startswith("/"):
            target = posixpath.normpath(posixpath.join(where, copied[3]))
            if target.startswith("/") and "." not in copied[2].strip("./"):
                yield target, folder(posixpath.join(context, copied[2]))
