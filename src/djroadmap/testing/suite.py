"""The laws as a class of tests, which `djroadmap.testing.plugin` multiplies by ways, projects and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from djroadmap.catalog import Catalog, load
from djroadmap.plugins import fault

from . import laws
from .samples import SAMPLES
from .ways import ways

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from djroadmap.model.feature import Feature

    from .memory import Memory

    Make = Callable[..., Memory]


class FeatureLaws:
    """What every feature keeps, on every project that it applies to. Subclass it, and say which feature."""

    feature: ClassVar[str | Feature]
    """Its id, if your distribution is installed, which proves its entry point as well; or the feature itself."""
    projects: ClassVar[tuple[str | Path, ...]] = tuple(SAMPLES)
    """Names of `SAMPLES`, and folders with projects of your own, which are only read."""

    @classmethod
    def catalog(cls) -> Catalog:
        """All installed features and this one."""
        found = load()
        if isinstance(cls.feature, str):
            return found
        return Catalog.of({**found.features, cls.feature.id: cls.feature}.values())

    @classmethod
    def ways(cls) -> tuple[str, ...]:
        """The feature as it is typed, with each choice of its options."""
        name = cls.feature if isinstance(cls.feature, str) else cls.feature.id
        found = cls.catalog().features.get(name)
        # If there is none, each test says why.
        return (name,) if found is None else ways(found)

    @classmethod
    def others(cls) -> tuple[str, ...]:
        """Every other feature, with as few options as will do."""
        own = cls.ways()[0].split()[0]
        return tuple(ways(one)[0] for one in cls.catalog().public() if one.id != own)

    def test_it_is_declared_as_it_must_be(self) -> None:
        feature = self.catalog().get(self.feature) if isinstance(self.feature, str) else self.feature
        assert fault(feature) == ""

    def test_it_applies_to_one_of_the_projects(self, djroadmap_make: Make) -> None:
        """Or the other laws would prove nothing."""
        way = self.ways()[0]
        reasons = [laws.does_not_apply(djroadmap_make(project), way) for project in self.projects]
        assert "" in reasons, reasons

    def test_added_twice_is_added_once(self, djroadmap_project: Memory, djroadmap_way: str) -> None:
        laws.added_twice_is_added_once(djroadmap_project, djroadmap_way)

    def test_removed_is_as_if_never_added(self, djroadmap_project: Memory, djroadmap_way: str) -> None:
        laws.removed_is_as_if_never_added(djroadmap_project, djroadmap_way)

    def test_planned_again_without_a_record_holds(
        self, djroadmap_project: Memory, djroadmap_way: str
    ) -> None:
        laws.planned_again_without_a_record_holds(djroadmap_project, djroadmap_way)

    def test_nothing_of_the_users_is_lost(self, djroadmap_project: Memory, djroadmap_way: str) -> None:
        laws.nothing_of_the_users_is_lost(djroadmap_project, djroadmap_way)

    def test_what_the_user_wrote_since_survives(self, djroadmap_project: Memory, djroadmap_way: str) -> None:
        laws.what_the_user_wrote_since_survives(djroadmap_project, djroadmap_way)

    def test_a_whole_file_the_user_edited_stays_and_is_named(
        self, djroadmap_project: Memory, djroadmap_way: str
    ) -> None:
        laws.a_whole_file_the_user_edited_stays_and_is_named(djroadmap_project, djroadmap_way)

    def test_it_goes_together_with(
        self, djroadmap_other: str, djroadmap_layout: str | Path, djroadmap_make: Make
    ) -> None:
        """Every other feature, in both orders, where both apply."""
        import pytest  # noqa: PLC0415 - an extra

        own, project = self.ways()[0], djroadmap_make(djroadmap_layout)
        if reason := laws.does_not_apply(project, own) or laws.does_not_apply(project, djroadmap_other):
            pytest.skip(reason)
        alone, other = project.copy(), project.copy()
        alone.add(own)
        if (
            alone.has(djroadmap_other)
            or djroadmap_other.split(maxsplit=1)[0] in alone.world.manifest().features
        ):
            pytest.skip(f"{djroadmap_other} comes with it")
        other.add(djroadmap_other)
        laws.two_come_off_in_any_order(project, alone, other, (own, djroadmap_other))
        laws.two_come_off_in_any_order(project, other, alone, (djroadmap_other, own))

    def test_it_goes_together_with_all_at_once(
        self, djroadmap_layout: str | Path, djroadmap_make: Make
    ) -> None:
        laws.all_come_off_together(djroadmap_make(djroadmap_layout), (*self.others(), self.ways()[0]))
