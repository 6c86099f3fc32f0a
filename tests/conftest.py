"""How Hypothesis runs here: no deadline, since machines differ; the same examples every time in CI."""

from __future__ import annotations

import os

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
