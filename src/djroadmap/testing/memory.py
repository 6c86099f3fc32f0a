"""A project in memory with every port faked, and the commands on it: what features are tried on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from djroadmap.catalog import Catalog, load
from djroadmap.errors import Moved
from djroadmap.model.memory import MemoryTree
from djroadmap.workflow.add import prepare_add
from djroadmap.workflow.remove import prepare_remove
from djroadmap.workflow.status import is_there
from djroadmap.workflow.world import Request, World

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path
    from typing import Self

    from djroadmap.errors import Problem
    from djroadmap.model.change import Change
    from djroadmap.model.project import PythonStyle
    from djroadmap.workflow.prepared import Prepared

SKIPPED = {"__pycache__", ".git", ".ruff_cache", ".pytest_cache", ".mypy_cache"}


class PlainFormatter:
    """Leaves text as it is: templates are written in the default style."""

    def format(self, path: str, text: str) -> str:
        """The text itself."""
        return text


def plain_formatter(style: PythonStyle, new: Sequence[str] = ()) -> PlainFormatter:
    """The formatter for any style."""
    return PlainFormatter()


@dataclass
class MemoryDisk:
    """Writes into a dict, and refuses what the real disk would refuse."""

    files: dict[str, bytes]
    dropped: list[str] = field(default_factory=list)

    def commit(
        self,
        changes: Sequence[Change],
        *,
        drop_empty: Sequence[str] = (),
        folders: Sequence[tuple[str, int]] = (),
    ) -> None:
        """Make the changes."""
        for change in changes:
            if self.files.get(change.path) != change.before:
                raise Moved(change.path)
        for change in changes:
            if change.after is None:
                del self.files[change.path]
            else:
                self.files[change.path] = change.after
        self.dropped.extend(drop_empty)


class NoGit:
    """A folder that is no repository."""

    @property
    def is_repository(self) -> bool:
        """It is not."""
        return False

    @property
    def problem(self) -> str:
        """Why."""
        return "this project is not in git"

    def dirty(self, paths: Sequence[str]) -> Collection[str]:
        """Nothing is."""
        return ()

    def is_ignored(self, paths: Sequence[str]) -> Collection[str]:
        """Nothing is."""
        return ()

    def ignored(self) -> Collection[str]:
        """Nothing is."""
        return ()


@lru_cache(maxsize=64)
def _tree(files: frozenset[tuple[str, bytes]]) -> MemoryTree:
    """The tree of these files: the same one for the same files, so that its facts are found once."""
    return MemoryTree(dict(files))


@dataclass
class Memory:
    """A project in memory and the commands on it."""

    files: dict[str, bytes]
    catalog: Catalog = field(default_factory=load)
    disk: MemoryDisk = field(init=False)

    def __post_init__(self) -> None:
        self.disk = MemoryDisk(self.files)

    @classmethod
    def of(cls, folder: Path, *, catalog: Catalog | None = None) -> Memory:
        """The files of a folder."""
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not SKIPPED & set(path.relative_to(folder).parts)
        }
        return cls(files, catalog or load())

    def copy(self, files: Mapping[str, bytes] | None = None) -> Self:
        """The same project, to be changed independently."""
        return type(self)(dict(self.files if files is None else files), self.catalog)

    @property
    def world(self) -> World:
        """The ports, over the files as they are now."""
        return World(
            root="project",
            tree=_tree(frozenset(self.files.items())),
            disk=self.disk,
            git=NoGit(),
            formatter=plain_formatter,
            catalog=self.catalog,
        )

    def plan(self, *features: str, partial: bool = False) -> Prepared:
        """What `add` would do with features as they are typed: `graphql`, or `graphql --library graphene`."""
        return prepare_add(self.world, tuple(map(self._request, features)), partial=partial)

    def add(self, *features: str) -> Prepared:
        """`add`, refusing problems loudly."""
        prepared = self.plan(*features)
        assert not prepared.problems, [str(problem) for problem in prepared.problems]
        prepared.commit(self.world)
        return prepared

    def remove(self, *features: str) -> Prepared:
        """`remove`, refusing problems loudly."""
        prepared = prepare_remove(self.world, tuple(feature.split()[0] for feature in features))
        assert not prepared.problems, [str(problem) for problem in prepared.problems]
        prepared.commit(self.world)
        return prepared

    def refused(self, feature: str) -> tuple[Problem, ...]:
        """The problems of removing a feature."""
        return prepare_remove(self.world, (feature.split(maxsplit=1)[0],)).problems

    def has(self, feature: str) -> bool:
        """Is a feature there that nobody added?"""
        return is_there(self.catalog.get(feature.split(maxsplit=1)[0]), self.world.project())

    def supports(self, feature: str) -> str | None:
        """The reason why a feature does not apply, or not with the options that are typed, or None."""
        name, *words = feature.split()
        reason = self.catalog.get(name).supports(self.world.project())
        if reason is None and words and not self.has(feature):
            refused = (one.why for one in self.plan(feature).problems if one.path.startswith("--"))
            return next(refused, None)
        return reason

    def _request(self, typed: str) -> Request:
        name, *words = typed.split()
        if not words:
            return Request(feature=name)
        given = {
            flag.removeprefix("--").replace("-", "_"): value
            for flag, value in zip(words[::2], words[1::2], strict=True)
        }
        return Request(feature=name, options=self.catalog.get(name).defaults(self.world.project(), **given))
