"""Which Dockerfile makes the image for production."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Problem
from djroadmap.planning.containers import ran_by, served_by
from djroadmap.planning.deploying.compose import Build, Service, rank
from djroadmap.planning.deploying.dockerfiles import GLOB, PLAIN_BASE, Dockerfile
from djroadmap.planning.deploying.facts import Image, Unknown
from djroadmap.syntax.ignored import is_ignored
from djroadmap.syntax.sources import Sources, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project


class Chosen(NamedTuple):
    """The file that was chosen, or why none was."""

    file: Dockerfile | None
    unknowns: tuple[Unknown, ...] = ()


def chosen(project: Project, services: Sequence[Service]) -> Chosen:
    """The Dockerfile of the image that serves this project in production.

    First what compose files for production build and serve it with, then Dockerfiles by themselves: those that take
    in or run a server for production, and of several the one that is called so.
    """
    built = [one for one in services if one.build is not None and project.tree.exists(one.build.dockerfile)]
    production = [one for one in built if rank(one.path) == 0]
    found = dict.fromkeys(one.build for one in production if one.build and _serves(project, one))
    if not found:
        found = dict.fromkeys(_alone(project, built))
    if len(found) == 1:
        build = next(iter(found))
        return _checked(project, Dockerfile(project.tree, *build))
    if found:
        names = ", ".join(dict.fromkeys(_named(one) for one in found))
        why = f"several images could be the one for production: {names}"
        hint = "name the one for production so (docker/production/), or build it in a compose file for production"
        return Chosen(None, (_unknown(next(iter(found)).dockerfile, f"{why}; {hint}"),))
    return Chosen(None, (_nothing(project),))


def image_of(project: Project, file: Dockerfile) -> Image:
    """The facts of the image."""
    made = file.final
    entrypoint = made.entrypoint
    return Image(
        dockerfile=file.path,
        context=file.context,
        stage=file.target if file.at != len(file.stages) - 1 else "",
        workdir=made.workdir,
        user="" if made.user in {"root", "0"} else made.user,
        uid=file.uid(),
        entrypoint=entrypoint.words if entrypoint else (),
        sets=tuple(made.environment),
        untracked=untracked(project, file),
    )


def _serves(project: Project, service: Service) -> bool:
    assert service.build is not None  # noqa: S101 - asked for by the only caller
    file = Dockerfile(project.tree, *service.build)
    command = service.command or service.entrypoint
    return any(_servers(project, file, command, service.path)) if command else serves_alone(project, file)


def _servers(project: Project, file: Dockerfile, command: object, where: RelPath) -> Iterator[bool]:
    for ran in ran_by(project, file, command, where):
        if served_by(project, ran) is not None:
            yield True


def serves_alone(project: Project, file: Dockerfile) -> bool:
    """Does the image itself name a server of this project: in CMD, ENTRYPOINT, or a script that it takes in?"""
    made = file.final
    words = [list(one.words) for one in (made.command, made.entrypoint) if one is not None]
    words += [[target] for target in scripts(file)]
    return any(any(_servers(project, file, one, file.path)) for one in words)


def scripts(file: Dockerfile) -> list[str]:
    """Where the image puts single files of the repository that are no Python."""
    found = []
    for copied in file.final.copied:
        if copied.origin:
            continue
        for source in copied.sources:
            name = source.rpartition("/")[2]
            target = f"{copied.target.rstrip('/')}/{name}" if copied.is_folder else copied.target
            path = file.source_of(target)
            if path is not None and "." not in name.removesuffix(".sh"):
                found.append(target)
    return list(dict.fromkeys(found))


def _alone(project: Project, built: Sequence[Service]) -> list[Build]:
    """Dockerfiles that serve this project, by themselves or by a compose file that is not for development."""
    found: dict[Build, None] = {}
    for path in project.docker.dockerfiles:
        if rank(path) is None:
            continue
        build = Build(path, _context(project, path, built))
        neutral = [
            one for one in built if rank(one.path) is not None and one.build and one.build.dockerfile == path
        ]
        served = [one.build for one in neutral if one.build and _serves(project, one)]
        if served:
            found |= dict.fromkeys(served)
        elif serves_alone(project, Dockerfile(project.tree, *build)):
            found[build] = None
    if not found:
        for path in project.docker.dockerfiles:
            build = Build(path, _context(project, path, built))
            if (
                rank(path) is not None
                and Dockerfile(project.tree, *build).place_of(project.manage) is not None
            ):
                found[build] = None
    named = [one for one in found if rank(one.dockerfile) == 0]
    return named or [one for one in found if rank(one.dockerfile) == 1] or list(found)


def _context(project: Project, path: RelPath, built: Sequence[Service]) -> RelPath:
    """The folder that a Dockerfile is built in: as a compose file says, else the first that holds what it copies."""
    known = [one.build.context for one in built if one.build and one.build.dockerfile == path]
    folder = folder_of(path)
    own = [folder] if project.manage.startswith(f"{folder}/") else []
    places = list(dict.fromkeys([*known, *own, "", project.base, folder]))
    return min(places, key=lambda one: len(missing(project, Dockerfile(project.tree, path, one))))


def missing(project: Project, file: Dockerfile) -> list[tuple[int, RelPath]]:
    """What COPY takes from the context that the repository lacks for certain: line and path."""
    return [
        (line, path)
        for line, path in _copied(file)
        if not project.tree.exists(path) and not project.tree.has_folder(path)
    ]


def _copied(file: Dockerfile) -> Iterator[tuple[int, RelPath]]:
    """What COPY takes from the context by its name, in the stages that are built."""
    for at in file.needed():
        for copied in file.copies(at):
            for source in copied.sources if not copied.origin else ():
                if "$" in source or "://" in source or source.startswith("git@") or GLOB.search(source):
                    continue
                path = posixpath.normpath(posixpath.join(file.context, source.lstrip("/")))
                if path != "." and not path.startswith(".."):
                    yield copied.line, path


def untracked(project: Project, file: Dockerfile) -> tuple[RelPath, ...]:
    """Files that it copies by name and git ignores."""
    sources = Sources(project.tree)
    named = (path for _, path in _copied(file) if not project.tree.has_folder(path))
    return tuple(dict.fromkeys(path for path in named if is_ignored(sources, path)))


def _checked(project: Project, file: Dockerfile) -> Chosen:
    """The same with what stands in its way."""
    found: list[Unknown] = []
    if not file.is_whole:
        found.append(_unknown(file.path, f'has no stage "{file.target}", which is to be built'))
        return Chosen(None, tuple(found))
    ignored = untracked(project, file)
    for line, path in missing(project, file):
        if path not in ignored:
            why = f"copies {path}, which is not in the repository, so the image cannot be built"
            found.append(_unknown(file.path, why, line))
    if file.place_of(project.manage) is None:
        found.append(_unknown(file.path, f"does not take {project.manage} into the image by COPY"))
    made = file.final
    if made.entrypoint is None and not PLAIN_BASE.fullmatch(made.base):
        why = (
            f"goes on from {made.base}, whose ENTRYPOINT is not known here: say ENTRYPOINT in the Dockerfile"
        )
        problem = Problem(file.path, file.stages[file.at].line, why, "ENTRYPOINT []")
        found.append(Unknown("entrypoint", problem))
    return Chosen(file, tuple(found))


def _nothing(project: Project) -> Unknown:
    if not project.docker.dockerfiles:
        return _unknown("Dockerfile", "there is no Dockerfile, and so no image to deploy")
    names = ", ".join(project.docker.dockerfiles)
    why = f"no Dockerfile makes an image that serves this project in production (there are: {names})"
    return _unknown(project.docker.dockerfiles[0], why)


def _named(build: Build) -> str:
    return f"{build.dockerfile} (stage {build.target})" if build.target else build.dockerfile


def _unknown(path: RelPath, why: str, line: int | None = None) -> Unknown:
    return Unknown("image", Problem(path, line, why))
