"""A workflow of its own for GitHub Actions, where no step fits into those of the project."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.versions import action

from .ci_style import quoted
from .commands import tool_prefix
from .files import new_file

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import CI, Project

FOLDER = ".github/workflows"
CHECKOUT, PYTHON, UV = "actions/checkout", "actions/setup-python", "astral-sh/setup-uv"
OLDEST = 10
SHA = regex(r"[0-9a-f]{40}")


def own_workflow(
    project: Project,
    ci: CI,
    *,
    name: str,
    command: tuple[str, ...],
    folder: RelPath,
    requirements: tuple[str, ...] = (),
    extra: bool = False,
) -> Plan:
    """`.github/workflows/<name>.yml` that checks out, sets up Python, installs, and runs `command` in `folder`.

    It installs `requirements` only, else the project's dependencies in the project's way. Actions have the versions
    that the project's other workflows use, pinned as those are.
    """
    install, prefix = _installation(project, requirements)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return new_file(
        f"{FOLDER}/{slug}.{extension(ci)}",
        "ci",
        "workflow.yml",
        extra=extra,
        title=name,
        job=slug,
        branches=ci.branches,
        checkout=action_in(ci, CHECKOUT),
        setup_python=action_in(ci, PYTHON),
        setup_uv=action_in(ci, UV) if prefix[:1] == ("uv",) else "",
        python=_python(project, ci),
        install=install,
        install_folder="" if requirements else _install_folder(project),
        run=quoted(" ".join((*prefix, shlex.join(command)))),
        where=folder,
    )


def extension(ci: CI) -> str:
    """How the project's workflows end: `yml` or `yaml`."""
    return "yaml" if ci.path.endswith(".yaml") else "yml"


def action_in(ci: CI, name: str) -> str:
    """An action with its version: the project's own if it uses the action, else ours, pinned if its others are."""
    if known := ci.uses.get(name):
        return f"{name}@{known}"
    pinned = [bool(SHA.match(version)) for version in ci.uses.values()]
    ours = action(name)
    return ours.pinned if pinned and 2 * sum(pinned) > len(pinned) else ours.tagged


def _python(project: Project, ci: CI) -> str:
    """The line that chooses the Python: as the other workflows do, else as the project's files say."""
    if ci.python and _is_new(ci.python):
        return ci.python
    if project.tree.exists(".python-version"):
        return "python-version-file: .python-version"
    pyproject = project.dependencies.pyproject
    if pyproject and "requires-python" in (project.tree.read(pyproject) or ""):
        return f"python-version-file: {pyproject}"
    version = re.search(r"3\.\d+", project.python or "")
    return f'python-version: "{version[0] if version and _is_new(version[0]) else "3.x"}"'


def _is_new(text: str) -> bool:
    """Is it a Python that today's tools still run on, as far as the text says a version?"""
    version = re.search(r"3\.(\d+)", text)
    return version is None or int(version[1]) >= OLDEST


def _installation(project: Project, requirements: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The commands that install, and what stands before the command then."""
    if requirements:
        return (f"python -m pip install {shlex.join(requirements)}",), ()
    dependencies, prefix = project.dependencies, tool_prefix(project)
    if prefix == ("uv", "run"):
        return ("uv sync --locked",), prefix
    if dependencies.manager in {"poetry", "pdm", "hatch"}:
        tool = dependencies.manager
        sync = () if tool == "hatch" else (f"{tool} install",)
        return (f"pipx install {tool}", *sync), prefix
    if dependencies.manager == "pipenv":
        return ("pipx install pipenv", "pipenv install --dev"), prefix
    files = dependencies.files
    chosen = next(
        (
            file
            for wanted in ("test", "local")
            for file in files
            if file.environment == wanted and not file.path.endswith(".in")
        ),
        next((file for file in files if not file.path.endswith(".in")), None),
    )
    if chosen is not None:
        return (f"python -m pip install -r {chosen.path}",), ()
    return ("python -m pip install -e .",), ()


def _install_folder(project: Project) -> RelPath:
    """The folder of pyproject.toml or Pipfile; requirements files are named from the root."""
    dependencies = project.dependencies
    return dependencies.folder if not dependencies.files else ""
