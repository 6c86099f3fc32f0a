"""What stands behind the containers: PostgreSQL, Redis, Celery's options, the storage of uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from djroadmap.planning.deploying.dockerfiles import Dockerfile
from djroadmap.planning.deploying.facts import Celery
from djroadmap.regex import regex
from djroadmap.syntax.reading import UNKNOWN
from djroadmap.syntax.values import Env, Items, options_of, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.compose import Service
    from djroadmap.planning.deploying.reads import Known

POSTGRES = regex(
    r"(?i)(?:^|.*/)(?:postgres|postgresql|postgis|pgvector|timescaledb(?:-ha)?|postgres-\w+):(?P<tag>[\w.-]+)(?:@.*)?"
)
MAJOR = regex(r"(?i)(?:.*\bpg)?v?(\d{1,2})(?:[.-].*)?")
REDIS = regex(r"(?i)redis|valkey")
REDIS_SETTINGS = (
    "CACHES",
    "CHANNEL_LAYERS",
    "CELERY_BROKER_URL",
    "BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "RQ_QUEUES",
    "HUEY",
    "DRAMATIQ_BROKER",
    "REDIS_URL",
)
BROKERS = ("CELERY_BROKER_URL", "BROKER_URL", "CELERY_BROKER")
S3 = regex(r"(?i)s3")
FILESYSTEM = regex(r"(?i)FileSystemStorage")


def postgres_of(project: Project, services: Sequence[Service]) -> str | None:
    """The major version of PostgreSQL that compose files run; those for production come first in `services`."""
    for service in services:
        images = [service.image]
        if service.build is not None and project.tree.exists(service.build.dockerfile):
            file = Dockerfile(project.tree, *service.build)
            images = [file.final.base, service.image] if file.is_whole else images
        for image in images:
            if (match := POSTGRES.fullmatch(image)) and (major := MAJOR.fullmatch(match["tag"])):
                return major[1]
    return None


def redis_of(known: Known) -> bool:
    """Does production use Redis or Valkey?"""
    return any(
        REDIS.search(text) for name in REDIS_SETTINGS for text in _texts(known.scope.get(name, UNKNOWN))
    )


def _texts(value: Any) -> Iterator[str]:
    """Every string in a value, and the variables that decide it."""
    for option in options_of(value):
        if isinstance(option, dict):
            for inner in option.values():
                yield from _texts(inner)
        elif isinstance(option, Items):
            for item in option.entries:
                yield from _texts(item.value)
        elif isinstance(option, Env):
            yield option.name
            yield from _texts(option.default)
        elif isinstance(option, str):
            yield option


def celery_of(project: Project, known: Known) -> Celery | None:
    """Celery as production configures it."""
    if project.celery is None:
        return None
    limit = _number(known, "CELERY_TASK_TIME_LIMIT", "CELERYD_TASK_TIME_LIMIT")
    queue = next(
        (one for one in _plain(known, "CELERY_TASK_DEFAULT_QUEUE", "CELERY_DEFAULT_QUEUE") if one), "celery"
    )
    return Celery(
        app=project.celery.module,
        time_limit=limit,
        scheduler=next(
            (str(one) for one in _plain(known, "CELERY_BEAT_SCHEDULER", "CELERYBEAT_SCHEDULER") if one), ""
        ),
        late=any(one is True for one in _plain(known, "CELERY_TASK_ACKS_LATE", "CELERY_ACKS_LATE")),
        default_queue=str(queue),
        broker=next((found for name in BROKERS if (found := known.variable(name))), ""),
    )


def _plain(known: Known, *names: str) -> list[Any]:
    return [value for name in names if (value := known.plain(name)) is not UNKNOWN]


def _number(known: Known, *names: str) -> int | None:
    return next(
        (
            int(one)
            for one in _plain(known, *names)
            if isinstance(one, int | float) and not isinstance(one, bool)
        ),
        None,
    )


def media_of(known: Known) -> Literal["filesystem", "s3", "other"]:
    """Where uploads go."""
    storages = next(
        (one for one in options_of(known.scope.get("STORAGES", UNKNOWN)) if isinstance(one, dict)), {}
    )
    default = next((one for one in options_of(storages.get("default", UNKNOWN)) if isinstance(one, dict)), {})
    backend = text_of(default.get("BACKEND", UNKNOWN)) or plain(
        known.scope.get("DEFAULT_FILE_STORAGE", UNKNOWN)
    )
    if not isinstance(backend, str) or FILESYSTEM.search(backend):
        unclear = "STORAGES" in known.scope and not storages
        return "other" if unclear else "filesystem"
    return "s3" if S3.search(backend) else "other"
