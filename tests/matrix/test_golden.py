"""The diff that each feature makes on each layout, reviewed as a diff: `make golden` rewrites them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djroadmap.manifest import PATH as MANIFEST
from tests.matrix.cases import EVERY_WAY, FEATURES, LAYOUTS, NEWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.workflow.prepared import Prepared
    from tests.memory import Memory

GOLDEN = Path(__file__).parent.parent / "golden"
UPDATE = "DJROADMAP_UPDATE_GOLDEN"


REVIEWED = ("turbo", "cookiecutter", NEWEST)
"""Where other choices of options are looked at, and only what is different by them."""
CASES = [(way, layout) for way in EVERY_WAY for layout in (LAYOUTS if way in FEATURES else REVIEWED)]


@pytest.mark.parametrize(("feature", "layout"), CASES)
def test_the_diff_is_the_reviewed_one(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    path = GOLDEN / _folder(feature) / f"{layout}.diff"
    reason = make(layout).supports(feature)
    if reason is not None:
        diff = f"does not apply: {reason}\n"
    else:
        usual = next(way for way in FEATURES if way.split()[:1] == feature.split()[:1])
        known = {} if usual == feature else _written(_added(make(layout), usual))
        prepared = _added(make(layout), feature)
        now = _written(prepared)
        diff = "".join(
            change.diff()
            for change in prepared.changes
            if change.path in now and now[change.path] != known.get(change.path)
        )
        diff += "".join(f"not written: {one}\n" for one in known if one not in now)
        diff += "\n" + "".join(f"next: {command}\n" for command in prepared.commands)
        diff += "".join(f"to do: {todo.text}\n" for todo in prepared.todos)
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(diff.encode())
    assert path.is_file(), f"{path.name} is missing: make golden writes it, then review it"
    assert diff.encode() == path.read_bytes()


def _added(project: Memory, feature: str) -> Prepared:
    """The feature alone: what it brings along has diffs of its own."""
    if along := project.plan(feature).along:
        project.add(*along)
    return project.add(feature)


def _written(prepared: Prepared) -> dict[str, bytes | None]:
    return {change.path: change.after for change in prepared.changes if change.path != MANIFEST}


def _folder(feature: str) -> str:
    """`graphql --library graphene` is in `graphql-graphene`."""
    return "-".join(feature.split()[::2])


def test_no_golden_is_left_over() -> None:
    found = {(path.parent.name, path.stem) for path in GOLDEN.glob("*/*.diff")}
    known = {(_folder(feature), layout) for feature, layout in CASES}
    extra = {pair for pair in found - known if not pair[1].startswith("startproject")}
    assert not extra
