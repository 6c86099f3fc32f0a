"""What Terraform's files say of where to deploy: environments, services, processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Problem, Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

HOME = "infrastructure"
ENVIRONMENTS = f"{HOME}/environments"
ENV_FILE = regex(r"^infrastructure/environments/([\w-]+)/env\.hcl$")
OIDC = f"{ENVIRONMENTS}/shared/github-oidc/terragrunt.hcl"
ROOT = f"{HOME}/root.hcl"
ECS_MODULE = f"{HOME}/modules/ecs/main.tf"
ECS_UNIT = f"{ENVIRONMENTS}/_env/ecs.hcl"

NAMES = regex(r"(?m)^\s*environments\s*=\s*\[([^\]]*)\]")
NAME = regex(r'"([\w-]+)"')
REGION = regex(r'(?m)^\s*region\s*=\s*"([^"$]+)"')
WORKERS = regex(r"(?ms)^  workers = \{\n(.*?)^  \}")
WORKER = regex(r"(?m)^    ([\w-]+)\s*=\s*\[")
BEAT = regex(r'(?m)^module "beat"')
ARCHITECTURE = regex(r'(?m)^\s*cpu_architecture\s*=\s*"(\w+)"')
NODE_TYPE = regex(r'(?m)^\s*node_type\s*=\s*"([^"]+)"')
GRAVITON = regex(r"^[a-z]+[0-9]+[a-z]*g")
"""The same as the module of the cluster goes by."""
DEPLOYMENT = regex(r"^k8s/base/deployment-([\w-]+)\.yaml$")
ORDER = ("worker", "web", "beat")
"""Workers know the tasks that a new web server sends before it sends them; the scheduler only sends."""


class Place(NamedTuple):
    """Where it is deployed to."""

    environments: tuple[str, ...]
    """In the order in which releases pass through them."""
    region: str
    pieces: tuple[str, ...]
    """Services, or Deployments, behind the name they all begin with, in the order in which they are deployed."""
    arm: bool
    """Are images run by ARM processors?"""
    chart: RelPath = ""
    """The chart that is deployed, if it is not the overlays of `k8s`."""


def place(project: Project, target: str, slug: str) -> Place:
    """What the files say. Raises `Refused` if they do not say enough."""
    environments = _environments(project)
    region = REGION.search(_read(project, ROOT))
    if region is None:
        raise _refused(ROOT, "no region is said there", "djroadmap add terraform")
    if not project.tree.exists(OIDC):
        raise _refused(OIDC, "GitHub is no provider of identities to AWS yet: this unit makes it one")
    if target == "ecs":
        text = _read(project, ECS_MODULE)
        if not text:
            raise _refused(ECS_MODULE, "no services are there to deploy to", "djroadmap add ecs")
        arm = (found := ARCHITECTURE.search(_read(project, ECS_UNIT))) is not None and found[1] == "ARM64"
        return Place(environments, region[1], _services(text), arm)
    return Place(
        environments, region[1], _deployments(project), _is_arm(project, environments), _chart(project, slug)
    )


def _environments(project: Project) -> tuple[str, ...]:
    """The folders that are environments, in the order in which the unit for GitHub lists them."""
    there = {found[1] for path in project.tree.files() if (found := ENV_FILE.match(path))}
    if not there:
        why = "no environment is in it: each is a folder with an env.hcl"
        raise _refused(ENVIRONMENTS, why, "djroadmap add terraform")
    listed = NAMES.search(_read(project, OIDC))
    order = [one for one in NAME.findall(listed[1]) if one in there] if listed else []
    return tuple(dict.fromkeys((*order, *sorted(there))))


def _services(text: str) -> tuple[str, ...]:
    listed = WORKERS.search(text)
    workers = WORKER.findall(listed[1]) if listed else []
    return (*workers, "web", *(["beat"] if BEAT.search(text) else []))


def _deployments(project: Project) -> tuple[str, ...]:
    there = {found[1] for path in project.tree.files() if (found := DEPLOYMENT.match(path))}
    return tuple(sorted(there, key=lambda name: (ORDER.index(name) if name in ORDER else 0, name)))


def _chart(project: Project, slug: str) -> RelPath:
    """The chart, unless there are overlays: `k8s/README.md` says that those are what is deployed then."""
    if any(path.startswith("k8s/overlays/") for path in project.tree.files()):
        return ""
    chart = f"charts/{slug}"
    if not project.tree.exists(f"{chart}/Chart.yaml"):
        raise _refused(
            "k8s/overlays", f"there are neither overlays nor a chart in {chart}", "djroadmap add helm"
        )
    return chart


def _is_arm(project: Project, environments: tuple[str, ...]) -> bool:
    """Do nodes have ARM processors? One image runs on one kind: it is the same for all environments."""
    paths = [f"{ENVIRONMENTS}/{name}/eks/terragrunt.hcl" for name in environments]
    kinds = {
        bool(GRAVITON.match(found[1])): path
        for path in paths
        if (found := NODE_TYPE.search(_read(project, path)))
    }
    if len(kinds) > 1:
        why = (
            "its nodes have other processors than those of other environments, and one image is to run on all"
        )
        raise _refused(kinds[True], why)
    return True in kinds


def _read(project: Project, path: RelPath) -> str:
    return (project.tree.read(path) or "").replace("\r\n", "\n")


def _refused(path: RelPath, why: str, snippet: str = "") -> Refused:
    return Refused((Problem(path=path, line=None, why=why, snippet=snippet),))
