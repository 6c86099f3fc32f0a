"""How Hypothesis runs here: no deadline, since machines differ; the same examples every time in CI. And what is first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("djroadmap.testing")  # so that its laws say what differs, as other tests do

settings.register_profile(
    "djroadmap",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("djroadmap")


LAST = Path(__file__).parent / "matrix"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts real programs is first and the matrix last, each in its random order.

    A slow test at the very end leaves the other workers idle; and the matrix, in as few of them as can be, plans less.
    """
    items.sort(key=lambda item: (LAST in item.path.parents) - (item.get_closest_marker("e2e") is not None))
