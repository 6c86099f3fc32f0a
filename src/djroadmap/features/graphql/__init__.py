"""GraphQL with Strawberry or Graphene. https://strawberry.rocks/docs/django https://docs.graphene-python.org/projects/django

What it has to withstand (N+1 queries, costly queries, CSRF, production) is in the tests that it adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Option, Presence
from djroadmap.model.supported import is_too_old
from djroadmap.planning.tests import path_of_test, run_tests
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.plan import Command, Plan
    from djroadmap.model.project import Project

STRAWBERRY, GRAPHENE = "strawberry", "graphene"
APPS = {STRAWBERRY: "strawberry_django", GRAPHENE: "graphene_django"}
DISTRIBUTIONS = {STRAWBERRY: "strawberry-graphql-django", GRAPHENE: "graphene-django"}
RELATED = {
    STRAWBERRY: ("strawberry-graphql-django", "strawberry-graphql"),
    GRAPHENE: ("graphene-django", "graphene"),
}
"""The distributions that tell which library a project has."""
STRAWBERRY_DJANGO = (5, 2)
"""The oldest Django for strawberry-graphql-django: https://pypi.org/project/strawberry-graphql-django/."""
PACKAGE = "graphql_api"
"""Not `graphql`: beside manage.py that would hide the library of that name."""
TESTS = "test_graphql.py"


def suited(project: Project) -> str:
    """The library that the project has already, else Strawberry, unless its Django is too old for that."""
    for library in (STRAWBERRY, GRAPHENE):
        if uses(project, library):
            return library
    return GRAPHENE if is_too_old(project.django, STRAWBERRY_DJANGO) else STRAWBERRY


class Options(NamedTuple):
    """Which library the schema is written with."""

    library: Annotated[
        str, Option("The GraphQL library", choices=(STRAWBERRY, GRAPHENE), default_from=suited)
    ] = STRAWBERRY


def uses(project: Project, library: str) -> bool:
    """Does the project have this library?"""
    return project.apps.has(APPS[library]) or any(map(project.dependencies.has, RELATED[library]))


def package(project: Project) -> tuple[str, str]:
    """The dotted name and the folder of the package, which is beside the root URL configuration."""
    module, path = (project.urlconf.module, project.urlconf.path) if project.urlconf else ("", "")
    home, folder = module.rpartition(".")[0], path.rpartition("/")[0]
    return f"{home}.{PACKAGE}".lstrip("."), f"{folder}/{PACKAGE}".lstrip("/")


def test_path(project: Project) -> str:
    """The test module: in the package, if the project's tests are looked for there."""
    return path_of_test(project, TESTS, needs_user=False, home=package(project)[1])


def supports(project: Project) -> str | None:
    """There must be URLs to mount it under, and users with groups."""
    if project.urlconf is None:
        return "its root URL configuration is not in this project"
    if project.apps.django and project.apps.complete and not project.apps.has("django.contrib.auth"):
        return "django.contrib.auth is not installed, and the API is for its users"
    from .accounts import account  # noqa: PLC0415 - `status` asks only projects that may get it

    found = account(project)
    return found if isinstance(found, str) else None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without a library. One that is there and mounted some other way is the project's own."""
    used = [library for library in (STRAWBERRY, GRAPHENE) if uses(project, library)]
    if not used:
        return Presence()
    if project.tree.exists(f"{package(project)[1]}/schema.py"):
        return None
    from .foreign import mounted  # noqa: PLC0415 - `status` does not need it where there is no GraphQL

    where = mounted(project)
    return Presence(found=(where,), note=f"{where}, not by djroadmap") if where else None


def plan(project: Project, options: Options) -> Plan:
    """The package with the schema, its view, the URL, settings, and tests that prove all of it."""
    from .schema import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project, options.library)


def checks(project: Project, _options: Options) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, test_path(project), why="test the GraphQL API"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still use the package, its selectors or a library."""
    from .selectors import names  # noqa: PLC0415 - `status` does not need it

    dotted, folder = package(project)
    ours = {test_path(project), project.urlconf.path if project.urlconf else ""}
    used = (dotted, *names(project), *APPS.values(), STRAWBERRY, GRAPHENE)
    found = importers(project, *used, but=folder)
    return [one for one in found if one.path not in ours]


FEATURE = Feature(
    id="graphql",
    title="GraphQL API",
    summary="A typed schema over your selectors, with DataLoaders and limits, by Strawberry or Graphene.",
    group="API",
    version=1,
    docs="https://strawberry.rocks/docs/django",
    options=Options,
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    guard=guard,
    links={
        "Strawberry and Django": "https://strawberry.rocks/docs/django",
        "Graphene and Django": "https://docs.graphene-python.org/projects/django/en/latest/",
        "DataLoaders": "https://strawberry.rocks/docs/guides/dataloaders",
    },
)
