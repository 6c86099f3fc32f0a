"""oasdiff: a pull request that breaks clients of the API fails, with a report. https://www.oasdiff.com"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Command, Plan
from djroadmap.planning import openapi
from djroadmap.planning.tests import path_of_test, run_tests

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project


def supports(project: Project) -> str | None:
    """There must be a schema, or something that writes one."""
    if project.apps.has("drf_spectacular") or openapi.committed(project) or openapi.ninja_schemas(project):
        return None
    if project.apps.has("rest_framework"):
        return "nothing writes an OpenAPI schema: add drf-spectacular to Django REST Framework first"
    return "it has no API with an OpenAPI schema: djroadmap add ninja first"


def presence(project: Project) -> Presence | None:
    """The trace of ours is its script; CI that calls oasdiff is somebody's own."""
    if project.tree.exists(openapi.script(project)):
        return None
    for ci in project.ci:
        by_action = next((name for name in ci.uses if name.startswith(("oasdiff/", "tufin/oasdiff"))), "")
        if by_action or b"oasdiff" in (project.tree.raw(ci.path) or b""):
            return Presence(found=(f"{by_action or 'oasdiff'} in {ci.path}",))
    return Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """A job that compares, tests that keep what it compares current, and recipes for both."""
    from .comparing import comparing  # noqa: PLC0415 - `status` does not need it
    from .schemas import keeping  # noqa: PLC0415 - as above

    return comparing(project) + keeping(project)


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    if not openapi.kept(project):
        return ()
    path = path_of_test(project, openapi.TESTS, needs_user=False)
    return (run_tests(project, path, why="test that the schemas are current"),)


def farewell(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The schemas that were made for it: djroadmap did not write them, so it does not delete them."""
    home = openapi.folder(project)
    made = [one.path for one in openapi.kept(project) if one.there and one.path.startswith(f"{home}/")]
    why = "drop what only it compares, which stays otherwise"
    return (Command(argv=("git", "rm", *made), why=why),) if made else ()


FEATURE = Feature(
    id="oasdiff",
    title="Breaking API changes with oasdiff",
    summary="A pull request that breaks clients of the API fails with a report; the schema is in the repository.",
    group="Type safety",
    version=1,
    docs="https://www.oasdiff.com",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    farewell=farewell,
    links={
        "What counts as breaking": "https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md",
        "Settings of drf-spectacular": "https://drf-spectacular.readthedocs.io/en/latest/settings.html",
    },
)
