"""`dead-letter-queue`: what it is added to, where its switches go, and what it refuses."""

from __future__ import annotations

import ast

import pytest

from djroadmap.catalog import load
from djroadmap.features.dead_letter_queue import FEATURE
from djroadmap.features.event_bus import FEATURE as BUS_FEATURE
from djroadmap.features.event_pipeline import FEATURE as PIPELINE
from tests.features.small import SMALL, Files, applied, project, pyproject, with_bus
from tests.memory import Memory

OPTIONS = FEATURE.options()
PYTEST = pyproject("pytest-django")
HOME = "domain_events"
CELERY = """\
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
"""


def planned(files: Files) -> Files:
    """The files with the bus, the pipeline and the queue."""
    for feature in (BUS_FEATURE, PIPELINE, FEATURE):
        if feature is BUS_FEATURE and project(files).event_bus is not None:
            continue
        files = applied(feature.plan(project(files), OPTIONS), files)
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(str(text), path)
            assert max(map(len, str(text).splitlines()), default=0) <= 88, path
    return files


def installed(files: Files) -> Files:
    settings = str(files["shop/settings.py"]).replace(
        "]\n\nMIDDLEWARE", '    "shop.domain_events",\n]\n\nMIDDLEWARE'
    )
    return {**files, "shop/settings.py": settings}


def test_the_middleware_is_named_in_the_settings() -> None:
    after = planned(SMALL)
    assert f'MIDDLEWARE: list[str] = [\n    "{HOME}.dead_letter.capture",\n]\n' in str(
        after["shop/settings.py"]
    )
    assert "EVENT_BUS_MAX_ATTEMPTS = 3\n" in str(after["shop/settings.py"])
    assert "dispatch(handler, event)" in str(after[f"{HOME}/bus.py"])


def test_without_settings_for_tests_the_runner_tells() -> None:
    after = planned(SMALL)
    settings = str(after["shop/settings.py"])
    assert 'EVENT_BUS_PROPAGATE_ERRORS = "test" in sys.argv\n' in settings
    assert settings.startswith("import sys\n")
    assert "pytest" not in str(after[f"{HOME}/tests/test_dead_letters.py"])


@pytest.mark.parametrize(
    ("conftest", "expected"),
    [(None, "conftest.py"), ("conftest.py", "conftest.py"), ("shop/conftest.py", "conftest.py")],
)
def test_without_settings_for_tests_there_is_a_fixture_that_all_tests_see(
    conftest: str | None, expected: str
) -> None:
    after = planned(SMALL | PYTEST | ({conftest: "x = 1\n"} if conftest else {}))
    found = [path for path in after if "@pytest.fixture(autouse=True)" in str(after[path])]
    assert found == [expected]
    assert "    settings.EVENT_BUS_PROPAGATE_ERRORS = True\n" in str(after[expected])
    assert "EVENT_BUS_PROPAGATE_ERRORS" not in str(after["shop/settings.py"])


def test_settings_for_tests_have_the_switch() -> None:
    files: Files = {
        **SMALL,
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": SMALL["shop/settings.py"],
        "shop/settings/test.py": "from .base import *\n",
        "manage.py": str(SMALL["manage.py"]).replace("shop.settings", "shop.settings.test"),
    }
    del files["shop/settings.py"]
    after = planned(files)
    assert "EVENT_BUS_PROPAGATE_ERRORS = True\n" in str(after["shop/settings/test.py"])
    assert "PROPAGATE" not in str(after["shop/settings/base.py"])
    assert not any(path.endswith("conftest.py") for path in after)


def test_celery_beat_looks_after_them() -> None:
    after = planned(SMALL | pyproject("celery") | {"shop/celery.py": CELERY})
    task = f'"task": "{HOME}.tasks.check_dead_letters"'
    assert task in str(after["shop/settings.py"])
    assert f'name="{HOME}.tasks.check_dead_letters"' in str(after[f"{HOME}/tasks.py"])
    assert "check_dead_letters() == 1" in str(after[f"{HOME}/tests/test_dead_letters.py"])


@pytest.mark.parametrize("old", [', namespace="CELERY"', "app.autodiscover_tasks()\n"])
def test_celery_that_is_set_up_otherwise_is_a_to_do(old: str) -> None:
    files = SMALL | pyproject("celery") | {"shop/celery.py": CELERY.replace(old, "")}
    files = planned(files)
    assert "CELERY_BEAT_SCHEDULE" not in str(files["shop/settings.py"])
    todos = FEATURE.plan(project(files), OPTIONS).todos
    assert any("check_dead_letters" in todo.snippet and todo.path == "shop/celery.py" for todo in todos)


def test_a_schedule_that_is_there_gets_an_entry() -> None:
    settings = str(SMALL["shop/settings.py"]) + '\nCELERY_BEAT_SCHEDULE = {\n    "x": {"task": "x"},\n}\n'
    files = SMALL | pyproject("celery") | {"shop/celery.py": CELERY, "shop/settings.py": settings}
    after = str(planned(files)["shop/settings.py"])
    assert after.count("CELERY_BEAT_SCHEDULE") == 1
    assert '"check-dead-letters": {' in after


def test_a_schedule_that_is_not_understood_is_left_to_its_owner() -> None:
    settings = str(SMALL["shop/settings.py"]) + "\nCELERY_BEAT_SCHEDULE = schedule_of(DEBUG)\n"
    files = {**SMALL, "shop/celery.py": CELERY, "shop/settings.py": settings}
    plan = FEATURE.plan(project(files), OPTIONS)
    (todo,) = [one for one in plan.todos if one.path == "shop/settings.py"]
    assert "CELERY_BEAT_SCHEDULE is not written so" in todo.text
    assert todo.snippet == (
        '"check-dead-letters": {"task": "domain_events.tasks.check_dead_letters", "schedule": 3600.0}'
    )
    assert not [edit for edit in plan.edits if "CELERY_BEAT_SCHEDULE" in str(edit)]


def test_without_celery_nothing_speaks_of_it() -> None:
    after = planned(SMALL)
    assert f"{HOME}/tasks.py" not in after
    assert not any("celery" in str(text) for path, text in after.items() if path.startswith(HOME))


def test_without_the_admin_there_is_none() -> None:
    settings = str(SMALL["shop/settings.py"]).replace('    "django.contrib.admin",\n', "")
    after = planned({**SMALL, "shop/settings.py": settings, "shop/urls.py": "urlpatterns = []\n"})
    assert f"{HOME}/admin.py" not in after
    assert "admin" not in str(after[f"{HOME}/tests/test_dead_letters.py"])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"shop/domain_events/models.py": "x = 1\n"}, "models.py is there already"),
        ({"shop/domain_events/models/__init__.py": ""}, "models is there already"),
        ({"shop/domain_events/admin.py": ""}, "admin.py is there already"),
        ({}, None),
    ],
)
def test_models_of_the_project_are_not_mixed_with_its_own(more: Files, why: str | None) -> None:
    assert FEATURE.supports is not None
    found = FEATURE.supports(project(installed(with_bus() | more)))
    assert found == (f"shop/domain_events/{why}" if why else None)


def test_a_bus_that_is_no_app_is_refused() -> None:
    assert FEATURE.supports is not None
    assert "not in INSTALLED_APPS" in (FEATURE.supports(project(with_bus())) or "")


def test_it_goes_again_with_all_it_brought() -> None:
    memory = Memory({path: str(text).encode() for path, text in SMALL.items()}, catalog=load())
    before = dict(memory.files)
    memory.add("dead-letter-queue")
    assert memory.has("dead-letter-queue")
    memory.remove("dead-letter-queue")
    memory.remove("event-bus")
    assert memory.files == before


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("shop/views.py", "from domain_events.decorators import must_succeed\n", "domain_events.decorators"),
        ("shop/views.py", "from domain_events import models\n", "domain_events.models"),
        (f"{HOME}/migrations/0002_more.py", "", "builds on 0001_initial.py"),
    ],
)
def test_it_stays_while_something_builds_on_it(path: str, text: str, why: str) -> None:
    assert FEATURE.guard is not None
    problems = FEATURE.guard(project(planned(SMALL) | {path: text}))
    assert [problem.path for problem in problems] == [path]
    assert why in problems[0].why


def test_publishing_and_subscribing_do_not_hold_it() -> None:
    assert FEATURE.guard is not None
    text = "from domain_events.bus import event_bus\nfrom domain_events import base\n"
    assert not FEATURE.guard(project(planned(SMALL) | {"shop/views.py": text}))
