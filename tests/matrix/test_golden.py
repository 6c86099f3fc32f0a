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

    from tests.memory import Memory

GOLDEN = Path(__file__).parent.parent / "golden"
UPDATE = "DJROADMAP_UPDATE_GOLDEN"


REVIEWED = ("turbo", "cookiecutter", NEWEST)
"""Where other choices of options are looked at: most of what they write is the same everywhere."""
CASES = [(way, layout) for way in EVERY_WAY for layout in (LAYOUTS if way in FEATURES else REVIEWED)]


@pytest.mark.parametrize(("feature", "layout"), CASES)
def test_the_diff_is_the_reviewed_one(feature: str, layout: str, make: Callable[..., Memory]) -> None:
    project = make(layout)
    path = GOLDEN / _folder(feature) / f"{layout}.diff"
    reason = project.supports(feature)
    if reason is not None:
        diff = f"does not apply: {reason}\n"
    else:
        # What it brings along has diffs of its own.
        if along := project.plan(feature).along:
            project.add(*along)
        prepared = project.add(feature)
        diff = "".join(change.diff() for change in prepared.changes if change.path != MANIFEST)
        diff += "\n" + "".join(f"next: {command}\n" for command in prepared.commands)
        diff += "".join(f"to do: {todo.text}\n" for todo in prepared.todos)
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(diff.encode())
    assert path.is_file(), f"{path.name} is missing: make golden writes it, then review it"
    assert diff.encode() == path.read_bytes()


def _folder(feature: str) -> str:
    """`graphql --library graphene` is in `graphql-graphene`."""
    return "-".join(feature.split()[::2])


def test_no_golden_is_left_over() -> None:
    found = {(path.parent.name, path.stem) for path in GOLDEN.glob("*/*.diff")}
    known = {(_folder(feature), layout) for feature, layout in CASES}
    extra = {pair for pair in found - known if not pair[1].startswith("startproject")}
    assert not extra
