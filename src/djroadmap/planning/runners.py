"""Recipes in the task runner that a project has: a justfile or a Makefile. https://just.systems/man/en/"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project, TaskRunner

LISTING = "# List the recipes; everyday commands are in just/dev.just.\ndefault:\n    @just --list"
"""How a justfile begins that a project did not have before the feature `just`."""


class Recipe(NamedTuple):
    """Commands under a short name, with one argument at most, which goes behind the last of them."""

    name: str
    doc: str
    lines: tuple[str, ...]
    """The commands, as they are typed at the root of the project."""
    argument: str = ""
    default: str = ""


def own_runner(project: Project) -> TaskRunner | None:
    """The task runner that the project itself has, a justfile first; not the justfile that `just` made."""
    own = [runner for runner in project.runners if not _is_made(project, runner)]
    return next((runner for runner in own if runner.kind == "just"), next(iter(own), None))


def made_runner(project: Project) -> TaskRunner | None:
    """The justfile that the feature `just` made for a project that had none."""
    return next((runner for runner in project.runners if _is_made(project, runner)), None)


def with_recipes(project: Project, runner: TaskRunner, *recipes: Recipe) -> Plan:
    """The recipes at the end of the runner's file; not those whose names it has already."""
    text = _text(project, runner.path)
    return Plan(tuple(_block(runner, recipe, text) for recipe in free(project, runner, *recipes)))


def free(project: Project, runner: TaskRunner, *recipes: Recipe) -> tuple[Recipe, ...]:
    """Those of the recipes whose names are not taken by others."""
    text = _text(project, runner.path)
    taken = {*runner.recipes, *(name for names in runner.imported.values() for name in names)}
    return tuple(
        recipe for recipe in recipes if recipe.name not in taken or _block(runner, recipe, text).kept(text)
    )


def called(runner: TaskRunner, recipe: Recipe) -> str:
    """What is typed to run it: `just openapi`."""
    return f"{runner.kind} {recipe.name}"


def _block(runner: TaskRunner, recipe: Recipe, text: str) -> edits.Block:
    """The recipe as the file writes its own."""
    lines = [_from(posixpath.dirname(runner.path), line) for line in recipe.lines]
    write = _just if runner.kind == "just" else _make
    return edits.Block(path=runner.path, text="\n".join(write(recipe, lines, text)), extra=True)


def _just(recipe: Recipe, lines: list[str], text: str) -> list[str]:
    exported = re.search(r"(?m)^export\s+COMPOSE_FILE\s*:=\s*['\"]([^'\"\n]+)['\"]", text)
    if exported:
        lines = [line.replace(f"docker compose -f {exported[1]} ", "docker compose ") for line in lines]
    lines = [line.replace("{{", "{{{{") for line in lines]
    name = recipe.name
    if recipe.argument:
        name = f'{name} {recipe.argument}="{recipe.default}"'
        lines[-1] += f" {{{{ quote({recipe.argument}) }}}}"
    return [f"# {recipe.doc}", f"{name}:", *(f"    {line}" for line in lines)]


def _make(recipe: Recipe, lines: list[str], text: str) -> list[str]:
    lines = [line.replace("$", "$$") for line in lines]
    if recipe.argument:
        lines[-1] += f' "$${{{recipe.argument.upper()}:-{recipe.default}}}"'
    below = [f".PHONY: {recipe.name}", f"{recipe.name}:", *(f"\t{line}" for line in lines)]
    shown = re.search(r"(?m)^[\w.-]+:[^\n#]*?([ \t]*)## ?\S", text)
    if shown is None:
        return [f"# {recipe.doc}", *below]
    below[1] += f"{shown[1]}## {recipe.doc.rstrip('.')}"
    return below


def _from(folder: RelPath, line: str) -> str:
    """A line for the root, run in a folder."""
    return f"cd {posixpath.relpath('.', folder)} && {line}" if folder else line


def _is_made(project: Project, runner: TaskRunner) -> bool:
    return runner.kind == "just" and LISTING.partition("\n")[0] in _text(project, runner.path)


def _text(project: Project, path: RelPath) -> str:
    try:
        return project.tree.read(path) or ""
    except Refused:
        return ""
