"""The modules, their composition, and a unit of Terragrunt for every environment in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Problem, Refused
from djroadmap.model.plan import Plan
from djroadmap.planning.deploying.discovery import deployment
from djroadmap.planning.files import new_file
from djroadmap.regex import regex
from djroadmap.versions import terraform_modules

from .containers import containers
from .filling import APP, CACHE, DATABASE, filling
from .hcl import aligned
from .sizes import memory_for
from .todos import todos

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.facts import Deployment

    from . import Options
    from .filling import Filling

ROOT = "infrastructure"
ENVIRONMENTS = f"{ROOT}/environments"
PRODUCTION = regex(r"(?m)^\s*production\s*=\s*true\b")
DOMAIN = regex(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
QUEUE = regex(r"[A-Za-z][A-Za-z0-9_.-]*")
ARCHITECTURES = ("x86_64", "arm64")
TRIED_OUT = ("dev", "development", "sandbox", "test")
"""Environments whose tasks people look into."""
SECRETS = {DATABASE: "database_secret_arn", CACHE: "cache_secret_arn", APP: "app_secret_arn"}


class Input(NamedTuple):
    """A variable of the module `ecs` that another unit answers."""

    name: str
    type: str
    description: str
    unit: str
    output: str


class Unit(NamedTuple):
    """A unit that this one depends on, and what stands in for its outputs while it is not there."""

    name: str
    path: str
    mocks: list[str]


class Environment(NamedTuple):
    """An environment of the tree."""

    name: str
    production: bool


VPC = {
    "vpc_id": '"vpc-00000000000000000"',
    "vpc_cidr_block": '"10.0.0.0/16"',
    "public_subnet_ids": '["subnet-00000000000000001", "subnet-00000000000000002"]',
    "private_subnet_ids": '["subnet-00000000000000003", "subnet-00000000000000004"]',
    "database_subnet_group_name": '"mock"',
    "elasticache_subnet_group_name": '"mock"',
}
RDS = {
    "address": '"mock"',
    "port": "5432",
    "database_name": '"mock"',
    "username": '"mock"',
    "security_group_id": '"sg-00000000000000000"',
    "secret_arn": '"mock"',
}
ELASTICACHE = {
    "primary_endpoint": '"mock"',
    "port": "6379",
    "security_group_id": '"sg-00000000000000000"',
    "secret_arn": '"mock"',
}
OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "vpc": VPC,
    "rds": RDS,
    "elasticache": ELASTICACHE,
    "secrets": {"secret_arn": '"mock"', "secret_name": '"mock"'},
    "s3": {"bucket_name": '"mock"', "bucket_arn": '"mock"'},
    "ecr": {"repository_url": '"mock"', "repository_name": '"mock"', "repository_arn": '"mock"'},
}
"""All outputs of the units: what a mock lacks cannot be planned with."""
SHARED = ("ecr",)
SMALL = ("main", "outputs", "variables", "versions")

INPUTS = (
    Input("database_host", "string", "The host of the database", "rds", "address"),
    Input("database_port", "number", "The port of the database", "rds", "port"),
    Input("database_name", "string", "The name of the database", "rds", "database_name"),
    Input("database_username", "string", "Who owns the database", "rds", "username"),
    Input(
        "database_security_group_id",
        "string",
        "The security group of the database, which lets the tasks in",
        "rds",
        "security_group_id",
    ),
    Input(
        "database_secret_arn", "string", "The secret with the password of the database", "rds", "secret_arn"
    ),
    Input("cache_port", "number", "The port of the cache", "elasticache", "port"),
    Input(
        "cache_security_group_id",
        "string",
        "The security group of the cache, which lets the tasks in",
        "elasticache",
        "security_group_id",
    ),
    Input(
        "cache_secret_arn", "string", "The secret with the address of the cache", "elasticache", "secret_arn"
    ),
    Input("app_secret_arn", "string", "The secret of the application", "secrets", "secret_arn"),
    Input("media_bucket_name", "string", "The bucket of the uploads", "s3", "bucket_name"),
    Input("media_bucket_arn", "string", "What policies call it", "s3", "bucket_arn"),
)
ALWAYS = (("vpc_id", "vpc"), ("public_subnet_ids", "vpc"), ("private_subnet_ids", "vpc"))


def planned(project: Project, options: Options) -> Plan:
    """All files, and what is left to do. Raises `Refused`."""
    known = deployment(project)
    known.require("image", "entrypoint", "web", "port", "settings", "environment")
    if known.celery is not None:
        known.require("worker", "beat")
    memory = memory_for(options.cpu, options.memory)
    if problems := tuple(_wrong(known, options)):
        raise Refused(problems)
    environments = _environments(project)
    cache = known.redis and _has(project, "elasticache")
    bucket = known.media == "s3" and _has(project, "s3")
    filled = filling(known, cache=cache, bucket=bucket)
    inputs = _inputs(filled, cache=cache, bucket=bucket)
    facts = {
        **containers(known, options.worker_queue, _script(project, known)),
        "versions": terraform_modules(),
        "cache": cache,
        "bucket": bucket,
        "region": any(expression.startswith("data.aws_region") for _, expression in filled.plain),
        "required": filled.required,
        "typed": aligned((name, "string") for name in filled.required),
        "inputs": inputs,
        "secret_arns": [f"var.{SECRETS[one]}" for one in (DATABASE, CACHE, APP) if _holds(filled, one)],
        "plain": aligned(filled.plain),
        "secrets": aligned((name, f'"${{var.{SECRETS[one]}}}:{name}::"') for name, one in filled.secret),
    }
    return (
        _modules(facts)
        + _units(facts, options, memory=memory)
        + _environment_files(facts, options, environments)
        + todos(known, filled, options, _script(project, known))
    )


def _wrong(known: Deployment, options: Options) -> Iterator[Problem]:
    """What of the options makes no sense here."""
    if not 1 <= options.min <= options.max:
        yield Problem("--min", None, f"{options.min} is not from 1 to --max, which is {options.max}")
    if options.domain and not DOMAIN.fullmatch(options.domain):
        yield Problem("--domain", None, f"{options.domain!r} is no domain name, such as example.com")
    if options.arch not in ARCHITECTURES:
        yield Problem("--arch", None, f"{options.arch!r} is neither {' nor '.join(ARCHITECTURES)}")
    if known.celery is None and options.worker_queue:
        yield Problem("--worker-queue", None, "the project has no Celery")
    if known.celery is None and options.spot_workers:
        yield Problem("--spot-workers", None, "the project has no Celery")
    for queue in options.worker_queue:
        if not QUEUE.fullmatch(queue):
            yield Problem("--worker-queue", None, f"{queue!r} is not of letters, digits, _, . and -")


def _environments(project: Project) -> list[Environment]:
    """Those with an env.hcl. Raises `Refused` if there is none."""
    found = []
    for path in project.tree.files():
        parts = path.split("/")
        if path.startswith(f"{ENVIRONMENTS}/") and len(parts) == 4 and parts[-1] == "env.hcl":
            text = project.tree.read(path) or ""
            found.append(Environment(parts[2], PRODUCTION.search(text) is not None))
    if not found:
        why = "no environment is found here (a folder with env.hcl), so there is nothing to put units into"
        raise Refused((Problem(path=ENVIRONMENTS, line=None, why=why),))
    return found


def _script(project: Project, known: Deployment) -> str:
    """The script that starts the web server, if one does."""
    web = known.process("web")
    return project.tree.read(web.script) or "" if web and web.script else ""


def _has(project: Project, unit: str) -> bool:
    return project.tree.exists(f"{ENVIRONMENTS}/_env/{unit}.hcl")


def _holds(filled: Filling, which: str) -> bool:
    return any(one == which for _, one in filled.secret)


def _inputs(filled: Filling, *, cache: bool, bucket: bool) -> list[Input]:
    """Those that something needs."""
    used = {expression for _, expression in filled.plain}
    needed = {"database_security_group_id", "database_port"}
    needed |= {f"database_{name}" for name in ("host", "name", "username") if f"var.database_{name}" in used}
    needed |= {SECRETS[one] for _, one in filled.secret}
    if cache:
        needed |= {"cache_security_group_id", "cache_port"}
    if bucket:
        needed |= {"media_bucket_arn"} | ({"media_bucket_name"} if "var.media_bucket_name" in used else set())
    return [one for one in INPUTS if one.name in needed]


def _modules(facts: dict[str, Any]) -> Plan:
    """The parts, and the module that puts them together."""
    total = Plan()
    parts = {
        "ecs-cluster": ("main", "network", "outputs", "roles", "variables", "versions"),
        "django-app": ("load_balancer", "main", "outputs", "variables", "versions"),
        **({"celery-worker": SMALL} if facts["workers"] else {}),
        **({"celery-queues": ("count", "main", "variables", "versions")} if facts["counted"] else {}),
        **({"celery-beat": SMALL} if facts["beat"] else {}),
        "ecs": SMALL,
    }
    for module, files in parts.items():
        for name in files:
            path = f"{ROOT}/modules/{module}/{name}.tf"
            total += new_file(path, "ecs", f"modules/{module}/{name}.tf", **facts)
    return total


def _units(facts: dict[str, Any], options: Options, *, memory: int) -> Plan:
    """What the units of all environments have in common."""
    inputs: list[Input] = facts["inputs"]
    wanted = {"vpc", "ecr", *(one.unit for one in inputs)}
    units = [
        Unit(name, f"../../shared/{name}" if name in SHARED else f"../{name}", aligned(outputs.items()))
        for name, outputs in OUTPUTS.items()
        if name in wanted
    ]
    answers = [(name, f"dependency.{unit}.outputs.{name}") for name, unit in ALWAYS]
    answers += [(name, f"dependency.ecr.outputs.{name}") for name in ("repository_url", "repository_arn")]
    answers += [(one.name, f"dependency.{one.unit}.outputs.{one.output}") for one in inputs]
    return new_file(
        f"{ENVIRONMENTS}/_env/ecs.hcl",
        "ecs",
        "environments/_env/ecs.hcl",
        units=units,
        answers=aligned(answers),
        cpu=options.cpu,
        memory=memory,
        architecture=options.arch.upper(),
        spot=options.spot_workers,
        workers=facts["workers"],
    )


def units_of(project: Project, options: Options, names: Sequence[str]) -> Plan:
    """The units of these environments alone: what all have in common is there."""
    known = deployment(project)
    cache, bucket = known.redis and _has(project, "elasticache"), known.media == "s3" and _has(project, "s3")
    facts = {
        **containers(known, options.worker_queue),
        "required": filling(known, cache=cache, bucket=bucket).required,
    }
    return _environment_files(facts, options, [one for one in _environments(project) if one.name in names])


def _environment_files(facts: dict[str, Any], options: Options, environments: list[Environment]) -> Plan:
    """What differs: domain names, and how many tasks."""
    total = Plan()
    for one in environments:
        counts = [
            ("min_tasks", options.min if one.production else 1),
            ("max_tasks", options.max if one.production else max(2, options.max // 4)),
        ]
        if facts["workers"]:
            counts += [("min_workers", 1), ("max_workers", options.max if one.production else 2)]
        total += new_file(
            f"{ENVIRONMENTS}/{one.name}/ecs/terragrunt.hcl",
            "ecs",
            "environments/terragrunt.hcl",
            domain=domain_of(one, options),
            required=aligned((name, '""') for name in facts["required"]),
            counts=aligned((name, str(count)) for name, count in counts),
            shell=one.name in TRIED_OUT,
            production=one.production,
            counted=facts["counted"],
        )
    return total


def domain_of(environment: Environment, options: Options) -> str:
    """The domain name of an environment: production has the one that was given, the others are below it."""
    if not options.domain or environment.production:
        return options.domain
    return f"{environment.name}.{options.domain}"
