"""The ports a run works with, and the project as it stands."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from djroadmap import manifest as manifests
from djroadmap.detect import detect
from djroadmap.detect.layout import find_manage
from djroadmap.errors import DjroadmapError
from djroadmap.syntax.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from djroadmap.catalog import Catalog
    from djroadmap.manifest import Manifest
    from djroadmap.model.change import Change
    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Formatter, Tree
    from djroadmap.model.project import Project, PythonStyle


class Committer(Protocol):
    """Writes changes, all or none (adapters.disk)."""

    def commit(
        self,
        changes: Sequence[Change],
        *,
        drop_empty: Sequence[RelPath] = (),
        folders: Sequence[tuple[RelPath, int]] = (),
    ) -> None:
        """Write every change or none; drop folders that are left empty, make others (with their modes)."""
        ...


class Repository(Protocol):
    """What is asked of git (adapters.git)."""

    @property
    def is_repository(self) -> bool:
        """Is the project in a git repository?"""
        ...

    @property
    def problem(self) -> str:
        """Why git cannot be asked, or nothing if it can."""
        ...

    def dirty(self, paths: Sequence[RelPath]) -> Collection[RelPath]:
        """Those of `paths` that have changes which are not committed. Raises `DjroadmapError` if git cannot tell."""
        ...

    def is_ignored(self, paths: Sequence[RelPath]) -> Collection[RelPath]:
        """Those of `paths` that git ignores and does not track."""
        ...

    def ignored(self) -> Collection[RelPath]:
        """All that git ignores and does not track: files, and folders as a whole."""
        ...


class Versions(Protocol):
    """What is known to have stood in a file (adapters.git, adapters.history)."""

    def __call__(self, path: RelPath, /) -> Iterable[bytes]:
        """Its earlier contents, those first that are found fastest."""
        ...


def _no_versions(_: RelPath, /) -> Iterable[bytes]:
    return ()


class World(NamedTuple):
    """Everything outside: files, git, formatter, catalogue."""

    root: str
    """The project's root as people write it, for messages only."""
    tree: Tree
    disk: Committer
    git: Repository
    formatter: FormatterFor
    catalog: Catalog
    manage: RelPath | None = None
    """The manage.py that was named on the command line."""
    versions: Versions = _no_versions
    """Where the earlier contents of a file are looked for."""

    def manifest(self) -> Manifest:
        """What is recorded as installed. Raises `ManifestError`."""
        return manifests.load(self.tree.read(manifests.PATH))

    def project(self, tree: Tree | None = None) -> Project:
        """The facts of the project, or of what is staged in `tree`. Raises `NoProject`, `ManifestError`.

        Where nobody says which manage.py is meant, it is the one that the manifest remembers, if it is still there.
        """
        manage = self.manage
        if manage is None:
            remembered = self.manifest().manage
            manage = remembered if remembered and self.tree.exists(remembered) else None
        return _detected(tree or self.tree, self.root, manage)

    def must_remember(self) -> RelPath | None:
        """The manage.py that was named, if nothing but naming it tells which one is meant."""
        if self.manage is None:
            return None
        sources = Sources(self.tree)
        named = find_manage(sources, self.manage)
        try:
            return None if find_manage(sources) == named else named
        except DjroadmapError:  # several, or none that counts unless it is named
            return named


@lru_cache(maxsize=64)
def _detected(tree: Tree, root: str, manage: RelPath | None) -> Project:
    """The project in a tree, found once for each tree: all of a run sees one state (`ports.Tree`)."""
    return detect(tree, root=root, manage=manage)


class FormatterFor(Protocol):
    """Gives a formatter for a project's style (adapters.formatter)."""

    def __call__(self, style: PythonStyle, new: Sequence[str] = ()) -> Formatter:
        """The formatter that writes as this project does; `new` are the paths of files that are about to be created."""
        ...


class Request(NamedTuple):
    """One feature that was asked for, with its options as a dataclass instance."""

    feature: str
    options: Any = None
