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
