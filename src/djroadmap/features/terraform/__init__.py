"""Terraform and Terragrunt: networks, databases, caches, buckets, secrets, images. https://terragrunt.gruntwork.io"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Option, Presence
from djroadmap.model.plan import Command

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

ROOT = "infrastructure/root.hcl"
"""The trace of ours."""


REGION, CACHE, ENVIRONMENTS = "us-east-1", "valkey", ("dev", "staging", "production")


def _region(project: Project) -> str:
    from . import found  # noqa: PLC0415 - `status` does not need it

    return found.region(project, REGION)


def _environments(project: Project) -> tuple[str, ...]:
    from . import found  # noqa: PLC0415 - as above

    return found.environments(project, ENVIRONMENTS)


def _cache(project: Project) -> str:
    from . import found  # noqa: PLC0415 - as above

    return found.cache(project, CACHE)


def _state_bucket(project: Project) -> str:
    from . import found  # noqa: PLC0415 - as above

    return found.state_bucket(project)


def _pg_version(project: Project) -> str:
    from . import found  # noqa: PLC0415 - as above

    return found.pg_version(project)


class Options(NamedTuple):
    """What the infrastructure is to be."""

    region: Annotated[str, Option("The region of AWS", default_from=_region)] = REGION
    environments: Annotated[
        tuple[str, ...],
        Option(
            "The environments, in the order in which changes pass through them; the last is production",
            default_from=_environments,
        ),
    ] = ENVIRONMENTS
    cache: Annotated[
        str,
        Option(
            "The engine of the cache, if the project uses one", choices=(CACHE, "redis"), default_from=_cache
        ),
    ] = CACHE
    state_bucket: Annotated[
        str,
        Option(
            "The S3 bucket of the states; by default the project and the number of the account",
            default_from=_state_bucket,
        ),
    ] = ""
    pg_version: Annotated[
        str,
        Option("The major version of PostgreSQL; by default that of the project", default_from=_pg_version),
    ] = ""


def supports(project: Project) -> str | None:
    """There must be an image to run: what its containers need is what is made."""
    if project.docker.dockerfiles:
        return None
    return "it has no Dockerfile, so there is no image to run"


def presence(project: Project) -> Presence | None:
    """Infrastructure of somebody's own counts; without any there is nothing to look for."""
    if project.tree.exists(ROOT):
        return None
    found = next(
        (path for path in project.tree.files() if path.endswith((".tf", "terragrunt.hcl", "root.hcl"))), None
    )
    return Presence(found=(found,)) if found else Presence()


def plan(project: Project, options: Options) -> Plan:
    """The tree of modules and environments, the workflow, and what git and Docker are to leave out.

    Raises `Refused` if an option makes no sense, or if it is not known what the containers need.
    """
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project, options)


def farewell(_project: Project, options: Options) -> tuple[Command, ...]:
    """What was made in AWS: nothing would know of it any more, and it costs."""
    why = "what was made in AWS stays there otherwise, and costs"
    home = "infrastructure/environments"
    return tuple(
        Command(argv=("terragrunt", "run", "--all", "--", "destroy"), why=why, cwd=f"{home}/{name}")
        for name in (*reversed(options.environments), "shared")
    )


FEATURE = Feature(
    id="terraform",
    title="Infrastructure with Terraform and Terragrunt",
    summary="Network, PostgreSQL, cache, bucket, secrets and images in AWS per environment, planned and applied by CI.",
    group="Infrastructure",
    version=1,
    docs="https://terragrunt.gruntwork.io",
    options=Options,
    plan=plan,
    supports=supports,
    presence=presence,
    farewell=farewell,
    links={
        "State in S3": "https://developer.hashicorp.com/terraform/language/backend/s3",
        "GitHub and AWS without keys": "https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
    },
)
