"""Dotted modules to files of the project and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sources import folder_of, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import RelPath

    from .sources import Sources


def module_file(sources: Sources, folder: RelPath, dotted: str) -> RelPath | None:
    """The file of module `dotted` below `folder`: a package before a module, as Python looks it up."""
    stem = join(folder, dotted.replace(".", "/"))
    for path in (join(stem, "__init__.py"), f"{stem}.py"):
        if sources.exists(path):
            return path
    return None


def find_module(sources: Sources, roots: Iterable[RelPath], dotted: str) -> RelPath | None:
    """The file of module `dotted` on the project's own part of sys.path."""
    for root in roots:
        if path := module_file(sources, root, dotted):
            return path
    return None


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


def dotted_name(sources: Sources, roots: Iterable[RelPath], path: RelPath) -> str:
    """The dotted name of the file `path`, as seen from the root that holds it.

    A root inside another that is a package itself (it has an `__init__.py`) does not count: its modules
    are better known by their full names.
    """
    stem = path.removesuffix(".py").removesuffix("/__init__")
    holding = [root for root in roots if not root or stem.startswith(root + "/")]
    outside = [root for root in holding if not sources.exists(join(root, "__init__.py"))]
    root = max(outside or holding[:1], key=len, default="")
    return (stem[len(root) + 1 :] if root else stem).replace("/", ".")
