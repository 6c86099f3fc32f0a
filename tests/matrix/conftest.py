"""The projects of the matrix, made once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.matrix.cases import project
from tests.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the layouts are unpacked."""
    return tmp_path_factory.mktemp("layouts")


@pytest.fixture
def make(folder: Path) -> Callable[..., Memory]:
    """A project of a layout, fresh for each call."""

    def fresh(layout: str, variant: str = "as-is") -> Memory:
        return project(layout, folder, variant)

    return fresh


@pytest.fixture(scope="session")
def added(folder: Path) -> Callable[[str, str], Memory]:
    """A project of a layout with one feature in it, fresh for each call, though planned once a session."""
    known: dict[tuple[str, str], Memory] = {}

    def fresh(layout: str, feature: str) -> Memory:
        if (layout, feature) not in known:
            known[layout, feature] = project(layout, folder)
            known[layout, feature].add(feature)
        return known[layout, feature].copy()

    return fresh
