"""The laws of DESIGN section 2, for every feature on every layout. New features and layouts join by themselves."""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING

import pytest

from djroadmap.model.text import decode
from djroadmap.testing import laws
from tests.matrix.cases import BYTES, CATALOG, CONTAINED, EVERY_WAY, FEATURES, LAYOUTS, PAIRS, VARIANTS
from tests.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.workflow.prepared import Prepared

each_layout = pytest.mark.parametrize("layout", LAYOUTS)
each_feature = pytest.mark.parametrize("feature", EVERY_WAY)
each_variant = pytest.mark.parametrize("variant", VARIANTS)


def fits(project: Memory, *features: str) -> None:
    """End the test here for a feature that does not apply, once its reason has been read."""
    for feature in features:
        if reason := laws.does_not_apply(project, feature):
            pytest.skip(reason)


@pytest.mark.parametrize(("feature", "variant"), BYTES)
@each_layout
def test_added_twice_is_added_once(
    feature: str, layout: str, variant: str, make: Callable[..., Memory]
) -> None:
    project = make(layout, variant)
    fits(project, feature)
    laws.added_twice_is_added_once(project, feature)


@pytest.mark.parametrize(("feature", "variant"), BYTES)
@each_layout
def test_removed_is_as_if_never_added(
    feature: str, layout: str, variant: str, make: Callable[..., Memory]
) -> None:
    project = make(layout, variant)
    fits(project, feature)
    laws.removed_is_as_if_never_added(project, feature)


@pytest.mark.parametrize("layout", CONTAINED)
@each_feature
def test_planned_twice_is_the_same(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    """Same files, same plan: the other tests make it once (`cases.Known`)."""
    project = make(layout)
    fits(project, feature)
    again = Memory(dict(project.files), CATALOG)
    assert again.plan(feature) == project.plan(feature)
    project.add(feature)
    again.add(feature)
    assert again.files == project.files
    alone = feature.split(maxsplit=1)[0]
    assert again.remove(alone) == project.remove(alone)


@each_layout
@each_feature
def test_planned_again_without_a_record_holds(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    project = make(layout)
    fits(project, feature)
    laws.planned_again_without_a_record_holds(project, feature)


@each_layout
@each_feature
def test_the_diff_takes_nothing_of_the_users_away(
    feature: str, layout: str, make: Callable[..., Memory]
) -> None:
    project = make(layout)
    fits(project, feature)
    laws.nothing_of_the_users_is_lost(project, feature, rewritten="on_commit")


@each_layout
@each_feature
def test_what_was_touched_still_parses(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    from ruamel.yaml import YAML

    project = make(layout)
    fits(project, feature)
    for change in project.add(feature).changes:
        assert change.after is not None
        text = decode(change.after)
        if change.path.endswith(".py"):
            ast.parse(text)
        elif change.path.endswith(".toml"):
            tomllib.loads(text)
        elif change.path.endswith((".yml", ".yaml")) and not _is_of_a_chart(project, change.path):
            list(YAML(typ="safe", pure=True).load_all(text))


def _is_of_a_chart(project: Memory, path: str) -> bool:
    """Is it a template of Helm's, which is YAML only when it has been rendered?"""
    chart, found, _ = path.rpartition("/templates/")
    return bool(found) and f"{chart}/Chart.yaml" in project.files


@each_layout
@each_feature
def test_what_was_touched_by_the_user_since_survives(
    feature: str, layout: str, make: Callable[..., Memory]
) -> None:
    project = make(layout)
    fits(project, feature)
    laws.what_the_user_wrote_since_survives(project, feature)


@each_layout
@each_feature
def test_a_whole_file_the_user_edited_stays_and_is_named(
    feature: str, layout: str, make: Callable[..., Memory]
) -> None:
    project = make(layout)
    fits(project, feature)
    if not laws.a_whole_file_the_user_edited_stays_and_is_named(project, feature):
        pytest.skip("creates no file")


@pytest.mark.parametrize(
    ("first", "second", "layout"),
    PAIRS,
    ids=[f"{first}+{second}-{layout}" for first, second, layout in PAIRS],
)
def test_two_features_come_off_in_any_order(
    first: str, second: str, layout: str, make: Callable[..., Memory], added: Callable[[str, str], Memory]
) -> None:
    project = make(layout)
    fits(project, first, second)
    laws.two_come_off_in_any_order(project, added(layout, first), added(layout, second), (first, second))


@each_variant
@each_layout
def test_all_features_together(layout: str, variant: str, make: Callable[..., Memory]) -> None:
    laws.all_come_off_together(make(layout, variant), FEATURES)


@each_layout
@each_feature
def test_the_patch_is_the_change(
    feature: str, layout: str, make: Callable[..., Memory], tmp_path: object
) -> None:
    """`git apply` takes the diff and arrives at the very same bytes."""
    import subprocess
    from pathlib import Path

    project = make(layout)
    fits(project, feature)
    root = Path(str(tmp_path))
    prepared = project.plan(feature)
    for change in prepared.changes:
        if change.before is not None:
            (root / change.path).parent.mkdir(parents=True, exist_ok=True)
            (root / change.path).write_bytes(change.before)
    ran = subprocess.run(
        ["git", "apply", "-"], input=prepared.diff().encode(), cwd=root, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    for change in prepared.changes:
        assert (root / change.path).read_bytes() == change.after, change.path


@each_layout
@each_feature
def test_every_outcome_says_what_comes_next(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    project = make(layout)
    fits(project, feature)
    prepared = project.add(feature)
    assert _next_steps(prepared), "nothing is left to do after adding it, neither an install nor a test"


def _next_steps(prepared: Prepared) -> list[str]:
    commands = (*prepared.commands, *prepared.checks)
    return [*(str(command) for command in commands), *(todo.text for todo in prepared.todos)]
