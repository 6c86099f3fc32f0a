"""All of a deployment to AWS at once: Terraform, ECS or EKS, and the workflow that deploys. https://docs.aws.amazon.com"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Option, Presence

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

ECS, EKS = "ecs", "eks"
SCRIPT = "infrastructure/scripts/deploy-{}.sh"
"""The trace of ours."""


def _suited(project: Project) -> str:
    """What deploys already, or what there is to deploy to; else ECS, which is less to operate."""
    for traces in (SCRIPT.format("{}"), "infrastructure/modules/{}/main.tf"):
        there = [target for target in (ECS, EKS) if project.tree.exists(traces.format(target))]
        if len(there) == 1:
            return there[0]
    return ECS


class Options(NamedTuple):
    """Where to."""

    target: Annotated[
        str,
        Option(
            "Where it runs: containers without a cluster to operate, or Kubernetes",
            choices=(ECS, EKS),
            default_from=_suited,
        ),
    ] = ECS


def supports(project: Project) -> str | None:
    """There must be an image to run, and GitHub to deploy from."""
    if not project.docker.dockerfiles:
        return "it has no Dockerfile, so there is no image to deploy"
    if project.ci and all(ci.kind != "github" for ci in project.ci):
        return (
            f"it deploys from GitHub Actions, and CI of this project is {project.ci[0].path}: add terraform and ecs "
            "or eks by themselves, and deploy from there"
        )
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without its script; else the edits tell."""
    return None if any(project.tree.exists(SCRIPT.format(target)) for target in (ECS, EKS)) else Presence()


def plan(project: Project, options: Options) -> Plan:
    """The workflow, the script that it runs, the role that it has, and the page that says how to operate it.

    Raises `Refused` if the infrastructure is not what it deploys to.
    """
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project, options.target)


FEATURE = Feature(
    id="aws",
    title="Deployment to AWS",
    summary="All for AWS in one go: Terraform, ECS or EKS, and a workflow that builds once, migrates and deploys.",
    group="Infrastructure",
    version=1,
    docs="https://docs.github.com/actions/how-tos/deploy/deploy-to-third-party-platforms",
    options=Options,
    plan=plan,
    supports=supports,
    presence=presence,
    requires=("terraform", "health-checks"),
    requires_for={"target": {ECS: ("ecs",), EKS: ("eks",)}},
    links={
        "GitHub and AWS without keys": "https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
        "Environments and who approves": "https://docs.github.com/actions/concepts/workflows-and-actions/deployment-environments",
        "The circuit breaker of ECS": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
    },
)
