"""Tree to project: every fact that features plan with, from reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import NoProject
from djroadmap.model.modules import find_module
from djroadmap.model.project import Project
from djroadmap.syntax.sources import Sources, dig, folder_of, join

from .apps import apps_of, package_of
from .celery import celery_of
from .ci import ci_of
from .databases import engine_of, named_engines
from .dependencies import dependencies_of
from .docker import docker_of
from .entry import EXAMPLES, find_entry
from .evaluated import Evaluated
from .events import event_bus_of
from .layout import find_manage
from .search import python_files
from .settings import settings_of
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

    from .entry import Entry

UNCLEAR = "is not found, or only running the settings could tell"


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
        raise _no_settings(entry, settings)
    evaluated = Evaluated(sources, settings, entry)
    roots = evaluated.roots
    apps = apps_of(sources, roots, evaluated.items("INSTALLED_APPS"))
    apps = apps._replace(complete=evaluated.complete("INSTALLED_APPS"))
    urlconf, url_problems = urlconf_of(sources, roots, evaluated.text("ROOT_URLCONF"))
    dependencies = dependencies_of(sources, base)
    docker = docker_of(sources, base)
    hooks = hooks_of(sources)
    ci = ci_of(sources)
    job = next((one.test_job for one in ci if one.test_job is not None), None)
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
    databases = tuple(evaluated.held("DATABASES", first=production.path if production else None))
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
        settings=_completed(sources, settings, evaluated, apps_found=bool(apps.where), problems=url_problems),
        apps=apps,
        urlconf=urlconf,
        dependencies=dependencies,
        ci=ci,
        docker=docker,
        celery=celery_of(sources, files, roots, dependencies),
        event_bus=event_bus_of(sources, files, roots),
        runners=runners_of(sources, base),
        hooks=hooks,
        style=style_of(sources, base, dependencies, hooks, python=python, samples=(path, settings.base.path)),
        tests=tests_of(sources, base, dependencies, settings, job),
        python=python,
        django=django_of(sources, dependencies),
        database=engine_of(databases),
        engines=named_engines(databases),
        auth_user=evaluated.text("AUTH_USER_MODEL"),
        middleware=tuple(item.value for item in evaluated.items("MIDDLEWARE")),
        asgi=entry.asgi or _served(sources, roots, evaluated.text("ASGI_APPLICATION")),
        wsgi=_served(sources, roots, evaluated.text("WSGI_APPLICATION")) or entry.wsgi,
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


def _no_settings(entry: Entry, settings: Settings) -> NoProject:
    """Why no settings module is known: manage.py's line, and where else was looked."""
    looked = (
        "what it imports, wsgi.py, asgi.py, pytest's configuration, Docker and compose files and the Makefile"
    )
    why = (
        settings.problems[0]
        if settings.problems
        else f"{entry.where}: no settings module is named here, and {looked} name none that is in the repository"
    )
    return NoProject(
        why, hint="create the settings module, or set DJANGO_SETTINGS_MODULE in manage.py to the one there is"
    )


def _completed(
    sources: Sources, settings: Settings, evaluated: Evaluated, *, apps_found: bool, problems: tuple[str, ...]
) -> Settings:
    found = [_placed(sources, settings, "ROOT_URLCONF", problem) for problem in problems]
    if not apps_found:
        found.insert(0, _placed(sources, settings, "INSTALLED_APPS", f"INSTALLED_APPS {UNCLEAR}"))
    return settings._replace(
        constants=evaluated.constants(),
        configuration=evaluated.configuration,
        problems=(*settings.problems, *found),
    )


def _placed(sources: Sources, settings: Settings, name: str, problem: str) -> str:
    """The problem with the place where the settings first speak of `name`, unless it says where it is."""
    if ":" in problem:
        return problem
    modules = [settings.base, *(module for module in reversed(settings.modules) if module.editable)]
    for module in modules:
        for number, line in enumerate((sources.text(module.path) or "").splitlines(), 1):
            if name in line and not line.lstrip().startswith(("#", "import", "from")):
                return f"{module.path}:{number}: {problem}"
    return f"{settings.base.path}: {problem}"


def _served(sources: Sources, roots: Sequence[RelPath], application: str | None) -> RelPath | None:
    """The file that `WSGI_APPLICATION = "shop.wsgi.application"` means."""
    return find_module(sources, roots, application.rpartition(".")[0]) if application else None


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
