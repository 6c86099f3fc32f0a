"""How this project runs a command: through compose, uv, Poetry, or as it is."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from djroadmap.model.plan import Command

if TYPE_CHECKING:
    from djroadmap.model.plan import When
    from djroadmap.model.project import Compose, Project


def compose_run(compose: Compose) -> tuple[str, ...]:
    """`docker compose -f docker-compose.local.yml run --rm django`."""
    return (*compose_command(compose), "run", "--rm", compose.service)


def compose_command(compose: Compose) -> tuple[str, ...]:
    """`docker compose`, naming the file where Docker would not find it by itself."""
    return ("docker", "compose") if compose.is_default else ("docker", "compose", "-f", compose.path)


def prefix(project: Project) -> tuple[str, ...]:
    """What a developer of this project types before a command; nothing if commands run as they are."""
    if project.docker.compose is not None:
        return compose_run(project.docker.compose)
    return tool_prefix(project)


def tool_prefix(project: Project) -> tuple[str, ...]:
    """The same without Docker: `uv run`, `poetry run`, ..., or nothing."""
    dependencies = project.dependencies
    if dependencies.manager == "uv" and dependencies.lock is not None:
        return ("uv", "run")
    runners = {
        "poetry": ("poetry", "run"),
        "pdm": ("pdm", "run"),
        "pipenv": ("pipenv", "run"),
        "hatch": ("hatch", "run"),
    }
    return runners.get(dependencies.manager, ())


def command(project: Project, *argv: str, why: str, when: When = "after") -> Command:
    """A command inside the project's environment, run from the folder of manage.py."""
    if project.docker.compose is None:
        return Command(argv=(*prefix(project), *argv), why=why, when=when, cwd=project.base)
    if (below := _from_container(project)) != ".":
        argv = ("sh", "-c", f"cd {shlex.quote(below)} && {shlex.join(argv)}")
    return Command(argv=(*prefix(project), *argv), why=why, when=when)


def manage(project: Project, *argv: str, why: str, when: When = "after") -> Command:
    """A management command as this project runs it."""
    if project.docker.compose is None:
        return command(project, "python", "manage.py", *argv, why=why, when=when)
    path = posixpath.normpath(posixpath.join(_from_container(project), "manage.py"))
    return Command(argv=(*prefix(project), "python", path, *argv), why=why, when=when)


def _from_container(project: Project) -> str:
    """The folder of manage.py for a shell in the container, which stands there itself if nothing else is known."""
    compose = project.docker.compose
    inside = None if compose is None else compose.inside
    return "." if inside is None else posixpath.relpath(f"/{project.base}", f"/{inside}")
