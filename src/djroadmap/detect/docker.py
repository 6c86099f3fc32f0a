"""Docker files of the project, and the compose service that runs Django."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.project import Compose, Docker
from djroadmap.regex import regex
from djroadmap.syntax.sources import dig, folder_of, name_of
from djroadmap.syntax.yaml_outline import read

from .containers import inside_of

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

DOCKERFILE = regex(r"(?:.*\.)?Dockerfile(?:[.-].*)?|.*\.dockerfile", re.IGNORECASE)
COMPOSE = regex(
    r"(?:docker-)?compose(?:[.\-_].*)?\.ya?ml|(?:local|dev|development|production|prod)\.ya?ml", re.IGNORECASE
)
NOT_DEVELOPMENT = regex(r"prod|docs|stag|deploy|override|\bci\b|test|traefik|swarm", re.IGNORECASE)
DEVELOPMENT = regex(r"local|dev", re.IGNORECASE)
DEFAULT = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
NAMES = ("django", "web", "app", "backend", "api", "server")
COMMAND = regex(r"manage\.py|gunicorn|uvicorn|daphne|granian|hypercorn|runserver|/start\b")
NOT_DJANGO = regex(
    r"celery|beat|flower|worker|node|npm|vite|tailwind|postgres|redis|nginx|docs", re.IGNORECASE
)
OTHER_COMMAND = regex(
    r"celery|\bbeat\b|flower|worker|\bnpm\b|\bnode\b|vite|tailwind|nginx|docs", re.IGNORECASE
)
HELPER = regex(
    r"(?:^|[-_.])(?:db|database|tests?|testing|migrations?|migrate|init|jobs?|backup|build)(?:$|[-_.])",
    re.IGNORECASE,
)
"""Services that are built from the same image, but for something else."""
HELPER_COST = 3
OPTIONS = regex(r"--\S+|\$\{.*?\}|\$\w+")
BUILT = 2
"""What it counts that a service is built here; a tool may be as well."""


def docker_of(sources: Sources, base: RelPath) -> Docker:
    """Every Dockerfile, the compose files at the root or beside manage.py, and the one for development."""
    dockerfiles = tuple(
        path for path in sources.files if "ocker" in path and DOCKERFILE.fullmatch(name_of(path))
    )
    folders = {"", base, "docker", "compose", "deploy", "deployment"}
    files = tuple(
        path
        for path in sources.files
        if path.endswith((".yml", ".yaml"))
        and folder_of(path) in folders
        and COMPOSE.fullmatch(name_of(path))
        and _services(sources, path)
    )
    chosen = sorted((path for path in files if not NOT_DEVELOPMENT.search(name_of(path))), key=_preference)
    scored = [found for path in chosen if (found := _compose(sources, path))]
    # A file that only adds to another one may hold no service that runs Django, but a tool that is built.
    serving = [compose for score, compose in scored if score > BUILT]
    compose = next(iter([*serving, *(compose for _, compose in scored)]), None)
    return Docker(dockerfiles=dockerfiles, compose=compose, compose_files=files)


def _services(sources: Sources, path: RelPath) -> bool:
    return sources.holds(path, b"services:")


def _preference(path: RelPath) -> tuple[bool, bool, int, str]:
    """A file for local development first, then the one Docker takes by itself."""
    name = name_of(path)
    return not DEVELOPMENT.search(name), name not in DEFAULT, path.count("/"), path


def _compose(sources: Sources, path: RelPath) -> tuple[int, Compose] | None:
    """The service of a file that most looks like Django's, and how much; None if none does."""
    services = dig(read(sources.text(path) or ""), "services")
    if not isinstance(services, dict) or not services:
        return None
    scored = sorted(
        ((-_score(name, service), index, name) for index, (name, service) in enumerate(services.items()))
    )
    score, _, name = scored[0]
    if score >= 0:
        return None
    prefix = ("docker", "compose", "-f", path, "run", name)
    return -score, Compose(
        path=path, service=name, services=tuple(services), inside=inside_of(sources, prefix, "")
    )


def _score(name: str, service: Any) -> int:
    """How much a service looks like the one that runs Django; nothing if it does not at all."""
    if not isinstance(service, dict):
        return 0
    command = f"{service.get('command', '')} {service.get('entrypoint', '')}"
    if NOT_DJANGO.search(name) or OTHER_COMMAND.search(OPTIONS.sub("", command)):
        return 0
    score = 4 * bool(COMMAND.search(command)) + BUILT * ("build" in service)
    score += (3 if not {*re.split(r"[-_.]", name.lower())}.isdisjoint(NAMES) and score else 0) + (
        "django" in name.lower()
    )
    return score - HELPER_COST * bool(HELPER.search(name))
