"""Tests that replace a task, or how it is sent: they would no longer see it sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .names import Names, Target

TESTS = regex(
    r"(?:^|/)(?:tests?|testing|test_\w+|e2e)/|(?:^|/)(?:tests?|test_[^/]*|[^/]*_tests?|conftest|factories)\.py$"
)
"""Files that test, or that help tests."""
NAMED = regex(r"""["']([A-Za-z_]\w*(?:\.\w+)+)["']""")
"""Strings that name something: `"shop.tasks.send.delay"`."""
OBJECT = regex(r"""\b(?:object|setattr)\(\s*([\w.]+)\s*,\s*["'](?:delay|apply_async)["']""")
ASKED = regex(r"\.(?:delay|apply_async)\.\w")
"""`replaced.delay.assert_called_once()`."""
SENDING = ("delay", "apply_async")


class Mock(NamedTuple):
    """Something that a test replaces."""

    name: str
    """As the test names it: `shop.views.send`; dotted if it can be looked up."""
    whole: bool
    """The task itself, in a test that asks how it was sent; else only how it is sent: `send.delay`."""
    where: str
    """`shop/tests.py:12`."""


class Mocks:
    """What the tests of a project replace, read when there is a task to look for."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._by_name: dict[str, list[Mock]] | None = None

    def asserting(self, target: Target, *, waits: bool) -> str:
        """The test that would not see this task sent on commit, if any; `waits`: it was sent on commit before."""
        for mock in self._mocks().get(target.name, ()):
            if waits and not mock.whole:
                continue
            meant = self.names.absolute(mock.name) if "." in mock.name else None
            if meant is None or meant[:2] == target[:2]:
                return mock.where
        return ""

    def _mocks(self) -> Mapping[str, Sequence[Mock]]:
        """By the last part of the name."""
        if self._by_name is None:
            self._by_name = {}
            project = self.names.project
            for path in project.tree.files():
                if path.endswith(".py") and TESTS.search(path):
                    for mock in _in_file(path, _text(project, path)):
                        self._by_name.setdefault(mock.name.rpartition(".")[2], []).append(mock)
        return self._by_name


def _in_file(path: RelPath, text: str) -> Iterator[Mock]:
    if "delay" not in text and "apply_async" not in text:
        return
    asked = ASKED.search(text) is not None
    for match in NAMED.finditer(text):
        name, _, last = match[1].rpartition(".")
        if last in SENDING:
            yield Mock(name, False, f"{path}:{_line(text, match.start())}")
        elif asked:
            yield Mock(match[1], True, f"{path}:{_line(text, match.start())}")
    for match in OBJECT.finditer(text):
        yield Mock(match[1].rpartition(".")[2], False, f"{path}:{_line(text, match.start())}")


def _text(project: Project, path: RelPath) -> str:
    try:
        raw = project.tree.raw(path) or b""
        return (
            (project.tree.read(path) or "") if b"patch" in raw or b"mock" in raw or b"setattr" in raw else ""
        )
    except Refused:
        return ""


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1
