"""The files that deploy, from what the infrastructure and the containers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import chosen
from djroadmap.planning.deploying.discovery import deployment
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, extension
from djroadmap.versions import action, tool

from . import SCRIPT
from .tree import ENVIRONMENTS, HOME, place

if TYPE_CHECKING:
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.facts import Image

    from .tree import Place

MODULE = "deploy-role"
PAGE = "docs/deployment-aws.md"
RUNNERS = {False: ("ubuntu-24.04", "linux/amd64"), True: ("ubuntu-24.04-arm", "linux/arm64")}
"""Where an image is built, and for what: on processors of the same kind it is fastest."""


def planned(project: Project, target: str) -> Plan:
    """The whole plan. Raises `Refused`."""
    known = deployment(project)
    known.require("image", "entrypoint", "web")
    image = known.image
    assert image is not None  # noqa: S101 - it was required
    where = place(project, target, known.slug)
    facts = (
        _facts(project, target, known.slug, where) | _built(image) | {"manage": _manage(known.python_path)}
    )
    total = new_file(f"{FOLDER}/{facts['workflow']}", "aws", "deploy.yml", **facts)
    total += new_file(facts["script"], "aws", f"scripts/deploy-{target}.sh", executable=True, **facts)
    for name in ("main", "variables", "outputs", "versions"):
        path = f"modules/{MODULE}/{name}.tf"
        total += new_file(f"{HOME}/{path}", "aws", path, **facts)
    total += new_file(f"{ENVIRONMENTS}/_env/{MODULE}.hcl", "aws", "environments/_env.hcl", **facts)
    for name in where.environments:
        path = f"{ENVIRONMENTS}/{name}/{MODULE}/terragrunt.hcl"
        total += new_file(path, "aws", "environments/terragrunt.hcl")
    total += new_file(PAGE, "aws", "deployment.md", **facts)
    return total + _todos(facts) + _untracked(image)


def _facts(project: Project, target: str, slug: str, where: Place) -> dict[str, Any]:
    """What templates are rendered with."""
    ci = next((one for one in project.ci if one.kind == "github"), chosen(project.ci))
    runner, platform = RUNNERS[where.arm]
    return {
        "target": target,
        "ecs": target == "ecs",
        "slug": slug,
        "region": where.region,
        "environments": where.environments,
        "first": where.environments[0],
        "deployments": tuple(f"{slug}-{name}" for name in where.pieces),
        "worker": any(name not in {"web", "beat"} for name in where.pieces),
        "beat": "beat" in where.pieces,
        "helm": bool(where.chart),
        "chart": where.chart,
        "helm_version": tool("helm"),
        "script": SCRIPT.format(target),
        "workflow": f"deploy-{target}.{extension(ci) if ci else 'yml'}",
        "docs": PAGE,
        "up": "../" * PAGE.count("/"),
        "branches": (ci.branches if ci else ()) or ("main",),
        "runner": runner,
        "platform": platform,
        # They get credentials, so they are pinned whatever others are.
        "checkout": action(CHECKOUT).pinned,
        "credentials": action("aws-actions/configure-aws-credentials").pinned,
        "login": action("aws-actions/amazon-ecr-login").pinned,
        "buildx": action("docker/setup-buildx-action").pinned,
        "build": action("docker/build-push-action").pinned,
        "setup_helm": action("azure/setup-helm").pinned,
    }


def _built(image: Image) -> dict[str, Any]:
    return {
        "dockerfile": image.dockerfile,
        "context": image.context or ".",
        "stage": image.stage,
        "shell": "".join(f"{word} " for word in image.entrypoint),
    }


def _untracked(image: Image) -> Plan:
    """What a checkout lacks: whoever builds by hand has it, and never sees that CI cannot."""
    if not image.untracked:
        return Plan()
    names = ", ".join(image.untracked)
    text = f"commit {names}: {image.dockerfile} copies that, and git ignores it, so CI cannot build the image"
    return Plan(todos=(Todo(text=text, snippet=f"git add --force {' '.join(image.untracked)}"),))


def _manage(folder: str) -> str:
    return f"{folder.rstrip('/')}/manage.py" if folder else "manage.py"


def _todos(facts: dict[str, Any]) -> Plan:
    text = f"read {PAGE} before the first apply: the order of things, and what they cost from then on"
    todos = [Todo(text=text, path=PAGE, when="deploy")]
    text = "pushes are deployed as soon as this variable is set, which is the last step of it"
    todos.append(Todo(text=text, snippet="gh variable set DEPLOY --body true", when="deployed"))
    if not facts["ecs"]:
        text = "GitHub's runners do not reach the cluster yet: open public_access_cidrs, or name a runner of your own"
        runner = "gh variable set DEPLOY_RUNNER --body ..."
        todos.insert(1, Todo(text=text, snippet=runner, path=PAGE, when="deployed"))
    return Plan(todos=tuple(todos))
