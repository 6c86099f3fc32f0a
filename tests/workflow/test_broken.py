"""A file that cannot be read for now has lost nothing: its features are neither left out nor removed in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from djroadmap.edits.python_settings import Setting
from djroadmap.edits.toml_keys import TomlKey
from djroadmap.edits.yaml_edits import YamlKey
from djroadmap.workflow.remove import prepare_remove
from djroadmap.workflow.status import statuses
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.workflow.test_flow import feature, ignore, memory

if TYPE_CHECKING:
    from djroadmap.model.feature import Missing
    from tests.memory import Memory

SETTINGS, TOML, YAML = "site/settings.py", "pyproject.toml", "compose.yml"
MERGE = "<<<<<<< ours\n{}=======\nelse\n>>>>>>> theirs\n"
CONFLICT = "a merge conflict that is not resolved"


def added() -> Memory:
    project = memory(
        feature(
            "a",
            Setting(path=SETTINGS, name="FLAG", value="True"),
            TomlKey(path=TOML, table="tool.a", name="b", value="1"),
            YamlKey(path=YAML, keys=("services",), name="a", value="image: a"),
            ignore("a"),
        )
    )
    project.files[TOML] = b'[project]\nname = "site"\n'
    project.files[YAML] = b"services:\n  b:\n    image: b\n"
    project.add("a")
    assert not missing(project)
    return project


def missing(project: Memory) -> tuple[Missing, ...]:
    world = project.world
    (status,) = statuses(world.project(), world.manifest(), [world.catalog.features["a"]], world.catalog)
    return status.missing


BREAKAGES = {
    "merged, Python": (SETTINGS, MERGE, 1, CONFLICT),
    "merged, TOML": (TOML, MERGE, 1, CONFLICT),
    "merged, YAML": (YAML, "# ours\n" + MERGE, 2, CONFLICT),
    "Python": (SETTINGS, "X = = 1\n{}", 1, "cannot be parsed, so nobody can tell what is in it"),
    "TOML": (TOML, "x = = 1\n{}", 1, "does not read as TOML (invalid value)"),
    "YAML": (YAML, "x: [\n{}", 3, "does not read as one YAML document"),
}


@pytest.mark.parametrize("case", BREAKAGES)
def test_what_cannot_be_read_is_not_gone(case: str) -> None:
    path, text, line, why = BREAKAGES[case]
    project = added()
    whole = project.files[path]
    project.files[path] = text.replace("{}", whole.decode()).encode()
    before = dict(project.files)
    (found,) = missing(project)
    assert (found.path, found.line) == (path, line)
    assert found.what.startswith(why)
    for prepared in (prepare_upgrade(project.world, ("a",)), prepare_remove(project.world, ("a",))):
        (problem,) = prepared.problems
        assert (problem.path, problem.line, problem.why) == (path, line, found.what)
        assert not prepared.skippable
    assert project.files == before
    project.files[path] = whole
    assert not missing(project)
    assert not prepare_remove(project.world, ("a",)).problems


def test_what_is_gone_where_the_rest_can_be_read_is() -> None:
    project = added()
    project.files[SETTINGS] = project.files[SETTINGS].replace(b"FLAG = True\n", b"")
    (found,) = missing(project)
    assert found.what == "FLAG = True"


def test_lines_like_those_of_a_merge_are_none() -> None:
    project = added()
    project.files[".gitignore"] = b"<<<<<<< \na\n"
    assert not missing(project)
    assert not prepare_remove(project.world, ("a",)).problems
