"""The plan: a package with the schema beside the root URL configuration, selectors, settings, the URL."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.errors import Refused, Unrecognised
from djroadmap.model.plan import Plan, Todo
from djroadmap.model.supported import is_too_old
from djroadmap.planning.dependencies import dependency
from djroadmap.planning.files import new_file, package_files
from djroadmap.planning.settings import import_, installed_app, knows_debug, setting, unless_set
from djroadmap.planning.tests import new_test
from djroadmap.syntax.reading import parse
from djroadmap.syntax.routes import route_of

from . import APPS, DISTRIBUTIONS, GRAPHENE, STRAWBERRY, STRAWBERRY_DJANGO, TESTS, package, uses
from .accounts import account
from .selectors import place, selectors

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .accounts import Account

ID = "graphql"
SECTION = "GraphQL"
LINKS = {
    STRAWBERRY: "https://strawberry.rocks/docs/django",
    GRAPHENE: "https://docs.graphene-python.org/projects/django/en/latest/settings/",
}
SWITCH = "GRAPHIQL"
SHOWN = "GraphiQL and introspection are for development only."
MODULES = ("context.py", "schema.py", "users.py", "views.py")
ASGI_SERVERS = ("uvicorn", "uvicorn-worker", "daphne", "hypercorn", "granian")
"""https://docs.djangoproject.com/en/stable/howto/deployment/asgi/"""
API_ROUTES = ("api/docs/", "api/schema/", "api/auth-token/", "api/")
"""The templates' own routes of an API, the last one first; https://github.com/cookiecutter/cookiecutter-django."""


def planned(project: Project, library: str) -> Plan:
    """All of it. Raises `Refused` beside the other library, and for a Django that this one does not work with."""
    _check(project, library)
    found = account(project)
    assert not isinstance(found, str)  # noqa: S101 - `supports` says so
    return (
        dependency(project, DISTRIBUTIONS[library])
        + installed_app(project, APPS[library])
        + _settings(project, library)
        + selectors(project, found)
        + _package(project, library, found)
        + _url(project)
        + _notes(project, library)
    )


def _check(project: Project, library: str) -> None:
    other = STRAWBERRY if library == GRAPHENE else GRAPHENE
    path = project.dependencies.pyproject or project.settings.base.path
    if uses(project, other):
        why = f"{DISTRIBUTIONS[other]} is there already, and the two need different versions of graphql-core"
        raise _refusal(path, why, other)
    if library == STRAWBERRY and is_too_old(project.django, STRAWBERRY_DJANGO):
        oldest = ".".join(map(str, STRAWBERRY_DJANGO))
        why = (
            f"{DISTRIBUTIONS[library]} needs Django {oldest} or newer, and this project has {project.django}"
        )
        raise _refusal(path, why, GRAPHENE)


def _refusal(path: RelPath, why: str, library: str) -> Refused:
    """A reason, and the library that would do."""
    return Unrecognised(path=path, line=None, why=why, snippet=f"djroadmap add graphql --library {library}")


def _settings(project: Project, library: str) -> Plan:
    """GraphiQL for development, and for Graphene where its command finds the schema."""
    total = Plan()
    if library == GRAPHENE:
        dotted, folder = package(project)
        out = f"{folder}/schema.graphql".removeprefix(f"{project.base}/")
        value = f'{{\n    "SCHEMA": "{dotted}.schema.schema",\n    "SCHEMA_OUTPUT": "{out}",\n}}'
        total += unless_set(project, "GRAPHENE", value, section=SECTION, link=LINKS[library])
    return total + _graphiql(project, LINKS[library] if library == STRAWBERRY else "")


def _graphiql(project: Project, link: str) -> Plan:
    local = project.settings.environment("local")
    if local is not None and local.editable:
        return setting(project, SWITCH, "False", section=SECTION, link=link, comment=SHOWN) + setting(
            project, SWITCH, "True", environment="local", section=SECTION
        )
    if knows_debug(project):
        return setting(project, SWITCH, "DEBUG", section=SECTION, link=link, comment=SHOWN)
    text = f"set {SWITCH} in the settings that development alone uses, to have GraphiQL there"
    todo = Todo(text=text, snippet=f"{SWITCH} = True", path=local.path if local else "")
    return setting(project, SWITCH, "False", section=SECTION, link=link, comment=SHOWN) + Plan(todos=(todo,))


def _package(project: Project, library: str, found: Account) -> Plan:
    dotted, folder = package(project)
    facts: dict[str, Any] = {
        "package": dotted,
        "exported": f"{folder}/schema.graphql".removeprefix(f"{project.base}/"),
        "users": found.module,
        "user": found.name,
        "own": found.home is not None,
        "selectors": place(project, found).module,
        "identifier": found.identifier,
        "known": found.plain,
        "key": found.key,
    }
    total = package_files(project, folder, extra=False) + new_file(f"{folder}/limits.py", ID, "limits.py")
    for name in MODULES:
        total += new_file(f"{folder}/{name}", ID, f"{library}/{name}", **facts)
    total += new_file(f"{folder}/schema.graphql", ID, f"{library}/schema.graphql", **facts)
    return total + new_test(
        project,
        ID,
        f"tests/{TESTS}",
        name=TESTS,
        needs_user=False,
        home=folder,
        strawberry=library == STRAWBERRY,
        **facts,
    )


def _url(project: Project) -> Plan:
    """Below `api/` where that is the API's place, beside its other routes. Those of a router do not catch it."""
    assert project.urlconf is not None  # noqa: S101 - `supports` says so
    path = project.urlconf.path
    api = project.layout in {"turbo", "cookiecutter"} or "/api/" in str(
        project.settings.constants.get("CORS_URLS_REGEX", "")
    )
    pattern = f'path("{"api/" if api else ""}graphql/", graphql_view, name="graphql")'
    imports = import_(project, path, "django.urls", "path") + import_(
        project, path, f"{package(project)[0]}.views", "graphql_view"
    )
    return imports + Plan((_placed(project, path, pattern),))


def _placed(project: Project, path: RelPath, pattern: str) -> edits.UrlPattern:
    """Behind a route of the API that the project was generated with; else at the end."""
    last = edits.UrlPattern(path=path, pattern=pattern)
    try:
        text = project.tree.read(path) or ""
        routes = {route_of(node) for node in ast.walk(parse(text)) if isinstance(node, ast.Call)}
        route = next(route for route in API_ROUTES if route in routes)
        beside = edits.UrlPattern(path=path, pattern=pattern, after=route)
        beside.apply(text)
    except (Refused, SyntaxError, StopIteration):
        return last
    return beside


def _notes(project: Project, library: str) -> Plan:
    """What a project that is served by ASGI has to know of Graphene."""
    if library == STRAWBERRY or not any(map(project.dependencies.has, ASGI_SERVERS)):
        return Plan()
    text = "see that Graphene suits you: it has no async view, so under ASGI Django runs its view in a thread"
    return Plan(todos=(Todo(text=text),))
