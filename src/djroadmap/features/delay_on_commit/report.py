"""What a person is told of the calls that stay as they are, and of what is different now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.regex import regex

from .reasons import TEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.project import Project

    from .sites import Site

EAGER = regex(rb"(?i)(?:task|celery)_always_eager")
FEW = 5
"""More files of tests than this are only counted."""


def report(project: Project, found: Sequence[Site]) -> Plan:
    """A to-do for each reason that a person should look into, and a note for each other one, with path and line."""
    todos, notes = [], []
    by_reason: dict[tuple[str, bool], list[Site]] = {}
    for site in found:
        if site.reason is not None:
            by_reason.setdefault((site.reason.text, site.reason.look), []).append(site)
    for (text, look), sites in by_reason.items():
        if look:
            lines = "\n".join(map(_line, sites))
            todos.append(Todo(text=f"decide about what is left alone, since {text}", snippet=lines))
        else:
            notes.append(f"left alone, since {text}: {_places(sites)}")
    if any(site.reason is None for site in found) and (eager := list(_eager(project))):
        text = (
            "look at tests that run tasks eagerly: in a test that is one transaction, what waits for its commit is not "
            "run, unless django_capture_on_commit_callbacks(execute=True) or captureOnCommitCallbacks does it"
        )
        todos.append(Todo(text=text, snippet="\n".join(eager)))
    return Plan(todos=tuple(todos), notes=tuple(notes))


def _places(sites: Sequence[Site]) -> str:
    files = dict.fromkeys(site.path for site in sites)
    if sites[0].reason == TEST and len(files) > FEW:
        return f"{len(sites)} places in {len(files)} files"
    return ", ".join(f"{site.path}:{site.line}" for site in sites)


def _line(site: Site) -> str:
    return f"{site.path}:{site.line}: {site.callee}" + (f" ({site.detail})" if site.detail else "")


def _eager(project: Project) -> Iterator[str]:
    """Where tasks are told to run at once."""
    for path in project.tree.files():
        if path.endswith((".py", ".toml", ".ini")):
            try:
                raw = project.tree.raw(path) or b""
            except Refused:
                continue
            for match in EAGER.finditer(raw):
                line = raw.count(b"\n", 0, match.start()) + 1
                yield f"{path}:{line}"
