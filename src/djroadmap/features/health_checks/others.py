"""What else answers to probes in a project: it is not replaced, and not hidden unawares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

TAKEN = regex(
    r"""(?m)^[^#\n]*?(?:\b(?:re_)?path|\burl)\(\s*r?(["'])\^?/?(healthz|readyz)/?\??\$?\1"""
    r"""|^[^#\n]*?\b(?:path_info|path|ALIVENESS_URL)\b[^#\n]*?(["'])/(healthz|readyz)/?\3"""
)
"""A route, or a middleware that compares the path."""

PACKAGES = {
    "health_check": "django-health-check",
    "watchman": "django-watchman",
    "healthy_django": "healthy-django",
    "django_alive": "django-alive",
    "django_healthchecks": "django-healthchecks",
}
"""Apps that answer by a URL pattern."""


def refuse_taken(project: Project, *, but: Collection[RelPath]) -> None:
    """Raises `Refused` if the project answers under one of the addresses: the middleware would do so instead."""
    problems = tuple(_taken(project, but))
    if problems:
        raise Refused(problems)


def others(project: Project) -> Plan:
    """A note on each package with health checks that stays as it is."""
    found = {name: title for name, title in PACKAGES.items() if _is_installed(project, name)}
    todos = (
        Todo(
            text=f"{title} stays as it is; let probes ask /healthz/ and /readyz/, since ALLOWED_HOSTS and the redirect "
            "to HTTPS stand in the way of its own address"
        )
        for title in found.values()
    )
    return Plan(todos=tuple(todos))


def _is_installed(project: Project, app: str) -> bool:
    names = (*project.apps.third_party, *(one.name for one in project.apps.local))
    return any(name == app or name.startswith(f"{app}.") for name in names)


def _taken(project: Project, but: Collection[RelPath]) -> Iterator[Problem]:
    for path in project.tree.files():
        if not path.endswith(".py") or path in but or _is_test(path):
            continue
        raw = project.tree.raw(path) or b""
        if b"healthz" not in raw and b"readyz" not in raw:
            continue
        try:
            text = project.tree.read(path) or ""
        except Refused:
            continue
        for match in TAKEN.finditer(text):
            line = text.count("\n", 0, match.end()) + 1
            name = match[2] or match[4]
            why = f"/{name}/ is answered here, which the middleware would hide: rename or remove it first"
            yield Problem(path=path, line=line, why=why)


def _is_test(path: RelPath) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("test_", "tests.")) or name.endswith("_test.py") or "/tests/" in f"/{path}"
