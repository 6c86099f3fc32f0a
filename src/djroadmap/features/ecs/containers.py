"""What the containers run, listen on, write, and are asked: the facts of the project as Terraform writes them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.planning.deploying.processes import SHARED
from djroadmap.regex import regex

from .hcl import aligned, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.planning.deploying.facts import Celery, Deployment, Process

ASK = (
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout=3); "
    "c.request('GET', '/healthz/'); exit(c.getresponse().status != 200)"
)
"""Slim images have no curl, and urllib would go through a proxy that the environment names."""
STATIC, SCRATCH = 256, 128
"""MiB of what is written: files that are collected, and everything else."""
KEPT = 75
"""Seconds that a server keeps idle connections: longer than the load balancer, which keeps them for 60."""
IDLE = 60
"""Seconds that the load balancer keeps them."""
KEEP_ALIVE = regex(r"--(?:timeout-)?keep-alive[= ]+(\d+)")
WORKERS = regex(r"(?m)(?:^|\s)(?:--workers[= ]|-w[ =]?)")
NAME_PART = regex(r"[^a-z0-9]+")
GRACE = 120
"""Seconds that Fargate gives a task to end, at most."""


class Mount(NamedTuple):
    """A folder in memory."""

    path: str
    size: int


class Run(NamedTuple):
    """A command, and where it is said."""

    command: str
    where: str
    program: str = ""


class Worker(NamedTuple):
    """A service of a worker."""

    name: str
    command: str
    queues: str


def containers(known: Deployment, queues: Sequence[str], script: str = "") -> dict[str, Any]:
    """The facts that templates of containers take. `script`: the one that starts the web server, if one does."""
    web, migrate, beat = known.process("web"), known.process("migrate"), known.process("beat")
    assert web is not None, "known.require says so"  # noqa: S101 - for mypy
    assert known.image is not None  # noqa: S101
    worker, celery = known.process("worker"), known.celery
    late = celery is not None and celery.late
    limit = celery.time_limit if celery else None
    return {
        "port": web.port,
        "web": Run(listed(web.command), web.where, web.program or "the server"),
        "server": aligned(_server(web, script)),
        "kept": kept_by(web, script),
        "ask": ASK.format(port=web.port),
        "mounts": _mounts(web),
        "migrate": Run(listed(migrate.command), migrate.where) if migrate else _migrate(known),
        "migrate_mounts": _mounts(migrate),
        "workers": _workers(worker, celery, queues) if worker and celery else [],
        "ping": quoted(_ping(known)) if celery else "",
        "worker_mounts": _mounts(worker),
        "python": ", ".join(map(quoted, _python(migrate))),
        # It is started where the image starts, and looks for the application from there.
        "counted": bool(worker and celery) and known.python_path in {"", known.image.workdir},
        "celery_app": celery.app if celery else "",
        "late": late,
        "limit": limit if limit is not None and limit > GRACE else None,
        "beat": Run(listed(beat.command), beat.where) if beat and celery else None,
        "beat_mounts": _mounts(beat),
        "beat_writable": _schedule(celery, beat),
        "drop": bool(known.image.user) and known.image.user not in {"root", "0"},
    }


def kept_by(web: Process, script: str) -> int | None:
    """For how many seconds the server keeps idle connections; None for one that is not known.

    What its command says counts for more than its environment.
    """
    said = KEEP_ALIVE.search(f"{shlex.join(web.command)}\n{script}")
    if said is not None:
        return int(said[1])
    return KEPT if web.program in {"gunicorn", "uvicorn"} else None


def _server(web: Process, script: str) -> list[tuple[str, str]]:
    """What the server reads from its environment, but for what its command says.

    https://gunicorn.org/reference/settings/, https://www.uvicorn.org/settings/
    """
    workers = "tostring(max(1, floor(var.cpu / 1024)))"
    if not web.asgi:
        workers = "tostring(max(2, floor(var.cpu / 1024) * 2 + 1))"
    found = {
        "gunicorn": [("GUNICORN_CMD_ARGS", f'"--keep-alive {KEPT}"'), ("WEB_CONCURRENCY", workers)],
        "uvicorn": [("UVICORN_TIMEOUT_KEEP_ALIVE", f'"{KEPT}"'), ("WEB_CONCURRENCY", workers)],
    }.get(web.program, [])
    said = f"{shlex.join(web.command)}\n{script}"
    if KEEP_ALIVE.search(said):
        found = found[1:]
    return [one for one in found if one[0] != "WEB_CONCURRENCY" or not WORKERS.search(said)]


def _migrate(known: Deployment) -> Run:
    folder = known.python_path.rstrip("/")
    manage = f"{folder}/manage.py" if folder else "manage.py"
    return Run(listed(("python", manage, "migrate", "--noinput")), "")


def _schedule(celery: Celery | None, beat: Process | None) -> str:
    """Why beat cannot do with a root that is read-only; nothing if it can."""
    if celery is None or beat is None or SHARED.search(celery.scheduler) or "--schedule" in beat.command:
        return ""
    return "Its schedule is a file in the folder that it starts in."


def _python(migrate: Process | None) -> tuple[str, ...]:
    """What starts Python: what stands before manage.py in another command."""
    words = migrate.command if migrate else ()
    at = next((number for number, word in enumerate(words) if word.endswith("manage.py")), 0)
    return words[:at] or ("python",)


def _mounts(process: Process | None) -> list[Mount]:
    writes = process.writes if process else ()
    return [*(Mount(path, STATIC) for path in writes if path != "/tmp"), Mount("/tmp", SCRATCH)]  # noqa: S108


def _workers(worker: Process, celery: Celery, queues: Sequence[str]) -> list[Worker]:
    """The worker that the image has, and one for each queue that it is not for."""
    own = worker.queues or (celery.default_queue,)
    found = [Worker("worker", listed(worker.command), listed(own))]
    taken = {celery.default_queue, *worker.queues}
    for queue in dict.fromkeys(queues):
        if queue not in taken:
            name = f"worker-{NAME_PART.sub('-', queue.lower()).strip('-')}"
            command = ("celery", "-A", celery.app, "worker", "-l", "INFO", "-Q", queue)
            found.append(Worker(name, listed(command), listed((queue,))))
    width = max(len(one.name) for one in found)
    return [one._replace(name=one.name.ljust(width)) for one in found]


def _ping(known: Deployment) -> str:
    """What is asked of a worker. It is started beside the entrypoint, which it needs for its settings."""
    assert known.image is not None  # noqa: S101
    assert known.celery is not None  # noqa: S101
    words = [
        *known.image.entrypoint,
        "celery",
        "-A",
        known.celery.app,
        "inspect",
        "ping",
        "-d",
        "celery@$HOSTNAME",
    ]
    return " ".join(words)
