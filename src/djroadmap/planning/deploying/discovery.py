"""What the containers of a project are in production, found in its Dockerfiles, scripts, compose files and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem
from djroadmap.planning.containers import line_of, text_of
from djroadmap.planning.deploying.backing import celery_of, media_of, postgres_of, redis_of
from djroadmap.planning.deploying.compose import rank, services_of
from djroadmap.planning.deploying.environment import SETTINGS, entry_of, environment_of, given_of
from djroadmap.planning.deploying.facts import Deployment, Unknown
from djroadmap.planning.deploying.frontends import frontends_of
from djroadmap.planning.deploying.images import chosen, image_of
from djroadmap.planning.deploying.processes import Found, processes_of, python_path
from djroadmap.planning.deploying.reads import known_of, unclear
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project, SettingsModule
    from djroadmap.planning.deploying.compose import Service
    from djroadmap.planning.deploying.dockerfiles import Dockerfile
    from djroadmap.planning.deploying.facts import Variable
    from djroadmap.planning.deploying.reads import Known

NOT_IN_SLUGS = regex(r"[^a-z0-9]+")
NAMED = regex(r"DJANGO_SETTINGS_MODULE[\"']\]?\s*[,=]\s*[\"']([\w.]+)")
LONGEST = 40
"""Names of load balancers in AWS have 32 characters, those of most else more; environments are put behind it."""


def deployment(project: Project) -> Deployment:
    """Everything that infrastructure is planned with. What is not certain is in `unknowns`; nothing is assumed.

    Reads the project's files, so it is for features that are being added, not for `status`. Never raises.
    """
    services = services_of(project)
    choice = chosen(project, services)
    file = choice.file
    unknowns = [*choice.unknowns]
    module, problem = _production(project, file, services)
    unknowns += [problem] if problem else []
    known = known_of(project, module, given_of(project, file))
    unknowns += unclear(project, known)
    found = processes_of(project, file, services, known) if file else Found((), ())
    unknowns += found.unknowns
    environment = environment_of(project, file, found.processes, known)
    redis = redis_of(known)
    unknowns += [*_database(project, environment), *_cache(known, environment, redis=redis)] if module else []
    return Deployment(
        slug=slug_of(project.name),
        image=image_of(project, file) if file else None,
        processes=found.processes,
        settings_module=module.module if module else "",
        environment=environment,
        postgres=postgres_of(project, services),
        redis=redis,
        celery=celery_of(project, known),
        frontends=frontends_of(project, file),
        media=media_of(known),
        python_path=python_path(project, file) if file else "",
        unknowns=tuple(dict.fromkeys(unknowns)),
    )


def slug_of(name: str) -> str:
    """A name as clouds take it: `acme_shop` is `acme-shop`."""
    slug = NOT_IN_SLUGS.sub("-", name.lower()).strip("-")
    slug = slug if slug[:1].isalpha() else f"app-{slug}".strip("-")
    return slug[:LONGEST].rstrip("-")


def _database(project: Project, environment: Sequence[Variable]) -> list[Unknown]:
    """Is there a PostgreSQL that production can be pointed at?"""
    where = project.settings.owner("DATABASES") or project.settings.base
    if project.database in {"sqlite", "mysql", "oracle"}:
        why = f"the database is {project.database}, not PostgreSQL"
    elif not any(one.meaning.startswith("database-") for one in environment):
        why = "no variable tells production where its database is"
    else:
        return []
    return [Unknown("postgres", _problem(project, where.path, "DATABASES", why))]


def _cache(known: Known, environment: Sequence[Variable], *, redis: bool) -> list[Unknown]:
    """Is there a variable for the address of Redis, if production uses it?"""
    if not redis or known.module is None or any(one.meaning == "redis-url" for one in environment):
        return []
    why = "Redis is used, but no variable holds its whole address (redis://..., rediss://... with TLS)"
    return [Unknown("cache", Problem(known.module.path, None, why))]


def _problem(project: Project, path: RelPath, word: str, why: str) -> Problem:
    place, _, line = line_of(project, path, word).rpartition(":")
    return Problem(path, int(line) if place else None, why)


def _production(
    project: Project, file: Dockerfile | None, services: Sequence[Service]
) -> tuple[SettingsModule | None, Unknown | None]:
    """The settings module of production.

    What the image, its entrypoint or a compose file for production names; else the one called so; else what wsgi.py
    or manage.py names, if that is not for something else.
    """
    modules = {one.module: one for one in project.settings.modules}
    where = file.path if file else project.manage
    if project.settings.configuration:
        why = "settings are classes of django-configurations, and which one production uses is not followed"
        return None, Unknown("settings", Problem(project.settings.base.path, None, why))
    if named := _named(project, file, services):
        if named in modules:
            return modules[named], None
        why = f"{SETTINGS} is {named}, which is not in the repository"
        return None, Unknown("settings", Problem(where, None, why))
    production = [one for one in project.settings.modules if one.environment == "production"]
    imported = {name for one in production for name in one.imports}
    production = [one for one in production if one.module not in imported] or production
    if len(production) == 1:
        return production[0], None
    starts = (text_of(project, path) for path in (project.wsgi, project.asgi) if path)
    entries = [match[1] for text in starts if (match := NAMED.search(text))]
    for name in (*entries, project.settings.entry) if not production else ():
        if name in modules and modules[name].environment not in {"local", "test"}:
            return modules[name], None
    used = [
        one for one in project.settings.modules if one.environment not in {"local", "test"} and one.editable
    ]
    names = ", ".join(one.module for one in production or used) or "none"
    why = f"which settings module production uses is not clear (candidates: {names}): set {SETTINGS} in the Dockerfile"
    return None, Unknown("settings", Problem(where, None, why))


def _named(project: Project, file: Dockerfile | None, services: Sequence[Service]) -> str:
    """The settings module that something of production names outright; nothing if nothing does."""
    if file is None:
        return ""
    if named := file.final.environment.get(SETTINGS, ""):
        return named
    if named := dict(entry_of(project, file).literal).get(SETTINGS, ""):
        return named
    for service in services:
        if rank(service.path) == 0 and service.build is not None and service.build.dockerfile == file.path:
            named = dict(service.environment).get(SETTINGS, "")
            if named and "$" not in named:
                return named
    return ""
