"""Which settings module the project starts with, and which ones its other entry points name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.model.modules import find_module, module_file
from djroadmap.regex import regex
from djroadmap.syntax.execute import Execution
from djroadmap.syntax.paths import is_own
from djroadmap.syntax.sources import dig, folder_of, join, name_of
from djroadmap.syntax.values import options_of, text_of

from .scripts import handed_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

VARIABLE = "DJANGO_SETTINGS_MODULE"
DOTTED = regex(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
ASSIGNED = regex(
    r"(?:DJANGO_SETTINGS_MODULE\b[\"']?\s*[=:\s,]\s*(?:\{?\s*[\"']?value[\"']?\s*:\s*)?|--ds[= ])"
    r"[\"']?([A-Za-z_][\w.]*)"
)
"""Of shells, Dockerfiles, INI, YAML and JSON, `value: x` on the line after the key included."""
PYTHONPATH = regex(r"(?m)^(?:python_paths|pythonpath)\s*=\s*(\S.*)$")
PYTEST_FILES = ("pytest.ini", ".pytest.ini", "pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg")
OTHER_FILES = (
    "Makefile",
    "justfile",
    "Procfile",
    "app.json",
    "fly.toml",
    "render.yaml",
    ".devcontainer.json",
)
EXAMPLES = (
    ".env.example",
    ".env.sample",
    "env.example",
    ".env.template",
    ".env.dist",
    "example.env",
    ".env.local.example",
    ".env-example",
)
"""Environment files that are committed, to be copied."""


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
    where: str
    """`path:line` of manage.py where it speaks of the settings module, or where it starts."""


def find_entry(sources: Sources, manage: RelPath) -> Entry:
    """Read manage.py, then what it imports, wsgi and asgi, then pytest's, Docker's and make's configuration."""
    base = folder_of(manage)
    run = Execution(sources, [base], into_functions=True)
    run.module(manage)
    named = list(_values(run.environ, VARIABLE))
    line = next((line for name, _, line in run.environ if name == VARIABLE), 0) or _mentioned(sources, manage)
    if not named:
        for target in handed_to(sources, manage, run.roots):
            named += _values_in(sources, target, run)
    from_manage = len(dict.fromkeys(named))
    wsgi, asgi = (_nearest(sources, base, name) for name in ("wsgi", "asgi"))
    for path in (wsgi, asgi):
        named += _values_in(sources, path, run) if path else ()
    others = list(_elsewhere(sources, base))
    if not named and not others:  # one machine's own file, so only where nothing is said for everybody
        others = list(_assigned(sources, _in(dict.fromkeys((base, "")), (".env",))))
    roots = _roots(sources, base, run, [*named, *others])
    named += (other for other in others if is_own(sources, roots, other))
    configuration = next(_values(run.environ, "DJANGO_CONFIGURATION"), "")
    return Entry(
        tuple(dict.fromkeys(named)), configuration, roots, wsgi, asgi, from_manage, f"{manage}:{line}"
    )


def pytest_settings(sources: Sources, base: RelPath) -> str | None:
    """The settings module that pytest's configuration names."""
    for folder in dict.fromkeys((base, "")):
        for name in PYTEST_FILES:
            text = sources.text(join(folder, name)) if sources.exists(join(folder, name)) else None
            if text and "pytest" in text and (match := ASSIGNED.search(text)):
                return match[1]
    return None


def pytest_roots(sources: Sources, folder: RelPath) -> list[RelPath]:
    """The folders that pytest's configuration in `folder` puts on sys.path."""
    table = _pyproject(sources, folder)
    listed = dig(table, "tool", "pytest", "ini_options", "pythonpath")
    listed = listed or dig(table, "tool", "pytest", "pythonpath")
    for name in ("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg"):
        if not listed and sources.exists(path := join(folder, name)):
            listed = next(iter(PYTHONPATH.findall(sources.text(path) or "")), None)
    return [join(folder, extra.strip("./")) for extra in _strings(listed)]


def _pyproject(sources: Sources, folder: RelPath) -> dict[str, Any]:
    path = join(folder, "pyproject.toml")
    return sources.table(path) if sources.exists(path) else {}


def _values(environ: list[tuple[str, Any, int]], variable: str) -> Iterator[str]:
    for name, value, _ in environ:
        if name == variable:
            for option in options_of(value):
                text = text_of(option)
                if text and DOTTED.fullmatch(text):
                    yield text


def _mentioned(sources: Sources, path: RelPath) -> int:
    """The line of a script that names the variable, or else that hands over to something."""
    lines = (sources.text(path) or "").splitlines()
    for needle in (VARIABLE, "execute_from_command_line(", "import"):
        for number, line in enumerate(lines, 1):
            if needle in line and not line.lstrip().startswith("#"):
                return number
    return 1


def _values_in(sources: Sources, path: RelPath, run: Execution) -> list[str]:
    """What the script `path` sets; only read if it speaks of settings or sys.path at all."""
    text = sources.text(path) or ""
    if VARIABLE not in text and "sys.path" not in text:
        return []
    inner = Execution(sources, run.roots, into_functions=True)
    inner.module(path)
    run.roots = inner.roots
    return list(_values(inner.environ, VARIABLE))


def _nearest(sources: Sources, base: RelPath, name: str) -> RelPath | None:
    """The topmost module or package of that name below manage.py's folder."""
    found = [*sources.by_name.get(f"{name}.py", ()), *_packages(sources, name)]
    below = [path for path in found if not base or path.startswith(base + "/")]
    below = [path for path in below if not {"tests", "docs", "templates"} & set(path.split("/"))]
    return min(below, key=lambda path: (path.removesuffix("/__init__.py").count("/"), path), default=None)


def _packages(sources: Sources, name: str) -> Iterator[RelPath]:
    for path in sources.by_name.get("__init__.py", ()):
        if name_of(folder_of(path)) == name and sources.holds(path, b"application"):
            yield path


def _elsewhere(sources: Sources, base: RelPath) -> Iterator[str]:
    """The values in configuration of pytest, Docker, make and hosting services, then in environment files."""
    if tested := pytest_settings(sources, base):
        yield tested
    docker = [
        path
        for path in sources.files
        if name_of(path).startswith(("Dockerfile", "docker-compose", "compose."))
    ]
    folders = tuple(dict.fromkeys((base, "")))
    yield from _assigned(sources, [*docker, *_in(folders, OTHER_FILES), *_in(folders, EXAMPLES)])


def _assigned(sources: Sources, paths: Iterable[RelPath]) -> Iterator[str]:
    for path in paths:
        if sources.exists(path) and sources.holds(path, VARIABLE.encode()):
            yield from (match[1] for match in ASSIGNED.finditer(sources.text(path) or ""))


def _in(folders: Iterable[RelPath], names: Iterable[str]) -> list[RelPath]:
    return [join(folder, name) for folder in folders for name in names]


def _roots(sources: Sources, base: RelPath, run: Execution, named: Iterable[str]) -> tuple[RelPath, ...]:
    """manage.py's folder, what scripts append to sys.path, and what packaging and pytest put there."""
    roots = dict.fromkeys(root for root in run.roots if not sources.exists(root))
    for folder in dict.fromkeys((base, "")):
        where = dig(_pyproject(sources, folder), "tool", "setuptools", "packages", "find", "where")
        packaged = [join(folder, extra.strip("./")) for extra in (*_strings(where), "src")]
        for path in (*pytest_roots(sources, folder), *packaged):
            if path not in roots and sources.has_folder(path):
                roots[path] = None
    above = folder_of(base)
    if base and sources.exists(join(base, "__init__.py")):  # a package to scripts that import it from above
        unknown = [name for name in named if not find_module(sources, roots, name)]
        if any(
            name.startswith(f"{name_of(base)}.") and module_file(sources, above, name) for name in unknown
        ):
            roots.setdefault(above, None)
    return tuple(roots)


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []
