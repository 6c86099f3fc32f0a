"""Files of the project's own Python code, for facts that may stand in a file of any name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sources import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath

    from .sources import Sources

ELSEWHERE = frozenset(
    {"tests", "test", "migrations", "docs", "doc", "examples", "vendor", "vendored", "fixtures"}
)


def python_files(sources: Sources, base: RelPath) -> list[RelPath]:
    """Python files below manage.py's folder that are neither tests, migrations nor documentation."""
    return [
        path
        for path in sources.under(base)
        if path.endswith(".py")
        and not ELSEWHERE.intersection(path.split("/"))
        and not name_of(path).startswith(("test_", "conftest"))
    ]


def containing(
    sources: Sources, paths: list[RelPath], needles: tuple[bytes, ...], *, likely: tuple[str, ...]
) -> Iterator[RelPath]:
    """The files whose bytes hold every needle, those whose path holds a likely word first."""
    for path in sorted(paths, key=lambda path: not any(word in path.lower() for word in likely)):
        if all(sources.holds(path, needle) for needle in needles):
            yield path
