"""The files of the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan
from djroadmap.planning.files import new_file

from .schema import schema

if TYPE_CHECKING:
    from .facts import Facts

FILES = ("Chart.yaml", "values.yaml", ".helmignore", "README.md", "ci/values.yaml")
TEMPLATES = (
    "_helpers.tpl",
    "configmap.yaml",
    "serviceaccount.yaml",
    "secretstore.yaml",
    "externalsecret.yaml",
    "job-migrate.yaml",
    "deployment-web.yaml",
    "service.yaml",
    "ingress.yaml",
    "httproute.yaml",
    "hpa.yaml",
    "pdb.yaml",
    "networkpolicy.yaml",
    "extra-objects.yaml",
    "NOTES.txt",
    "tests/test-health.yaml",
)
OF_WORKERS = ("deployment-worker.yaml", "worker-hpa.yaml", "worker-scaledobject.yaml")
OF_BEAT = ("deployment-beat.yaml",)


def chart(facts: Facts) -> Plan:
    """Every file, without those for what the project does not have."""
    known = facts.templates
    names = [*FILES, *(f"templates/{name}" for name in _templates(facts))]
    total = Plan()
    for name in names:
        total += new_file(f"{facts.folder}/{name}", "helm", name, **known)
    for environment, size in known["environments"]:
        path = f"{facts.folder}/values-{environment}.yaml"
        total += new_file(
            path, "helm", "values-environment.yaml", environment=environment, size=size, **known
        )
    content = schema(known)
    return total + Plan((edits.WholeFile(path=f"{facts.folder}/values.schema.json", content=content),))


def _templates(facts: Facts) -> tuple[str, ...]:
    known = facts.templates
    return (
        *TEMPLATES,
        *(OF_WORKERS if known["worker"] else ()),
        *(OF_BEAT if known["beat"] else ()),
    )
