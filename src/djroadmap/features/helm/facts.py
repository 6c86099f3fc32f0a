"""What the chart is made from: the facts of a deployment, in the words of the templates."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Problem, Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.facts import Deployment, Process, Variable

    from . import Options

ENVIRONMENTS = (("dev", "small"), ("staging", "middle"), ("production", "large"))
"""The environments, and how much there is in each."""
OF_TERRAFORM = regex(r"infrastructure/environments/([^/]+)/env\.hcl")
PRODUCTION = regex(r"(?m)^ *production *= *true\b")
UID = 10001
"""Above the numbers that images and systems give to their users."""
TASK = 300
"""Seconds that a task may take where nothing limits it: what is given to it when a worker stops."""
MARGIN = 30
PORT = "5432"

MEANINGS = {
    "database-host": "Host of the database.",
    "database-port": "Port of the database.",
    "database-name": "Name of the database.",
    "database-user": "User of the database.",
    "database-password": "Password of the database: without %, / and ?, if an address is made with it.",
    "database-url": "postgres://user:password@host:port/name",
    "redis-url": "Address of the cache and broker: rediss://:token@host:6379/0",
    "secret-key": "Signs sessions and tokens.",
    "bucket": "The bucket for uploads.",
    "aws-region": "The region of the bucket.",
    "aws-access-key": "Settings ask for it; better is the role of the service account, which needs none.",
    "aws-secret-key": "Belongs to the access key.",
}


class Variables(NamedTuple):
    """How the variables that the containers read are filled."""

    plain: tuple[dict[str, str], ...]
    secret: tuple[dict[str, str], ...]
    hosts: str
    """The variable with the names of the site, if settings read them from one."""


class Facts(NamedTuple):
    """Everything that the templates know."""

    slug: str
    folder: RelPath
    known: Deployment
    options: Options
    templates: dict[str, Any]


def facts_of(project: Project, known: Deployment, options: Options) -> Facts:
    """The facts of a chart. Raises `Refused` if the image, its commands or its settings are not known."""
    known.require("image", "entrypoint", "web", "port", "worker", "beat", "settings", "environment")
    image, web = known.image, known.process("web")
    if image is None or web is None or web.port is None:
        raise Refused((Problem(path="", line=None, why="it is not known what serves requests in the image"),))
    worker = known.process("worker") if known.celery else None
    beat = known.process("beat") if known.celery else None
    in_tmp = beat is not None and _keeps_a_file(beat, known.celery.scheduler if known.celery else "")
    variables = _variables(known)
    uid = image.uid or UID
    facts: dict[str, Any] = {
        "slug": known.slug,
        "chart": f"{_clean(options.chart_dir)}/{known.slug}",
        "dockerfile": image.dockerfile,
        "context": image.context or ".",
        "user": image.user,
        "uid": uid,
        "uid_known": bool(image.uid),
        "settings_module": known.settings_module,
        "config": list(variables.plain),
        "keys": list(variables.secret),
        "allowed_hosts": variables.hosts,
        "external": options.secrets == "external-secrets",
        "ingress": options.ingress,
        "entries": ["app", "database", *(["cache"] if known.redis else [])],
        "gunicorn": web.program == "gunicorn",
        "web": _process(web),
        "worker": _process(worker) if worker else None,
        "beat": _process(beat) if beat else None,
        "beat_in_tmp": in_tmp,
        "python_path": known.python_path,
        "redis": known.redis,
        "migrate": {"args": _words(_migrate(known))},
        "migrate_command": shlex.join(_migrate(known)),
        "filesystem_media": known.media == "filesystem",
        "environments": _environments(project),
        "time_limit": None,
        "worker_grace": TASK + MARGIN,
        "ping": (),
        "queue": "",
    }
    facts |= {"first": facts["environments"][0][0], "last": facts["environments"][-1][0]}
    if known.celery and worker:
        limit = known.celery.time_limit
        ping = f"exec celery -A {known.celery.app} inspect ping --timeout 20 --destination celery@$HOSTNAME"
        facts |= {
            "time_limit": limit,
            "worker_grace": max(limit or 0, TASK) + MARGIN,
            "ping": (*image.entrypoint, "sh", "-c", ping),
            "queue": (worker.queues or (known.celery.default_queue,))[0],
        }
    return Facts(known.slug, facts["chart"], known, options, facts)


def _variables(known: Deployment) -> Variables:
    """Plain ones with what is known of them, secret ones by name alone."""
    apart = known.variable("database-host") is not None
    plain, secret = [], []
    hosts = known.variable("allowed-hosts")
    for one in known.environment:
        if one.exported or one.meaning in {"settings-module", "allowed-hosts"}:
            continue
        if apart and one.meaning == "database-url":
            continue
        if not one.required and not one.meaning.startswith(("database-", "redis-")):
            continue
        if one.secret:
            secret.append({"name": one.name, "comment": _comment(one)})
        else:
            plain.append({"name": one.name, "comment": _comment(one), "value": _value(one, known.slug)})
    return Variables(tuple(plain), tuple(secret), hosts.name if hosts else "")


def _value(one: Variable, slug: str) -> str:
    """What is the same everywhere."""
    own = slug.replace("-", "_")
    return {"database-port": PORT, "database-name": own, "database-user": "django"}.get(one.meaning, "")


def _comment(one: Variable) -> str:
    return (
        MEANINGS.get(one.meaning) or f"Read in {one.where[0].partition(':')[0]}."
        if one.where
        else "Required."
    )


def _environments(project: Project) -> tuple[tuple[str, str], ...]:
    """Those of the infrastructure, if there is any, production last; else the usual ones. With their sizes."""
    found = []
    for path in project.tree.files():
        if match := OF_TERRAFORM.fullmatch(path):
            text = project.tree.read(path) or ""
            large = match[1].startswith("prod") or PRODUCTION.search(text) is not None
            size = "large" if large else "small" if match[1].startswith("dev") else "middle"
            found.append((large, match[1], size))
    return tuple((name, size) for _, name, size in sorted(found)) or ENVIRONMENTS


def _process(process: Process) -> dict[str, Any]:
    return {
        "args": _words(process.command),
        "where": process.where.partition(":")[0],
        "port": process.port,
        "writes": _words([one for one in process.writes if one != "/tmp"]),  # noqa: S108 - named, not written to
    }


def _migrate(known: Deployment) -> tuple[str, ...]:
    process = known.process("migrate")
    path = f"{known.python_path}/manage.py" if known.python_path else "manage.py"
    return process.command if process else ("python", path, "migrate", "--noinput")


def _keeps_a_file(beat: Process, scheduler: str) -> bool:
    """Does it keep what it has sent in a file beside the code, as Celery's own scheduler does?"""
    said = any(word in {"-s", "--schedule"} or word.startswith("--schedule=") for word in beat.command)
    return not said and not re.search(r"(?i)database|redbeat", scheduler)


def _words(words: Any) -> str:
    """A list on one line, as YAML and JSON have it."""
    return json.dumps(list(words))


def _clean(folder: str) -> RelPath:
    """A folder of the repository. Raises `Refused` for what leads out of it."""
    parts = [part for part in folder.replace("\\", "/").split("/") if part not in {"", "."}]
    if (
        not parts
        or ".." in parts
        or folder.startswith("/")
        or not all(re.fullmatch(r"[\w.-]+", part) for part in parts)
    ):
        raise Refused(
            (Problem(path=folder, line=None, why="--chart-dir is to be a folder of the repository"),)
        )
    return "/".join(parts)
