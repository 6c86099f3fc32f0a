"""Modules as import statements name them, and the files of the project that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.modules import module_file

from .sources import folder_of, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import RelPath

    from .sources import Sources


def relative_module(sources: Sources, path: RelPath, level: int, dotted: str) -> RelPath | None:
    """The file that `from ..dotted import x` (level 2) means in the file `path`."""
    folder = folder_of(path)
    for _ in range(level - 1):
        folder = folder_of(folder)
    if not dotted:
        init = join(folder, "__init__.py")
        return init if sources.exists(init) else None
    return module_file(sources, folder, dotted)


def is_own(sources: Sources, roots: Iterable[RelPath], dotted: str) -> bool:
    """Does the first segment of `dotted` name a module or a folder of the project?"""
    head = dotted.partition(".")[0]
    return any(
        sources.exists(join(root, f"{head}.py")) or sources.has_folder(join(root, head)) for root in roots
    )
