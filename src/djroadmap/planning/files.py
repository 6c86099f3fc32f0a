"""Whole new files from templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.model.plan import Plan
from djroadmap.templating import rendered

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.project import Project


def new_file(
    path: str,
    feature: str,
    template: str,
    *,
    extra: bool = False,
    executable: bool = False,
    folder: Path | None = None,
    **facts: Any,
) -> Plan:
    """The file `path` with what `templates/<feature>/<template>` gives for these facts, rendered when it is needed.

    A third-party feature has `folder` for `templates`.
    """
    content = rendered(feature, template, folder=folder, **facts)
    return Plan((edits.WholeFile(path=path, content=content, extra=extra, executable=executable),))


def package_files(project: Project, folder: str, *, extra: bool = True) -> Plan:
    """An empty `__init__.py` in `folder`, so that it is a package for linters and test runners.

    One with content is the user's. An empty one is planned even if it is there, so that features which share
    a folder own it together.
    """
    path = f"{folder}/__init__.py"
    if project.tree.raw(path):
        return Plan()
    return Plan((edits.WholeFile(path=path, content="", extra=extra),))
