"""django-guid: one id from the request to its log lines, its tasks and back. https://django-guid.readthedocs.io"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.files import new_file
from djroadmap.planning.settings import (
    import_,
    installed_app,
    list_item,
    middleware,
    owner_path,
    setting,
    unless_set,
)
from djroadmap.planning.tests import new_test, path_of_test, run_tests
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

SECTION = "django-guid"
LINK = "https://django-guid.readthedocs.io/en/latest/settings.html"
LOGGING_LINK = "https://docs.djangoproject.com/en/stable/topics/logging/#configuring-logging"
MIDDLEWARE = "django_guid.middleware.guid_middleware"
SECURITY = "django.middleware.security.SecurityMiddleware"
HEADER = "X-Correlation-ID"
INTEGRATION = "EagerSafeCeleryIntegration"
TESTS, CELERY_TESTS = "test_correlation.py", "test_correlation_in_tasks.py"


def supports(project: Project) -> str | None:
    """What the distribution says of itself: https://pypi.org/project/django-guid/."""
    django, python = _version(project.django), _version(project.python)
    if django >= (6, 0) and (0, 0) < python < (3, 13):
        return "django-guid works with Django 6 from Python 3.13 on only"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there if the project names neither the app nor the distribution; else the edits tell."""
    there = project.apps.has("django_guid") or project.dependencies.has("django-guid")
    return None if there or MIDDLEWARE in project.middleware else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The app, its middleware before all others, the id in logs and tasks, and tests that prove it."""
    from .logs import logs  # noqa: PLC0415 - `status` does not need it

    cors = project.apps.has("corsheaders")
    return (
        dependency(project, "django-guid")
        + installed_app(project, "django_guid")
        + middleware(project, MIDDLEWARE, position="first")
        + _celery(project)
        + _settings(project, cors=cors)
        + (_cors(project) if cors else Plan())
        + logs(project, "Logging", LOGGING_LINK)
        + _tests(project, cors=cors)
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    if _is_theirs(project):
        return ()
    paths = [_path_of_test(project, name) for name in _names_of_tests(project)]
    return (run_tests(project, *paths, why="test the correlation ids"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still import it."""
    modules = ["django_guid", *([_module(project)] if project.celery else [])]
    tests = {_path_of_test(project, name) for name in _names_of_tests(project)}
    ours = tests | {_path(project), _owner(project)}
    return [one for one in importers(project, *modules, but=".") if one.path not in ours]


def _settings(project: Project, *, cors: bool) -> Plan:
    if _is_theirs(project):
        lines = _entries(project)
        if project.celery is not None:
            lines.insert(0, f"from {_module(project)} import {INTEGRATION}")
        text = f"see that DJANGO_GUID in {_owner(project)}, which is yours and stays as it is, says this"
        return Plan(todos=(Todo(text=text, snippet="\n".join(lines), path=_owner(project)),))
    value = "".join(f"    {entry},\n" for entry in _entries(project))
    comment = "django-cors-headers exposes the header: see CORS_EXPOSE_HEADERS." if cors else ""
    return unless_set(project, "DJANGO_GUID", f"{{\n{value}}}", section=SECTION, link=LINK, comment=comment)


def _entries(project: Project) -> list[str]:
    from .logs import silencing  # noqa: PLC0415 - `status` does not need it

    entries = [f'"GUID_HEADER_NAME": "{HEADER}"']
    if project.apps.has("corsheaders"):
        entries.append('"EXPOSE_HEADER": False')
    if project.celery is not None:
        logging = "" if _has_logging(project) or silencing(project) else "use_django_logging=True"
        entries.append(f'"INTEGRATIONS": [{INTEGRATION}({logging})]')
    return entries


def _is_theirs(project: Project) -> bool:
    """Was there a DJANGO_GUID before ours? Our tests need not be true of it, so they are not there."""
    there = "DJANGO_GUID" in project.settings.base.names
    return there and not project.tree.exists(_path_of_test(project, TESTS))


def _cors(project: Project) -> Plan:
    """Scripts of other origins may send and read the header. django-guid would expose its own and no other."""
    exposed = Plan()
    if project.settings.owner("CORS_EXPOSE_HEADERS") is None:
        exposed = setting(
            project,
            "CORS_EXPOSE_HEADERS",
            "[]",
            annotation="list[str]",
            initial=True,
            section=SECTION,
            extra=True,
        )
    exposed += list_item(project, "CORS_EXPOSE_HEADERS", f'"{HEADER}"', extra=True)
    allowed = f'"{HEADER.lower()}"'
    if project.settings.owner("CORS_ALLOW_HEADERS") is not None:
        return exposed + list_item(project, "CORS_ALLOW_HEADERS", allowed, extra=True)
    base = project.settings.base
    if not base.editable:
        return exposed
    return (
        exposed
        + import_(project, base.path, "corsheaders.defaults", "default_headers")
        + setting(
            project, "CORS_ALLOW_HEADERS", f"[*default_headers, {allowed}]", section=SECTION, extra=True
        )
    )


def _celery(project: Project) -> Plan:
    """The integration with Celery, beside its app."""
    if project.celery is None:
        return Plan()
    if not project.settings.base.editable:
        text = "set DJANGO_GUID where your settings are, with the integration for Celery"
        return Plan(todos=(Todo(text=text, snippet=f'"INTEGRATIONS": [{INTEGRATION}()]'),))
    total = new_file(_path(project), "guid", "correlation.py") + _silence(project)
    if _is_theirs(project):
        return total
    return total + import_(project, _owner(project), _module(project), INTEGRATION)


def _silence(project: Project) -> Plan:
    """A worker sets logging up when all tasks are loaded: what their loggers say is lost if these are disabled then."""
    from .logs import silencing  # noqa: PLC0415 - `status` does not need it

    then = "" if _has_logging(project) else f", and then give {INTEGRATION} use_django_logging=True"
    todos = (
        Todo(
            text=f"let LOGGING in {path} leave existing loggers alone: in a Celery worker that uses it, nothing of "
            f"what tasks log is written{then}",
            snippet='"disable_existing_loggers": False,',
            path=path,
        )
        for path in silencing(project)
    )
    return Plan(todos=tuple(todos))


def _tests(project: Project, *, cors: bool) -> Plan:
    from .logs import is_in_lines  # noqa: PLC0415 - `status` does not need it

    facts: dict[str, Any] = {
        "cors": cors,
        "logs": is_in_lines(project),
        "redirects": SECURITY in project.middleware,
        # https://docs.python.org/3/library/logging.config.html#dictionary-schema-details
        "defaults": _version(project.python) >= (3, 12) or _version(project.django) >= (6, 0),
    }
    total = Plan()
    for name in () if _is_theirs(project) else _names_of_tests(project):
        total += new_test(project, "guid", f"tests/{name}", name=name, needs_user=False, **facts)
    return total


def _version(text: str | None) -> tuple[int, int]:
    found = re.search(r"(\d+)\.(\d+)", text or "")
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _has_logging(project: Project) -> bool:
    """Does the project hand Django's logging to the workers itself?"""
    return "setup_logging" in (project.tree.read(project.celery.path) or "") if project.celery else False


def _names_of_tests(project: Project) -> tuple[str, ...]:
    return (TESTS, CELERY_TESTS) if project.celery else (TESTS,)


def _path_of_test(project: Project, name: str) -> str:
    return path_of_test(project, name, needs_user=False)


def _path(project: Project) -> str:
    home = project.celery.path.rpartition("/")[0] if project.celery else ""
    return f"{home}/correlation.py" if home else "correlation.py"


def _module(project: Project) -> str:
    home = project.celery.module.rpartition(".")[0] if project.celery else ""
    return f"{home}.correlation" if home else "correlation"


def _owner(project: Project) -> str:
    return owner_path(project, "DJANGO_GUID")


FEATURE = Feature(
    id="guid",
    title="Correlation ids with django-guid",
    summary="One id for a request, in its log lines, its Celery tasks and events, and in the response header.",
    group="Observability",
    version=1,
    docs="https://django-guid.readthedocs.io",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    guard=guard,
    links={"Settings": LINK, "Logging": LOGGING_LINK},
)
