"""Migrations without downtime on PostgreSQL. https://github.com/tbicr/django-pg-zero-downtime-migrations"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import test_step
from djroadmap.planning.commands import manage
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.settings import knows_debug
from djroadmap.planning.tests import argv_of_tests, new_test, path_of_test, run_tests

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

ID = "zero-downtime"
DISTRIBUTION = "django-pg-zero-downtime-migrations"
LINK = "https://github.com/tbicr/django-pg-zero-downtime-migrations"
PACKAGE = "django_zero_downtime_migrations"
TESTS = "test_zero_downtime_migrations.py"
ENGINES = {
    "django.db.backends.postgresql": f"{PACKAGE}.backends.postgres",
    "django.contrib.gis.db.backends.postgis": f"{PACKAGE}.backends.postgis",
}
"""Django's own engines, and what stands for them. Backends of others derive from Django's, and are left alone."""
OTHERS = {"sqlite": "SQLite", "mysql": "MySQL", "oracle": "Oracle"}
RAISE = "ZERO_DOWNTIME_MIGRATIONS_RAISE_FOR_UNSAFE"


def supports(project: Project) -> str | None:
    """PostgreSQL, by an engine of Django's, and settings that tell what is production."""
    if project.database in OTHERS:
        return f"it is for PostgreSQL, and this project runs on {OTHERS[project.database]}"
    if project.database == "unknown":
        return "it is for PostgreSQL, and whether DATABASES holds such a database is not seen"
    names = project.dependencies.names
    if project.database == "env" and names and not any(name.startswith("psycopg") for name in names):
        return "it is for PostgreSQL, and no driver for that (psycopg) is among the dependencies"
    known = any(engine in ENGINES or engine.startswith(PACKAGE) for engine in project.engines)
    if project.database == "postgresql" and not known:
        engine = next(iter(project.engines), "another engine than Django's")
        return f"the database's engine is {engine}, which it would have to replace, and that does more than Django's"
    if project.settings.configuration:
        return (
            "the settings are classes of django-configurations, and where their databases end up is not seen"
        )
    if project.settings.environment("production") is None and not knows_debug(project):
        return "no settings module is for production, and no DEBUG in a single one tells whether it is production"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there if neither the dependencies nor the settings name it; else the edits tell."""
    there = project.dependencies.has(DISTRIBUTION) or any(
        engine.startswith(PACKAGE) for engine in project.engines
    )
    return None if there or any(RAISE in module.names for module in project.settings.modules) else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The engine in production, settings that make it refuse, a test of new migrations, and a step of CI for that."""
    from .baseline import baseline  # noqa: PLC0415 - `status` does not need it
    from .settings import settings  # noqa: PLC0415

    path = _path(project)
    below = path.removeprefix(f"{project.base}/") if project.base else path
    return (
        dependency(project, DISTRIBUTION)
        + settings(project)
        + new_test(
            project,
            ID,
            f"tests/{TESTS}",
            name=TESTS,
            needs_user=False,
            depth=below.count("/"),
            gis=has_gis(project),
            baseline=baseline(project, path),
        )
        + test_step(
            project,
            name="Check That Migrations Need No Downtime",
            command=(*argv_of_tests(project, path), *_chosen_settings(project)),
            tests=True,
            extra=True,
        )
        + _environment(project)
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, _path(project), why="test the migrations that are new"),)


def has_gis(project: Project) -> bool:
    """May there be a PostGIS database?"""
    named = any(engine.startswith("django.contrib.gis.") for engine in project.engines)
    return named or project.apps.has("django.contrib.gis")


def _chosen_settings(project: Project) -> tuple[str, ...]:
    """The option with which the tests in CI choose their settings."""
    runs = next((ci.test_job.runs for ci in project.ci if ci.test_job is not None), "")
    found = re.search(r"(?<!\S)--(?:settings|ds)[= ][\w.]+", runs)
    return tuple(found[0].split()) if found else ()


def _path(project: Project) -> str:
    return path_of_test(project, TESTS, needs_user=False)


def _environment(project: Project) -> Plan:
    """How the first deployment gets through: an empty database has nobody to wait, and other people's migrations."""
    migrate = manage(project, "migrate", why="")
    text = (
        "allow all migrations once where the database is still empty, as in the first deployment or a review app: "
        "those of other people's apps are not all safe"
    )
    todos = [Todo(text=text, snippet=f"{RAISE}=False {' '.join(migrate.argv[-3:])}", when="deploy")]
    production = project.settings.environment("production")
    if production is None and project.settings.constants.get("DEBUG") is not True:
        text = "with DEBUG off the tests make their database as production would: allow all migrations for them too"
        todos.append(Todo(text=text, snippet=f"{RAISE}=False"))
    if project.env_example is None:
        return Plan(todos=tuple(todos))
    lines = (
        "# Zero-downtime migrations: False only for an empty database, as in the first deployment\n"
        f"{RAISE}=True\n"
    )
    return Plan((edits.Block(path=project.env_example, text=lines, extra=True),), todos=tuple(todos))


FEATURE = Feature(
    id=ID,
    title="Zero-downtime migrations on PostgreSQL",
    summary="Migrations that would lock a table are refused in CI and in production; the others wait for nobody long.",
    group="Production patterns",
    version=1,
    docs=LINK,
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    links={
        "What is safe, what is not, and what to do instead": f"{LINK}#how-it-works",
        "Settings": f"{LINK}#settings",
    },
)
