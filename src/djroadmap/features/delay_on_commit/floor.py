"""Celery 5.4, the first with `delay_on_commit`, wherever the project says which Celery it wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.dependencies import refresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

NAME = "celery"
FLOOR = "5.4"
"""https://docs.celeryq.dev/en/stable/history/whatsnew-5.4.html"""
NUMBER = re.compile(r"(===|==|~=|>=|\^|~|(?<![\d.<>!=])(?=\d))\s*(\d[\w.]*)")
CEILING = re.compile(r"<=?\s*(\d[\d.]*)")


def too_old(project: Project) -> str | None:
    """Why the floor cannot be raised, if so."""
    spec = project.dependencies.names.get(NAME, "")
    ceiling = CEILING.search(spec)
    if ceiling and _number(ceiling[1]) <= (5, 4):
        return f"it needs Celery {FLOOR}, and this project asks for celery{spec}"
    return None


def floor(project: Project) -> Plan:
    """The oldest Celery raised where it is written by hand; a to-do where it is compiled, or pinned with hashes."""
    total = Plan()
    for path in _files(project):
        edit = edits.VersionFloor(path=path, name=NAME, floor=FLOOR)
        if not edit.holds(project.tree.read(path)):
            total += Plan((edit.with_(extra=True),), commands=refresh(project, edit))
    if total.edits or not _is_old(project):
        return total
    text = f"ask for Celery {FLOOR} or newer, which has delay_on_commit, and compile the requirements again"
    return Plan(todos=(Todo(text=text, snippet=f"{NAME}>={FLOOR}"),))


def _files(project: Project) -> Iterator[RelPath]:
    dependencies = project.dependencies
    for file in dependencies.files:
        if not file.compiled and not file.hashed:
            yield file.path
    if dependencies.pyproject is not None:
        yield dependencies.pyproject
    if dependencies.style == "pipenv":
        yield f"{dependencies.folder}/Pipfile".lstrip("/")


def _is_old(project: Project) -> bool:
    found = NUMBER.search(project.dependencies.names.get(NAME, ""))
    return found is not None and _number(found[2]) < (5, 4)


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
