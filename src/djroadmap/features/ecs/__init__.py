"""Django, Celery and migrations on Fargate, behind a load balancer. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Growth, Missing, Option, Presence
from djroadmap.model.plan import Command

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

MODULE = "infrastructure/modules/ecs/main.tf"
"""The trace of ours."""
HOME, UNIT = "infrastructure/environments/", "/ecs/terragrunt.hcl"


class Options(NamedTuple):
    """Sizes, how many, and where."""

    cpu: Annotated[int, Option("CPU of a task of the web server and of workers: 1024 is one core")] = 512
    memory: Annotated[int, Option("Memory of such a task in MiB; 0 for twice its CPU")] = 0
    min: Annotated[int, Option("Tasks of the web server in production, at least")] = 2
    max: Annotated[int, Option("Tasks of the web server in production, at most")] = 10
    domain: Annotated[str, Option("Domain name of production; the other environments are below it")] = ""
    worker_queue: Annotated[
        tuple[str, ...], Option("Queue of Celery that gets workers of its own; may be repeated")
    ] = ()
    arch: Annotated[str, Option("Processors that the image is built for: x86_64 or arm64")] = "x86_64"
    spot_workers: Annotated[bool, Option("Run all tasks of a worker but one on spare capacity")] = False


def supports(project: Project) -> str | None:
    """There must be an image."""
    if not project.docker.dockerfiles:
        return "it has no Dockerfile, so there is no image to run"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without the module that puts all together."""
    return None if project.tree.exists(MODULE) else Presence()


def plan(project: Project, options: Options) -> Plan:
    """The modules, and a unit for every environment.

    Raises `Refused` if something of the containers is not known, or an option does not fit.
    """
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project, options)


def growth(project: Project, options: Options) -> Growth | None:
    """Environments that have come since, and have no unit."""
    new = [
        path.removeprefix(HOME).partition("/")[0]
        for path in project.tree.files()
        if path.startswith(HOME) and path.count("/") == 3 and path.endswith("/env.hcl")
    ]
    missing = [name for name in new if not project.tree.exists(f"{HOME}{name}{UNIT}")]
    # Where none has a unit, its owner has deleted them.
    if not missing or len(missing) == len(new):
        return None

    def units() -> Plan:
        from .planned import units_of  # noqa: PLC0415 - `status` does not need it

        return units_of(project, options, missing)

    return Growth(
        tuple(Missing(f"{HOME}{name}{UNIT}", f"{name} has no unit of ecs") for name in missing), units
    )


def farewell(project: Project, _options: Options) -> tuple[Command, ...]:
    """What was made in AWS: nothing would know of it any more, and it costs."""
    why = "what was made in AWS stays there otherwise, and costs"
    units = [path for path in project.tree.files() if path.startswith(HOME) and path.endswith(UNIT)]
    return tuple(
        Command(argv=("terragrunt", "destroy"), why=why, cwd=path.rpartition("/")[0]) for path in units
    )


FEATURE = Feature(
    id="ecs",
    title="Django and Celery on AWS ECS",
    summary="Fargate services for web, workers and beat behind a load balancer, and the task that migrates.",
    group="Infrastructure",
    version=1,
    docs="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/Welcome.html",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    growth=growth,
    farewell=farewell,
    requires=("terraform", "health-checks"),
    links={
        "The Terraform module of services": "https://registry.terraform.io/modules/terraform-aws-modules/ecs/aws",
        "The circuit breaker of deployments": (
            "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"
        ),
    },
)
