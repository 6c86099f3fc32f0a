"""Mistakes in a project, made for the length of a block: what the tests that features add are there to find."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tests.adapters.trees import build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Mutation(NamedTuple):
    """One place of a file that says something else."""

    path: str
    old: str
    new: str
    caught_by: str
    """The name of a test that fails then."""

    def files(self, project: Path) -> dict[str, str]:
        """The file with the mistake in it."""
        text = (project / self.path).read_text()
        assert text.count(self.old) == 1, f"{self.path} has {text.count(self.old)} times: {self.old}"
        return {self.path: text.replace(self.old, self.new)}


@contextmanager
def written(project: Path, files: Mapping[str, str]) -> Iterator[None]:
    """The files are in the project; afterwards all is as it was."""
    before = {path: (project / path).read_text() for path in files if (project / path).exists()}
    try:
        build(project, files)
        yield
    finally:
        for path in files:
            (project / path).unlink()
        build(project, before)
