"""Which of the files that a run touches hold work that is not committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .prepared import Prepared
    from .world import World


def dirty_paths(world: World, prepared: Prepared, *, own: Mapping[str, str | None]) -> tuple[str, ...]:
    """The files of the plan that have uncommitted changes of the user's.

    `own` has the digests of what djroadmap's runs left in files that were clean before: a file that still is just that
    holds nobody's work but ours, so two features can be added before one commit. Raises `DjroadmapError` if git cannot
    tell.
    """
    from djroadmap.adapters.journal import digest  # noqa: PLC0415

    existing = [change.path for change in prepared.changes]
    if not existing or not world.git.is_repository:
        return ()
    found = world.git.dirty(existing)
    return tuple(
        path
        for path in existing
        if path in found and not (path in own and own[path] == digest(world.tree.raw(path)))
    )
