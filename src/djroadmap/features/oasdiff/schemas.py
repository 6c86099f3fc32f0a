"""The schemas that the feature keeps current, the tests that they are, and the recipes that write and compare them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.model.plan import Plan, Todo
from djroadmap.planning import openapi
from djroadmap.planning.runners import called, free, own_runner, with_recipes
from djroadmap.planning.settings import installed_app, setting, setting_key
from djroadmap.planning.tests import new_test, path_of_test

if TYPE_CHECKING:
    from djroadmap.model.project import Project
    from djroadmap.planning.openapi import Schema

SECTION = "drf-spectacular"
LINK = "https://drf-spectacular.readthedocs.io/en/latest/settings.html"
"""Serves the schema, and need not be part of it: this endpoint lists the languages of Django, which come and go."""


def keeping(project: Project) -> Plan:
    """The setting that steadies the schema, tests that it is current, recipes, and the commands that write it first."""
    found = openapi.kept(project)
    total = _setting(project) if openapi.drf_schema(project) else Plan()
    if any(schema.arguments[0] == "export_openapi_schema" for schema in found):
        total += installed_app(project, "ninja", extra=True)  # which brings the command
    if found:
        total += _tests(project, found)
    if (runner := own_runner(project)) is not None:
        total += with_recipes(project, runner, *openapi.recipes(project))
    return total + Plan(commands=tuple(openapi.refresh(project, schema) for schema in found))


def how_to_write(project: Project, schema: Schema) -> str:
    """What is typed to write a schema: by the recipe where there will be one."""
    runner, (recipe, *_) = own_runner(project), openapi.recipes(project)
    if runner is not None and free(project, runner, recipe):
        return called(runner, recipe)
    return str(openapi.refresh(project, schema))


def _setting(project: Project) -> Plan:
    name, key = "SPECTACULAR_SETTINGS", "SERVE_INCLUDE_SCHEMA"
    owner = project.settings.owner(name)
    if owner is None:
        return setting(project, name, f'{{"{key}": False}}', section=SECTION, link=LINK, extra=True)
    planned = setting_key(project, name, (key,), "False", extra=True)
    text = project.tree.read(owner.path) or ""
    if key not in text or all(edit.holds(text) for edit in planned.edits):
        return planned
    why = f"{key} in {owner.path} is yours and stays: with False, the schema would not change with Django's languages"
    return Plan(todos=(Todo(text=why, snippet=f'"{key}": False,', path=owner.path),))


def _tests(project: Project, found: tuple[Schema, ...]) -> Plan:
    root = openapi.root(project)
    path = path_of_test(project, openapi.TESTS, needs_user=False)
    below = posixpath.relpath(posixpath.dirname(path) or ".", root or ".")
    schemas = [
        {
            "title": schema.title,
            "path": posixpath.relpath(schema.path, root or "."),
            "write": _pieces(how_to_write(project, schema)),
            "arguments": schema.arguments,
        }
        for schema in found
    ]
    return new_test(
        project,
        "oasdiff",
        f"tests/{openapi.TESTS}",
        name=openapi.TESTS,
        needs_user=False,
        up=0 if below == "." else below.count("/") + 1,
        schemas=schemas,
        postgres=openapi.is_for_postgres(project),
    )


def _pieces(line: str) -> list[str]:
    """A long text in pieces that fit on lines of Python."""
    return re.findall(r".{1,60}(?:\s|$)|\S+", line.replace("\\", "\\\\").replace('"', '\\"'))
