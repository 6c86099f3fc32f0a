"""Django Ninja: an API with type hints, its routes with each app, its schema in the repository. https://django-ninja.dev"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import Feature, Presence
from djroadmap.model.supported import is_too_old
from djroadmap.planning.tests import path_of_test, run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command, Plan
    from djroadmap.model.project import Project

    from .existing import Existing

OLDEST_PYTHON = (3, 10)
"""What the code is written for: `str | None` in schemas."""
NEEDED = {
    "django.contrib.auth": "tells who a user is",
    "django.contrib.sessions": "remembers who has signed in",
}
AUTHENTICATION = "AuthenticationMiddleware"
TESTS = "test_ninja_api.py"


def supports(project: Project) -> str | None:
    """Requests are authenticated as the project does it: with its users and their sessions."""
    if is_too_old(project.python, OLDEST_PYTHON):
        return f"it needs Python 3.10 or newer, and this project has {project.python}"
    if project.urlconf is None:
        return "its URLs are not found, so there is nowhere to put an API"
    if project.apps.django and project.apps.complete:
        for app, why in NEEDED.items():
            if not project.apps.has(app):
                return f"{app} is not installed, and it is what {why}"
    if project.middleware and not any(one.endswith(f".{AUTHENTICATION}") for one in project.middleware):
        return f"{AUTHENTICATION} is not in MIDDLEWARE, so requests have no user"
    return None


def presence(project: Project) -> Presence | None:
    """An API of any making is one; the edits tell of ours. Nothing is searched where nothing names Django Ninja."""
    named = project.apps.has("ninja") or any("ninja" in name for name in project.dependencies.names)
    if not named and project.dependencies.names:
        return Presence()
    from .existing import existing  # noqa: PLC0415 - only where something names it
    from .places import path_of_api  # noqa: PLC0415

    ours = path_of_api(project)
    found = existing(project.tree, but=ours)
    if found is not None:
        return Presence(found=(found.path,), note=_note(project, found))
    return None if project.tree.exists(ours) or named else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The API, routes for users, the URL, the schema, and tests."""
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project)


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, path_of_test(project, TESTS, needs_user=False), why="test the API"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still use Django Ninja or the API, other than what was added."""
    from .planned import importing  # noqa: PLC0415 - `status` does not need it

    return importing(project)


def _note(project: Project, found: Existing) -> str:
    """Where the API is, and what it could do with."""
    lacking = []
    if not project.apps.has("ninja"):
        lacking.append('"ninja" is not in INSTALLED_APPS, so there is no manage.py export_openapi_schema')
    if not found.handlers:
        lacking.append("errors of models and permissions are answered with 500")
    base = project.tree.raw(project.settings.base.path) or b""
    if not found.exempt and b"ATOMIC_REQUESTS" in base:
        lacking.append("async operations fail with ATOMIC_REQUESTS, unless they are in non_atomic_requests")
    return "; ".join((f"the API is {found.path}", *lacking))


FEATURE = Feature(
    id="ninja",
    title="API with Django Ninja",
    summary="A typed API, its routes with each app, beside whatever API there is, with its OpenAPI schema in git.",
    group="API",
    version=1,
    docs="https://django-ninja.dev",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    guard=guard,
    links={
        "Routers": "https://django-ninja.dev/guides/routers/",
        "Authentication": "https://django-ninja.dev/guides/authentication/",
        "Errors": "https://django-ninja.dev/guides/errors/",
        "Async": "https://django-ninja.dev/guides/async-support/",
    },
)
