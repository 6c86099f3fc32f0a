"""`upgrade`: installed features at the version this djroadmap has, and grown with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem
from djroadmap.manifest import PATH

from .add import prepare_add
from .status import growth_of
from .world import Request

if TYPE_CHECKING:
    from .prepared import Prepared
    from .world import World


def prepare_upgrade(world: World, names: tuple[str, ...], *, partial: bool = False) -> Prepared:
    """What upgrading these features (all, if none is named) would do. Nothing is written.

    What has come to the project since (an app, an event) is covered. A feature whose recorded version is older is
    refused for now: it is removed and added again by its owner.
    Raises `UsageError`, `NoProject`, `ManifestError`.
    """
    manifest, project = world.manifest(), world.project()
    notes, problems, growing = [], [], []
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
        elif growth_of(feature, installed, project) is not None:
            growing.append(Request(feature=name))
        elif not feature.internal:
            notes.append(f"{name} is up to date")
    if not manifest.features and not names:
        notes.append("nothing is installed yet")
    grown = prepare_add(world, growing, partial=partial, again=True)
    return grown.with_(
        action="upgrade",
        features=names or tuple(request.feature for request in growing) or tuple(manifest.features),
        notes=(*grown.notes, *notes),
        problems=(*grown.problems, *problems),
        skippable=grown.skippable and not problems,
    )
