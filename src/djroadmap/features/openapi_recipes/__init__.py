"""Recipes for OpenAPI schemas in the justfile that `just` made: what joins it to `oasdiff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature
from djroadmap.model.plan import Plan
from djroadmap.planning import openapi
from djroadmap.planning.runners import made_runner, with_recipes

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project


def supports(project: Project) -> str | None:
    """A task runner of the project's own has the recipes by itself."""
    return None if made_runner(project) else "the project has a task runner of its own"


def plan(project: Project, _options: NoOptions) -> Plan:
    """The recipes, below those that are listed."""
    runner = made_runner(project)
    return Plan() if runner is None else with_recipes(project, runner, *openapi.recipes(project))


FEATURE = Feature(
    id="openapi-recipes",
    title="Recipes for OpenAPI schemas",
    summary="Schemas are written and compared by recipes of just.",
    group="Type safety",
    version=1,
    docs="https://just.systems/man/en/",
    plan=plan,
    supports=supports,
    requires=("just", "oasdiff"),
    bridges=("just", "oasdiff"),
    internal=True,
)
