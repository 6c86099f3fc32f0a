"""Finds features, orders prerequisites before what needs them, and rejects cycles."""

from __future__ import annotations

import os
import sys
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap import features as builtin
from djroadmap.errors import DjroadmapError, UsageError
from djroadmap.model.feature import GROUPS, Feature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from djroadmap.plugins import Broken

    Chosen = Mapping[str, Mapping[str, Any]]
    """The options of features, by id: what they need may depend on them. One that is missing has its defaults."""

ENTRY_POINTS = "djroadmap.features"
DEFAULTS: Chosen = MappingProxyType({})
"""Nothing is chosen."""


class CatalogError(DjroadmapError):
    """A feature that ships with djroadmap is declared wrongly."""

    exit_code = 4


class Catalog(NamedTuple):
    """Every feature there is, by id."""

    features: Mapping[str, Feature]
    broken: tuple[Broken, ...] = ()
    """What plugins were to bring, and is left out."""

    @classmethod
    def of(cls, features: Iterable[Feature]) -> Catalog:
        """A checked catalogue. Raises `CatalogError` for double ids, unknown prerequisites or groups, and cycles."""
        found: dict[str, Feature] = {}
        for feature in features:
            if feature.id in found:
                raise CatalogError(f"two features are called {feature.id!r}")
            if feature.group not in GROUPS:
                raise CatalogError(
                    f"feature {feature.id!r} is in the unknown group {feature.group!r}",
                    hint=f"one of: {', '.join(GROUPS)}",
                )
            found[feature.id] = feature
        for feature in found.values():
            for other in (*feature.may_need, *feature.conflicts, *feature.bridges):
                if other not in found:
                    raise CatalogError(f"feature {feature.id!r} names the unknown feature {other!r}")
            if not feature.requires_for.keys() <= feature.options._field_defaults.keys():
                raise CatalogError(
                    f"feature {feature.id!r} needs others by an option that it has not, or that has no default"
                )
        try:
            TopologicalSorter({feature.id: feature.may_need for feature in found.values()}).prepare()
        except CycleError as error:
            raise CatalogError(
                f"features need each other in a circle: {' -> '.join(error.args[1])}"
            ) from None
        return cls(found)

    def public(self) -> tuple[Feature, ...]:
        """The features people see, by group in the catalogue's order, then by title."""
        listed = (feature for feature in self.features.values() if not feature.internal)
        return tuple(sorted(listed, key=lambda feature: (GROUPS.index(feature.group), feature.id)))

    def get(self, feature: str) -> Feature:
        """The feature of that id. Raises `UsageError` that suggests the nearest one, or says why it is left out."""
        if feature in self.features:
            return self.features[feature]
        for one in self.broken:
            if one.name == feature:
                raise UsageError(f"there is no feature {feature!r}, since {one}", hint=one.hint)
        from difflib import get_close_matches  # noqa: PLC0415 - only a mistyped id pays for it

        near = get_close_matches(feature, [public.id for public in self.public()], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "djroadmap list shows them all"
        raise UsageError(f"there is no feature called {feature!r}", hint=hint)

    def with_prerequisites(self, feature: str, chosen: Chosen = DEFAULTS) -> tuple[Feature, ...]:
        """The feature, with everything it needs as it is `chosen` before it, in an order that works."""
        ordered: dict[str, Feature] = {}

        def visit(name: str) -> None:
            for needed in self._needs(name, chosen):
                visit(needed)
            ordered.setdefault(name, self.features[name])

        visit(self.get(feature).id)
        return tuple(ordered.values())

    def closure(self, feature: str, chosen: Chosen = DEFAULTS) -> frozenset[str]:
        """The feature and everything it needs as it is `chosen`; itself alone if nobody knows it."""
        needed = self._needs(feature, chosen) if feature in self.features else ()
        return frozenset({feature}.union(*(self.closure(name, chosen) for name in needed)))

    def _needs(self, feature: str, chosen: Chosen) -> tuple[str, ...]:
        return self.features[feature].needs(chosen.get(feature, {}))

    def hanging(self, names: Iterable[str]) -> tuple[Feature, ...]:
        """The features whose prerequisites depend on their options, of these and all that they may need."""
        found = list(dict.fromkeys(self.get(name).id for name in names))
        for name in found:
            found.extend(needed for needed in self.features[name].may_need if needed not in found)
        return tuple(self.features[name] for name in found if self.features[name].requires_for)

    def bridges(self) -> tuple[Feature, ...]:
        """The features that come by themselves where they join others."""
        return tuple(feature for feature in self.features.values() if feature.bridges)

    def kept(
        self, installed: Mapping[str, bool], going: Iterable[str] = (), chosen: Chosen = DEFAULTS
    ) -> frozenset[str]:
        """Those of the `installed` features, each with whether it came for others only, that have a reason without
        the `going` ones. A going one among them is needed by others. `chosen` are the options they have.

        A feature that was asked for has one, and so has what it needs. A bridge has one if all that it joins has, and
        if nothing it needs stands there for its sake alone.
        """
        roots = [name for name, automatic in installed.items() if not automatic and name not in set(going)]
        needed: frozenset[str] = frozenset().union(*(self.closure(name, chosen) for name in roots))
        for bridge in (one for one in self.bridges() if one.id in installed):
            closure = self.closure(bridge.id, chosen)
            public = {name for name in closure if not self.features[name].internal}
            if (public & installed.keys()) <= needed and set(bridge.bridges) <= needed:
                needed |= closure
        return needed & installed.keys()

    def dependents_first(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names, each before what it needs; ones that nobody knows come first."""
        graph = {feature.id: {*feature.may_need, *feature.bridges} for feature in self.features.values()}
        order = {name: at for at, name in enumerate(TopologicalSorter(graph).static_order())}
        return tuple(sorted(names, key=lambda name: -order.get(name, len(order))))


def load() -> Catalog:
    """The features that ship with djroadmap and those that installed plugins bring (entry points `djroadmap.features`).

    What is wrong with a plugin is in `broken`, and the others are there. Raises `CatalogError` for our own mistakes.
    """
    shipped = Catalog.of(_shipped())
    if not _has_plugins():
        return shipped
    from djroadmap.plugins import discover  # noqa: PLC0415 - asks every distribution

    found = discover(ENTRY_POINTS, shipped.features)
    return Catalog.of((*shipped.features.values(), *found.features))._replace(broken=found.broken)


def _shipped() -> Iterator[Feature]:
    """Each folder of `djroadmap.features`. `pkgutil` would find them too, and import `inspect` for that."""
    for folder in builtin.__path__:
        for name in sorted(path.parent.name for path in Path(folder).glob("*/__init__.py")):
            yield import_module(f"{builtin.__name__}.{name}").FEATURE


def _has_plugins() -> bool:
    """Does any installed distribution name our entry points? Much faster than `importlib.metadata`, which asks all."""
    for folder in sys.path:
        try:
            found = os.listdir(folder or ".")  # noqa: PTH208 - names are enough
        except OSError:
            continue
        for name in (name for name in found if name.endswith((".dist-info", ".egg-info"))):
            try:
                text = Path(folder, name, "entry_points.txt").read_bytes()
            except OSError:
                continue
            if b"[" + ENTRY_POINTS.encode() + b"]" in text:
                return True
    return False
