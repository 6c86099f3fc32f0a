"""Tree to project: every fact that features plan with, from reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import NoProject
from djroadmap.model.project import Project

from .apps import apps_of, package_of
from .celery import celery_of
from .ci import ci_of
from .databases import engine_of
from .dependencies import dependencies_of
from .docker import docker_of
from .entry import find_entry
from .evaluated import Evaluated
from .events import event_bus_of
from .layout import find_manage
from .search import python_files
from .settings import settings_of
from .sources import Sources, dig, folder_of, join
from .style import style_of
from .template import layout_of, template_of
from .testing import tests_of
from .tools import hooks_of, runners_of
from .urls import urlconf_of
from .versions import django_of, python_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Settings

EXAMPLES = (
    ".env.example",
    ".env.sample",
    "env.example",
    ".env.template",
    ".env.dist",
    "example.env",
    ".env.local.example",
    ".env-example",
)


def detect(tree: Tree, *, root: str = "", manage: RelPath | None = None) -> Project:
    """Read the facts of the project in `tree`. Nothing of it is imported or run.

    `root` is only passed on; `manage` says which manage.py is meant where there are several. What is
    not understood is None, "unknown" or listed in `settings.problems`. Raises `NoProject` if there is no
    manage.py or no settings module, `UsageError` if it takes `manage` to say which of several is meant.
    """
    sources = Sources(tree)
    path = find_manage(sources, manage)
    base = folder_of(path)
    entry = find_entry(sources, path)
    settings = settings_of(sources, entry, base)
    if not settings.modules:
        raise _no_settings(path, settings)
    evaluated = Evaluated(sources, settings, entry)
    roots = evaluated.roots
    apps = apps_of(sources, roots, evaluated.items("INSTALLED_APPS"))
    urlconf, url_problems = urlconf_of(sources, roots, evaluated.text("ROOT_URLCONF"))
    dependencies = dependencies_of(sources, base)
    docker = docker_of(sources, base)
    hooks = hooks_of(sources)
    distribution = (
        dig(sources.table(dependencies.pyproject), "project", "name") if dependencies.pyproject else None
    )
    name = package_of(
        apps,
        settings.entry,
        distribution if isinstance(distribution, str) else root.rstrip("/").rpartition("/")[2],
    )
    package = _package(sources, roots, name)
    python = python_of(sources, base, dependencies, docker.dockerfiles)
    production = settings.environment("production")
    files = python_files(sources, base)
    return Project(
        tree=tree,
        root=root,
        name=name,
        package=package,
        layout=layout_of(sources, base, package, settings),
        template=template_of(sources, base, package, settings),
        manage=path,
        base=base,
        settings=_completed(settings, evaluated, apps_found=bool(apps.where), problems=url_problems),
        apps=apps,
        urlconf=urlconf,
        dependencies=dependencies,
        ci=ci_of(sources),
        docker=docker,
        celery=celery_of(sources, files, roots, dependencies),
        event_bus=event_bus_of(sources, files, roots),
        runners=runners_of(sources, base),
        hooks=hooks,
        style=style_of(sources, base, dependencies, hooks, python=python, samples=(path, settings.base.path)),
        tests=tests_of(sources, base, dependencies),
        python=python,
        django=django_of(sources, dependencies),
        database=engine_of(evaluated.held("DATABASES", first=production.path if production else None)),
        auth_user=evaluated.text("AUTH_USER_MODEL"),
        middleware=tuple(item.value for item in evaluated.items("MIDDLEWARE")),
        asgi=entry.asgi,
        wsgi=entry.wsgi,
        python_roots=roots,
        env_example=next(
            (
                found
                for folder in dict.fromkeys((base, ""))
                for name in EXAMPLES
                if sources.exists(found := join(folder, name))
            ),
            None,
        ),
    )


def _no_settings(manage: RelPath, settings: Settings) -> NoProject:
    why = (
        settings.problems[0]
        if settings.problems
        else f"{manage}: names no settings module, and none is found beside it"
    )
    return NoProject(
        why, hint="create the settings module, or set DJANGO_SETTINGS_MODULE in manage.py to the one there is"
    )


def _completed(
    settings: Settings, evaluated: Evaluated, *, apps_found: bool, problems: tuple[str, ...]
) -> Settings:
    base = settings.base.path
    found = [
        f"{base}: {problem}" if not problem.startswith(base) and ":" not in problem else problem
        for problem in problems
    ]
    if not apps_found:
        found.insert(0, f"{base}: INSTALLED_APPS is not found, or only running the settings could tell")
    return settings._replace(
        constants=evaluated.constants(),
        configuration=evaluated.configuration,
        problems=(*settings.problems, *found),
    )


def _package(sources: Sources, roots: Sequence[RelPath], name: str) -> RelPath:
    for root in roots:
        folder = join(root, name)
        if (
            name
            and sources.has_folder(folder)
            and any(path.endswith(".py") for path in sources.under(folder, limit=200))
        ):
            return folder
    return ""
