"""For authors of features: a project in memory, small sample projects, and the laws as tests. See docs/plugins.md.

In the conftest.py of your tests, `pytest_plugins = ["djroadmap.testing"]`; then a test module needs no more than

    class TestLaws(FeatureLaws):
        feature = "robots-txt"

pytest comes with the extra: `pip install djroadmap[testing]`.
"""

from __future__ import annotations

from .memory import Memory
from .samples import SAMPLES, sample
from .suite import FeatureLaws
from .ways import ways

__all__ = ["SAMPLES", "FeatureLaws", "Memory", "pytest_plugins", "sample", "ways"]

pytest_plugins = ["djroadmap.testing.plugin"]
"""pytest reads this where it is told to load this package, so nobody else imports pytest."""
