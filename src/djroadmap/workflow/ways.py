"""How the commands of `--verify` are run in a copy of the project, so that nothing of the user's changes.

| way | runs | what is the user's stays as it is, since |
|---|---|---|
| an environment | `python`, `pytest` | what it lacks goes into another one on top of it, in the copy |
| a manager | `uv run`, `poetry run`, ... | environment and lock file are the copy's own |
| compose | `docker compose run --no-deps` | the image is one of its own, and services that run are left alone |
"""

from __future__ import annotations

import os
import posixpath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Problem, Refused
from djroadmap.model.plan import Command
from djroadmap.planning.commands import compose_command, tool_prefix
from djroadmap.syntax.sources import dig
from djroadmap.syntax.yaml_outline import listed, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from djroadmap.adapters.environments import Environment
    from djroadmap.model.project import Compose, Project

    from .prepared import Prepared

Variables = dict[str, str | None]

VENV = ".venv"
"""The environment in the copy: managers make it there by themselves, linters and tests pass over it."""
OVERRIDE = ".djroadmap-verify.yml"
OVERRIDING = """\
services:
  {service}:
{image}    init: true
    environment:
      PYTHONDONTWRITEBYTECODE: "1"
      PYTEST_ADDOPTS: -o cache_dir=/tmp/pytest
"""
"""With `init`, commands end when they are told to; without caches, root leaves no files in the copy."""
ACTIVE: Variables = {"VIRTUAL_ENV": None, "CONDA_PREFIX": None, "CONDA_DEFAULT_ENV": None}
"""With these, managers would work in the user's environment instead."""
MANAGERS: dict[str, tuple[tuple[str, ...], Variables]] = {
    # https://docs.astral.sh/uv/reference/environment/
    "uv": (
        ("uv", "sync"),
        {"UV_PROJECT_ENVIRONMENT": None, "UV_FROZEN": None, "UV_LOCKED": None, "UV_NO_SYNC": None},
    ),
    # https://python-poetry.org/docs/configuration/
    "poetry": (
        ("poetry", "install"),
        {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_VIRTUALENVS_CREATE": "true"},
    ),
    # https://pdm-project.org/latest/usage/venv/
    "pdm": (
        ("pdm", "install"),
        {"PDM_VENV_IN_PROJECT": "1", "PDM_IGNORE_SAVED_PYTHON": "1", "PDM_IGNORE_ACTIVE_VENV": "1"},
    ),
    # https://pipenv.pypa.io/en/latest/configuration.html
    "pipenv": (
        ("pipenv", "install", "--dev"),
        {"PIPENV_VENV_IN_PROJECT": "1", "PIPENV_IGNORE_VIRTUALENVS": "1", "PIPENV_PIPFILE": None},
    ),
    # https://hatch.pypa.io/latest/config/hatch/
    "hatch": (("hatch", "env", "create"), {"HATCH_DATA_DIR": "{folder}/hatch"}),
}
"""What installs into the copy, and the variables that keep it there."""
PIP: Variables = {
    "PIP_USER": "0",
    "PIP_TARGET": None,
    "PIP_PREFIX": None,
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""What pip is told, so that it installs where it is."""


class Host(NamedTuple):
    """What is on this machine."""

    environ: Mapping[str, str]
    environments: tuple[Environment, ...]
    """Those that have Django, the active ones first."""
    which: Callable[[str], str | None]
    """The path of a program, or None."""
    read: Callable[[str], str | None]
    """The text of a file, or None."""
    folder: str
    """Where the copy is made."""

    @property
    def path(self) -> str:
        """The variable PATH."""
        return self.environ.get("PATH", os.defpath)


class Way(NamedTuple):
    """How commands are run in the copy."""

    name: str
    """As people say: `with .venv`, `by uv run`."""
    prefix: tuple[str, ...] = ()
    """What stands before a command."""
    contained: bool = False
    """Are commands run in a container?"""
    outside: tuple[Command, ...] = ()
    """What is run first, in the project itself: services that are only started."""
    install: tuple[Command, ...] = ()
    """What is run first in the copy."""
    clean: tuple[Command, ...] = ()
    """What is run at the end, whatever has come."""
    variables: Mapping[str, str | None] = MappingProxyType({})
    """Environment variables; None unsets one."""
    files: Mapping[str, str] = MappingProxyType({})
    """Files for the copy alone."""
    sources: tuple[str, ...] = ()
    """Folders that the environment imports from."""


def choose(project: Project, after: Project, prepared: Prepared, host: Host, programs: Sequence[str]) -> Way:
    """How the commands of this project are run on this machine.

    `after` is the project with the changes, `programs` are those that the commands name. An active environment says
    how its owner works; else it is compose where that runs Django, as in all commands that djroadmap shows. Raises
    `Refused` if there is no way.
    """
    wanted = _wanted(project, after, prepared)
    here = [one for one in host.environments if not one.active or _serves(one, project)]
    compose = after.docker.compose
    if compose is not None and host.which("docker") and not any(one.active for one in here):
        return _compose(after, compose, prepared, host, wanted)
    whole = [one for one in here if not _lacking(one, wanted)]
    if whole:
        return _environment(project, whole[0], host)
    manager = tool_prefix(after)
    if manager and host.which(manager[0]):
        return _manager(after, prepared, manager, host)
    if here:
        return _on_top(project, here[0], wanted, host, programs)
    raise Refused(
        (_nothing(after, manager),), hint="nothing was written; do that first, or run without --verify"
    )


def _serves(one: Environment, project: Project) -> bool:
    """Is it for this project? The active one may be another project's, or a Python that just has Django.

    Half of the packages will do: it may well lack those for production.
    """
    names = project.dependencies.names
    return 2 * sum(name in one.distributions for name in names) >= len(names)


def _nothing(project: Project, manager: Sequence[str]) -> Problem:
    """There is no way, and what would make one."""
    missing = [*(["docker"] if project.docker.compose else []), *manager[:1]]
    why = "there is no environment with Django to run it in"
    if missing:
        why += f", and no {' and no '.join(missing)}"
    files = [file.path for file in project.dependencies.files]
    packages = f"-r {files[0]}" if files else "Django"
    make = f"python -m venv {VENV} && {VENV}/bin/python -m pip install {packages}"
    if manager:
        make = " ".join(MANAGERS[manager[0]][0])
    return Problem(path=project.manage, line=None, why=f"{why}, so nothing can be verified", snippet=make)


def _environment(project: Project, one: Environment, host: Host) -> Way:
    """What is installed there will do."""
    path = os.pathsep.join((one.programs, host.path))
    return Way(
        name=f"with {_shown(project, one.home)}",
        variables={"PATH": path, "VIRTUAL_ENV": one.home},
        sources=one.sources,
    )


def _on_top(
    project: Project, one: Environment, wanted: Mapping[str, str], host: Host, programs: Sequence[str]
) -> Way:
    """An environment in the copy that sees what is installed in the user's, and has what that lacks besides.

    pip takes what it sees for installed, and never removes anything outside of its own environment.
    """
    name = _shown(project, one.home)
    top = one._replace(home=posixpath.join(host.folder, posixpath.basename(project.root), VENV))
    within = os.path.relpath(one.site, one.home)
    files = {f"{VENV}/{within}/djroadmap.pth": f"import site; site.addsitedir({one.site!r})\n"}
    for program in programs:
        # A script that names the user's interpreter would not see what is on top.
        script = host.read(posixpath.join(one.programs, program)) or ""
        if script.startswith("#!"):
            files[f"{VENV}/bin/{program}"] = script.replace(one.home, top.home)
    without_pip = ("--without-pip",) if "pip" in one.distributions else ()
    python = os.path.relpath(top.python, posixpath.dirname(top.home))
    return Way(
        name=f"with {name} and what it lacks on top",
        install=(
            Command(
                argv=(one.python, "-m", "venv", *without_pip, VENV),
                why=f"make an environment that sees what {name} has",
            ),
            Command(
                argv=(python, "-m", "pip", "install", *_lacking(one, wanted)),
                why=f"install what {name} lacks, which stays as it is",
            ),
        ),
        variables={
            **PIP,
            "PATH": os.pathsep.join((top.programs, one.programs, host.path)),
            "VIRTUAL_ENV": top.home,
        },
        files=files,
        sources=one.sources,
    )


def _manager(project: Project, prepared: Prepared, manager: tuple[str, ...], host: Host) -> Way:
    """The project's manager installs into the copy what the changed files say."""
    install, variables = MANAGERS[manager[0]]
    if manager[0] == "pipenv" and project.dependencies.lock:
        install = ("pipenv", "sync", "--dev")
    folder = project.dependencies.folder
    locks = [one for one in prepared.commands if one.when == "lock" and one.argv[0] == manager[0]]
    return Way(
        name=f"by {' '.join(manager)}",
        prefix=manager,
        install=(*locks, Command(argv=install, why="install into an environment of the copy", cwd=folder)),
        variables={
            **ACTIVE,
            **{name: value and value.format(folder=host.folder) for name, value in variables.items()},
        },
    )


def _compose(
    project: Project, compose: Compose, prepared: Prepared, host: Host, wanted: Mapping[str, str]
) -> Way:
    """A container like the project's own, of an image of its own, beside the services that run already.

    Services that it depends on are started in the project itself: in the copy, Docker would make them anew, since
    their files are elsewhere. https://docs.docker.com/reference/cli/docker/compose/run/
    """
    service = _service(project, compose)
    tag = f"{posixpath.basename(host.folder)}-{compose.service.lower()}"
    files = [compose.path, *_overrides(project, compose), OVERRIDE]
    words = ("docker", "compose", *(word for path in files for word in ("-f", path)))
    built = "build" in service
    if wanted and not built:
        why = f"it does not say how {compose.service} is built, so {' and '.join(wanted)} cannot be put into an image"
        hint = "nothing was written; run without --verify"
        raise Refused((Problem(path=compose.path, line=None, why=why),), hint=hint)
    override = OVERRIDING.format(service=compose.service, image=f"    image: {tag}\n" if built else "")
    locks = [one for one in prepared.commands if one.when == "lock" and host.which(one.argv[0])]
    build = Command(argv=(*words, "build", compose.service), why="build an image of its own")
    return Way(
        name="by docker compose",
        prefix=(*words, "run", "--rm", "--no-deps", compose.service),
        contained=True,
        outside=_dependencies(compose, service),
        install=(*locks, build) if built else (),
        clean=(
            Command(argv=("docker", "image", "rm", "--force", tag), why="drop that image, whatever has come"),
        )
        if built
        else (),
        files={OVERRIDE: override},
    )


def _service(project: Project, compose: Compose) -> dict[str, Any]:
    found = dig(read(project.tree.read(compose.path) or ""), "services", compose.service)
    return found if isinstance(found, dict) else {}


def _overrides(project: Project, compose: Compose) -> tuple[str, ...]:
    """What Docker adds by itself where nobody names a file."""
    stem = compose.path.rpartition(".")[0]
    beside = (f"{stem}.override.yml", f"{stem}.override.yaml")
    return tuple(path for path in beside if project.tree.exists(path))[:1] if compose.is_default else ()


def _dependencies(compose: Compose, service: dict[str, Any]) -> tuple[Command, ...]:
    depends = service.get("depends_on")
    names = list(depends) if isinstance(depends, dict) else listed(depends)
    if not names:
        return ()
    argv = (*compose_command(compose), "up", "--detach", "--no-recreate", *names)
    return (Command(argv=argv, why="start what it depends on; what runs is left alone"),)


def _wanted(project: Project, after: Project, prepared: Prepared) -> dict[str, str]:
    """Name and specifier of what the changes ask for and the project did not so far."""
    before = project.dependencies.names
    found = {
        name: specifier
        for name, specifier in after.dependencies.names.items()
        if before.get(name) != specifier
    }
    for command in prepared.commands:  # of projects that write down nothing
        named = command.argv[4:] if command.argv[:4] == ("python", "-m", "pip", "install") else ()
        for name, equals, version in (one.partition("==") for one in named):
            if equals:
                found.setdefault(
                    name.partition("[")[0].lower().replace("_", "-").replace(".", "-"), f"=={version}"
                )
    return found  # fmt: skip


def _lacking(one: Environment, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Requirements for pip: what is wanted and not there, or only in another version."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - only `--verify` needs it

    found = []
    for name, written in wanted.items():
        specifier = _specifier(written)
        try:
            allowed = SpecifierSet(specifier)
        except InvalidSpecifier:
            specifier, allowed = "", SpecifierSet()
        version = one.distributions.get(name)
        if version is None or not allowed.contains(version, prereleases=True):
            found.append(f"{name}{specifier}")
    return tuple(found)


def _specifier(written: str) -> str:
    """A version as Poetry writes it, for pip: `^5.0` is `>=5.0,==5.*`, and `^0.14` is `>=0.14,==0.14.*`."""
    version = written[1:]
    if written[:1] not in {"^", "~"} or not version[:1].isdigit():
        return written
    parts = version.split(".")
    fixed = next((at for at, part in enumerate(parts, 1) if part != "0"), 1) if written[0] == "^" else 2
    return f">={version},=={'.'.join(parts[:fixed])}.*"


def _shown(project: Project, path: str) -> str:
    """A path as people write it: short where it is in the project."""
    below = os.path.relpath(path, project.root)
    return path if below.startswith(os.pardir) else below
