"""The table of edits is complete and says the truth."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import fields

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


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.kind)
def test_what_may_differ_between_versions_is_part_of_the_wish(edit: type[Edit]) -> None:
    wish = {spec.name for spec in fields(edit) if spec.compare and not spec.metadata.get("bound", False)}
    assert set(edit.varies) < wish


def test_another_value_is_the_same_target() -> None:
    def limit(value: str, path: str = "a.py") -> Edit:
        return edits.Setting(path=path, name="LIMIT", value=value)

    assert limit("1").target == limit("2").target
    assert limit("1").key != limit("2").key
    assert limit("1").target != limit("1", path="b.py").target
    old = edits.Setting(path="a.py", name="LIMIT", value="1", replace=True, old="0")
    assert limit("2").remembering(old) == edits.Setting(path="a.py", name="LIMIT", value="2", old="0")
    packages = [
        edits.Dependency(path="a.toml", table="project.dependencies", requirement=f"Django{version}")
        for version in ("", ">=5")
    ]
    assert packages[0].target == packages[1].target


def _is_edit(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Edit) and value is not Edit and "kind" in vars(value)
