"""What is added for an API: modules, a URL, the schema, tests."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.files import new_file, package_files
from djroadmap.planning.settings import import_, installed_app
from djroadmap.planning.tests import new_test, path_of_test, uses_pytest
from djroadmap.planning.usage import importers

from .mounting import name_of, prefix_of
from .places import SCHEMA, module_of, package_of_routes, path_of_api
from .users import users_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

TESTS = "test_ninja_api.py"
COOKIE = "SESSION_COOKIE_NAME"
SERVERS = ("uvicorn", "uvicorn-worker", "daphne", "hypercorn", "granian", "channels")
"""What serves ASGI. `startproject` makes an asgi.py that nothing need use."""


def planned(project: Project) -> Plan:
    """Everything there is to add."""
    users = users_of(project)
    package = package_of_routes(project, users.app)
    api = path_of_api(project)
    module = module_of(project, api)
    prefix = prefix_of(project, module=module)
    facts: dict[str, Any] = {
        "admin": _has_admin(project),
        "api": module,
        "asynchronous": _is_async(project),
        "cookie": _cookie(project) or "sessionid",
        "editable": users.editable,
        "known": users.known,
        "prefix": prefix,
        "routes": module_of(project, f"{package}/routes.py"),
        "shown": users.shown,
        "staff": users.staff,
        "title": f"{_title(project.name)} API",
        "tokens": project.apps.has("rest_framework.authtoken"),
        "user": users.name,
        "user_module": users.module,
    }
    return (
        dependency(project, "django-ninja")
        + installed_app(project, "ninja")
        + package_files(project, package)
        + new_file(f"{package}/schemas.py", "ninja", "schemas.py", **facts)
        + new_file(f"{package}/routes.py", "ninja", "routes.py", **facts)
        + new_file(api, "ninja", "ninja_api.py", **facts)
        + _mounted(project, module, prefix)
        + _schema(project, facts)
        + _tests(project, facts)
    )


def importing(project: Project) -> Sequence[Problem]:
    """Modules other than ours that import Django Ninja or what was added."""
    api = path_of_api(project)
    package = package_of_routes(project, users_of(project).app)
    added = (api, f"{package}/routes.py", f"{package}/schemas.py")
    ours = {*added, path_of_test(project, TESTS, needs_user=False)}
    urls = (project.urlconf.path if project.urlconf else "", f"still imports {module_of(project, api)}")
    found = importers(project, "ninja", *(module_of(project, path) for path in added), but=".")
    return [one for one in found if one.path not in ours and (one.path, one.why) != urls]


def _mounted(project: Project, module: str, prefix: str) -> Plan:
    assert project.urlconf is not None  # noqa: S101 - `supports` says so
    path, name = project.urlconf.path, name_of(project, module=module)
    alias = "" if name == "api" else name
    pattern = edits.UrlPattern(path=path, pattern=f'path("{prefix}", {name}.urls)')
    return (
        import_(project, path, "django.urls", "path")
        + import_(project, path, module, "api", alias=alias)
        + Plan((pattern,))
    )


def _schema(project: Project, facts: dict[str, Any]) -> Plan:
    """The schema as it is exported; left to a command where the name of the cookie is only known at run time."""
    if _cookie(project) is not None:
        return new_file(SCHEMA, "ninja", SCHEMA, extra=True, **facts)
    text = f"export the schema, which names your session cookie, and commit {SCHEMA}"
    snippet = f"python manage.py {_export(project, facts['api'])}"
    return Plan(todos=(Todo(text=text, snippet=snippet, path=SCHEMA),))


def _tests(project: Project, facts: dict[str, Any]) -> Plan:
    path = path_of_test(project, TESTS, needs_user=False)
    pytest = uses_pytest(project)
    return new_test(
        project,
        "ninja",
        f"tests/{TESTS}",
        name=TESTS,
        needs_user=False,
        depth=path.count("/"),
        output=_output(project),
        test_settings=_test_settings(project),
        pytest=pytest,
        raises="pytest.raises" if pytest else "self.assertRaises",
        schema=SCHEMA,
        **facts,
    )


def _export(project: Project, module: str) -> str:
    """The command that writes the schema, from where manage.py is, with the settings that tests have."""
    settings = _test_settings(project)
    given = f" --settings {settings}" if settings else ""
    return f"export_openapi_schema --api {module}.api --indent 2 --sorted --output {_output(project)}{given}"


def _output(project: Project) -> RelPath:
    """The schema as seen from where manage.py is."""
    return posixpath.relpath(SCHEMA, project.base or ".")


def _test_settings(project: Project) -> str:
    """The settings that tests run with; nothing if manage.py takes the same."""
    settings = project.tests.settings or ""
    return "" if settings == project.settings.entry else settings


def _cookie(project: Project) -> str | None:
    """What tests see the session's cookie called; None if only running the settings tells."""
    settings = project.settings
    seen = [settings.base, *(one for one in settings.modules if one.module == project.tests.settings)]
    if not any(COOKIE in module.names for module in seen):
        return "sessionid"
    found = settings.constants.get(COOKIE)
    return found if isinstance(found, str) else None


def _has_admin(project: Project) -> bool:
    """Is there a page of the admin to sign in on?"""
    text: RelPath | None = project.tree.read(project.urlconf.path) if project.urlconf else None
    return project.apps.has("django.contrib.admin") and "admin.site.urls" in (text or "")


def _is_async(project: Project) -> bool:
    """Is it served with ASGI?"""
    return project.asgi is not None and any(project.dependencies.has(name) for name in SERVERS)


def _title(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").title()
