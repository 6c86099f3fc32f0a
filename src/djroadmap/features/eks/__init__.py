"""A cluster of Amazon EKS, and what runs the project in it. https://docs.aws.amazon.com/eks/latest/userguide/what-is-eks.html

Terraform makes the cluster, its controllers and its namespaces; Kustomize makes the objects of the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Growth, Missing, Option, Presence
from djroadmap.model.plan import Command
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.errors import Problem
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.facts import Deployment

    from .infrastructure import Infrastructure

IRSA, POD_IDENTITY = "irsa", "pod-identity"
KUSTOMIZE, NONE = "kustomize", "none"
MODULE = "infrastructure/modules/eks/main.tf"
ADDONS = "infrastructure/modules/eks-addons/main.tf"
MANIFESTS = "k8s/base/kustomization.yaml"

VERSION = regex(r"1\.\d{1,3}")
NODE_TYPE = regex(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
DOMAIN = regex(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def _identity(project: Project) -> str:
    """As the project has it already, or else IRSA."""
    return POD_IDENTITY if "/eks-pod-identity/aws" in (project.tree.read(ADDONS) or "") else IRSA


def _manifests(project: Project) -> str:
    """None where there is a cluster of ours without them."""
    there = project.tree.exists
    return NONE if there(MODULE) and not there(MANIFESTS) else KUSTOMIZE


class Options(NamedTuple):
    """The cluster, and how the project gets into it."""

    identity: Annotated[
        str,
        Option(
            "How pods get their role of AWS: a service account that the role trusts, or EKS Pod Identity",
            choices=(IRSA, POD_IDENTITY),
            default_from=_identity,
        ),
    ] = IRSA
    manifests: Annotated[
        str,
        Option(
            "Manifests beside the chart: k8s/ for Kustomize, or none, so that the chart is what is deployed",
            choices=(KUSTOMIZE, NONE),
            default_from=_manifests,
        ),
    ] = KUSTOMIZE
    k8s_version: Annotated[str, Option("Minor version of Kubernetes")] = "1.35"
    node_type: Annotated[
        str, Option("Instance type of the nodes; one of Graviton needs an image for arm64")
    ] = "t3.large"
    domain: Annotated[
        str,
        Option("Host of production; others are below it. By default the first of ALLOWED_HOSTS"),
    ] = ""


def supports(project: Project) -> str | None:
    """There must be an image to run."""
    if not project.docker.dockerfiles:
        return "it has no Dockerfile, so there is no image to run"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without the module of the cluster; else the edits tell."""
    return None if project.tree.exists(MODULE) else Presence()


def plan(project: Project, options: Options) -> Plan:
    """Terraform's modules and units for the cluster, and the manifests of the application.

    Raises `Refused` if the containers are not known well enough, if there are no environments, and for options that
    make no sense.
    """
    from .cluster import cluster, for_the_chart  # noqa: PLC0415 - `status` does not need it
    from .manifests import left_out, manifests  # noqa: PLC0415

    known, there = _facts(project, options)
    total = cluster(known, there, options)
    if options.manifests == KUSTOMIZE:
        return total + manifests(known, there, options) + left_out(project, known)
    return total + for_the_chart(known, there, options)


def growth(project: Project, options: Options) -> Growth | None:
    """Environments that have come since, and have nothing of it."""
    from .infrastructure import ENVIRONMENTS, names  # noqa: PLC0415 - only where it is installed

    there = project.tree.exists
    files = [f"{ENVIRONMENTS}/{{}}/{unit}/terragrunt.hcl" for unit in ("eks", "eks-addons")]
    files.append("k8s/overlays/{}/kustomization.yaml")
    found = names(project)
    missing = [name for name in found if not any(there(path.format(name)) for path in files)]
    # Where none has any, its owner has deleted them.
    if not missing or len(missing) == len(found):
        return None

    def of_environments() -> Plan:
        from .cluster import units  # noqa: PLC0415 - `status` does not need it
        from .manifests import overlays  # noqa: PLC0415

        known, there = _facts(project, options)
        new = tuple(one for one in there.environments if one.name in missing)
        total = units(known, there, options, new)
        return total + overlays(known, there, options, new) if options.manifests == KUSTOMIZE else total

    named = (Missing(files[0].format(name), f"{name} has no unit of eks") for name in missing)
    return Growth(tuple(named), of_environments)


def _facts(project: Project, options: Options) -> tuple[Deployment, Infrastructure]:
    """What is known of the containers and of Terraform's files. Raises `Refused` as `plan` does."""
    from djroadmap.errors import Refused  # noqa: PLC0415 - `status` does not need it
    from djroadmap.planning.deploying.discovery import deployment  # noqa: PLC0415

    from .infrastructure import infrastructure  # noqa: PLC0415

    problems = tuple(_wrong(options))
    if problems:
        raise Refused(problems)
    known = deployment(project)
    known.require("image", "entrypoint", "web", "port", "worker", "beat", "settings", "environment")
    return known, infrastructure(project, known.slug)


def _wrong(options: Options) -> Iterator[Problem]:
    """What of the options makes no sense."""
    from djroadmap.errors import Problem  # noqa: PLC0415 - `status` does not need it

    if not VERSION.fullmatch(options.k8s_version):
        yield Problem(
            "--k8s-version", None, f"{options.k8s_version!r} is no minor version of Kubernetes, such as 1.35"
        )
    if not NODE_TYPE.fullmatch(options.node_type):
        yield Problem(
            "--node-type", None, f"{options.node_type!r} is no type of an instance, such as t3.large"
        )
    if options.domain and not DOMAIN.fullmatch(options.domain):
        yield Problem("--domain", None, f"{options.domain!r} is no name of a host, such as shop.example.com")


def farewell(project: Project, options: Options) -> tuple[Command, ...]:
    """What was made in AWS: first the load balancer, which would hold the network, then controllers and cluster."""
    from .infrastructure import ENVIRONMENTS, names  # noqa: PLC0415 - `status` does not need it

    why = "what was made in AWS stays there otherwise, and costs"
    found: list[Command] = []
    for name in names(project):
        if options.manifests == KUSTOMIZE:
            found.append(Command(("kubectl", "delete", "--kustomize", f"k8s/overlays/{name}"), why=why))
        found += [
            Command(("terragrunt", "run", "--", "destroy"), why=why, cwd=f"{ENVIRONMENTS}/{name}/{unit}")
            for unit in ("eks-addons", "eks")
        ]
    return tuple(found)


FEATURE = Feature(
    id="eks",
    title="Amazon EKS",
    summary="A cluster with its controllers, and manifests that run web, workers and beat in it, per environment.",
    group="Infrastructure",
    version=1,
    docs="https://docs.aws.amazon.com/eks/latest/userguide/what-is-eks.html",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    growth=growth,
    farewell=farewell,
    requires=("terraform", "helm", "health-checks"),
    links={
        "Terraform module of EKS": "https://registry.terraform.io/modules/terraform-aws-modules/eks/aws/21.19.0",
        "AWS Load Balancer Controller": "https://kubernetes-sigs.github.io/aws-load-balancer-controller/",
        "External Secrets": "https://external-secrets.io/latest/provider/aws-secrets-manager/",
        "Kustomize": "https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/",
    },
)
