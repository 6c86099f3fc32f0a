"""The commands that an image could be started with, and what each comes down to."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.containers import COMMAND_OPTIONS, Ran, ran_by
from djroadmap.planning.deploying.compose import rank
from djroadmap.planning.deploying.entrypoints import INITS, branches_of, serves_by_itself, split
from djroadmap.planning.deploying.images import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.compose import Service
    from djroadmap.planning.deploying.dockerfiles import Dockerfile, Said

    Branches = Mapping[str, tuple[Ran, ...]]


class Candidate(NamedTuple):
    """A command of the image, with all that it comes down to."""

    command: tuple[str, ...]
    where: str
    runs: tuple[Ran, ...]

    @property
    def script(self) -> str:
        """The script behind it, if it is one."""
        return next((one.script for one in self.runs if one.script), "")

    @property
    def unfilled(self) -> str:
        """A word that holds a variable, though no shell is there to fill it in; nothing if all is well."""
        shell = self.command[1:2] in {(option,) for option in COMMAND_OPTIONS}
        return "" if shell else next((word for word in self.command if "$" in word), "")


def candidates(project: Project, file: Dockerfile, services: Sequence[Service]) -> list[list[Candidate]]:
    """All commands, those that say most first: compose files for production, CMD, words and scripts of the image."""
    branches = branches_of(project, file)
    named = [(name, runs) for name, runs in branches.items() if runs]
    return [
        list(_composed(project, file, services, branches)),
        list(_own(project, file, branches)),
        [Candidate((name,), f"{runs[0].where}:{runs[0].line}", runs) for name, runs in named],
        list(_scripted(project, file)),
    ]


def _composed(
    project: Project, file: Dockerfile, services: Sequence[Service], branches: Branches
) -> Iterator[Candidate]:
    """Commands of services that run this image, in compose files that are not for development."""
    for service in services:
        same = service.build is not None and service.build.dockerfile == file.path
        if not same or rank(service.path) is None or not service.command or service.entrypoint:
            continue
        command = service.command
        words = tuple(command) if isinstance(command, list) else tuple(split(command))
        ran = ran_by(project, file, list(words), service.path)
        runs = tuple(one if one.line else one._replace(line=service.line) for one in ran)
        runs = branches.get(" ".join(words), runs)
        named = next(iter(words), "")
        if named.startswith("/") and not any(one.script for one in runs) and len(words) == 1:
            continue  # a script that the image does not have
        yield Candidate(words, service.where, runs)


def _own(project: Project, file: Dockerfile, branches: Branches) -> Iterator[Candidate]:
    """CMD, and what ENTRYPOINT runs without any command."""
    made = file.final
    for said in (made.command, made.entrypoint):
        if said is None or (said is made.entrypoint and made.command is not None):
            continue
        if said is made.entrypoint and (branches or not serves_by_itself(project, file)):
            continue
        words = said.words if said is made.command else ()
        runs = branches.get(" ".join(said.words)) or tuple(_runs(project, file, said))
        yield Candidate(words, f"{file.path}:{said.line}", runs)


def _runs(project: Project, file: Dockerfile, said: Said) -> Iterator[Ran]:
    words = (
        [word for word in said.words if posixpath.basename(word) not in INITS]
        if not said.shell
        else said.words
    )
    for ran in ran_by(project, file, list(words), file.path):
        yield ran if ran.line is not None else ran._replace(line=said.line)


def _scripted(project: Project, file: Dockerfile) -> Iterator[Candidate]:
    """Scripts that are copied by themselves, the entrypoint aside."""
    entry = file.final.entrypoint.words if file.final.entrypoint else ()
    for target in scripts(file):
        if target in entry:
            continue
        runs = tuple(ran_by(project, file, [target], file.path))
        if runs and runs[0].script:
            yield Candidate((target,), runs[0].script, runs)
