"""What the feature `terraform` has put into the project: environments, and the names of what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Problem, Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

ENVIRONMENTS = "infrastructure/environments"
CHANGE_ME = "CHANGE-ME"
"""Stands where only the operator knows the value. It is no valid image, ARN or name of an object."""

ENV_FILE = regex(r"^infrastructure/environments/([a-z][a-z0-9-]*)/env\.hcl$")
ASSIGNED = regex(r'\s*(\w+)\s*=\s*("[^"$]+"|true|false)\s*(?:#.*)?$')
SECRET_NAME = regex(r'name\s*=\s*"\$\{var\.name\}/([a-z0-9-]+)"')
USERNAME = regex(r'variable\s+"username"\s*\{[^}]*?default\s*=\s*"([^"$]+)"')


class Environment(NamedTuple):
    """One environment: a folder of Terragrunt's."""

    name: str
    production: bool
    """Is it made to last: more than one of everything, protected against deletion?"""


class Infrastructure(NamedTuple):
    """What is there to build upon."""

    environments: tuple[Environment, ...]
    region: str
    database_name: str
    database_user: str
    database_url: bool
    """Does the secret of the database hold its whole address, rather than the password?"""
    secrets: tuple[tuple[str, str], ...]
    """What comes behind `<slug>-<environment>/` in the names of secrets, and the module that makes each."""
    github: bool
    """Are there roles for GitHub Actions?"""
    cache: bool
    """Is there a cache?"""
    chart: RelPath = ""
    """The folder of the chart, if it is found."""


def infrastructure(project: Project, slug: str) -> Infrastructure:
    """What Terraform's files say. Raises `Refused` if they name no environment."""
    environments = tuple(
        Environment(name, _is_production(name, project.tree.read(f"{ENVIRONMENTS}/{name}/env.hcl") or ""))
        for name in names(project)
    )
    if not environments:
        raise Refused(
            (
                Problem(
                    path=ENVIRONMENTS,
                    line=None,
                    why="no environment is in it: each is a folder with an env.hcl",
                    snippet="djroadmap add terraform",
                ),
            )
        )
    return Infrastructure(
        environments=tuple(sorted(environments, key=lambda one: (one.production, one.name))),
        region=_value(project, "infrastructure/root.hcl", "region") or CHANGE_ME,
        database_name=_value(project, f"{ENVIRONMENTS}/_env/rds.hcl", "database_name") or CHANGE_ME,
        database_user=_username(project) or CHANGE_ME,
        database_url=bool(_value(project, f"{ENVIRONMENTS}/_env/rds.hcl", "url_key")),
        secrets=tuple(_secrets(project)),
        github=project.tree.exists(f"{ENVIRONMENTS}/shared/github-oidc/terragrunt.hcl"),
        cache=project.tree.exists(f"{ENVIRONMENTS}/_env/elasticache.hcl"),
        chart=_chart(project, slug),
    )


def names(project: Project) -> tuple[str, ...]:
    """The names of the environments, sorted."""
    return tuple(found[1] for path in project.tree.files() if (found := ENV_FILE.match(path)))


def _is_production(name: str, text: str) -> bool:
    said = _assigned(text, "production")
    return said == "true" if said else name.startswith("prod")


def _chart(project: Project, slug: str) -> RelPath:
    end = f"{slug}/Chart.yaml"
    found = (path for path in project.tree.files() if path == end or path.endswith(f"/{end}"))
    return next((path.rpartition("/")[0] for path in found), "")


def _username(project: Project) -> str:
    found = USERNAME.search(project.tree.read("infrastructure/modules/rds/variables.tf") or "")
    return _value(project, f"{ENVIRONMENTS}/_env/rds.hcl", "username") or (found[1] if found else "")


def _secrets(project: Project) -> list[tuple[str, str]]:
    found = []
    for module in ("rds", "elasticache", "secrets"):
        text = project.tree.read(f"infrastructure/modules/{module}/main.tf")
        name = SECRET_NAME.search(text) if text else None
        if name:
            found.append((name[1], module))
    return found


def _value(project: Project, path: RelPath, name: str) -> str:
    """A plain text that a file of HCL gives to a name; nothing if it does not."""
    return _assigned(project.tree.read(path) or "", name).strip('"')


def _assigned(text: str, name: str) -> str:
    found = (ASSIGNED.match(line) for line in text.splitlines())
    return next((one[2] for one in found if one and one[1] == name), "")
