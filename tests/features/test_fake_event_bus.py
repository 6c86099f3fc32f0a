"""`fake-event-bus`: where the double and its fixture go."""

from __future__ import annotations

import ast

import pytest

from djroadmap.features.fake_event_bus import FEATURE
from tests.features.small import SMALL, Files, applied, project, pyproject, with_bus

OPTIONS = FEATURE.options()
PYTEST = pyproject("pytest-django")
CONFTEST = "from shop import models\n\n\ndef user():\n    pass\n"


def planned(files: Files) -> Files:
    after = applied(FEATURE.plan(project(files), OPTIONS), files)
    for path, text in after.items():
        if path.endswith(".py"):
            ast.parse(str(text), path)
    return after


@pytest.mark.parametrize(
    ("conftests", "expected"),
    [
        ([], "conftest.py"),
        (["shop/conftest.py"], "shop/conftest.py"),
        (["shop/domain_events/conftest.py", "shop/conftest.py"], "shop/conftest.py"),
        (["shop/orders/conftest.py"], "conftest.py"),
        (["conftest.py", "shop/conftest.py"], "conftest.py"),
    ],
)
def test_the_fixture_is_where_all_tests_of_the_apps_see_it(conftests: list[str], expected: str) -> None:
    after = planned(with_bus() | PYTEST | dict.fromkeys(conftests, CONFTEST))
    assert [path for path in after if "def fake_event_bus():" in str(after[path])] == [expected]
    text = str(after[expected])
    assert "import pytest\n" in text
    assert "from shop.domain_events.testing import replace_event_bus\n" in text
    assert "FakeEventBusMixin" not in str(after["shop/domain_events/testing.py"])


def test_without_pytest_there_is_a_mixin() -> None:
    after = planned(with_bus())
    assert not any(path.endswith("conftest.py") for path in after)
    assert "class FakeEventBusMixin(Base):" in str(after["shop/domain_events/testing.py"])
    assert "pytest" not in str(after["shop/domain_events/tests/test_testing.py"])


def test_a_fixture_of_that_name_is_left_alone() -> None:
    files = with_bus() | PYTEST | {"conftest.py": "def fake_event_bus():\n    return 1\n"}
    edits = FEATURE.plan(project(files), OPTIONS).edits
    (edit,) = [edit for edit in edits if edit.kind == "definition"]
    assert edit.kept(str(files["conftest.py"]))
    assert not edit.holds(str(files["conftest.py"]))


def test_a_bus_of_another_make_is_replaced_too() -> None:
    bus = str(with_bus()["shop/domain_events/bus.py"])
    files = SMALL | {"shop/messages/__init__.py": f"{bus}\n\nclass DomainEvent:\n    pass\n"}
    after = planned(files)
    assert "from shop.messages import event_bus" in str(after["shop/messages/testing.py"])
    assert "from shop.messages import DomainEvent" in str(after["shop/messages/tests/test_testing.py"])
