"""The laws of DESIGN section 2, for every feature on every layout. New features and layouts join by themselves."""

from __future__ import annotations

import ast
import re
import tomllib
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import pytest

from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.text import decode
from tests.matrix.cases import BYTES, EVERY_WAY, FEATURES, LAYOUTS, PAIRS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.workflow.prepared import Prepared
    from tests.memory import Memory

each_layout = pytest.mark.parametrize("layout", LAYOUTS)
each_feature = pytest.mark.parametrize("feature", EVERY_WAY)
each_variant = pytest.mark.parametrize("variant", VARIANTS)
CODEMODS = {"call", "unused-import"}
"""Kinds of edits that are there to change what the user wrote; they record it."""


def fits(project: Memory, *features: str) -> None:
    """End the test here for a feature that does not apply, once its reason has been read."""
    for feature in features:
        if project.has(feature):
            assert not project.plan(feature).changes
            pytest.skip(f"{feature} is there already")
        reason = project.supports(feature)
        if reason is not None:
            assert len(reason) > 10, reason
            assert project.plan(feature).problems
            pytest.skip(f"{feature} does not apply: {reason}")


@pytest.mark.parametrize(("feature", "variant"), BYTES)
@each_layout
def test_added_twice_is_added_once(
    feature: str, layout: str, variant: str, make: Callable[..., Memory]
) -> None:
    project = make(layout, variant)
    fits(project, feature)
    first = project.add(feature)
    assert first.changes
    after = dict(project.files)
    second = project.plan(feature)
    assert not second.changes
    assert not second.problems
    assert any("already installed" in note for note in second.notes)
    assert project.files == after


@pytest.mark.parametrize(("feature", "variant"), BYTES)
@each_layout
def test_removed_is_as_if_never_added(
    feature: str, layout: str, variant: str, make: Callable[..., Memory]
) -> None:
    project = make(layout, variant)
    fits(project, feature)
    before = dict(project.files)
    project.add(feature)
    removed = project.remove(feature)
    assert not removed.todos, [todo.text for todo in removed.todos]
    assert project.files == before


@each_layout
@each_feature
def test_planned_again_without_a_record_holds(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    """What was added is recognised even if the manifest is lost: nothing is added a second time."""
    project = make(layout)
    fits(project, feature)
    project.add(feature)
    del project.files[MANIFEST]
    again = project.plan(feature)
    assert not again.problems, [str(problem) for problem in again.problems]
    assert not again.changes, again.diff()


@each_layout
@each_feature
def test_the_diff_takes_nothing_of_the_users_away(
    feature: str, layout: str, make: Callable[..., Memory]
) -> None:
    project = make(layout)
    fits(project, feature)
    for change in project.add(feature).changes:
        if change.before is None:
            continue
        assert change.after is not None
        old, new = decode(change.before).splitlines(), decode(change.after).splitlines()
        lost = [line for line in old if line not in new]
        changed = sum(edit.kind in CODEMODS for edit in change.edits)
        if changed:
            assert len(lost) <= 3 * changed, f"{change.path}: {lost}"
            assert all("on_commit" in line for line in new if line not in old), change.path
            continue
        for tag, begin, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            for line in old[begin:end] if tag in {"replace", "delete"} else []:
                # Rows may be opened, one element a line; what tells a linter to look away goes with its cause.
                now, kept = "".join(new[first:last]), line.split("  # noqa")[0]
                assert line in new or _extends(kept, now), f"{change.path}: lost {line!r}"
        assert len(lost) <= 3, f"{change.path}: {lost}"


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
    before = dict(project.files)
    added = project.add(feature)
    edited = [
        change.path for change in added.changes if change.before is not None and change.path != MANIFEST
    ]
    mark = b"# the user's own line\n"
    for path in edited:
        project.files[path] = _with_mark(project.files[path], mark)
    removed = project.remove(feature)
    assert not removed.todos, [todo.text for todo in removed.todos]
    for path in edited:
        assert project.files[path] == _with_mark(before[path], mark), path
    assert set(project.files) == set(before)


@each_layout
@each_feature
def test_a_whole_file_the_user_edited_stays_and_is_named(
    feature: str, layout: str, make: Callable[..., Memory]
) -> None:
    project = make(layout)
    fits(project, feature)
    created = [
        change.path
        for change in project.add(feature).changes
        if change.action == "create" and {edit.kind for edit in change.edits} == {"file"}
    ]
    created = [path for path in created if project.files[path]]
    if not created:
        pytest.skip("creates no file")
    path = created[0]
    project.files[path] += b"\n# the user's own line\n"
    kept = project.files[path]
    removed = project.remove(feature)
    assert project.files[path] == kept
    assert any(path in todo.text for todo in removed.todos)
    assert MANIFEST not in project.files


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
    both = added(layout, first)
    both.add(second)
    chosen = both.world.manifest().chosen
    if first.split(maxsplit=1)[0] in project.catalog.closure(second.split(maxsplit=1)[0], chosen):
        assert [problem.why for problem in both.refused(first)] == [f"{first} is needed by {second}"]
        both.remove(second)
        assert both.files == added(layout, first).files
        return
    both.remove(first)
    assert both.files == added(layout, second).files
    both.remove(second)
    assert both.files == project.files


@each_variant
@each_layout
def test_all_features_together(layout: str, variant: str, make: Callable[..., Memory]) -> None:
    project = make(layout, variant)
    before = dict(project.files)
    fitting = [
        feature for feature in FEATURES if project.supports(feature) is None and not project.has(feature)
    ]
    for feature in fitting:
        project.add(feature)
    assert not project.plan(*fitting).changes
    at_once = project.copy(before)
    at_once.add(*fitting)
    assert set(at_once.files) == set(project.files)
    for feature in project.catalog.dependents_first([feature.split()[0] for feature in fitting]):
        project.remove(feature)
    assert project.files == before


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


def _with_mark(data: bytes, mark: bytes) -> bytes:
    """A line of the user's at the top of a file, below a first line that must stay first."""
    first, newline, rest = data.partition(b"\n")
    return (
        mark + data
        if not first.startswith((b"#!", b"[", b"version", b"---"))
        else first + newline + mark + rest
    )


def _extends(old: str, new: str) -> bool:
    """Does the new text hold every word of the old one, in order?"""
    rest = iter(re.findall(r"\w+", new))
    return all(word in rest for word in re.findall(r"\w+", old))
