"""The pytest plugin behind `pytest_plugins = ["djroadmap.testing"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from djroadmap.catalog import load

from . import laws
from .samples import sample
from .suite import FeatureLaws
from .variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .memory import Memory


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The matrix: each law for each way, project and kind of bytes."""
    cls = metafunc.cls
    if cls is None or not issubclass(cls, FeatureLaws):
        return
    for name, values in {
        "djroadmap_way": cls.ways(),
        "djroadmap_layout": cls.projects,
        "djroadmap_bytes": tuple(VARIANTS),
        "djroadmap_other": cls.others(),
    }.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(
                name, values, ids=[str(value).replace(" --", "-").replace(" ", "-") for value in values]
            )


@pytest.fixture
def djroadmap_make(request: pytest.FixtureRequest) -> Callable[..., Memory]:
    """Makes a project in memory of a sample's name or of a folder, and a variant of bytes; fresh for each call."""
    cls = request.cls

    catalog = cls.catalog() if cls is not None and issubclass(cls, FeatureLaws) else load()
    return lambda layout, variant="as-is": sample(layout, variant, catalog=catalog)


@pytest.fixture
def djroadmap_project(
    djroadmap_make: Callable[..., Memory],
    djroadmap_layout: str | Path,
    djroadmap_bytes: str,
    djroadmap_way: str,
) -> Memory:
    """A project that the feature applies to; where it does not, the test ends, with the reason."""
    project = djroadmap_make(djroadmap_layout, djroadmap_bytes)
    if reason := laws.does_not_apply(project, djroadmap_way):
        pytest.skip(reason)
    return project
