"""Why there is no Django project to work on: said as exactly as the files allow."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from djroadmap.errors import NoProject
from djroadmap.model.modules import find_module
from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted
from djroadmap.syntax.sources import folder_of, join, section

from .layout import DEEPEST, TEMPLATE_TEXT, is_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

GENERATORS = {
    "cookiecutter.json": "cookiecutter",
    "copier.yml": "copier copy",
    "copier.yaml": "copier copy",
}
TEMPLATED = regex(r"manage\.py[-_.](?:jinja2?|j2|tmpl|tpl|template|mako)|manage\.py-tpl")
COMMANDS = frozenset({"execute_from_command_line", "ManagementUtility"})
HERE = "run djroadmap in the project's folder, or name it with -C"
NONE = f"no manage.py of a Django project here or up to {DEEPEST} folders down"


def no_manage(sources: Sources, others: Mapping[RelPath, str]) -> NoProject:
    """The error for a tree without a manage.py that counts; `others` says why each one there is does not."""
    if template := next(_templates(sources, others), None):
        return NoProject(
            f"{template}: is part of a template that projects are generated from, not of a project",
            hint=f"generate a project from it ({_generator(sources)}), and run djroadmap there",
        )
    if command := next(_commands(sources), None):
        return NoProject(
            f"{command} takes the place of manage.py here, and djroadmap starts from manage.py",
            hint="put a manage.py beside it that sets DJANGO_SETTINGS_MODULE, then run djroadmap again",
        )
    listed = "; ".join(f"{path} {why}" for path, why in others.items() if why)
    usable = [path for path, why in others.items() if why.startswith("lies")]
    return NoProject(
        f"{NONE} ({listed})" if listed else NONE,
        hint=f"if that is the project, say so with --manage {usable[0]}" if usable else HERE,
    )


def _templates(sources: Sources, others: Mapping[RelPath, str]) -> Iterator[RelPath]:
    """Files that show that this is a template: a manage.py to be filled in, or the generator's own file."""
    yield from (path for path, why in others.items() if why == "is part of a template")
    yield from (
        path for name in sources.by_name if TEMPLATED.fullmatch(name) for path in sources.by_name[name]
    )
    for name in GENERATORS:
        if sources.exists(name) and any(
            is_template(path) or path.endswith((".jinja", ".j2")) for path in sources.files
        ):
            yield name
    yield from (
        path
        for path in sources.by_name.get("settings.py", ())
        if is_template(path) or TEMPLATE_TEXT.search(sources.text(path) or "")
    )


def _generator(sources: Sources) -> str:
    found = [tool for name, tool in GENERATORS.items() if sources.exists(name)]
    return f"with {found[0]}" if found else "with django-admin startproject --template, say"


def _commands(sources: Sources) -> Iterator[str]:
    """Console scripts whose module runs Django's management commands, as `path:line: the command x`."""
    for path in sources.by_name.get("pyproject.toml", ()):
        if path.count("/") > DEEPEST:
            continue
        table = sources.table(path)
        scripts = section(table, "project", "scripts") | section(table, "tool", "poetry", "scripts")
        for name, target in scripts.items():
            if isinstance(target, str) and _manages(sources, folder_of(path), target.partition(":")[0]):
                yield f"{path}:{_line_of(sources, path, name)}: the command {name} ({target})"


def _manages(sources: Sources, folder: RelPath, module: str) -> bool:
    path = find_module(sources, (folder, join(folder, "src")), module.strip())
    tree = sources.module(path) if path else None
    return tree is not None and any(
        isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in COMMANDS
        for node in ast.walk(tree)
    )


def _line_of(sources: Sources, path: RelPath, name: str) -> int:
    lines = (sources.text(path) or "").splitlines()
    needle = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
    return next((number for number, line in enumerate(lines, 1) if needle.match(line)), 1)
