"""The fixtures and the matrix of djroadmap's own tests."""

pytest_plugins = ["djroadmap.testing"]
