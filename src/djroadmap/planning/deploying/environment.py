"""The variables that the containers read, what each means, and which of them they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.containers import line_of, text_of
from djroadmap.planning.deploying.entrypoints import entry_script
from djroadmap.planning.deploying.facts import Variable
from djroadmap.planning.deploying.reads import reads_of
from djroadmap.planning.deploying.scripts import Script, script_of
from djroadmap.regex import regex
from djroadmap.syntax.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from re import Pattern

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.dockerfiles import Dockerfile
    from djroadmap.planning.deploying.facts import Meaning, Process
    from djroadmap.planning.deploying.readers import Read
    from djroadmap.planning.deploying.reads import Known
    from djroadmap.planning.deploying.scripts import Expansion

SETTINGS = "DJANGO_SETTINGS_MODULE"
SECRET = regex(
    r"(?:^|_)(?:SECRETS?|KEYS?|APIKEY|TOKENS?|PASS|PASSWD|PASSWORD|PASSPHRASE|DSN|CREDENTIALS?|SALT)(?:_|$)"
    r"|SECRET_KEY|(?:^|_)ADMIN_URL$|RESULT_BACKEND$|_AUTH$|(?:^|_)(?:DATABASE|DB|REDIS|VALKEY|BROKER|AMQP|RABBITMQ|CACHE"
    r"|CELERY|POSTGRES|CHANNELS|EMAIL|MONGO|ELASTICSEARCH|WEBHOOK)(?:_\w+)?_(?:URL|URI)$"
)
PLAIN = regex(
    r"(?:^|_)(?:PUBLIC|PUBLISHABLE|KEY_PREFIX|KEY_FUNCTION|ENABLE|ALLOW|USE)(?:_|$)|QUERYSTRING_AUTH$"
    r"|_(?:ENABLED|TIME|TIMEOUT|THRESHOLD|LIFETIME|EXPIRY|TTL|LENGTH|MAX_AGE|NAME|HEADER|HOSTS?|ALGORITHM|ENDPOINT|ISSUER"
    r"|POLICY|RATE_LIMIT)$"
)
SECRET_MEANINGS = frozenset({"database-url", "database-password", "redis-url", "secret-key"})
PART = regex(
    r"(?:DJANGO_|APP_)?(?:POSTGRES(?:QL)?|PG|PSQL|DB|DATABASE|SQL|RDS)_?"
    r"(USER(?:NAME)?|PASS(?:WORD|WD)?|HOST(?:NAME)?|PORT|NAME|DB|DATABASE)"
)
PARTS: dict[str, Meaning] = {
    "USER": "database-user",
    "USERNAME": "database-user",
    "PASS": "database-password",
    "PASSWD": "database-password",
    "PASSWORD": "database-password",
    "HOST": "database-host",
    "HOSTNAME": "database-host",
    "PORT": "database-port",
    "NAME": "database-name",
    "DB": "database-name",
    "DATABASE": "database-name",
}
REDIS = regex(r"(?:\w+_)?(?:REDIS|VALKEY)(?:_\w+)?_(?:URL|URI|DSN|LOCATION)|REDISCLOUD_URL|REDIS_TLS_URL")
AMQP = regex(r"AMQP|RABBIT|SQS")
REDIS_ADDRESS = regex(r"(?:redis|rediss|valkey|valkeys)://")
BROKERS = frozenset({"CELERY_BROKER_URL", "BROKER_URL", "CELERY_RESULT_BACKEND", "CACHES", "CHANNEL_LAYERS"})
NAMED: tuple[tuple[Meaning, Pattern[str]], ...] = (
    ("secret-key", regex(r"(?:DJANGO_|APP_)?SECRET_KEY")),
    ("allowed-hosts", regex(r"(?:DJANGO_|APP_)?ALLOWED_HOSTS?")),
    ("aws-access-key", regex(r"(?:DJANGO_|APP_)?AWS_(?:S3_)?ACCESS_KEY_ID")),
    ("aws-secret-key", regex(r"(?:DJANGO_|APP_)?AWS_(?:S3_)?SECRET_ACCESS_KEY")),
    ("aws-region", regex(r"(?:DJANGO_|APP_)?AWS_(?:S3_|DEFAULT_)?REGION(?:_NAME)?")),
    ("bucket", regex(r"(?:DJANGO_|APP_)?(?:(?:AWS|S3)_)?(?:(?:MEDIA|STORAGE|S3)_)?BUCKET(?:_NAME)?")),
)
BY_SETTING: dict[str, Meaning] = {
    "SECRET_KEY": "secret-key",
    "ALLOWED_HOSTS": "allowed-hosts",
    "AWS_STORAGE_BUCKET_NAME": "bucket",
    "AWS_ACCESS_KEY_ID": "aws-access-key",
    "AWS_S3_ACCESS_KEY_ID": "aws-access-key",
    "AWS_SECRET_ACCESS_KEY": "aws-secret-key",
    "AWS_S3_SECRET_ACCESS_KEY": "aws-secret-key",
    "AWS_S3_REGION_NAME": "aws-region",
}
NOT_RUN = regex(
    r"(?:^|/)(?:tests?|testing|migrations|docs|scripts?|fixtures|e2e)/|(?:^|/)(?:test_\w+|conftest|\w+_tests?)\.py$"
)


class Seen(NamedTuple):
    """All that reads one variable."""

    name: str
    reads: tuple[Read, ...]
    """In settings and the modules that the server and Celery load."""
    expansions: tuple[tuple[str, Expansion], ...]
    """In scripts, each with the process that it is part of; nothing for the entrypoint."""
    others: tuple[Read, ...]
    """Elsewhere in the project."""

    @property
    def defaults(self) -> list[str]:
        """What is taken without it, settings before scripts."""
        inside = [each.default for each in self.reads] + [each.default for _, each in self.expansions]
        return [one for one in inside if one is not None]

    @property
    def where(self) -> tuple[str, ...]:
        """`path:line` of all that reads it."""
        places = [(each.path, each.line) for each in self.reads]
        places += [(each.path, each.line) for _, each in self.expansions]
        places += [(each.path, each.line) for each in self.others]
        return tuple(dict.fromkeys(f"{path}:{line}" for path, line in places))


class Begun(NamedTuple):
    """What is set when a process starts."""

    entry: Script
    exported: frozenset[str]
    sets: frozenset[str]
    """By ENV of the image."""


def given_of(project: Project, file: Dockerfile | None) -> frozenset[str]:
    """The variables that are set before settings are read: by ENV, and by the entrypoint."""
    if file is None:
        return frozenset()
    return frozenset({*file.final.environment, *entry_of(project, file).exported})


def environment_of(
    project: Project, file: Dockerfile | None, processes: Sequence[Process], known: Known
) -> tuple[Variable, ...]:
    """Every variable, those that the entrypoint sets itself last."""
    entry = entry_of(project, file) if file else Script((), ())
    seen = _seen(project, file, processes, known, entry)
    sets = file.final.environment if file else {}
    exported = frozenset(entry.exported)
    needed = {one.name for one in seen if any(_needs(read) for read in one.reads)}
    begun = Begun(entry, exported, frozenset(sets))
    found = [_variable(project, one, begun, needed) for one in seen if one.name != SETTINGS]
    starts = [path for path in (project.manage, project.wsgi, project.asgi) if path]
    starts += [project.celery.path] if project.celery else []
    where = tuple(dict.fromkeys(place for path in starts if (place := line_of(project, path, SETTINGS))))
    first = Variable(SETTINGS, required=True, secret=False, meaning="settings-module", where=where)
    return (first, *sorted(found, key=lambda one: one.exported))


def entry_of(project: Project, file: Dockerfile) -> Script:
    """What the entrypoint expects and sets."""
    path, text = entry_script(project, file)
    return (
        script_of(text, path, file.final.environment) if text and not path.endswith(".py") else Script((), ())
    )


def _seen(
    project: Project, file: Dockerfile | None, processes: Sequence[Process], known: Known, entry: Script
) -> list[Seen]:
    expansions = [("", one) for one in entry.expansions]
    held = {*(file.final.environment if file else ()), *entry.exported}
    for process in processes:
        text, path = _script(project, process)
        expansions += [(process.name, one) for one in script_of(text, path, held).expansions]
    sources = Sources(project.tree)
    reads = [*known.reads]
    loaded = [
        path for path in (project.wsgi, project.asgi, project.celery.path if project.celery else None) if path
    ]
    for path in dict.fromkeys(loaded):
        reads += reads_of(sources, path)
    others = [one for path in _elsewhere(project, known, loaded) for one in reads_of(sources, path)]
    names = dict.fromkeys(
        [*(one.name for _, one in expansions), *(one.name for one in reads), *(one.name for one in others)]
    )
    return [
        Seen(
            name,
            tuple(one for one in reads if one.name == name),
            tuple(one for one in expansions if one[1].name == name),
            tuple(one for one in others if one.name == name),
        )
        for name in names
    ]


def _script(project: Project, process: Process) -> tuple[str, RelPath]:
    """The text that a shell runs for a process, and the file that it stands in."""
    if process.script:
        return text_of(project, process.script), process.script
    shell = process.command[1:2] == ("-c",)
    return (process.command[-1] if shell else ""), process.where.rpartition(":")[0]


def _elsewhere(project: Project, known: Known, loaded: Iterable[RelPath]) -> Iterator[RelPath]:
    """Files of the project's own code that read the environment, tests and other settings aside."""
    settings = {*known.chain, *loaded, *(one.path for one in project.settings.modules), project.manage}
    for path in project.tree.files():
        if (
            path.endswith(".py")
            and path not in settings
            and path.startswith(project.base)
            and not NOT_RUN.search(path)
        ):
            raw = project.tree.raw(path) or b""
            if b"os.environ" in raw or b"getenv" in raw:
                yield path


def _needs(read: Read) -> bool:
    return read.certain and not read.optional


def _variable(project: Project, one: Seen, begun: Begun, needed: set[str]) -> Variable:
    name = one.name
    meaning = _meaning(project, one)
    stops = dict.fromkeys(role for role, each in one.expansions if each.required)
    # Without `nounset` the address would be put together with a hole in it.
    flows = any(
        not each.guarded and each.into in begun.exported and each.into in {*needed, "DATABASE_URL"}
        for role, each in one.expansions
        if role == ""
    )
    free = name in begun.exported or name in begun.entry.defaults or name in begun.sets
    required = any(role != "flower" for role in stops) or (not free and (name in needed or flows))
    # They start with a key out of the repository as well, or with one for each process: neither is to be relied on.
    required |= meaning == "secret-key" and name not in begun.exported and bool(one.reads)
    return Variable(
        name=name,
        required=required,
        secret=is_secret(name) or meaning in SECRET_MEANINGS,
        meaning=meaning,
        default=next(iter(one.defaults), None),
        where=one.where,
        exported=name in begun.exported,
        needed_by=() if required else tuple(stops),
    )


def is_secret(name: str) -> bool:
    """Does the name say that its value is nobody else's business?"""
    return SECRET.search(name.upper()) is not None and PLAIN.search(name.upper()) is None


def _meaning(project: Project, one: Seen) -> Meaning:
    goes_to = next((read.goes_to for read in one.reads if read.goes_to), ())
    setting, key = next(iter(goes_to), ""), goes_to[-1] if len(goes_to) > 1 else ""
    if any(read.database for read in one.reads) or one.name == "DATABASE_URL":
        other = setting == "DATABASES" and len(goes_to) > 1 and goes_to[1] not in {"default", ""}
        return "" if other else "database-url"
    if setting == "DATABASES":
        default = len(goes_to) > 2 and goes_to[1] == "default"  # DATABASES, the alias and a key
        return PARTS.get(key, "") if default and key in {"USER", "PASSWORD", "HOST", "PORT", "NAME"} else ""
    if part := PART.fullmatch(one.name):
        return PARTS[part[1]]
    if AMQP.search(one.name):
        return ""
    if REDIS.fullmatch(one.name) or any(REDIS_ADDRESS.match(text) for text in one.defaults):
        return "redis-url"
    if setting in BROKERS and not any(one.defaults) and one.name.endswith(("URL", "URI", "BACKEND")):
        return (
            "redis-url"
            if project.dependencies.has("redis") or project.dependencies.has("django-redis")
            else ""
        )
    if setting in BY_SETTING and len(goes_to) == 1:
        return BY_SETTING[setting]
    return next((meaning for meaning, pattern in NAMED if pattern.fullmatch(one.name)), "")
