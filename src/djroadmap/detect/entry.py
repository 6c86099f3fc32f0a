"""Which settings module the project starts with, and which ones its other entry points name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.syntax.reading import imports

from .execute import Execution
from .paths import find_module
from .sources import dig, folder_of, join, name_of
from .values import options_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath

    from .sources import Sources

VARIABLE = "DJANGO_SETTINGS_MODULE"
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
ASSIGNED = re.compile(r"(?:DJANGO_SETTINGS_MODULE\b[\"']?\s*[=:\s,]\s*|--ds[= ])[\"']?([A-Za-z_][\w.]*)")
PYTEST_FILES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
OTHER_FILES = ("Makefile", "justfile", "Procfile", "app.json", "fly.toml", "render.yaml", ".env.example")


class Entry(NamedTuple):
    """What the entry points say, the most telling first."""

    modules: tuple[str, ...]
    """Settings modules, manage.py's first."""
    configuration: str
    """Class of django-configurations, if manage.py names one."""
    roots: tuple[RelPath, ...]
    """Folders on sys.path."""
    wsgi: RelPath | None
    asgi: RelPath | None
    from_manage: int
    """How many of `modules` manage.py names."""


def find_entry(sources: Sources, manage: RelPath) -> Entry:
    """Read manage.py, then wsgi and asgi, then pytest's, Docker's and make's configuration."""
    base = folder_of(manage)
    run = Execution(sources, [base], into_functions=True)
    run.module(manage)
    named = list(_values(run.environ, VARIABLE))
    if not named:
        named = [
            name for path in _imported(sources, manage, run.roots) for name in _values_in(sources, path, run)
        ]
    from_manage = len(dict.fromkeys(named))
    wsgi, asgi = (_nearest(sources, base, name) for name in ("wsgi.py", "asgi.py"))
    for path in (wsgi, asgi):
        named += _values_in(sources, path, run) if path else ()
    named += _elsewhere(sources, base)
    configuration = next(_values(run.environ, "DJANGO_CONFIGURATION"), "")
    return Entry(
        tuple(dict.fromkeys(named)), configuration, _roots(sources, base, run), wsgi, asgi, from_manage
    )


def pytest_settings(sources: Sources, base: RelPath) -> str | None:
    """The settings module that pytest's configuration names."""
    for folder in dict.fromkeys((base, "")):
        for name in PYTEST_FILES:
            text = sources.text(join(folder, name)) if sources.exists(join(folder, name)) else None
            if text and "pytest" in text and (match := ASSIGNED.search(text)):
                return match[1]
    return None


def _values(environ: list[tuple[str, Any, int]], variable: str) -> Iterator[str]:
    for name, value, _ in environ:
        if name == variable:
            for option in options_of(value):
                text = text_of(option)
                if text and DOTTED.fullmatch(text):
                    yield text


def _values_in(sources: Sources, path: RelPath, run: Execution) -> list[str]:
    """What the script `path` sets; only read if it speaks of settings or sys.path at all."""
    text = sources.text(path) or ""
    if VARIABLE not in text and "sys.path" not in text:
        return []
    inner = Execution(sources, run.roots, into_functions=True)
    inner.module(path)
    run.roots = inner.roots
    return list(_values(inner.environ, VARIABLE))


def _imported(sources: Sources, path: RelPath, roots: list[RelPath]) -> list[RelPath]:
    """The project's own modules that a script imports."""
    tree = sources.module(path)
    found: dict[RelPath, None] = {}
    for one in imports(tree) if tree else ():
        for dotted in (one.module, f"{one.module}.{one.name}"):
            if target := find_module(sources, roots, dotted):
                found[target] = None
    return list(found)


def _nearest(sources: Sources, base: RelPath, name: str) -> RelPath | None:
    """The topmost file of that name below manage.py's folder."""
    below = [path for path in sources.by_name.get(name, ()) if not base or path.startswith(base + "/")]
    below = [path for path in below if not {"tests", "docs", "templates"} & set(path.split("/"))]
    return min(below, key=lambda path: (path.count("/"), path), default=None)


def _elsewhere(sources: Sources, base: RelPath) -> list[str]:
    found = [name] if (name := pytest_settings(sources, base)) else []
    docker = [
        path
        for path in sources.files
        if name_of(path).startswith(("Dockerfile", "docker-compose", "compose."))
    ]
    for path in [
        *docker,
        *(join(folder, name) for folder in dict.fromkeys((base, "")) for name in OTHER_FILES),
    ]:
        if sources.exists(path) and sources.holds(path, VARIABLE.encode()):
            found += (match[1] for match in ASSIGNED.finditer(sources.text(path) or ""))
    return found


def _roots(sources: Sources, base: RelPath, run: Execution) -> tuple[RelPath, ...]:
    """manage.py's folder, what scripts append to sys.path, and what packaging and pytest put there."""
    roots = dict.fromkeys(run.roots)
    for folder in dict.fromkeys((base, "")):
        table = (
            sources.table(join(folder, "pyproject.toml"))
            if sources.exists(join(folder, "pyproject.toml"))
            else {}
        )
        listed = dig(table, "tool", "pytest", "ini_options", "pythonpath") or dig(
            table, "tool", "pytest", "pythonpath"
        )
        where = dig(table, "tool", "setuptools", "packages", "find", "where")
        for extra in (*_strings(listed), *_strings(where), "src"):
            path = join(folder, extra.strip("./"))
            if path not in roots and sources.has_folder(path):
                roots[path] = None
    return tuple(roots)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []
