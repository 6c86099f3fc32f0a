"""Where the project's manage.py is."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from djroadmap.errors import NoProject, UsageError
from djroadmap.regex import regex
from djroadmap.syntax.sources import folder_of

from .scripts import handed_to

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

DEEPEST = 3
SHOWN = 10
ELSEWHERE = frozenset(
    {
        "test", "tests", "testing", "doc", "docs", "vendor", "vendors", "vendored", "_vendor", "third_party",
        "site-packages", "node_modules", "templates", "project_template", "skeleton",
    }
)  # fmt: skip
"""Folders whose manage.py belongs to something else."""

TEMPLATE_TEXT = regex(r"\{%-?\s*[a-z]+\b[^{}]*%\}|\{\{-?\s*[A-Za-z_][\w.]*\s*(?:\|[^{}]*)?-?\}\}")
STARTS = regex(r"execute_from_command_line|DJANGO_SETTINGS_MODULE")
DJANGO = regex(r"execute_from_command_line|DJANGO_SETTINGS_MODULE|\bdjango\b")


def find_manage(sources: Sources, manage: RelPath | None = None) -> RelPath:
    """The path of manage.py: the one that is named, or the only one there is.

    Raises `UsageError` if the named one does not exist or there are several, `NoProject` if there is none.
    """
    if manage is not None:
        return _named(sources, manage)
    found, others = [], {}
    for path in sources.by_name.get("manage.py", ()):
        if why := why_not(sources, path):
            others[path] = why
        else:
            found.append(path)
    if len(found) == 1:
        return found[0]
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise UsageError(
            f"several Django projects here: {', '.join(found[:SHOWN])}{more}",
            hint=f"say which one is meant, for example with --manage {found[0]}",
        )
    from .absent import no_manage  # noqa: PLC0415 - only needed to say why there is nothing to do

    raise no_manage(sources, others)


def why_not(sources: Sources, path: RelPath) -> str:
    """The reason why a manage.py does not count, or nothing if it does."""
    if is_template(path):
        return "is part of a template"
    if path.count("/") > DEEPEST:
        return f"lies more than {DEEPEST} folders down"
    if elsewhere := ELSEWHERE & set(folder_of(path).split("/")):
        return f"lies in a folder called {min(elsewhere)}"
    text = sources.text(path)
    if text is None:
        return "cannot be read"
    if TEMPLATE_TEXT.search(text):
        return "is part of a template"
    if DJANGO.search(text) or _hands_over(sources, path):
        return ""
    return "does not start Django"


def is_template(path: RelPath) -> bool:
    """Does the path still hold what a generator fills in?"""
    return "{{" in path or "{%" in path


def _hands_over(sources: Sources, path: RelPath) -> bool:
    """Does the script leave it to a module of the project to start Django?"""
    targets = handed_to(sources, path, (folder_of(path),))
    return any(STARTS.search(sources.text(target) or "") for target in targets)


def _named(sources: Sources, manage: RelPath) -> RelPath:
    path = posixpath.normpath(manage)
    for candidate in (path, "manage.py" if path == "." else f"{path}/manage.py"):
        if sources.exists(candidate) or sources.tree.exists(candidate):
            return _checked(sources, candidate)
    known = ", ".join(sources.by_name.get("manage.py", ())) or "there is none"
    raise UsageError(f"{manage}: no such file", hint=f"manage.py files here: {known}")


def _checked(sources: Sources, path: RelPath) -> RelPath:
    """A named one may lie anywhere, but a template is no project."""
    if is_template(path) or TEMPLATE_TEXT.search(sources.text(path) or ""):
        raise NoProject(
            f"{path}: is part of a template that projects are generated from",
            hint="generate a project from it, and run djroadmap there",
        )
    return path
