"""`grimp`: what the architecture tests will see of a project, and what breaks their rules today."""

from __future__ import annotations

import ast

import pytest

from djroadmap.errors import Refused
from djroadmap.features.grimp import FEATURE
from djroadmap.features.grimp.listing import known, looked_at
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


LIST = "tests/architecture/known_violations.txt"


def grown(before: Files, after: Files) -> str | None:
    """What growth adds to the list of `before` once the project is `after`; None if there is nothing to look at."""
    text = applied(FEATURE.plan(project(before), OPTIONS), before)[LIST]
    assert FEATURE.growth is not None
    growth = FEATURE.growth(project({**after, LIST: text}), OPTIONS)
    if growth is None:
        return None
    assert not growth.missing
    (edit,) = growth.plan().edits
    result = edit.bind(str(text)).apply(str(text)) or ""
    assert result.startswith(str(text))
    assert edit.revert(result) == text
    assert FEATURE.growth(project({**after, LIST: result}), OPTIONS) is None
    return result.removeprefix(str(text)).strip("\n")


def test_nothing_has_come() -> None:
    files = shop({"shop/a/x.py": ""}, "a", "b")
    assert grown(files, files) is None
    assert grown(files, shop({"shop/a/x.py": "import shop.b\n"}, "a", "b")) is None
    assert grown(shop({}, "a"), shop({}, "a", "domain_events")) is None


def test_a_new_app_that_breaks_nothing() -> None:
    assert grown(shop({}, "a"), shop({}, "a", "b")) == "# Looked at: shop.b"


def test_what_a_new_app_brings_along_is_listed_and_nothing_else() -> None:
    old = {
        "shop/a/models.py": "",
        "shop/b/models.py": "",
        "shop/b/x.py": "from shop.a.models import A\n",
    }
    new = {
        **old,
        "shop/b/late.py": "from shop.a.models import A\nimport shop.c.x\n",
        "shop/c/x.py": "from shop.b.models import B\nimport_module('shop.a.views')\n",
        "shop/c/models.py": "",
        "shop/a/y.py": "import shop.c.models\n",
        "shop/a/data/x.py": "",
        "shop/c/data/x.py": "",
    }
    assert grown(shop(old, "a", "b"), shop(new, "a", "b", "c")) == (
        "# Looked at: shop.c\n\n"
        "[circles]\nshop.a.y -> shop.c.models\nshop.b.late -> shop.c.x\n\n"
        "[models]\nshop.a.y -> shop.c.models\nshop.c.x -> shop.b.models\n\n"
        "[strings]\nshop.c.x -> shop.a.views\n\n"
        "[packages]\nshop/c/data"
    )


def test_a_circle_of_the_old_apps_is_not_excused() -> None:
    late = {"shop/a/x.py": "import shop.b\n", "shop/b/x.py": "import shop.a\n"}
    assert grown(shop({}, "a", "b"), shop(late, "a", "b", "c")) == "# Looked at: shop.c"


def test_what_the_list_says() -> None:
    text = "# Looked at: a.b,\n#   c, d\n# and: e\n\n[models]\na -> b  # why\n\n# Looked at: f\n\n[models]\nc -> d\n"
    assert looked_at(text) == {"a.b", "c", "d", "f"}
    assert looked_at("# a list of ours\n") is None
    assert known(text) == {"models": {"a -> b", "c -> d"}}


def test_many_apps_stay_within_the_line() -> None:
    names = [f"application_number_{number}" for number in range(12)]
    text = str(applied(FEATURE.plan(project(shop({}, *names)), OPTIONS), shop({}, *names))[LIST])
    assert max(len(line) for line in text.splitlines() if "application" in line) <= 90
    assert looked_at(text) == {f"shop.{name}" for name in names}
