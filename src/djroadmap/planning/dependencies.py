"""Where a dependency goes in this project, in its own style, and what refreshes the lock afterwards."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.regex import regex
from djroadmap.versions import pin

from .commands import compose_command

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit
    from djroadmap.model.project import Dependencies, Project, RequirementsFile
    from djroadmap.versions import Pin

DJANGO = regex(r"django\s*([\[<>=!~;@]|$)", re.IGNORECASE)
HEADER = regex(r"(?m)^#\s+((?:uv pip compile|pip-compile)\b.*?)\s*$")
"""The line in which a compiled file says how it was made."""


def dependency(project: Project, name: str | Pin, *, extra: bool = False) -> Plan:
    """A distribution that the project needs at run time, in every environment.

    A name must be pinned in `djroadmap.versions`; a third-party feature gives a pin of its own. A distribution the
    project names already, wherever, holds.
    """
    return _plan(project, pin(name) if isinstance(name, str) else name, dev=False, extra=extra)


def dev_dependency(project: Project, name: str | Pin, *, extra: bool = False) -> Plan:
    """A distribution that only developers and CI need."""
    return _plan(project, pin(name) if isinstance(name, str) else name, dev=True, extra=extra)


def _plan(project: Project, wanted: Pin, *, dev: bool, extra: bool) -> Plan:
    candidates = _candidates(project, wanted, dev=dev, extra=extra)
    if not candidates:
        install = Command(
            argv=("python", "-m", "pip", "install", wanted.requirement),
            why="install it",
            when="install",
            takes_more=True,
        )
        return Plan(commands=(install,), todos=(_by_hand(project, wanted),))
    read = project.tree.read
    chosen = next((edit for edit in candidates if edit.holds(read(edit.path))), candidates[0])
    return Plan((chosen,), commands=refresh(project, chosen))


def _by_hand(project: Project, wanted: Pin) -> Todo:
    """Where a person has to write it: files that run code or only describe a package are not edited."""
    for name in ("setup.cfg", "setup.py"):
        path = project.join(name) if project.tree.exists(project.join(name)) else name
        if "install_requires" in (project.tree.read(path) or ""):
            text = f"add {wanted.requirement} to install_requires in {path}"
            snippet = f'"{wanted.requirement}",' if name == "setup.py" else wanted.requirement
            return Todo(text=text, snippet=snippet, path=path)
    text = f"write {wanted.requirement} down where this project keeps its dependencies: there is no file for them"
    return Todo(text=text, snippet=wanted.requirement)


def _candidates(project: Project, wanted: Pin, *, dev: bool, extra: bool) -> list[Edit]:
    """The edits that would each do, the preferred one first; the others matter if one of them holds."""
    dependencies = project.dependencies
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
                path=f"{dependencies.folder}/Pipfile".lstrip("/"),
                table=table,
                name=wanted.name,
                value=f"=={wanted.version}",
                extra=extra,
            )
            for table in tables
        ]
    if dependencies.pyproject is None or dependencies.style == "none":
        return []  # a [project] table that holds nothing but dependencies is not valid (PEP 621)
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
    base = _runtime_table(project.tree.read(dependencies.pyproject) or "")
    other = dependencies.dev_table or "dependency-groups.dev"
    tables = [other, base] if dev else [base, other]
    return [_pep621(dependencies.pyproject, table, wanted, extra=extra) for table in tables]


def _runtime_table(pyproject: str) -> str:
    """`project.dependencies`, or the group that names Django in a file that has groups and no project (PEP 735)."""
    import tomllib  # noqa: PLC0415 - only projects with a pyproject.toml pay for it

    table = tomllib.loads(pyproject)
    for name, group in table.get("dependency-groups", {}).items() if "project" not in table else ():
        if any(isinstance(entry, str) and DJANGO.match(entry) for entry in group):
            return f"dependency-groups.{name}"
    return "project.dependencies"


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
    compiled = _compiled(project, edit.path)
    commands = [*_lock(dependencies), *(command for _, command in compiled)]
    if compose is not None:
        argv = (*compose_command(compose), "build", compose.service)
        commands.append(Command(argv=argv, why="install it into the image", when="install"))
        return tuple(commands)
    install = {
        "uv": ("uv", "sync"),
        "poetry": ("poetry", "install"),
        "pdm": ("pdm", "install"),
        "pipenv": ("pipenv", "sync" if dependencies.lock else "install", "--dev"),
    }.get(dependencies.manager)
    cwd = dependencies.folder if install is not None else ""
    install = install or ("python", "-m", "pip", "install", "-r", edit.path)
    if compiled:
        pip = ("uv", "pip") if dependencies.manager == "uv" else ("python", "-m", "pip")
        install, cwd = (*pip, "install", "-r", compiled[0][0]), ""
    if dependencies.manager in {"pip", "hatch"} and dependencies.style == "pep621":
        install = ("python", "-m", "pip", "install", "-e", dependencies.folder or ".")
    commands.append(Command(argv=install, why="install it", when="install", cwd=cwd))
    return tuple(commands)


def _lock(dependencies: Dependencies) -> tuple[Command, ...]:
    if dependencies.lock is not None:
        argv = {
            "uv": ("uv", "lock"),
            "poetry": ("poetry", "lock"),
            "pdm": ("pdm", "lock"),
            "pipenv": ("pipenv", "lock"),
        }
        if found := argv.get(dependencies.manager):
            why = f"refresh {dependencies.lock}"
            lock = (dependencies.lock,)
            return (Command(argv=found, why=why, when="lock", cwd=dependencies.folder, writes=lock),)
    return ()


def _compiled(project: Project, path: str) -> list[tuple[str, Command]]:
    """The files that are compiled from a source, those that include it too, and the command for each.

    The command is the one that the compiled file's own header names; pip-tools and uv both write it there.
    """
    dependencies = project.dependencies
    if dependencies.style != "pip-tools" or not path.endswith(".in"):
        return []
    sources = _including(dependencies, path)
    found = []
    for file in dependencies.files:
        match = HEADER.search((project.tree.read(file.path) or "")[:2000]) if file.compiled else None
        # pip-tools writes down options that nobody gave: `--cert=None`
        words = tuple(word for word in shlex.split(match[1]) if not word.endswith("=None")) if match else ()
        for source in sources:
            folder, _, name = source.rpartition("/")
            if source in words or name in words:
                cwd = "" if source in words else folder
                why = f"compile {file.path}"
                found.append(
                    (file.path, Command(argv=words, why=why, when="lock", cwd=cwd, writes=(file.path,)))
                )
                break
    if found:
        return found
    beside = [file.path for file in dependencies.files if file.compiled and _stem(file.path) == _stem(path)]
    compiled = next(iter(beside), f"{_stem(path)}.txt")
    tool = ("uv", "pip", "compile") if dependencies.manager == "uv" else ("pip-compile",)
    argv = (*tool, path, "--output-file", compiled)
    return [(compiled, Command(argv=argv, why=f"compile {compiled}", when="lock", writes=(compiled,)))]


def _including(dependencies: Dependencies, path: str) -> list[str]:
    """A file, then those that include it or what is compiled from it, directly or not."""
    found = [path]
    for known in found:
        found += [
            file.path
            for file in dependencies.files
            if file.path not in found
            and not file.compiled
            and any(_stem(included) == _stem(known) for included in file.includes)
        ]
    return found


def _stem(path: str) -> str:
    return path.rpartition(".")[0]
