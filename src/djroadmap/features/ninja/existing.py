"""APIs of Django Ninja that are in a project already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.ninja_apis import MAKERS, ninja_apis

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree


class Existing(NamedTuple):
    """An instance of `NinjaAPI`."""

    path: RelPath
    name: str
    """The variable that holds it."""
    handlers: bool
    """Does its file say what errors look like?"""
    exempt: bool
    """Does its file speak of views outside of transactions?"""


def existing(tree: Tree, *, but: RelPath) -> Existing | None:
    """The first API that is bound to a name at module level, in a file other than `but`."""
    for path, name in ninja_apis(tree, makers=(*MAKERS, "NinjaExtraAPI")):
        if path != but:
            raw = tree.raw(path) or b""
            return Existing(
                path, name, handlers=b"exception_handler" in raw, exempt=b"non_atomic_requests" in raw
            )
    return None
