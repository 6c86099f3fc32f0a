"""How the project tests itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.model.project import Tests

from .entry import pytest_settings
from .sources import dig, folder_of, join

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Dependencies

    from .sources import Sources

USER_FIXTURE = (
    r"(?m)^@(?:pytest\.|pytest_asyncio\.)?fixture\b[^\n]*\n(?:@[^\n]*\n)*(?:async[ \t]+)?def[ \t]+user\("
    r"|^@[\w.]*fixture\([^)\n]*name=[\"']user[\"']"
)
SECTIONS = (("setup.cfg", "[tool:pytest]"), ("tox.ini", "[pytest]"))


def tests_of(sources: Sources, base: RelPath, dependencies: Dependencies) -> Tests:
    """pytest if it is configured or a dependency, else Django's own runner; test folders; the `user` fixture."""
    conftests = tuple(
        path
        for path in sources.by_name.get("conftest.py", ())
        if not base or path.startswith(base + "/") or "/" not in path
    )
    conftests = tuple(path for path in conftests if not path.startswith("docs/"))
    pytest = _configured(sources, base, dependencies) or bool(
        {"pytest-django", "pytest"} & dependencies.names.keys()
    )
    return Tests(
        runner="pytest" if pytest else "django",
        folders=_folders(sources, base),
        conftests=conftests,
        user_fixture=next((path for path in conftests if _has_user(sources, path)), None),
        settings=pytest_settings(sources, base) if pytest else None,
        factories="factory-boy" in dependencies.names
        or any(name in sources.by_name for name in ("factories.py", "factory.py")),
    )


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


def _folders(sources: Sources, base: RelPath) -> tuple[RelPath, ...]:
    """Folders called tests or test that hold Python, the outermost ones only."""
    found: dict[RelPath, None] = {}
    for path in sources.under(base):
        if "test" not in path or not path.endswith(".py"):
            continue
        parts = folder_of(path).split("/")
        index = next((number for number, part in enumerate(parts) if part in {"tests", "test"}), None)
        if index is not None and parts[0] != "docs":
            found["/".join(parts[: index + 1])] = None
    return tuple(found)
