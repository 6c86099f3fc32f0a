from __future__ import annotations

import pkgutil
import re
from importlib import import_module

import pytest

import djroadmap
from djroadmap.regex import Uncompiled, regex

MODULES = [
    module.name
    for module in pkgutil.walk_packages(djroadmap.__path__, "djroadmap.")
    if not module.name.endswith("__main__")
]


def within(value: object) -> list[Uncompiled]:
    """The patterns in a constant, however deep in tuples, lists and dicts."""
    if isinstance(value, dict):
        return [found for child in value.values() for found in within(child)]
    if isinstance(value, tuple | list):
        return [found for child in value for found in within(child)]
    return [value] if isinstance(value, Uncompiled) else []


PATTERNS = {
    f"{module}.{name}": found
    for module in MODULES
    for name, value in vars(import_module(module)).items()
    if (found := within(value))
}


def test_all_patterns_are_found() -> None:
    assert len(PATTERNS) > 100
    assert "djroadmap.detect.graph.ODD" in PATTERNS


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_of_ours_can_be_compiled(name: str) -> None:
    for pattern in PATTERNS[name]:
        assert isinstance(pattern.groups, int)


def test_a_mistake_is_met_when_the_pattern_is_used() -> None:
    broken = regex("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        broken.search("")


def test_it_does_what_a_compiled_one_does() -> None:
    pattern, compiled = regex("(a)b", re.IGNORECASE), re.compile("(a)b", re.IGNORECASE)
    for _ in range(2):  # the methods are kept after the first time
        assert [match[1] for match in pattern.finditer("ab AB b")] == ["a", "A"]
        assert pattern.sub(r"\1", "ab AB b") == compiled.sub(r"\1", "ab AB b")
        assert pattern.match("xab", 1)
        assert pattern.fullmatch("abc") is None
    assert (pattern.pattern, pattern.flags, pattern.groups) == (compiled.pattern, compiled.flags, 1)


def test_bytes() -> None:
    assert regex(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_what_a_pattern_does_not_have() -> None:
    with pytest.raises(AttributeError):
        _ = regex("a").serach  # type: ignore[attr-defined]
