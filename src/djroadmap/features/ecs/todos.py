"""What only people can do before, or instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.plan import Plan, Todo

from .containers import IDLE, kept_by

if TYPE_CHECKING:
    from djroadmap.planning.deploying.facts import Deployment

    from . import Options
    from .filling import Filling

ENVIRONMENTS = "infrastructure/environments"


def todos(known: Deployment, filled: Filling, options: Options, script: str = "") -> Plan:
    """What is to be filled in, and what of the project stands in the way. `script` starts the web server."""
    found = []
    units = f"{ENVIRONMENTS}/*/ecs/terragrunt.hcl"
    if not options.domain:
        text = f"fill in the domain name of each environment in {units}; until then, it cannot be planned"
        found.append(Todo(text=text, snippet='domain = "www.example.com"', when="deploy"))
    if filled.required:
        text = f"fill in what settings have no default for in {units}: {', '.join(filled.required)}"
        found.append(Todo(text=text, when="deploy"))
    found.append(
        Todo(
            text="have ACM issue a certificate for each domain name, in the region of the load balancer, before the "
            "first apply; it is found by the name",
            when="deploy",
        )
    )
    return Plan(
        todos=(
            *found,
            *_keys(filled),
            *_late(known),
            *_migrating(known),
            *_short(known, script),
            *_frontends(known),
        )
    )


def _keys(filled: Filling) -> list[Todo]:
    if not filled.keys:
        return []
    names = " and ".join(one.name for one in filled.keys)
    where = next((where for one in filled.keys for where in one.where), "")
    text = (
        f"let settings do without {names} ({where}): tasks have a role of their own, and keys that never expire are "
        "not needed; then take them out of `secrets` in infrastructure/modules/ecs/main.tf. Until then, the secret of "
        "the application is to have them"
    )
    snippet = "\n".join(f'env("{one.name}", default=None)' for one in filled.keys)
    return [Todo(text=text, snippet=snippet, path=where.rpartition(":")[0])]


def _late(known: Deployment) -> list[Todo]:
    celery = known.celery
    if celery is None or celery.late:
        return []
    limit = f", and tasks of Celery may take {celery.time_limit}" if celery.time_limit else ""
    text = (
        f"acknowledge tasks late where they may run twice: Fargate ends a worker after 120 seconds{limit}; what it "
        "was at is lost otherwise"
    )
    return [Todo(text=text, snippet="CELERY_TASK_ACKS_LATE = True")]


def _migrating(known: Deployment) -> list[Todo]:
    web = known.process("web")
    if web is None or not web.migrates:
        return []
    text = (
        f"take the migrations out of what starts the web server ({web.where}): tasks start several at a time"
    )
    return [Todo(text=text, path=web.where.rpartition(":")[0])]


def _short(known: Deployment, script: str) -> list[Todo]:
    web = known.process("web")
    kept = kept_by(web, script) if web else None
    if web is None or kept is None or kept > IDLE:
        return []
    text = (
        f"let the web server keep idle connections for longer than the load balancer, which does for {IDLE} seconds: "
        f"with {kept} ({web.where}), some requests meet one that is being closed"
    )
    return [Todo(text=text, path=web.where.rpartition(":")[0])]


def _frontends(known: Deployment) -> list[Todo]:
    names = [one.path for one in known.frontends if not one.served]
    if not names:
        return []
    text = f"host {', '.join(names)} elsewhere: the image of Django does not take their builds along"
    return [Todo(text=text, when="deploy")]
