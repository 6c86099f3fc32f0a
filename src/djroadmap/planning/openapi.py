"""The OpenAPI schemas of a project: where each is committed, and the commands that write and compare them.

Nothing here runs the project, which alone can tell a schema; what is found are the tools that it has for it.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.model.modules import dotted_name
from djroadmap.regex import regex

from .commands import command
from .ninja_apis import ninja_apis
from .runners import Recipe
from .tests import path_of_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

FOLDER = "openapi"
SCRIPT = "breaking.sh"
NINJA = "ninja.json"
TESTS = "test_openapi_schemas.py"
WHY = "write the schema that CI compares"
SUFFIXES = (".json", ".yaml", ".yml")
NOWHERE = "postgres://localhost/schema"
"""The URL of a database that nobody connects to: schemas are made without one, but ranges of numbers depend on its
kind. https://docs.djangoproject.com/en/stable/ref/models/fields/#integerfield"""
MAIN = ("main", "master", "develop")
DRIVERS = ("psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary")

HEAD = regex(r"""\A\s*(?:---\s*)?(?:#.*\n\s*)*\{?\s*["']?openapi["']?\s*:\s*["']?3""")
"""How an OpenAPI schema begins, in YAML and in JSON."""
WRITES = regex(r"""\bspectacular\b[^\n]*?--file[ =]+["']?([\w./-]+)""")
"""A command that writes a schema. https://drf-spectacular.readthedocs.io/en/latest/readme.html#take-it-for-a-spin"""
TELLING = (".md", ".rst", ".txt", ".sh", ".yml", ".yaml", ".toml", ".cfg", "package.json", "file")
"""Ends of the names of files that may tell how the schema is written; `Makefile`, `justfile`, `Dockerfile` too."""


class Schema(NamedTuple):
    """A schema that a management command writes into a file that is committed."""

    path: RelPath
    arguments: tuple[str, ...]
    """The management command without where it writes."""
    into: str
    """Its option for where it writes."""
    there: bool = False
    """Is the file there already?"""

    @property
    def title(self) -> str:
        """`drf_yaml`."""
        return re.sub(r"\W+", "_", posixpath.basename(self.path)).strip("_").lower()


def root(project: Project) -> RelPath:
    """The folder above the one of schemas: the root, or what of it the container sees that runs commands."""
    compose = project.docker.compose
    return (compose.inside or "") if compose is not None else ""


def folder(project: Project) -> RelPath:
    """The folder of committed schemas."""
    return posixpath.join(root(project), FOLDER)


def script(project: Project) -> RelPath:
    """The script that compares the schemas with those of a revision."""
    return f"{folder(project)}/{SCRIPT}"


def drf_schema(project: Project) -> Schema | None:
    """The schema that drf-spectacular writes: a file that the project has already, else a new one."""
    if not project.apps.has("drf_spectacular"):
        return None
    path = _written_schema(project) or f"{folder(project)}/drf.yaml"
    form = ("--format", "openapi-json") if path.endswith(".json") else ()
    arguments = ("spectacular", "--validate", *form)
    return Schema(path, arguments, "--file", there=project.tree.exists(path))


def ninja_schemas(project: Project) -> tuple[Schema, ...]:
    """The schemas of every `NinjaAPI` that a module of the project names."""
    found = tuple(_apis(project))
    alone = len(found) == 1
    names = {api: NINJA if alone else f"ninja-{api.replace('.', '-')}.json" for api in found}
    return tuple(
        Schema(
            path,
            ("export_openapi_schema", "--api", api, "--indent", "2", "--sorted"),
            "--output",
            there=project.tree.exists(path),
        )
        for api, name in names.items()
        for path in (f"{folder(project)}/{name}",)
    )


def folders(project: Project) -> tuple[RelPath, ...]:
    """The folders of schemas that are compared: there may be one at the root that a container does not see."""
    return tuple(dict.fromkeys((folder(project), FOLDER)))


def committed(project: Project) -> tuple[RelPath, ...]:
    """The schemas that are in these folders already."""
    homes = folders(project)
    return tuple(
        path
        for path in project.tree.files()
        if posixpath.dirname(path) in homes and path.endswith(SUFFIXES) and _is_schema(project, path)
    )


def kept(project: Project) -> tuple[Schema, ...]:
    """The schemas that tests of ours compare with the code; one that came with its own tests is left to these."""
    drf = drf_schema(project)
    ninja = ninja_schemas(project)
    return (*([drf] if drf else []), *(() if ninja and _has_test(project) else ninja))


def recipes(project: Project) -> tuple[Recipe, ...]:
    """What a task runner is to know: how schemas are written (where we know), and how they are compared."""
    lines = tuple(str(refresh(project, schema)) for schema in kept(project))
    write = Recipe("openapi", "Write the OpenAPI schemas that CI compares with those of the base.", lines)
    compare = Recipe(
        "openapi-breaking",
        "Look for changes of the OpenAPI schemas that break clients.",
        (f"sh {script(project)}",),
        argument="base",
        default=f"origin/{_branch(project)}",
    )
    return (write, compare) if lines else (compare,)


def ninja_recipe(project: Project) -> Recipe | None:
    """How a schema of Django Ninja is written that has its own test; None if there is nothing like that."""
    lines = tuple(str(refresh(project, one)) for one in ninja_schemas(project) if one not in kept(project))
    return Recipe("openapi-ninja", "Write the OpenAPI schema of Django Ninja.", lines) if lines else None


def refresh(project: Project, schema: Schema) -> Command:
    """The command that writes a schema, with the settings of the tests: those of production hide names and hosts."""
    settings = ("--settings", project.tests.settings) if project.tests.settings else ()
    target = posixpath.relpath(schema.path, project.base or ".")
    manage = ("python", "manage.py", *schema.arguments, *settings, schema.into, target)
    return command(project, *_environment(project), *manage, why=WHY)._replace(writes=(schema.path,))


def is_for_postgres(project: Project) -> bool:
    """Is the database chosen by an URL, so that schemas are to be those of PostgreSQL whatever is chosen?"""
    return bool(_environment(project))


def _branch(project: Project) -> str:
    """The branch that pull requests go into, as far as CI tells."""
    branches = [branch for ci in project.ci for branch in ci.branches]
    return next((name for name in (*MAIN, *branches) if name in branches), MAIN[0])


def _environment(project: Project) -> tuple[str, ...]:
    """`env` with a URL for projects that take one, and have the driver for it."""
    if project.database not in {"env", "postgresql"} or not any(map(project.dependencies.has, DRIVERS)):
        return ()
    named = any(b"DATABASE_URL" in (project.tree.raw(one.path) or b"") for one in project.settings.modules)
    return ("env", f"DATABASE_URL={NOWHERE}") if named else ()


def _written_schema(project: Project) -> RelPath | None:
    """The one schema that a command in some file of the project writes, if it is committed."""
    found: set[RelPath] = set()
    for path in project.tree.files():
        if not path.endswith(TELLING) or b"spectacular" not in (project.tree.raw(path) or b""):
            continue
        for written in WRITES.findall(_text(project, path)):
            for place in (project.base, posixpath.dirname(path), ""):
                target = posixpath.normpath(posixpath.join(place, written))
                if target.endswith(SUFFIXES) and _is_schema(project, target):
                    found.add(target)
    return found.pop() if len(found) == 1 else None


def _is_schema(project: Project, path: RelPath) -> bool:
    return HEAD.match(_text(project, path)) is not None


def _text(project: Project, path: RelPath) -> str:
    try:
        return project.tree.read(path) or ""
    except Refused:
        return ""


def _apis(project: Project) -> Iterator[str]:
    """The dotted paths of all APIs of Django Ninja that modules of the project assign to a name, tests aside."""
    names = project.dependencies.names
    if names and not project.apps.has("ninja") and not any("ninja" in name for name in names):
        return  # which spares reading every module
    for path, name in ninja_apis(project.tree):
        yield f"{dotted_name(project.tree, project.python_roots, path)}.{name}"


def _has_test(project: Project) -> bool:
    """Does a test of somebody else's export the schema of Django Ninja?"""
    ours = path_of_test(project, TESTS, needs_user=False)
    return any(
        b"export_openapi_schema" in (project.tree.raw(path) or b"")
        for path in project.tree.files()
        if path.endswith(".py") and _is_test(path) and path != ours
    )


def _is_test(path: RelPath) -> bool:
    return "/test" in f"/{path}" or path.endswith("_test.py")
