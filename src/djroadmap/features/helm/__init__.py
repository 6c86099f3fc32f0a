"""A Helm chart of the project: web, workers, beat and migrations on Kubernetes. https://helm.sh"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Option, Presence
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

CHART = "Chart.yaml"
TRACE = "templates/job-migrate.yaml"
"""Beside the Chart.yaml of ours: charts of others have their migrations elsewhere, if at all."""
LIBRARY = regex(r"(?m)^type:\s*library\b")


FOLDER = "charts"
INGRESS = regex(r"(?m)^ingress:\n  enabled: (true|false)\n(?:  #[^\n]*\n)*  className: \"?(\w*)")
EXTERNAL = regex(r"(?m)^externalSecrets:\n  enabled: false\b")


def folder(project: Project) -> str:
    """Where a chart of ours is, else where charts usually are."""
    return (_own(project) or f"{FOLDER}/").rstrip("/").rpartition("/")[0] or FOLDER


def ingress(project: Project) -> str:
    """What the chart of ours says, else AWS."""
    found = INGRESS.search(_values(project))
    return "alb" if found is None else found[2] if found[1] == "true" else "none"


def secrets(project: Project) -> str:
    """What the chart of ours says, else External Secrets."""
    return "existing" if EXTERNAL.search(_values(project)) else "external-secrets"


class Options(NamedTuple):
    """Where the chart goes, and what it finds in the cluster."""

    chart_dir: Annotated[str, Option("Folder of charts.", default_from=folder)] = FOLDER
    ingress: Annotated[
        str,
        Option(
            "What leads to the site from outside.", choices=("alb", "nginx", "none"), default_from=ingress
        ),
    ] = "alb"
    secrets: Annotated[
        str,
        Option(
            "Where secret variables come from: External Secrets, or a Secret that is there.",
            choices=("external-secrets", "existing"),
            default_from=secrets,
        ),
    ] = "external-secrets"


def supports(project: Project) -> str | None:
    """A chart runs an image, so there must be something that makes one."""
    return None if project.docker.dockerfiles else "it has no Dockerfile, so there is no image to run"


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without a chart; one by somebody else counts as it is; of ours the edits tell."""
    if _own(project):
        return None
    found = (path.removesuffix(CHART).rstrip("/") or "." for path in _charts(project))
    return Presence(found=tuple(f"a chart in {path}" for path in found))


def plan(project: Project, options: Options) -> Plan:
    """The chart, the workflow that renders it, and what keeps it out of the image.

    Raises `Refused` if it is not known what runs in the image.
    """
    from djroadmap.planning.deploying.discovery import deployment  # noqa: PLC0415 - `status` does not need it

    from .beside import beside  # noqa: PLC0415 - as above
    from .chart import chart  # noqa: PLC0415
    from .facts import facts_of  # noqa: PLC0415

    facts = facts_of(project, deployment(project), options)
    return chart(facts) + beside(project, facts)


def _own(project: Project) -> RelPath:
    """The folder of a chart of ours, with a slash behind it; nothing if there is none."""
    homes = (path.removesuffix(CHART) for path in _charts(project))
    return next((home for home in homes if home and project.tree.exists(home + TRACE)), "")


def _values(project: Project) -> str:
    home = _own(project)
    return (project.tree.read(f"{home}values.yaml") or "").replace("\r\n", "\n") if home else ""


def _charts(project: Project) -> list[RelPath]:
    """The charts of applications, without those that another chart brings along."""
    found = [path for path in project.tree.files() if path == CHART or path.endswith(f"/{CHART}")]
    homes = [path.removesuffix(CHART) for path in found]
    own = [path for path in found if not any(path.startswith(f"{home}charts/") for home in homes)]
    return [path for path in own if not LIBRARY.search(project.tree.read(path) or "")]


FEATURE = Feature(
    id="helm",
    title="Helm chart",
    summary="Web, workers, beat and migrations on Kubernetes, from what the Dockerfile and the settings say.",
    group="Infrastructure",
    version=1,
    docs="https://helm.sh/docs/",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    requires=("health-checks",),
    links={
        "Hooks": "https://helm.sh/docs/topics/charts_hooks/",
        "External Secrets": "https://external-secrets.io/latest/provider/aws-secrets-manager/",
        "AWS Load Balancer Controller": "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/",
        "Argo CD and hooks": "https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-hooks",
    },
)
