"""What options would make the infrastructure that is there already; else what suits the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.planning.deploying.discovery import deployment
from djroadmap.regex import regex

if TYPE_CHECKING:
    from re import Pattern

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

ENVIRONMENTS = "infrastructure/environments/"
ROOT = "infrastructure/root.hcl"
REGION = regex(r'(?m)^  region +=[ ]"([^"$]+)"')
BUCKET = regex(r'(?m)^    bucket +=[ ]"([^"$]+)"')
ENGINE = regex(r'(?m)^  engine +=[ ]"([^"$]+)"')
MAJOR = regex(r'(?m)^  engine_version +=[ ]"([^"$]+)"')
NETWORK = regex(r'(?m)^  vpc_cidr +=[ ]"10\.(\d+)\.')


def region(project: Project, otherwise: str) -> str:
    """The region of the provider."""
    return _said(project, ROOT, REGION) or otherwise


def state_bucket(project: Project) -> str:
    """The bucket of the states, if it has a name of its own."""
    return _said(project, ROOT, BUCKET)


def cache(project: Project, otherwise: str) -> str:
    """The engine of the cache."""
    return _said(project, f"{ENVIRONMENTS}_env/elasticache.hcl", ENGINE) or otherwise


def pg_version(project: Project) -> str:
    """The major version of PostgreSQL, of the infrastructure or else of the project; nothing if none says it."""
    said = _said(project, f"{ENVIRONMENTS}_env/rds.hcl", MAJOR)
    return said or (deployment(project).postgres or "" if project.docker.dockerfiles else "")


def environments(project: Project, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """The environments, in the order of their networks."""
    found = {}
    for path in project.tree.files():
        name, _, rest = path.removeprefix(ENVIRONMENTS).partition("/")
        if path.startswith(ENVIRONMENTS) and rest == "env.hcl":
            found[name] = int(_said(project, path, NETWORK) or 0)
    return tuple(sorted(found, key=lambda name: found[name])) or otherwise


def _said(project: Project, path: RelPath, pattern: Pattern[str]) -> str:
    match = pattern.search((project.tree.raw(path) or b"").decode(errors="replace").replace("\r\n", "\n"))
    return match[1] if match else ""
