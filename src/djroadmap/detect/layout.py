"""Where the project's manage.py is."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.errors import NoProject, UsageError

from .sources import folder_of

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath

    from .sources import Sources

DEEPEST = 3
ELSEWHERE = frozenset(
    {
        "test", "tests", "testing", "doc", "docs", "vendor", "vendors", "vendored", "_vendor", "third_party",
        "site-packages", "node_modules", "templates", "project_template", "skeleton",
    }
)  # fmt: skip
"""Folders whose manage.py belongs to something else."""

TEMPLATE_TEXT = re.compile(r"\{%|\{\{\s*[A-Za-z_]")
DJANGO = re.compile(r"execute_from_command_line|DJANGO_SETTINGS_MODULE|\bdjango\b")


def find_manage(sources: Sources, manage: RelPath | None = None) -> RelPath:
    """The path of manage.py: the one that is named, or the only one there is.

    Raises `UsageError` if the named one does not exist or there are several, `NoProject` if there is none.
    """
    if manage is not None:
        return _named(sources, manage)
    found = [path for path in sources.by_name.get("manage.py", ()) if _usable(sources, path)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"several Django projects here: {', '.join(found)}",
            hint=f"say which one is meant, for example with --manage {found[0]}",
        )
    raise NoProject(
        f"no manage.py of a Django project here or up to {DEEPEST} folders down",
        hint="run djroadmap in the project's folder, or name it with -C",
    )


def _named(sources: Sources, manage: RelPath) -> RelPath:
    path = posixpath.normpath(manage)
    for candidate in (path, "manage.py" if path == "." else f"{path}/manage.py"):
        if sources.exists(candidate) or sources.tree.exists(candidate):
            return candidate
    known = ", ".join(sources.by_name.get("manage.py", ())) or "there is none"
    raise UsageError(f"{manage}: no such file", hint=f"manage.py files here: {known}")


def _usable(sources: Sources, path: RelPath) -> bool:
    if path.count("/") > DEEPEST or "{{" in path or ELSEWHERE & set(folder_of(path).split("/")):
        return False
    text = sources.text(path)
    return text is not None and bool(DJANGO.search(text)) and not TEMPLATE_TEXT.search(text)
