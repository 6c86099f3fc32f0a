"""A project in memory with every port faked: `djroadmap.testing`, as authors of plugins have it."""

from __future__ import annotations

from djroadmap.testing.memory import SKIPPED, Memory, MemoryDisk, NoGit, PlainFormatter, plain_formatter

__all__ = ["SKIPPED", "Memory", "MemoryDisk", "NoGit", "PlainFormatter", "plain_formatter"]
