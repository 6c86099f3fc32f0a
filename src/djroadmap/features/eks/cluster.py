"""The modules and units of Terraform that make the cluster and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.files import new_file
from djroadmap.versions import charts, terraform_modules

from .infrastructure import ENVIRONMENTS

if TYPE_CHECKING:
    from djroadmap.planning.deploying.facts import Deployment

    from . import Options
    from .infrastructure import Environment, Infrastructure

MODULES = {
    "eks": ("main", "variables", "outputs", "versions"),
    "eks-addons": ("main", "providers", "variables", "outputs", "versions"),
}
REACH = """\
# infrastructure/environments/{environment}/eks/terragrunt.hcl
public_access_cidrs = ["203.0.113.7/32"]
operator_role_arns  = ["arn:aws:iam::123456789012:role/operators"]"""

ROLE = """\
# terragrunt output -raw app_role_arn, in the unit eks-addons
serviceAccount:
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::ACCOUNT:role/{namespace}-app"""
STORE = """\
# values of the chart
externalSecrets:
  store:
    create: false
    name: {slug}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata:
  name: {slug}
  namespace: {namespace}
spec:
  provider:
    aws:
      service: SecretsManager
      region: {region}"""


def cluster(known: Deployment, there: Infrastructure, options: Options) -> Plan:
    """The two modules, their units in each environment, and what a person has to decide."""
    facts = _facts(known, there, options)
    total = new_file("infrastructure/modules/eks/README.md", "eks", "modules/eks/README.md", **facts)
    for module, names in MODULES.items():
        for name in names:
            path = f"infrastructure/modules/{module}/{name}.tf"
            total += new_file(path, "eks", f"modules/{module}/{name}.tf", **facts)
        total += new_file(f"{ENVIRONMENTS}/_env/{module}.hcl", "eks", f"units/_env-{module}.hcl", **facts)
        total += _units(module, there.environments, facts)
    return total + _decisions(there.environments[0])


def units(
    known: Deployment, there: Infrastructure, options: Options, environments: tuple[Environment, ...]
) -> Plan:
    """The units of these environments alone, and what a person has to decide for them."""
    facts, total = _facts(known, there, options), Plan()
    for module in MODULES:
        total += _units(module, environments, facts)
    return total + _decisions(environments[0])


def _units(module: str, environments: tuple[Environment, ...], facts: dict[str, Any]) -> Plan:
    total = Plan()
    for one in environments:
        path = f"{ENVIRONMENTS}/{one.name}/{module}/terragrunt.hcl"
        total += new_file(path, "eks", f"units/{module}.hcl", **facts, production=one.production)
    return total


def _facts(known: Deployment, there: Infrastructure, options: Options) -> dict[str, Any]:
    """What most of the templates need."""
    return {
        "slug": known.slug,
        "region": there.region,
        "redis": there.cache,
        "oidc": there.github,
        "identity": options.identity,
        "k8s_version": options.k8s_version,
        "node_type": options.node_type,
        "versions": terraform_modules(),
        "charts": charts(),
        "manifests": options.manifests == "kustomize",
        "environment": there.environments[0].name,
    }


def for_the_chart(known: Deployment, there: Infrastructure, options: Options) -> Plan:
    """What the values of the chart are to say, where it is what is deployed."""
    environment = there.environments[-1].name
    values = f"{there.chart}/values-{environment}.yaml" if there.chart else ""
    namespace = f"{known.slug}-{environment}"
    text = (
        f"deploy the chart as the release {known.slug} into the namespace of each environment, such as {namespace}: "
        "the role of its service account trusts these names, and no other"
    )
    if options.identity == "irsa":
        return Plan(
            todos=(Todo(text=text, snippet=ROLE.format(namespace=namespace), path=values, when="deploy"),)
        )
    why = "with Pod Identity External Secrets reads as itself: the store of the chart borrows a role, so make another"
    store = STORE.format(slug=known.slug, namespace=namespace, region=there.region)
    release = Todo(text=text, path=values, when="deploy")
    return Plan(todos=(release, Todo(text=why, snippet=store, path=values, when="deploy")))


def _decisions(environment: Environment) -> Plan:
    text = (
        "decide who reaches and who administers each cluster: without public_access_cidrs nobody from outside of "
        "its network does, the runners of GitHub included"
    )
    path = f"{ENVIRONMENTS}/{environment.name}/eks/terragrunt.hcl"
    return Plan(
        todos=(Todo(text=text, snippet=REACH.format(environment=environment.name), path=path, when="deploy"),)
    )
