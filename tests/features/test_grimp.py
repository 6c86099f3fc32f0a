"""`grimp`: what the architecture tests will see of a project, and what breaks their rules today."""

from __future__ import annotations

import ast

import pytest

from djroadmap.errors import Refused
from djroadmap.features.grimp import FEATURE
from djroadmap.features.grimp.tested import tested as seen_of
from djroadmap.features.grimp.violations import violations
from djroadmap.templating import templates_folder
from tests.features.small import SMALL, Files, applied, project, pyproject

OPTIONS = FEATURE.options()


def shop(files: Files, *names: str) -> Files:
    """The small project with these apps in the package `shop`."""
    listed = "".join(f'    "shop.{name}",\n' for name in names)
    settings = str(SMALL["shop/settings.py"]).replace("]\n\nMIDDLEWARE", f"{listed}]\n\nMIDDLEWARE")
    return {
        **SMALL,
        "shop/settings.py": settings,
        **{f"shop/{name}/__init__.py": "" for name in names},
        **files,
    }


def found(files: Files) -> dict[str, set[str]]:
    facts = project(files)
    seen = seen_of(facts)
    assert seen is not None
    return {rule: set(lines) for rule, lines in violations(facts, seen).items() if lines}


def test_apps_that_leave_each_other_alone() -> None:
    files = shop(
        {"shop/a/x.py": "import os\nfrom shop.a import y\n", "shop/b/x.py": "import shop.b\n"}, "a", "b"
    )
    assert found(files) == {}


def test_models_of_others() -> None:
    files = {
        "shop/a/models.py": "",
        "shop/core/models.py": "",
        "shop/b/x.py": "def f():\n    from shop.a.models import A\n",
        "shop/b/y.py": "import shop.core.models\n",
    }
    assert found(shop(files, "a", "b", "core")) == {"models": {"shop.b.x -> shop.a.models"}}


def test_what_shared_apps_may_know() -> None:
    files = {
        "shop/core/x.py": "import shop.a.x\nimport shop.utils.x\n",
        "shop/utils/x.py": "",
        "shop/a/x.py": "",
    }
    assert found(shop(files, "a", "core", "utils")) == {"allowed": {"shop.core.x -> shop.a.x"}}


def test_every_import_that_is_listed_for_a_circle_is_needed() -> None:
    files = {
        "shop/a/x.py": "import shop.b.x\nimport shop.b.y\n",
        "shop/b/x.py": "",
        "shop/b/y.py": "import shop.c.x\n",
        "shop/c/x.py": "import shop.a.z\n",
        "shop/a/z.py": "",
    }
    assert found(shop(files, "a", "b", "c")) == {"circles": {"shop.b.y -> shop.c.x"}}


def test_strings_and_folders() -> None:
    files = {
        "shop/a/x.py": 'import importlib\nimportlib.import_module("shop.b.views")\nimport_module(name)\n',
        "shop/b/views.py": "",
        "shop/b/data/x.py": "",
        "shop/b/node_modules/pkg/x.py": "",
    }
    assert found(shop(files, "a", "b")) == {
        "strings": {"shop.a.x -> shop.b.views"},
        "packages": {"shop/b/data"},
    }


def test_a_file_that_does_not_parse_is_refused() -> None:
    facts = project(shop({"shop/a/x.py": "import ("}, "a", "b"))
    content = next(edit for edit in FEATURE.plan(facts, OPTIONS).edits if edit.path.endswith(".txt"))
    with pytest.raises(Refused) as refused:
        content.apply(None)
    assert refused.value.problems[0].path == "shop/a/x.py"


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({}, "tests/architecture"),
        ({"tests/__init__.py": "", "tests/test_x.py": ""}, "tests/architecture"),
        (pyproject("pytest"), "tests/architecture"),
    ],
)
def test_where_the_tests_go(files: Files, folder: str) -> None:
    given = shop(files, "a", "b")
    after = applied(FEATURE.plan(project(given), OPTIONS), given)
    assert {path for path in after if path.startswith(folder)} == {
        f"{folder}/{name}"
        for name in ("__init__.py", "imports.py", "known_violations.txt", "test_architecture.py")
    }
    for path, text in after.items():
        if path.endswith(".py"):
            ast.parse(str(text), path)
    again = FEATURE.plan(project(after), OPTIONS)
    assert {edit.path for edit in again.edits if edit.path.startswith("tests")} >= {
        f"{folder}/imports.py",
        f"{folder}/test_architecture.py",
    }


def test_without_apps_it_does_not_apply() -> None:
    assert FEATURE.supports(project(SMALL)) is not None
    assert FEATURE.supports(project(shop({}, "a"))) is None


def test_lines_are_short_enough_for_every_linter() -> None:
    for path in (templates_folder() / "grimp").glob("*.py"):
        checked = [line for line in path.read_text().splitlines() if line.strip().startswith(('"""', "#"))]
        assert max(map(len, checked)) <= 88, path
