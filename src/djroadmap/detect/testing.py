"""How the project tests itself."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.model.project import Tests
from djroadmap.regex import regex
from djroadmap.syntax.sources import dig, folder_of, join, name_of

from .entry import pytest_roots, pytest_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import CIJob, Dependencies, Settings
    from djroadmap.syntax.sources import Sources

USER_FIXTURE = (
    r"(?m)^@(?:pytest\.|pytest_asyncio\.)?fixture\b[^\n]*\n(?:@[^\n]*\n)*(?:async[ \t]+)?def[ \t]+user\("
    r"|^@[\w.]*fixture\([^)\n]*name=[\"']user[\"']"
)
INI = (
    ("pytest.ini", "[pytest]"),
    (".pytest.ini", "[pytest]"),
    ("tox.ini", "[pytest]"),
    ("setup.cfg", "[tool:pytest]"),
)
OPTION = regex(r"(?m)^(testpaths|python_files)[ \t]*=[ \t]*((?:.*)(?:\n[ \t]+\S.*)*)")
SECTIONS = (("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]"))


def tests_of(
    sources: Sources, base: RelPath, dependencies: Dependencies, settings: Settings, job: CIJob | None = None
) -> Tests:
    """pytest if it is configured or a dependency, else Django's own runner; test folders; the `user` fixture.

    Where CI runs the tests with `manage.py test`, Django's runner counts: pytest takes such tests as well.
    """
    beside = _beside(sources, base, settings)
    conftests = tuple(
        path
        for path in sources.by_name.get("conftest.py", ())
        if (not base or path.startswith((f"{base}/", *beside)) or "/" not in path)
        and not path.startswith("docs/")
    )
    pytest = _configured(sources, base, dependencies) or bool(
        {"pytest-django", "pytest"} & dependencies.names.keys()
    )
    pytest = pytest and (job is None or job.runner != "django")
    roots, patterns = _configuration(sources, base) if pytest else ((), ())
    return Tests(
        runner="pytest" if pytest else "django",
        roots=roots or (job.labels if job is not None else ()),
        patterns=patterns,
        folders=_folders(
            [*sources.under(base), *(path for home in beside for path in sources.under(home[:-1]))]
        ),
        conftests=conftests,
        user_fixture=next((path for path in sorted(conftests, key=_depth) if _has_user(sources, path)), None),
        settings=pytest_settings(sources, base) if pytest else None,
        factories="factory-boy" in dependencies.names
        or any(name in sources.by_name for name in ("factories.py", "factory.py")),
    )


def _depth(path: RelPath) -> int:
    return path.count("/")


def _configuration(sources: Sources, base: RelPath) -> tuple[tuple[RelPath, ...], tuple[str, ...]]:
    """`testpaths`, as far as they are folders of the project, and `python_files` of pytest's configuration."""
    for folder in dict.fromkeys((base, "")):
        found = _options(sources, folder)
        paths = [posixpath.normpath(join(folder, path)) for path in found.get("testpaths", ())]
        roots = tuple(path for path in paths if path == "." or sources.has_folder(path))
        if found:
            return () if "." in roots else roots, tuple(found.get("python_files", ()))
    return (), ()


def _options(sources: Sources, folder: RelPath) -> dict[str, list[str]]:
    """The options of pytest that say where it looks, from the file that it reads in `folder`."""
    for name, section in INI:
        text = sources.text(join(folder, name)) if sources.exists(join(folder, name)) else None
        if text is not None and section in text:
            return {match[1]: match[2].split() for match in OPTION.finditer(text.partition(section)[2])}
        if name == "pytest.ini" and sources.exists(path := join(folder, "pyproject.toml")):
            pytest = dig(sources.table(path), "tool", "pytest")
            table = dig(pytest, "ini_options") or pytest
            if isinstance(table, dict):
                return {
                    key: [str(each) for each in one] if isinstance(one, list) else str(one).split()
                    for key, one in table.items()
                    if key in {"testpaths", "python_files"}
                } or {"": []}
    return {}


def _has_user(sources: Sources, path: RelPath) -> bool:
    return sources.holds(path, b"fixture") and bool(re.search(USER_FIXTURE, sources.text(path) or ""))


def _configured(sources: Sources, base: RelPath, dependencies: Dependencies) -> bool:
    if dependencies.pyproject and dig(sources.table(dependencies.pyproject), "tool", "pytest") is not None:
        return True
    for folder in dict.fromkeys((base, "")):
        if any(sources.exists(join(folder, name)) for name in ("pytest.ini", ".pytest.ini", "pytest.toml")):
            return True
        for name, section in SECTIONS:
            if sources.exists(join(folder, name)) and section in (sources.text(join(folder, name)) or ""):
                return True
    return False


def _beside(sources: Sources, base: RelPath, settings: Settings) -> tuple[str, ...]:
    """Folders of tests (with a slash at the end) that lie beside manage.py's folder, and are this project's own.

    So in a `src/` layout, and where pytest's configuration further up names one of these settings or puts
    manage.py's folder on sys.path. Any others may belong to a neighbour in the repository.
    """
    above = folder_of(base)
    named = pytest_settings(sources, above) if base else None
    own = name_of(base) == "src" or named in {module.module for module in settings.modules}
    if not base or not (own or base in pytest_roots(sources, above)):
        return ()
    return tuple(
        f"{folder}/" for name in ("tests", "test") if sources.has_folder(folder := join(above, name))
    )


def _folders(paths: Iterable[RelPath]) -> tuple[RelPath, ...]:
    """Folders called tests or test that hold Python, the outermost ones only."""
    found: dict[RelPath, None] = {}
    for path in paths:
        if "test" not in path or not path.endswith(".py"):
            continue
        parts = folder_of(path).split("/")
        index = next((number for number, part in enumerate(parts) if part in {"tests", "test"}), None)
        if index is not None and parts[0] != "docs":
            found["/".join(parts[: index + 1])] = None
    return tuple(found)
