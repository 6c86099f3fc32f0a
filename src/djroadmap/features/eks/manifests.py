"""The objects of the application for Kustomize: a base, an overlay for each environment, the Job of migrations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.files import new_file

from .configuration import configuration
from .infrastructure import CHANGE_ME

if TYPE_CHECKING:
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.facts import Celery, Deployment, Process

    from . import Options
    from .configuration import Setting
    from .infrastructure import Environment, Infrastructure

FOLDER = "k8s"
UID = 10001
"""Who runs the pods where the Dockerfile does not say a number: above those of systems."""
TASK_SECONDS = 300
"""How long tasks are taken to run where settings do not say."""
BASE = (
    "kustomization",
    "configmap",
    "serviceaccount",
    "secretstore",
    "externalsecret",
    "service",
    "ingress",
    "hpa",
    "pdb",
    "networkpolicy",
    "networkpolicy-web",
)
HOLDS = {
    "rds": "The password of the database, which the unit rds makes.",
    "elasticache": "The address of the cache with its token, which the unit elasticache makes.",
    "secrets": "All others. Fill in yours: see infrastructure/README.md.",
}
KEPT_BY_BEAT = "DatabaseScheduler"


def manifests(known: Deployment, there: Infrastructure, options: Options) -> Plan:
    """Everything in `k8s/`, and what is to be filled in."""
    facts = _facts(known, there, options)
    total = Plan()
    for name in BASE:
        template = f"k8s/{'base-' if name == 'kustomization' else ''}{name}.yaml"
        total += new_file(f"{FOLDER}/base/{name}.yaml", "eks", template, **facts)
    for name in ("web", "worker", "beat"):
        process = _process(known, name)
        if process is not None:
            path = f"{FOLDER}/base/deployment-{name}.yaml"
            total += new_file(path, "eks", f"k8s/deployment-{name}.yaml", **facts, **_runs(process))
    job = {**facts, "command": listed(_migrate(known)), "writes": ()}
    total += new_file(f"{FOLDER}/jobs/migrate/job.yaml", "eks", "k8s/job.yaml", **job)
    total += new_file(
        f"{FOLDER}/jobs/migrate/kustomization.yaml", "eks", "k8s/job-kustomization.yaml", **facts
    )
    total += overlays(known, there, options, there.environments)
    total += new_file(f"{FOLDER}/README.md", "eks", "k8s/README.md", **facts, **_told(known, there, options))
    return total + _todos(known)


def overlays(
    known: Deployment, there: Infrastructure, options: Options, environments: tuple[Environment, ...]
) -> Plan:
    """How these environments differ from the base, and what is to be filled in."""
    facts, total = _facts(known, there, options), Plan()
    for environment in environments:
        total += _overlay(known, there, environment, options, facts)
    return total + Plan(todos=(_unknown(),))


def left_out(project: Project, known: Deployment) -> Plan:
    """The image needs none of it, and would be built anew whenever it changes."""
    image = known.image
    if image is None or image.context:
        return Plan()
    own = f"{image.dockerfile}.dockerignore"
    path = own if project.tree.exists(own) else ".dockerignore"
    if not project.tree.exists(path):
        return Plan()
    written = {one.strip().strip("/") for one in (project.tree.read(path) or "").splitlines()}
    line = edits.Line(path=path, line=f"{FOLDER}/", extra=True)
    return Plan() if FOLDER in written and not line.holds(project.tree.read(path)) else Plan((line,))


def _facts(known: Deployment, there: Infrastructure, options: Options) -> dict[str, Any]:
    """What most of the templates need."""
    image, web, celery = known.image, known.process("web"), known.celery
    first = there.environments[0]
    return {
        "slug": known.slug,
        "region": there.region,
        "identity": options.identity,
        "config": _quoted(configuration(known, there, first, _host(known, first, options)).shared),
        "user": image.user if image else "",
        "uid": image.uid if image and image.uid else UID,
        "uid_known": bool(image and image.uid),
        "entrypoint": tuple(map(quoted, image.entrypoint)) if image else (),
        "port": web.port if web else None,
        "web_environment": _web_environment(web),
        "worker": _process(known, "worker") is not None,
        "beat": _process(known, "beat") is not None,
        "celery_app": celery.app if celery else "",
        "time_limit": celery.time_limit if celery else None,
        "grace": max(celery.time_limit or TASK_SECONDS if celery else 0, TASK_SECONDS) + 30,
    }


def quoted(text: str) -> str:
    """A text as YAML takes it whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def listed(words: tuple[str, ...]) -> str:
    """A list of texts on one line."""
    return f"[{', '.join(map(quoted, words))}]"


def _quoted(settings: tuple[Setting, ...]) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.name, quoted(one.value), one.why) for one in settings)


def _process(known: Deployment, name: str) -> Process | None:
    """The process, if it runs at all: workers and beat do so with Celery only."""
    return known.process(name) if name == "web" or known.celery else None


def _runs(process: Process) -> dict[str, Any]:
    return {"command": listed(process.command), "writes": _mounts(process)}


def _mounts(process: Process | None) -> tuple[tuple[str, str], ...]:
    """Names of volumes, and the folders that they are mounted at."""
    writes = process.writes if process else ()
    return tuple((_volume(path), path) for path in writes if path.rstrip("/") != "/tmp")  # noqa: S108


def _volume(path: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in path.lower()).strip("-")


def _web_environment(web: Process | None) -> tuple[tuple[str, str, str], ...]:
    """Name, value and reason of what the server itself reads."""
    program = web.program if web else ""
    workers = (
        "WEB_CONCURRENCY",
        "2",
        "Processes of the server. More of them need more memory: see the limit below.",
    )
    kept = "Longer than the load balancer keeps connections (60 seconds), or it answers 502 now and then."
    if program == "gunicorn":
        return (
            workers,
            ("GUNICORN_CMD_ARGS", "--keep-alive 75 --graceful-timeout 30 --worker-tmp-dir /dev/shm", kept),
        )
    if program == "uvicorn":
        return (workers, ("UVICORN_TIMEOUT_KEEP_ALIVE", "75", kept))
    return ()


def _migrate(known: Deployment) -> tuple[str, ...]:
    process = known.process("migrate")
    folder = known.python_path.rstrip("/")
    manage = f"{folder}/manage.py" if folder else "manage.py"
    return process.command if process else ("python", manage, "migrate", "--noinput")


def _host(known: Deployment, environment: Environment, options: Options) -> str:
    """Production has the domain itself, others a name below it."""
    hosts = known.variable("allowed-hosts")
    found = (hosts.default or "" if hosts else "").replace(",", " ").split()
    domain = options.domain or next((one.lstrip(".") for one in found if one.strip(".*")), "example.com")
    return domain if environment.production else f"{environment.name}.{domain}"


def _overlay(
    known: Deployment,
    there: Infrastructure,
    environment: Environment,
    options: Options,
    facts: dict[str, Any],
) -> Plan:
    namespace, host = f"{known.slug}-{environment.name}", _host(known, environment, options)
    own: dict[str, Any] = {
        **facts,
        "namespace": namespace,
        "environment": environment.name,
        "production": environment.production,
        "host": host,
        "config": _quoted(configuration(known, there, environment, host).own),
        "secrets": [(f"{namespace}/{what}", HOLDS[module]) for what, module in there.secrets],
    }
    patches = ["configmap", "externalsecret", "ingress"]
    if options.identity == "irsa":
        patches.append("serviceaccount")
    if not environment.production:
        patches += ["hpa", "pdb"]
    folder = f"{FOLDER}/overlays/{environment.name}"
    total = new_file(f"{folder}/kustomization.yaml", "eks", "k8s/overlay-kustomization.yaml", **own)
    for patch in patches:
        total += new_file(f"{folder}/patches/{patch}.yaml", "eks", f"k8s/patch-{patch}.yaml", **own)
    return total


def _told(known: Deployment, there: Infrastructure, options: Options) -> dict[str, Any]:
    """What the README says besides."""
    first = there.environments[0]
    own = configuration(known, there, first, _host(known, first, options)).own
    unit = "infrastructure/environments/ENVIRONMENT"
    web = known.process("web")
    missing = [(f"`{one.name}`", _source(one.why)) for one in own if one.value == CHANGE_ME]
    if options.identity == "irsa":
        missing.append(
            ("the account in `role-arn`", f"`terragrunt output -raw app_role_arn` in `{unit}/eks-addons`")
        )
    missing.append(
        ("`certificate-arn`", f"a certificate of ACM in {there.region} for the host of the environment")
    )
    return {
        "chart": there.chart,
        "deployments": [name for name in ("web", "worker", "beat") if _process(known, name)],
        "missing": missing,
        "environments": [one.name for one in there.environments],
        "shell": " ".join(known.image.entrypoint if known.image else ()),
        "writable": " and ".join(f"`{path}`" for path in ("/tmp", *(path for _, path in _mounts(web)))),  # noqa: S108
    }


def _source(why: str) -> str:
    """Where a value comes from, for all environments."""
    command, _, folder = why.partition(", in ")
    if not folder:
        return "you"
    return f"`{command}` in `infrastructure/environments/ENVIRONMENT/{folder.rpartition('/')[2]}`"


def _unknown() -> Todo:
    text = f"fill in what only you know in {FOLDER}/overlays, before the first deployment: see {FOLDER}/README.md"
    look = f"grep -rn {CHANGE_ME} {FOLDER}/overlays"
    return Todo(text=text, snippet=look, path=f"{FOLDER}/README.md", when="deploy")


def _todos(known: Deployment) -> Plan:
    todos = []
    celery = known.celery
    if celery is not None and celery.scheduler and _process(known, "beat") is None:
        todos.append(
            Todo(
                text="the image has no command that starts beat, so nothing sends periodic tasks: add one, then "
                "djroadmap upgrade eks",
                snippet=f"celery -A {celery.app} beat --loglevel INFO",
            )
        )
    if celery is not None and _keeps_a_file(_process(known, "beat"), celery):
        todos.append(
            Todo(
                text="beat keeps its schedule in a file, and can write to /tmp only: say so, or use django-celery-beat",
                snippet="--schedule /tmp/celerybeat-schedule",
            )
        )
    web = known.process("web")
    if web is not None and web.migrates:
        text = f"{web.where} applies migrations when a pod starts: take that out, {FOLDER}/jobs/migrate does it once"
        todos.append(Todo(text=text, path=web.where.partition(":")[0]))
    keys = [
        one.name
        for one in known.environment
        if one.meaning in {"aws-access-key", "aws-secret-key"} and one.required
    ]
    if keys:
        todos.append(
            Todo(
                text=f"settings insist on keys of AWS ({', '.join(keys)}), though pods have a role: give them None as "
                "default, and the role is used",
                snippet="\n".join(f'env("{name}", default=None)' for name in keys),
            )
        )
    return Plan(todos=tuple(todos))


def _keeps_a_file(beat: Process | None, celery: Celery) -> bool:
    """Does it write its schedule beside the code, as far as its command tells?"""
    if beat is None or KEPT_BY_BEAT in celery.scheduler:
        return False
    return not any(word == "-s" or word.startswith("--schedule") for word in beat.command)
