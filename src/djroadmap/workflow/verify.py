"""`--verify`: the project's own checks, run on a copy that has the changes, before anything is written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.planning.commands import manage, prefix
from djroadmap.planning.tests import run_tests

from .prepared import in_order
from .ways import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from djroadmap.model.plan import Command
    from djroadmap.model.ports import Shell
    from djroadmap.model.project import Project

    from .prepared import Prepared
    from .ways import Host, Way


class Verification(NamedTuple):
    """What is going to be run, and how."""

    way: Way
    commands: tuple[Command, ...]
    """The checks themselves, in the copy."""
    left_out: tuple[Command, ...] = ()
    """Checks whose program is not on this machine."""
    general: tuple[Command, ...] = ()
    """Those of the commands that make sense without the changes as well: not the tests that come with them."""

    @property
    def steps(self) -> tuple[Command, ...]:
        """All that is run in the copy."""
        return (*self.way.install, *self.commands)


class Outcome(NamedTuple):
    """What came of a command."""

    command: Command
    returncode: int
    seconds: float
    output: str
    outside: bool = False
    """Was it run in the project itself?"""


def verification(
    project: Project, after: Project, prepared: Prepared, host: Host, *, tests: bool
) -> Verification:
    """Django's checks, then those of the features, then the project's own tests if they are asked for.

    `after` is the project with the changes. Raises `Refused` if nothing can be verified here.
    """
    if prepared.conflicts:
        hint = (
            "nothing was written; what has conflicts cannot be verified: "
            "run it without --verify, resolve them, then run the checks"
        )
        raise Refused(prepared.conflicts, hint=hint)
    django = (
        manage(after, "check", why="Django's system checks"),
        manage(after, "makemigrations", "--check", "--dry-run", why="no migration is missing"),
    )
    own = (run_tests(after, why="the project's own tests"),) if tests else ()
    listed = in_order((*django, *prepared.checks, *own))
    way = choose(project, after, prepared, host, [_inner(after, command)[0] for command in listed])
    known = [one for one in listed if _is_ours(after, one) or host.which(one.argv[0])]
    return Verification(
        way=way,
        commands=tuple(_run_by(way, after, command) for command in known),
        left_out=tuple(command for command in listed if command not in known),
        general=(
            *(way.install if way.prefix else ()),
            *(_run_by(way, after, command) for command in (*django, *own)),
        ),
    )


def verify(
    planned: Verification, copy: Shell, itself: Shell, *, progress: Callable[[Command], None]
) -> Iterator[Outcome]:
    """Run the commands in turn, up to the first that fails. `clean_up` belongs after it, whatever comes."""
    for command in planned.way.outside:
        progress(command)
        yield (outcome := _run(command, itself, outside=True))
        if outcome.returncode:
            return
    for command in planned.steps:
        progress(command)
        yield (outcome := _run(command, copy))
        if outcome.returncode:
            return


def clean_up(planned: Verification, copy: Shell) -> None:
    """Remove what was made outside of the copy."""
    for command in planned.way.clean:
        copy.run(command.argv, cwd=command.cwd)


def fails_anyway(planned: Verification, failed: Command, copy: Shell) -> bool:
    """Does the command fail as well in a copy without the changes? False if it means nothing there."""
    if failed not in planned.general:
        return False
    upto = planned.steps[: planned.steps.index(failed) + 1]
    needed = [one for one in upto if one in planned.way.install or one == failed]
    return any(copy.run(one.argv, cwd=one.cwd).returncode for one in needed)


def _run(command: Command, shell: Shell, *, outside: bool = False) -> Outcome:
    start = time.monotonic()
    ran = shell.run(command.argv, cwd=command.cwd)
    return Outcome(command, ran.returncode, time.monotonic() - start, ran.output, outside)


def _is_ours(project: Project, command: Command) -> bool:
    """Is it run the way this project runs commands? Others are run as they are."""
    words = prefix(project)
    return command.argv[: len(words)] == words


def _inner(project: Project, command: Command) -> tuple[str, ...]:
    """A command without what stands before it in this project: compose, `uv run`, or nothing."""
    return command.argv[len(prefix(project)) :] if _is_ours(project, command) else command.argv


def _run_by(way: Way, project: Project, command: Command) -> Command:
    """The command as it is run in the copy."""
    argv, cwd = _inner(project, command), command.cwd
    if "test" in argv and argv[argv.index("test") - 1].endswith("manage.py"):
        argv += ("--noinput",)  # nobody is there to be asked whether an old test database may go
    if not _is_ours(project, command):
        return command._replace(argv=argv)
    compose = project.docker.compose
    if compose is not None and not way.contained:
        cwd = project.base if compose.inside is None else compose.inside
    return command._replace(argv=(*way.prefix, *argv), cwd=cwd)
