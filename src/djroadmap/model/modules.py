"""Dotted modules to files of the project and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .edit import RelPath


class Files(Protocol):
    """What tells which files there are: a `Tree`, say."""

    def exists(self, path: RelPath) -> bool:
        """Is there a file at `path`?"""
        ...


def module_file(files: Files, folder: RelPath, dotted: str) -> RelPath | None:
    """The file of module `dotted` below `folder`: a package before a module, as Python looks it up."""
    stem = "/".join(filter(None, (folder, dotted.replace(".", "/"))))
    for path in (f"{stem}/__init__.py", f"{stem}.py"):
        if files.exists(path):
            return path
    return None


def find_module(files: Files, roots: Iterable[RelPath], dotted: str) -> RelPath | None:
    """The file of module `dotted` on the project's own part of sys.path."""
    for root in roots:
        if path := module_file(files, root, dotted):
            return path
    return None


def dotted_name(files: Files, roots: Iterable[RelPath], path: RelPath) -> str:
    """The dotted name of the file `path`, as seen from the root that holds it.

    A root inside another that is a package itself (it has an `__init__.py`) does not count: its modules
    are better known by their full names.
    """
    stem = path.removesuffix(".py").removesuffix("/__init__")
    holding = [root for root in roots if not root or stem.startswith(root + "/")]
    outside = [root for root in holding if not files.exists(f"{root}/__init__.py".removeprefix("/"))]
    root = max(outside or holding[:1], key=len, default="")
    return (stem[len(root) + 1 :] if root else stem).replace("/", ".")
