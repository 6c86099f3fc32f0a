"""The recipes that fit a project: those whose tools it has, run the way it runs commands."""

from __future__ import annotations

import posixpath
import shlex
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.planning.commands import compose_run, tool_prefix
from djroadmap.planning.tests import uses_pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project

    from .justfile import Justfile

RUN = "{{ djroadmap_run }}"
ARGUMENTS = '"$@"'
STEPS = ("lint", "check", "test")
"""What `ci` runs. Not the type checker: many projects have errors left from before they had one."""
MYPY_FILES = ("mypy.ini", ".mypy.ini", "setup.cfg")
CONFIGURATION = ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini")


class Recipe(NamedTuple):
    """One recipe of the new file."""

    name: str
    doc: str
    lines: tuple[str, ...]
    parameters: str = ""
    needs: tuple[str, ...] = ()
    folder: RelPath = ""
    """Where it runs, relative to the justfile."""


def recipes(project: Project, justfile: Justfile) -> tuple[Recipe, ...]:
    """The recipes for this project, without those whose names the justfile takes already."""
    here = {recipe.name: recipe for recipe in (*_tools(project, justfile), *_management(project, justfile))}
    here["ci"] = _ci(here, justfile)
    return tuple(recipe for recipe in here.values() if recipe.name not in justfile.taken)


def runner(project: Project, justfile: Justfile) -> str:
    """What stands before each command: compose, uv, Poetry, or nothing."""
    compose = project.docker.compose
    if compose is None:
        return shlex.join(tool_prefix(project))
    words = compose_run(compose)
    if "-f" in words:
        at = words.index("-f")
        path = _relative(compose.path, justfile)
        exported = justfile.compose_file and posixpath.normpath(justfile.compose_file) == path
        words = words[:at] + (() if exported else ("-f", path)) + words[at + 2 :]
    return shlex.join(words)


def _tools(project: Project, justfile: Justfile) -> Iterator[Recipe]:
    folder = _where(project, justfile, _tools_folder(project))
    has = project.dependencies.has
    if uses_pytest(project):
        yield Recipe("test", "Run the tests.", (f"{RUN} pytest {ARGUMENTS}",), "*args", folder=folder)
    else:
        yield _manage(project, justfile, "test", "Run the tests.", f"test {ARGUMENTS}")
    if coverage := _coverage(project):
        place = folder if uses_pytest(project) else _where(project, justfile, project.base)
        yield Recipe("coverage", "Run the tests and show what they miss.", coverage, "*args", folder=place)
    if lint := _lint(project):
        yield Recipe("lint", "Look for mistakes.", (lint,), "*args", folder=folder)
    if project.style.tool == "black" or (has("black") and not has("ruff")):
        yield Recipe("format", "Format the code.", (f"{RUN} black {ARGUMENTS}",), '*args="."', folder=folder)
    elif project.style.tool == "ruff" or has("ruff"):
        yield Recipe(
            "format", "Format the code.", (f"{RUN} ruff format {ARGUMENTS}",), "*args", folder=folder
        )
    if has("mypy"):
        everything = "*args" if _mypy_knows_files(project) else '*args="."'
        yield Recipe("typecheck", "Check the types.", (f"{RUN} mypy {ARGUMENTS}",), everything, folder=folder)
    elif has("pyright"):
        yield Recipe("typecheck", "Check the types.", (f"{RUN} pyright {ARGUMENTS}",), "*args", folder=folder)


def _management(project: Project, justfile: Justfile) -> Iterator[Recipe]:
    shell = "shell_plus" if project.apps.has("django_extensions") else "shell"
    for name, doc, command in (
        ("migrate", "Apply the migrations.", "migrate"),
        ("makemigrations", "Write migrations for changed models.", "makemigrations"),
        ("shell", "Open a Python shell with the models.", shell),
    ):
        yield _manage(project, justfile, name, doc, f"{command} {ARGUMENTS}")
    checks = (f"check {ARGUMENTS}", "makemigrations --check --dry-run")
    yield _manage(project, justfile, "check", "Run Django's checks and look for missing migrations.", *checks)


def _manage(project: Project, justfile: Justfile, name: str, doc: str, *commands: str) -> Recipe:
    lines = tuple(f"{RUN} python manage.py {command}" for command in commands)
    return Recipe(name, doc, lines, "*args", folder=_where(project, justfile, project.base))


def _coverage(project: Project) -> tuple[str, ...]:
    has = project.dependencies.has
    if uses_pytest(project) and has("pytest-cov"):
        return (f"{RUN} pytest --cov {ARGUMENTS}",)
    if has("coverage"):
        tests = "-m pytest" if uses_pytest(project) else "manage.py test"
        return (f"{RUN} coverage run {tests} {ARGUMENTS}", f"{RUN} coverage report")
    return ()


def _lint(project: Project) -> str:
    has = project.dependencies.has
    if has("ruff"):
        return f"{RUN} ruff check {ARGUMENTS}"
    if has("flake8"):
        return f"{RUN} flake8 {ARGUMENTS}"
    if any(hooks.kind == "pre-commit" for hooks in project.hooks):
        run = f"{RUN} " if has("pre-commit") and project.docker.compose is None else ""
        return f"{run}pre-commit run --all-files {ARGUMENTS}"
    return f"{RUN} ruff check {ARGUMENTS}" if project.style.tool == "ruff" else ""


def _ci(here: dict[str, Recipe], justfile: Justfile) -> Recipe:
    """Everything that must pass: by recipes, or by the commands where the project's recipe wants arguments."""
    needs: list[str] = []
    lines: list[str] = []
    for step in STEPS:
        if step in justfile.bare or (step in here and step not in justfile.taken):
            needs.append(step)
        elif step in here:
            folder = here[step].folder
            enter = f"cd {shlex.quote(folder)} && " if folder else ""
            lines += [enter + line.removesuffix(f" {ARGUMENTS}") for line in here[step].lines]
    return Recipe("ci", "Run all that must pass before a merge.", tuple(lines), needs=tuple(needs))


def _tools_folder(project: Project) -> RelPath:
    """Where pytest, ruff and mypy are configured: the folder of manage.py, or else the root."""
    if any(project.tree.exists(project.join(name)) for name in CONFIGURATION):
        return project.base
    return ""


def _where(project: Project, justfile: Justfile, folder: RelPath) -> RelPath:
    """`folder` as seen from the justfile; nothing in a container, which has a folder of its own."""
    return "" if project.docker.compose is not None else _relative(folder, justfile)


def _relative(path: RelPath, justfile: Justfile) -> RelPath:
    found = posixpath.relpath(path or ".", justfile.folder or ".")
    return "" if found == "." else found


def _mypy_knows_files(project: Project) -> bool:
    """Does `mypy` alone know what to check?"""
    keys = ("files", "packages", "modules")
    folder = _tools_folder(project)
    pyproject = _text(project.tree, posixpath.join(folder, "pyproject.toml"))
    try:
        table = tomllib.loads(pyproject).get("tool", {}).get("mypy", {}) if "mypy" in pyproject else {}
    except tomllib.TOMLDecodeError:
        table = {}
    if any(key in table for key in keys):
        return True
    lines = (
        line for name in MYPY_FILES for line in _text(project.tree, posixpath.join(folder, name)).splitlines()
    )
    return any(line.partition("=")[0].strip() in keys for line in lines)


def _text(tree: Tree, path: RelPath) -> str:
    try:
        return tree.read(path) or ""
    except Refused:
        return ""
