"""django-waffle: feature flags, switches and samples, turned on in the admin. https://waffle.readthedocs.io"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.commands import manage
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.settings import installed_app, middleware
from djroadmap.planning.tests import new_test, path_of_test, run_tests, uses_pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
BLOCKS = ("flag", "switch", "sample")
TESTS = "test_waffle.py"


def supports(project: Project) -> str | None:
    """Flags belong to users and groups."""
    if project.apps.django and project.apps.complete and not project.apps.has("django.contrib.auth"):
        return "django.contrib.auth is not installed, and flags belong to its users and groups"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there if the project names neither the app nor the distribution; else the edits tell."""
    traces = project.apps.has("waffle") or project.dependencies.has("django-waffle")
    return None if traces or "waffle.middleware.WaffleMiddleware" in project.middleware else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The app, its middleware after authentication, its settings, and tests that prove them."""
    from .settings import settings  # noqa: PLC0415 - `status` does not need it

    return (
        dependency(project, "django-waffle")
        + installed_app(project, "waffle")
        + middleware(project, "waffle.middleware.WaffleMiddleware", after=(AUTHENTICATION,), position="last")
        + settings(project)
        + _djlint(project)
        + _tests(project)
        + Plan(commands=_migrations(project))
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, path_of_test(project, TESTS), why="test the feature flags"),)


def farewell(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """Nothing drops the tables once the app is gone."""
    return (manage(project, "migrate", "waffle", "zero", why="drop its tables, which stay otherwise"),)


def guard(project: Project) -> Sequence[Problem]:
    """Code and templates that still use waffle, our own tests aside."""
    from .usage import usage  # noqa: PLC0415 - `status` does not need it

    return usage(project.tree, but=path_of_test(project, TESTS))


def _djlint(project: Project) -> Plan:
    """Without this, djLint indents `{% flag %}...{% else %}...{% endflag %}` as if it were no block."""
    path = project.style.djlint
    if path is None:
        return Plan()
    if path.endswith("pyproject.toml"):
        return Plan(
            (edits.TomlWords(path=path, table="tool.djlint", name="custom_blocks", words=BLOCKS, extra=True),)
        )
    text = f"tell djLint that {', '.join(BLOCKS)} are blocks: add them to custom_blocks"
    return Plan(todos=(Todo(text=text, snippet=",".join(BLOCKS), path=path),))


def _tests(project: Project) -> Plan:
    urls = project.tree.read(project.urlconf.path) if project.urlconf else None
    style = "pytest" if uses_pytest(project) else "django"
    admin = project.apps.has("django.contrib.admin") and "admin.site.urls" in (urls or "")
    return new_test(project, "waffle", f"{style}/{TESTS}", name=TESTS, admin=admin)


def _migrations(project: Project) -> tuple[Command, ...]:
    return (manage(project, "migrate", "waffle", why="create the tables of waffle", when="migrate"),)


FEATURE = Feature(
    id="waffle",
    title="Feature flags with django-waffle",
    summary="Turn features on for some users, a share of visitors or everyone, in the admin, without a deployment.",
    group="Production patterns",
    version=1,
    docs="https://waffle.readthedocs.io",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    farewell=farewell,
    guard=guard,
    links={
        "Flags, switches and samples": "https://waffle.readthedocs.io/en/stable/types/index.html",
        "Testing with waffle": "https://waffle.readthedocs.io/en/stable/testing/automated.html",
    },
)
