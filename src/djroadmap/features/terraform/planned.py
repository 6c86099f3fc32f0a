"""All the files of the infrastructure, from what the containers of the project need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.errors import Problem, Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import chosen
from djroadmap.planning.deploying.discovery import deployment
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, extension
from djroadmap.regex import regex
from djroadmap.versions import action, terraform_modules, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import CI, Project
    from djroadmap.planning.deploying.facts import Deployment, Topic, Variable

    from . import Options

HOME = "infrastructure"
UNITS = ("vpc", "rds", "elasticache", "s3", "secrets")
MODULE_FILES = ("main", "variables", "outputs", "versions")
IGNORED = (".terraform/", ".terragrunt-cache/", "*.tfplan", "*.tfstate", "*.tfstate.*")
OURS = frozenset({"shared", "_env"})
"""Folders of `environments/` that are none."""
MANY = 20
"""More environments than that have no addresses left."""
LONG = 12
"""Longer names of environments, and names of roles get too long: AWS takes 64 characters."""

ASKED: tuple[Topic, ...] = ("image", "entrypoint", "settings", "environment", "postgres", "cache")
"""What has to be known: which variables there are and which are secret depends on all of it."""

REGION = regex(r"[a-z]{2}(?:-[a-z]+)+-\d")
ENVIRONMENT = regex(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*")
BUCKET = regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
MAJOR = regex(r"[1-9]\d")
NUMBER = regex(r"/(\d{1,2})$")
"""The database in the address of a Redis."""

S3_STORAGE = """\
STORAGES["default"] = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {"bucket_name": env("DJANGO_AWS_STORAGE_BUCKET_NAME"), "file_overwrite": False},
}"""
FILLED = frozenset(
    {
        "database-url",
        "database-user",
        "database-password",
        "database-host",
        "database-port",
        "database-name",
        "redis-url",
    }
)
"""What the secrets of database and cache hold, or nobody keeps secret."""


def planned(project: Project, options: Options) -> Plan:
    """The whole plan. Raises `Refused`."""
    known = deployment(project)
    options = options._replace(
        environments=tuple(options.environments), pg_version=options.pg_version or known.postgres or ""
    )
    problems = (*_wrong(options), *known.about(*ASKED))
    if problems:
        raise Refused(problems)
    ci = chosen(project.ci)
    github = ci is None or ci.kind == "github"
    facts = _facts(known, options) | {"github": github, "branch": _branch(ci)}
    total = Plan()
    for module in ("vpc", "rds", "elasticache", "s3", "ecr", "secrets", "github-oidc", "password"):
        if _is_wanted(module, known, github=github):
            for name in MODULE_FILES:
                path = f"modules/{module}/{name}.tf"
                total += new_file(f"{HOME}/{path}", "terraform", path, versions=terraform_modules())
    total += _environments(known, facts) + _shared(facts)
    for name in ("terraform", "terragrunt"):
        content = f"{tool(name)}\n"
        total += Plan((edits.WholeFile(path=f"{HOME}/.{name}-version", content=content),))
    total += new_file(f"{HOME}/root.hcl", "terraform", "root.hcl", **facts)
    total += new_file(f"{HOME}/README.md", "terraform", "README.md", **facts)
    if github:
        total += _workflow(ci, facts)
    return total + _left_out(known) + _todos(known, facts)


def _wrong(options: Options) -> Iterator[Problem]:
    """What of the options makes no sense."""
    names = options.environments
    if not REGION.fullmatch(options.region):
        yield Problem("--region", None, f"{options.region!r} is no region of AWS, such as eu-central-1")
    if not names or len(names) > MANY:
        yield Problem("--environments", None, f"from 1 to {MANY} environments")
    for name in names:
        if not ENVIRONMENT.fullmatch(name) or len(name) > LONG or name in OURS:
            why = f"{name!r} is no name for one: up to {LONG} of a-z, 0-9 and hyphens, and not shared"
            yield Problem("--environments", None, why)
    if len(set(names)) < len(names):
        yield Problem("--environments", None, "each needs a name of its own")
    if options.state_bucket and not BUCKET.fullmatch(options.state_bucket):
        why = f"{options.state_bucket!r} is no name of a bucket: 3 to 63 of a-z, 0-9 and hyphens"
        yield Problem("--state-bucket", None, why)
    if not options.pg_version:
        why = "nothing in the project says which PostgreSQL it runs on"
        yield Problem("--pg-version", None, why, "--pg-version 18")
    elif not MAJOR.fullmatch(options.pg_version):
        why = f"{options.pg_version!r} is no major version of PostgreSQL, such as 18"
        yield Problem("--pg-version", None, why)


def _facts(known: Deployment, options: Options) -> dict[str, Any]:
    """What templates are rendered with."""
    bucket = options.state_bucket or f"{known.slug}-tfstate-{{}}"
    password, url = known.variable("database-password"), known.variable("database-url")
    if password is None and url is None:
        why = "no settings and no script of a container read how to connect to the database"
        raise Refused((Problem(known.image.dockerfile if known.image else ".", None, why),))
    by_password = password is not None and (url is None or password.required or not url.required)
    secret = [one for one in known.environment if one.required and one.secret and one.meaning not in FILLED]
    return {
        "slug": known.slug,
        "region": options.region,
        "environments": options.environments,
        "bucket": bucket.format("${local.account_id}"),
        "bucket_of_unit": bucket.format('${get_env("AWS_ACCOUNT_ID")}'),
        "bucket_in_words": bucket.format("<account>"),
        "postgres": options.pg_version,
        "database": known.slug.replace("-", "_"),
        "password_key": password.name if password and by_password else "",
        "url_key": "" if by_password or url is None else url.name,
        "redis": known.redis,
        "cache": options.cache,
        "celery": known.celery is not None,
        "redis_keys": _redis_keys(known),
        "generated": tuple((one.name, suffix) for one in secret if (suffix := _made_up(one)) is not None),
        "operator": tuple(one.name for one in secret if _made_up(one) is None),
        "media": known.media,
    }


def _redis_keys(known: Deployment) -> tuple[tuple[str, int], ...]:
    """The variables that hold an address of Redis, and the number of the database in each."""
    found = [one for one in known.environment if one.meaning == "redis-url"]
    numbers = [NUMBER.search(one.default or "") for one in found]
    return tuple((one.name, int(match[1]) if match else 0) for one, match in zip(found, numbers, strict=True))


def _made_up(variable: Variable) -> str | None:
    """What a value that Terraform makes up ends with; None if only the operator knows the value."""
    if variable.meaning == "secret-key":
        return ""
    return "/" if variable.name.endswith("ADMIN_URL") else None


def _is_wanted(name: str, known: Deployment, *, github: bool) -> bool:
    return known.redis if name == "elasticache" else github if name == "github-oidc" else True


def _environments(known: Deployment, facts: dict[str, Any]) -> Plan:
    """How units are, the same everywhere, and each environment with its units."""
    units = [unit for unit in UNITS if _is_wanted(unit, known, github=True)]
    total = Plan()
    home = f"{HOME}/environments"
    for unit in (*units, "ecr"):
        total += new_file(f"{home}/_env/{unit}.hcl", "terraform", f"_env/{unit}.hcl", **facts)
    names = facts["environments"]
    for number, name in enumerate(names, 1):
        own = facts | {
            "environment": name,
            "cidr": f"10.{10 * number}.0.0/16",
            "production": number == len(names),
        }
        total += new_file(f"{home}/{name}/env.hcl", "terraform", "env.hcl", **own)
        for unit in units:
            total += new_file(f"{home}/{name}/{unit}/terragrunt.hcl", "terraform", "unit.hcl", unit=unit)
    return total


def _shared(facts: dict[str, Any]) -> Plan:
    home = f"{HOME}/environments/shared"
    total = new_file(f"{home}/ecr/terragrunt.hcl", "terraform", "unit.hcl", unit="ecr")
    if not facts["github"]:
        return total
    return total + new_file(
        f"{home}/github-oidc/terragrunt.hcl", "terraform", "shared/github-oidc.hcl", **facts
    )


def _branch(ci: CI | None) -> str:
    """The branch that is applied: of those whose pushes are tested, the one that is called so."""
    branches = ci.branches if ci else ()
    return next((one for one in ("main", "master", "trunk") if one in branches), "main")


def _workflow(ci: CI | None, facts: dict[str, Any]) -> Plan:
    """The workflow. Its actions get credentials, so they are pinned whatever others are."""
    name = f"terraform.{extension(ci) if ci else 'yml'}"
    return new_file(
        f"{FOLDER}/{name}",
        "terraform",
        "workflow.yml",
        workflow=name,
        checkout=action(CHECKOUT).pinned,
        setup_terraform=action("hashicorp/setup-terraform").pinned,
        setup_terragrunt=action("gruntwork-io/terragrunt-action").pinned,
        credentials=action("aws-actions/configure-aws-credentials").pinned,
        **facts,
    )


def _left_out(known: Deployment) -> Plan:
    """What git does not keep, and images do not take in."""
    lines = [edits.Line(path=".gitignore", line=line) for line in IGNORED]
    if known.image is not None and not known.image.context:
        lines.append(edits.Line(path=".dockerignore", line=HOME))
    return Plan(tuple(lines))


def _todos(known: Deployment, facts: dict[str, Any]) -> Plan:
    todos = [
        Todo(
            text=f"read {HOME}/README.md: the first apply is by hand, by an administrator of the account",
            when="deploy",
        )
    ]
    if facts["operator"]:
        names = ", ".join(facts["operator"])
        todos.append(
            Todo(
                text=f"after the first apply, fill in these secrets ({HOME}/README.md has the command): {names}",
                when="deployed",
            )
        )
    if known.media == "filesystem":
        why = "uploads still go into the container and are lost with it: keep them in the bucket, with django-storages"
        todos.append(Todo(text=why, snippet=S3_STORAGE))
    if not facts["github"]:
        text = "plan and apply in CI as you like: there is a workflow for GitHub alone"
        todos.append(Todo(text=text, snippet="terragrunt run --all -- plan", when="deploy"))
    return Plan(todos=tuple(todos))
