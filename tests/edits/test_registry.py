"""The table of edits is complete and says the truth."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from djroadmap import edits
from djroadmap.edits.registry import EDITS, KINDS
from djroadmap.model.edit import Edit


def test_every_kind_is_the_class_that_says_so() -> None:
    assert {kind: edit.kind for kind, edit in KINDS.items()} == {kind: kind for kind in edits.NAMES}
    assert set(edits.NAMES.values()) == set(edits.MODULES)
    assert {edit.__name__: edit.__module__.rpartition(".")[2] for edit in EDITS} == edits.MODULES


def test_no_edit_is_missing_from_the_table() -> None:
    found = set()
    for module in pkgutil.iter_modules(edits.__path__):
        members = vars(importlib.import_module(f"{edits.__name__}.{module.name}"))
        found |= {name for name, value in members.items() if _is_edit(value)}
    assert found == set(edits.MODULES)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = edits.Nonsense  # type: ignore[attr-defined]
    with pytest.raises(KeyError):
        edits.of_kind("nonsense")


def _is_edit(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Edit) and value is not Edit and "kind" in vars(value)
