"""The facts that infrastructure is planned with. `deployment(project)` finds them; nothing here reads a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from djroadmap.errors import Problem, Refused

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath

Topic = Literal[
    "image", "entrypoint", "web", "port", "worker", "beat", "settings", "environment", "postgres", "cache"
]
Meaning = Literal[
    "",
    "database-url",
    "database-user",
    "database-password",
    "database-host",
    "database-port",
    "database-name",
    "redis-url",
    "secret-key",
    "settings-module",
    "allowed-hosts",
    "bucket",
    "aws-access-key",
    "aws-secret-key",
    "aws-region",
]
"""What infrastructure itself can answer. A variable that means nothing of it is the operator's to fill."""


class Image(NamedTuple):
    """The Dockerfile that makes the production image."""

    dockerfile: RelPath
    context: RelPath
    """The folder that is built: "" is the root of the repository."""
    stage: str = ""
    """The stage to build (`--target`), where it is not the last."""
    workdir: str = "/"
    user: str = ""
    """As USER says: a name or a number; nothing for root."""
    uid: int | None = None
    """The number of that user, where the Dockerfile itself says it."""
    entrypoint: tuple[str, ...] = ()
    """What ENTRYPOINT says: processes that are started beside it (probes, `exec`) do not pass through it."""
    sets: tuple[str, ...] = ()
    """Names that ENV sets in what runs."""
    untracked: tuple[RelPath, ...] = ()
    """Files that it copies by name though git ignores them, so that a fresh checkout (CI) cannot build it."""


class Process(NamedTuple):
    """One command that runs in the image, after its entrypoint."""

    name: Literal["web", "worker", "beat", "flower", "migrate"]
    command: tuple[str, ...]
    """`("/start",)`: goes behind ENTRYPOINT."""
    where: str
    """`path:line` of the file that says so."""
    program: str = ""
    """What it ends up running: `gunicorn`, `uvicorn`, `celery`, ..."""
    port: int | None = None
    """Where it listens; web and flower."""
    asgi: bool = False
    """Web: does it serve the ASGI application?"""
    script: RelPath = ""
    """The script of the repository behind the command, if it is one."""
    queues: tuple[str, ...] = ()
    """Worker: the queues its command names with -Q; none for Celery's default."""
    writes: tuple[str, ...] = ()
    """Absolute folders in the container that it writes to when it starts, such as STATIC_ROOT of `collectstatic`."""
    migrates: bool = False
    """Web: does it (or the entrypoint before it) apply migrations each time it starts?"""


class Variable(NamedTuple):
    """A variable that the containers read."""

    name: str
    required: bool
    """Without it they do not start: no default in settings, or a script under `nounset` expands it. So is the secret
    key, whatever the repository has for it: everybody who can read that could sign sessions."""
    secret: bool
    """Belongs into a secret store: keys, passwords, tokens, DSNs, addresses with credentials."""
    meaning: Meaning = ""
    default: str | None = None
    """What settings take without it, if that is a plain value."""
    where: tuple[str, ...] = ()
    """`path:line` of what reads it."""
    exported: bool = False
    """The entrypoint sets it itself, from others: it is not to be given."""
    needed_by: tuple[str, ...] = ()
    """The processes that do not start without it where all others do: `("flower",)`. It is not `required` then."""


class Celery(NamedTuple):
    """What is known of the Celery application in production."""

    app: str
    """What `celery -A` takes: `config.celery_app`."""
    time_limit: int | None = None
    """CELERY_TASK_TIME_LIMIT in seconds, if it is plain."""
    scheduler: str = ""
    """The beat scheduler: `django_celery_beat.schedulers:DatabaseScheduler`."""
    late: bool = False
    """Are tasks acknowledged late (CELERY_TASK_ACKS_LATE)?"""
    default_queue: str = "celery"
    broker: str = ""
    """The variable that names the broker: `REDIS_URL`."""


class Frontend(NamedTuple):
    """A frontend application beside Django: a package of the workspace that builds to static files."""

    name: str
    path: RelPath
    build: str = ""
    """Its build script in package.json."""
    served: bool = False
    """Does the image of Django take its build along?"""


class Unknown(NamedTuple):
    """Something that could not be discovered, or that stands in the way."""

    about: Topic
    problem: Problem


class Deployment(NamedTuple):
    """All that the containers of a project are in production."""

    slug: str
    """The project's name for clouds: lower case, digits and hyphens, starts with a letter, at most 40 characters."""
    image: Image | None
    processes: tuple[Process, ...]
    settings_module: str
    """DJANGO_SETTINGS_MODULE of production: `config.settings.production`; nothing if it is not known."""
    environment: tuple[Variable, ...]
    postgres: str | None
    """Major version of PostgreSQL, as compose files and Dockerfiles of it say: "18". None if nothing says it."""
    redis: bool
    """Does production use Redis or Valkey, for a cache, Celery or Channels?"""
    celery: Celery | None
    frontends: tuple[Frontend, ...] = ()
    media: Literal["filesystem", "s3", "other"] = "filesystem"
    """Where uploads go in production (STORAGES["default"], DEFAULT_FILE_STORAGE)."""
    python_path: str = ""
    """Absolute folder of manage.py in the container: `/app`."""
    unknowns: tuple[Unknown, ...] = ()

    def process(self, name: str) -> Process | None:
        """The process of this name: web, worker, beat, flower, migrate."""
        return next((one for one in self.processes if one.name == name), None)

    def about(self, *topics: Topic) -> tuple[Problem, ...]:
        """What is unknown of these topics."""
        return tuple(one.problem for one in self.unknowns if one.about in topics)

    def require(self, *topics: Topic) -> None:
        """Raise `Refused`, with every problem, if something of these topics is not known."""
        problems = self.about(*topics)
        if problems:
            raise Refused(problems)

    def variable(self, meaning: Meaning) -> Variable | None:
        """The variable with this meaning."""
        return next((one for one in self.environment if one.meaning == meaning), None)
