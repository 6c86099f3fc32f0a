"""Where a dependency goes in this project, in its own style, and what refreshes the lock afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.versions import pin

from .commands import compose_command

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit
    from djroadmap.model.project import Dependencies, Project, RequirementsFile
    from djroadmap.versions import Pin


def dependency(project: Project, name: str, *, extra: bool = False) -> Plan:
    """A distribution that the project needs at run time, in every environment.

    `name` must be pinned in `djroadmap.versions`. A distribution the project names already, wherever, holds.
    """
    return _plan(project, pin(name), dev=False, extra=extra)


def dev_dependency(project: Project, name: str, *, extra: bool = False) -> Plan:
    """A distribution that only developers and CI need."""
    return _plan(project, pin(name), dev=True, extra=extra)


def _plan(project: Project, wanted: Pin, *, dev: bool, extra: bool) -> Plan:
    candidates = _candidates(project.dependencies, wanted, dev=dev, extra=extra)
    if not candidates:
        install = Command(
            argv=("python", "-m", "pip", "install", wanted.requirement),
            why=f"install {wanted.name}",
            when="install",
        )
        note = Todo(
            text=f"write {wanted.requirement} down where this project keeps its dependencies: there is no file for them"
        )
        return Plan(commands=(install,), todos=(note,))
    read = project.tree.read
    chosen = next((edit for edit in candidates if edit.holds(read(edit.path))), candidates[0])
    return Plan((chosen,), commands=refresh(project, chosen))


def _candidates(dependencies: Dependencies, wanted: Pin, *, dev: bool, extra: bool) -> list[Edit]:
    """The edits that would each do, the preferred one first; the others matter if one of them holds."""
    if dependencies.style in {"requirements", "pip-tools"}:
        return [
            edits.Requirement(
                path=file.path,
                name=wanted.name,
                specifier=f"=={wanted.version}",
                comment=wanted.link,
                extra=extra,
            )
            for file in _files(dependencies, dev=dev)
        ]
    if dependencies.style == "pipenv":
        tables = ["dev-packages", "packages"] if dev else ["packages", "dev-packages"]
        return [
            edits.TomlKey(
                path="Pipfile", table=table, name=wanted.name, value=f"=={wanted.version}", extra=extra
            )
            for table in tables
        ]
    if dependencies.pyproject is None:
        return []
    if dependencies.style in {"poetry", "poetry-legacy"}:
        base, other = (
            "tool.poetry.dependencies",
            dependencies.dev_table or "tool.poetry.group.dev.dependencies",
        )
        tables = [other, base] if dev else [base, other]
        path = dependencies.pyproject
        return [
            edits.TomlKey(path=path, table=table, name=wanted.name, value=f"^{wanted.version}", extra=extra)
            for table in tables
        ]
    base, other = "project.dependencies", dependencies.dev_table or "dependency-groups.dev"
    tables = [other, base] if dev else [base, other]
    return [_pep621(dependencies.pyproject, table, wanted, extra=extra) for table in tables]


def _pep621(path: str, table: str, wanted: Pin, *, extra: bool) -> Edit:
    if table.startswith("tool.poetry."):
        return edits.TomlKey(
            path=path, table=table, name=wanted.name, value=f"^{wanted.version}", extra=extra
        )
    return edits.Dependency(path=path, table=table, requirement=wanted.requirement, extra=extra)


def _files(dependencies: Dependencies, *, dev: bool) -> list[RequirementsFile]:
    """Files to write to, the preferred one first. Compiled files are never written, so they come last."""
    order = (
        ("local", "test", "base", "other", "production")
        if dev
        else ("base", "other", "production", "local", "test")
    )
    return sorted(
        dependencies.files, key=lambda file: (file.compiled or file.hashed, order.index(file.environment))
    )


def refresh(project: Project, edit: Edit) -> tuple[Command, ...]:
    """The commands that make a changed dependency file take effect here: lock, compile, build or install."""
    dependencies, compose = project.dependencies, project.docker.compose
    commands = [*_lock(dependencies, edit.path)]
    if compose is not None:
        argv = (*compose_command(compose), "build", compose.service)
        commands.append(Command(argv=argv, why="install it into the image", when="install"))
        return tuple(commands)
    install = {
        "uv": ("uv", "sync"),
        "poetry": ("poetry", "install"),
        "pdm": ("pdm", "install"),
        "pipenv": ("pipenv", "sync", "--dev"),
    }.get(dependencies.manager, ("python", "-m", "pip", "install", "-r", edit.path))
    if dependencies.manager in {"pip", "hatch"} and dependencies.style == "pep621":
        install = ("python", "-m", "pip", "install", "-e", ".")
    commands.append(Command(argv=install, why="install it", when="install"))
    return tuple(commands)


def _lock(dependencies: Dependencies, path: str) -> tuple[Command, ...]:
    if dependencies.lock is not None:
        argv = {
            "uv": ("uv", "lock"),
            "poetry": ("poetry", "lock"),
            "pdm": ("pdm", "lock"),
            "pipenv": ("pipenv", "lock"),
        }
        if found := argv.get(dependencies.manager):
            return (Command(argv=found, why=f"refresh {dependencies.lock}", when="lock"),)
    if dependencies.style == "pip-tools" and path.endswith(".in"):
        compiled = path.removesuffix(".in") + ".txt"
        argv_in = (
            ("uv", "pip", "compile", path, "-o", compiled)
            if dependencies.manager == "uv"
            else ("pip-compile", path)
        )
        return (Command(argv=argv_in, why=f"compile {compiled}", when="lock"),)
    return ()
