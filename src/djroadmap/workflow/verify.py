"""`--verify`: run the project's own checks on the result before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import VerificationFailed
from djroadmap.model.plan import Command
from djroadmap.planning.commands import prefix, tool_prefix

from .prepared import in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.model.ports import Shell
    from djroadmap.model.project import Project

    from .prepared import Prepared


def verification(project: Project, prepared: Prepared, *, python: str | None) -> tuple[Command, ...]:
    """The commands to run: Django's checks, then the features' own.

    `python` is the interpreter of the project's environment, if one was found; else the project's runner is used.
    """
    head = (python,) if python else (*tool_prefix(project), "python")
    checks = (
        tuple(_local(command, prefix(project)) for command in prepared.checks) if python else prepared.checks
    )
    manage = (*head, "manage.py")
    django = (
        Command(argv=(*manage, "check"), why="Django's system checks", cwd=project.base),
        Command(
            argv=(*manage, "makemigrations", "--check", "--dry-run"),
            why="no migration is missing",
            cwd=project.base,
        ),
    )
    return in_order((*django, *checks))


def _local(command: Command, words: tuple[str, ...]) -> Command:
    """A command without what stands before it in this project (compose, `uv run`): the copy is not in a container."""
    argv = command.argv[len(words) :] if command.argv[: len(words)] == words else command.argv
    return command._replace(argv=argv)


def verify(commands: tuple[Command, ...], shell: Shell, *, progress: Callable[[Command], None]) -> None:
    """Run each command in turn. Raises `VerificationFailed` with the output of the first that fails."""
    for command in commands:
        progress(command)
        ran = shell.run(command.argv, cwd=command.cwd)
        if ran.returncode != 0:
            tail = "\n".join(ran.output.splitlines()[-40:])
            raise VerificationFailed(
                f"{command} ended with {ran.returncode}:\n{tail}",
                hint="nothing was written; mend the cause, or run without --verify",
            )
