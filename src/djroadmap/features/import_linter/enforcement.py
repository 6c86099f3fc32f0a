"""What makes people keep the contracts: a step in CI and a git hook, as the project has them."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.planning.commands import prefix
from djroadmap.planning.hooks import hook
from djroadmap.versions import pin

from .presence import COMMAND, TOOL, enforcers, mentions

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project


def enforcement(project: Project, folder: RelPath) -> Plan:
    """The step beside the tests and the hook; a to-do where there is neither CI nor a hook.

    Where CI runs pre-commit on all files, the hook is enough. lefthook skips commands without staged files, so on a
    clean checkout its hook enforces nothing, and CI needs a step of its own.
    """
    if not enforcers(project):
        why = "run this before you commit: there is no CI and no git hook to do it"
        return Plan(todos=(Todo(text=why, snippet=str(lint(project, folder))),))
    return (Plan() if _pre_commit_in_ci(project) else _step(project, folder)) + _hook(project, folder)


def lint(project: Project, folder: RelPath) -> Command:
    """What a developer of this project runs to check the contracts."""
    why = "check the contracts"
    if project.docker.compose is None:
        return Command(argv=(*prefix(project), COMMAND), why=why, cwd=folder)
    return Command(argv=(*prefix(project), *command(folder, project.base)), why=why)


def command(folder: RelPath, cwd: RelPath = "") -> tuple[str, ...]:
    """`lint-imports` for a shell that stands in `cwd`, run in `folder`, since it imports from where it stands."""
    if folder == cwd:
        return (COMMAND,)
    inside = posixpath.relpath(f"/{folder}", f"/{cwd}")
    return ("sh", "-c", f"cd {shlex.quote(inside)} && {COMMAND}")


def _step(project: Project, folder: RelPath) -> Plan:
    from djroadmap.planning.ci import test_step  # noqa: PLC0415 - `status` does not need it

    return _where_new(
        project,
        test_step(
            project,
            name="Check Module Boundaries",
            command=(COMMAND,),
            folder=folder,
            requirements=(pin(TOOL).requirement,),
        ),
    )


def _hook(project: Project, folder: RelPath) -> Plan:
    planned = hook(
        project,
        id=TOOL,
        name=TOOL,
        command=shlex.join(command(folder)),
        files_glob="*.py",
        additional_dependencies=(pin(TOOL).requirement,),
    )
    return _where_new(project, planned)


def _where_new(project: Project, planned: Plan) -> Plan:
    """Without what would go into files that run import-linter already, in a way of their own."""
    edits = tuple(
        edit
        for edit in planned.edits
        if not mentions(project, edit.path) or edit.holds(project.tree.read(edit.path))
    )
    return Plan(edits, planned.commands, planned.todos)


def _pre_commit_in_ci(project: Project) -> bool:
    runs = any("pre-commit" in (project.tree.read(ci.path) or "") for ci in project.ci)
    return runs and any(hooks.kind == "pre-commit" for hooks in project.hooks)
