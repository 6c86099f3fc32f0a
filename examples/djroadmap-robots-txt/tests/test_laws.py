"""The laws of djroadmap, on small projects of every kind and together with every other feature."""

from djroadmap.testing import FeatureLaws


class TestLaws(FeatureLaws):
    feature = "robots-txt"
