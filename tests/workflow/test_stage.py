"""The staged tree: the same one while nothing else is staged, and never an old one."""

from __future__ import annotations

from djroadmap.model.memory import MemoryTree
from djroadmap.workflow.stage import Stage


def test_it_is_the_project_until_something_is_staged() -> None:
    base = MemoryTree({"a.txt": "one\n"})
    assert Stage(base).tree is base


def test_it_is_the_same_until_something_else_is_staged() -> None:
    stage = Stage(MemoryTree({"a.txt": "one\n"}))
    stage.write("a.txt", "two\n")
    first = stage.tree
    assert stage.tree is first
    stage.write("a.txt", "two\n")
    assert stage.tree is first
    stage.write("a.txt", "three\n")
    assert first.read("a.txt") == "two\n"
    assert stage.read("a.txt") == "three\n"
    stage.after["a.txt"] = None
    assert stage.read("a.txt") is None
    assert not stage.tree.exists("a.txt")
