"""Settings where they belong, and a to-do where they cannot be written."""

from __future__ import annotations

from djroadmap.planning.settings import setting
from tests.features.small import SMALL, project


def with_editable(*, editable):
    found = project(SMALL)
    modules = tuple(module._replace(editable=editable) for module in found.settings.modules)
    return found._replace(settings=found.settings._replace(modules=modules))


def test_setting_of_a_module_that_is_nobody_elses_is_a_todo():
    plan = setting(with_editable(editable=False), "X", "1")
    assert plan.edits == ()
    assert [(todo.snippet, todo.path) for todo in plan.todos] == [("X = 1", "shop/settings.py")]


def test_setting_of_a_module_of_the_project_is_written():
    plan = setting(with_editable(editable=True), "X", "1")
    assert [edit.path for edit in plan.edits] == ["shop/settings.py"]
    assert plan.todos == ()


def test_environment_that_is_not_there_has_no_setting():
    plan = setting(project(SMALL), "X", "1", environment="production")
    assert (plan.edits, plan.todos) == ((), ())
