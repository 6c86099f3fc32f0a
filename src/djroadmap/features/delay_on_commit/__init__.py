"""Celery tasks sent when the transaction commits. https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.model.feature import Feature, Growth, Missing, Presence
from djroadmap.planning.tests import new_test, path_of_test, run_tests

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command, Plan
    from djroadmap.model.project import Project

    from .sites import Site

ID = "delay-on-commit"
TESTS = "test_celery_on_commit.py"
DOCS = "https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html"


def supports(project: Project) -> str | None:
    """Tasks must be those of Celery's integration with Django, which has had these methods since 5.4."""
    if project.celery is None:
        return "it has no Celery application"
    from .floor import too_old  # noqa: PLC0415 - only projects with Celery pay for it
    from .tasks import problem_of_app  # noqa: PLC0415

    why = problem_of_app(project, project.celery.path)
    if why:
        return f"{why}, so its tasks have no delay_on_commit"
    return too_old(project)


def presence(project: Project) -> Presence | None:
    """Its trace is the test; what is there must be used, too."""
    path = _path_of_test(project) if project.celery else ""
    if not project.tree.exists(path):
        return Presence()
    from .sites import convertible  # noqa: PLC0415 - `status` does not need it

    return Presence(found=(path,), missing=tuple(map(_missing, convertible(project))))


def plan(project: Project, _options: NoOptions) -> Plan:
    """Celery 5.4, calls that wait for the commit, and a test that tasks can and do."""
    from .conversion import conversion  # noqa: PLC0415 - `status` does not need it
    from .floor import floor  # noqa: PLC0415
    from .report import report  # noqa: PLC0415
    from .sites import sites  # noqa: PLC0415

    found = sites(project)
    return (
        floor(project)
        + conversion(project, found)
        + new_test(project, ID, f"tests/{TESTS}", name=TESTS, needs_user=False, **_facts(project))
        + report(project, found)
    )


def growth(project: Project, _options: NoOptions) -> Growth | None:
    """Calls that have come since and do not wait for the commit."""
    from .conversion import conversion  # noqa: PLC0415 - only projects that have it pay for it
    from .sites import convertible  # noqa: PLC0415

    new = convertible(project)
    return Growth(tuple(map(_missing, new)), lambda: conversion(project, new)) if new else None


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, _path_of_test(project), why="test that tasks wait for the commit"),)


def _missing(site: Site) -> Missing:
    if site.deferred is not None and site.deferred.way != "call":
        return Missing(site.path, f"line {site.line}: {site.callee} has a shorter form, {site.new}")
    return Missing(site.path, f"line {site.line}: {site.callee} does not wait for the transaction to commit")


def _facts(project: Project) -> dict[str, Any]:
    """What the test is about: the application, and the packages whose tasks are the project's own."""
    from .tasks import with_bases  # noqa: PLC0415 - `status` does not need it

    assert project.celery is not None  # noqa: S101 - so says `supports`
    packages = {app.name.partition(".")[0] for app in project.apps.local}
    packages.add(project.celery.module.partition(".")[0])
    return {
        "module": project.celery.module,
        "app": project.celery.name,
        "packages": sorted(packages),
        "bases": with_bases(project),
    }


def _path_of_test(project: Project) -> str:
    return path_of_test(project, TESTS, needs_user=False)


FEATURE = Feature(
    id=ID,
    title="Celery tasks sent on commit",
    summary="Celery tasks are sent when the transaction commits, not before: a codemod over the whole project.",
    group="Production patterns",
    version=1,
    docs=DOCS,
    plan=plan,
    supports=supports,
    presence=presence,
    growth=growth,
    checks=checks,
    links={
        "Why": f"{DOCS}#trigger-tasks-at-the-end-of-the-database-transaction",
        "on_commit": "https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit",
    },
)
