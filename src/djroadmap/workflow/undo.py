"""`undo`: put back the files as they were before the last add, remove or upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem

from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.change import Change
    from djroadmap.model.edit import RelPath

    from .world import World


def prepare_undo(
    world: World,
    *,
    title: str,
    changes: Sequence[Change],
    drop_empty: Sequence[RelPath] = (),
    folders: Sequence[tuple[RelPath, int]] = (),
) -> Prepared:
    """What taking back the past run called `title` would do; the rest are the arguments of the commit that does it.

    A file that is no longer as that run left it is a problem: it was edited since.
    """
    problems = tuple(
        Problem(
            path=change.path,
            line=None,
            why=f"changed since djroadmap's last run ({title}), so it cannot be put back as it was",
            snippet=f"git diff -- {change.path}",
        )
        for change in changes
        if world.tree.raw(change.path) != change.before
    )
    return Prepared(
        action="undo",
        features=tuple(title.split(" ")),
        changes=tuple(changes),
        drop_empty=tuple(drop_empty),
        folders=tuple(folders),
        problems=problems,
    )
