"""Files of the project's own Python code, for facts that may stand in a file of any name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

ELSEWHERE = regex(
    r"(?:^|/)(?:(?:tests?|migrations|docs?|examples?|vendor(?:ed)?|fixtures)/|test_[^/]*$|conftest\.py$)"
)


def python_files(sources: Sources, base: RelPath) -> list[RelPath]:
    """Python files below manage.py's folder that are neither tests, migrations nor documentation."""
    return [path for path in sources.under(base) if path.endswith(".py") and not ELSEWHERE.search(path)]


def containing(
    sources: Sources, paths: Sequence[RelPath], needles: tuple[bytes, ...], *, likely: tuple[str, ...]
) -> Iterator[RelPath]:
    """The files whose bytes hold every needle, those whose path holds a likely word first."""
    for path in sorted(paths, key=lambda path: not any(word in path.lower() for word in likely)):
        if all(sources.holds(path, needle) for needle in needles):
            yield path
