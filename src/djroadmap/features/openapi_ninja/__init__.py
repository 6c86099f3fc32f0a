"""A recipe that writes the schema of `ninja`, in the task runner of the project: what joins it to `oasdiff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature
from djroadmap.model.plan import Plan
from djroadmap.planning.openapi import ninja_recipe
from djroadmap.planning.runners import own_runner, with_recipes

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project


def supports(project: Project) -> str | None:
    """The project must have one."""
    return None if own_runner(project) else "the project has no task runner of its own"


def plan(project: Project, _options: NoOptions) -> Plan:
    """The recipe, beside those that `oasdiff` brought."""
    runner, recipe = own_runner(project), ninja_recipe(project)
    return Plan() if runner is None or recipe is None else with_recipes(project, runner, recipe)


FEATURE = Feature(
    id="openapi-ninja",
    title="Recipe for the schema of Django Ninja",
    summary="The schema that `ninja` brought is written by a recipe.",
    group="Type safety",
    version=1,
    docs="https://django-ninja.dev/reference/management-commands/",
    plan=plan,
    supports=supports,
    requires=("oasdiff", "ninja"),
    bridges=("oasdiff", "ninja"),
    internal=True,
)
