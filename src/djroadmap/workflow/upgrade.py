"""`upgrade`: bring installed features to the version this djroadmap has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem
from djroadmap.manifest import PATH

from .prepared import Prepared

if TYPE_CHECKING:
    from .world import World


def prepare_upgrade(world: World, names: tuple[str, ...]) -> Prepared:
    """What upgrading these features (all, if none is named) would do. Nothing is written.

    A feature whose recorded version is older is refused for now: it is removed and added again by its owner.
    Raises `UsageError`, `ManifestError`.
    """
    manifest = world.manifest()
    notes, problems = [], []
    for name in names or tuple(manifest.features):
        feature = world.catalog.get(name)
        installed = manifest.features.get(name)
        if installed is None:
            notes.append(f"{name} was not added by djroadmap here; nothing to upgrade")
        elif installed.version < feature.version:
            why = f"{name} {installed.version} cannot be merged with {feature.version} by this release of djroadmap"
            problems.append(
                Problem(
                    path=PATH, line=None, why=why, snippet=f"djroadmap remove {name} && djroadmap add {name}"
                )
            )
        else:
            notes.append(f"{name} is up to date")
    if not manifest.features and not names:
        notes.append("nothing is installed yet")
    return Prepared(
        action="upgrade",
        features=names or tuple(manifest.features),
        notes=tuple(notes),
        problems=tuple(problems),
    )
