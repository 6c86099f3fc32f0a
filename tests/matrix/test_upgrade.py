"""Every feature in a newer version that writes the same: `upgrade` changes nothing but the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from djroadmap.catalog import Catalog, load
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.matrix.cases import EVERY_WAY, FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.memory import Memory

WHERE = ("turbo", "cookiecutter", "poetry")
"""Where the features meet all that they may find; the laws meet every layout."""
NEWER = Catalog.of([feature._replace(version=feature.version + 1) for feature in load().features.values()])


@pytest.mark.parametrize("layout", WHERE)
@pytest.mark.parametrize("feature", EVERY_WAY)
def test_the_same_plan_changes_nothing(
    layout: str, feature: str, make: Callable[..., Memory], added: Callable[[str, str], Memory]
) -> None:
    before = make(layout)
    if before.supports(feature) is not None or before.has(feature):
        pytest.skip("does not apply")
    project = added(layout, feature)
    written = dict(project.files)
    project.catalog = NEWER
    prepared = prepare_upgrade(project.world, ())
    assert not prepared.problems, [str(problem) for problem in prepared.problems]
    assert not prepared.conflicts
    assert prepared.paths == (MANIFEST,)
    assert not prepared.commands
    prepared.commit(project.world)
    assert not prepare_upgrade(project.world, ()).changes
    project.remove(feature)
    assert project.files == before.files, [path for path in written if path not in before.files]


@pytest.mark.parametrize("layout", WHERE)
def test_all_at_once(layout: str, make: Callable[..., Memory]) -> None:
    project = make(layout)
    for feature in FEATURES:
        if project.supports(feature) is None and not project.has(feature):
            project.add(feature)
    project.catalog = NEWER
    installed = project.world.manifest().features
    prepared = prepare_upgrade(project.world, ())
    assert not prepared.problems, [str(problem) for problem in prepared.problems]
    assert prepared.paths == (MANIFEST,)
    prepared.commit(project.world)
    for name, one in project.world.manifest().features.items():
        assert one == installed[name]._replace(version=installed[name].version + 1)
