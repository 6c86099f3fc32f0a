"""Which features meet which projects: everything in the catalogue, every layout, every variant of its bytes."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import permutations
from typing import TYPE_CHECKING

from djroadmap.catalog import load
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.testing.variants import VARIANTS, varied
from djroadmap.testing.ways import ways
from tests.memory import Memory
from tests.projects import LAYOUTS, copy_layout

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.workflow.prepared import Prepared

CATALOG = load()
WAYS = {feature.id: ways(feature) for feature in CATALOG.public()}
FEATURES = tuple(ways[0] for ways in WAYS.values())
"""Every feature, with as few options as will do."""
EVERY_WAY = tuple(way for ways in WAYS.values() for way in ways)
"""Every feature, with every choice of its options."""
NEWEST = max(name for name in LAYOUTS if name.startswith("startproject"))
DISTINCT = tuple(name for name in LAYOUTS if not name.startswith("startproject") or name == NEWEST)
"""The layouts without older versions of one: pairs of features meet the same shapes there."""
CONTAINED = ("turbo", "cookiecutter")
"""Where pairs meet of which one only deploys: it does not see how the layouts differ otherwise."""


def _meeting(*typed: str) -> tuple[str, ...]:
    features = [CATALOG.get(way.split(maxsplit=1)[0]) for way in typed]
    deploys = any(one.group == "Infrastructure" and one.id != "health-checks" for one in features)
    return CONTAINED if deploys else DISTINCT


PAIRS = tuple((*pair, layout) for pair in permutations(FEATURES, 2) for layout in _meeting(*pair))
"""Every two features, in both orders, on the layouts where they meet."""
BYTES = [(way, variant) for way in EVERY_WAY for variant in VARIANTS if way in FEATURES or variant == "as-is"]
"""Every feature in files of every kind, and its other choices in files as they are."""


@cache
def layout_files(layout: str, folder: Path) -> dict[str, bytes]:
    """The files of a layout, read once a session."""
    return Memory.of(copy_layout(layout, folder / layout)).files


class Known(Memory):
    """A project in memory that plans the same thing on the same files once, as long as it has our catalogue.

    Every law begins with adding a feature to a layout as it is, and most end with removing the last feature. That a
    plan is the same each time is a law of its own (`test_planned_twice_is_the_same`).
    """

    def plan(self, *features: str, partial: bool = False) -> Prepared:
        """As `Memory.plan`."""
        if self.catalog is not CATALOG or MANIFEST in self.files:
            return super().plan(*features, partial=partial)
        return _planned(frozenset(self.files.items()), features, partial)

    def remove(self, *features: str) -> Prepared:
        """As `Memory.remove`."""
        if self.catalog is not CATALOG:
            return super().remove(*features)
        prepared = _removed(frozenset(self.files.items()), features)
        prepared.commit(self.world)
        return prepared


@lru_cache(maxsize=2048)
def _planned(files: frozenset[tuple[str, bytes]], features: tuple[str, ...], partial: bool) -> Prepared:
    return Memory(dict(files), CATALOG).plan(*features, partial=partial)


@lru_cache(maxsize=512)
def _removed(files: frozenset[tuple[str, bytes]], features: tuple[str, ...]) -> Prepared:
    return Memory(dict(files), CATALOG).remove(*features)


def project(layout: str, folder: Path, variant: str = "as-is") -> Memory:
    """A fresh project of this layout in memory, its text files rewritten as the variant says."""
    return Known(varied(layout_files(layout, folder), variant), CATALOG)


__all__ = [
    "BYTES",
    "CATALOG",
    "CONTAINED",
    "EVERY_WAY",
    "FEATURES",
    "LAYOUTS",
    "PAIRS",
    "VARIANTS",
    "project",
]
