"""Where each variable of the containers comes from: a ConfigMap, or a secret of Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .infrastructure import CHANGE_ME

if TYPE_CHECKING:
    from djroadmap.planning.deploying.facts import Deployment, Meaning, Variable

    from .infrastructure import Environment, Infrastructure

PARTS: tuple[Meaning, ...] = ("database-host", "database-port", "database-name", "database-user")
PORT = "5432"


class Setting(NamedTuple):
    """A variable in a ConfigMap."""

    name: str
    value: str
    why: str = ""
    """A comment above it."""


class Configuration(NamedTuple):
    """All variables that are set, for one environment."""

    shared: tuple[Setting, ...]
    """The same in all environments."""
    own: tuple[Setting, ...]
    """Those of this environment."""
    secret: tuple[str, ...]
    """Names of those that are in Secrets Manager."""


def configuration(
    known: Deployment, there: Infrastructure, environment: Environment, host: str
) -> Configuration:
    """What web server, workers and migrations find in their environment."""
    shared = [
        Setting(
            "DJANGO_SETTINGS_MODULE",
            known.settings_module,
            "Always said: manage.py and others have defaults of their own.",
        ),
        Setting("HOME", "/tmp", "The number that the pods run as has no home."),  # noqa: S108 - a mount of its own
    ]
    if "PYTHONUNBUFFERED" not in _set_by_image(known):
        shared.append(Setting("PYTHONUNBUFFERED", "1", "Logs come when they are written."))
    own: list[Setting] = []
    secret: list[str] = []
    for variable in known.environment:
        if variable.meaning == "settings-module" or not _counts(there, variable):
            continue
        if _is_secret(variable):
            secret.append(variable.name)
        elif variable.meaning in {"database-port", "database-name", "database-user", "aws-region"}:
            shared.append(_same(there, variable))
        else:
            own.append(_different(environment, variable, host))
    return Configuration(tuple(shared), tuple(own), tuple(secret))


def _counts(there: Infrastructure, variable: Variable) -> bool:
    """Is it set at all? Optional ones are, where infrastructure has the answer."""
    meaning = variable.meaning
    if variable.exported:
        return False
    if meaning == "database-url":
        return there.database_url
    if meaning in PARTS or meaning == "database-password":
        return not there.database_url
    return variable.required or meaning in {"redis-url", "allowed-hosts", "bucket", "aws-region"}


def _is_secret(variable: Variable) -> bool:
    return variable.secret or variable.meaning in {"database-url", "database-password", "redis-url"}


def _same(there: Infrastructure, variable: Variable) -> Setting:
    values: dict[str, str] = {
        "database-port": PORT,
        "database-name": there.database_name,
        "database-user": there.database_user,
        "aws-region": there.region,
    }
    return Setting(variable.name, values[variable.meaning])


def _different(environment: Environment, variable: Variable, host: str) -> Setting:
    where = f"in infrastructure/environments/{environment.name}"
    if variable.meaning == "allowed-hosts":
        return Setting(variable.name, host)
    if variable.meaning == "database-host":
        return Setting(variable.name, CHANGE_ME, f"terragrunt output -raw address, {where}/rds")
    if variable.meaning == "bucket":
        return Setting(variable.name, CHANGE_ME, f"terragrunt output -raw bucket_name, {where}/s3")
    return Setting(
        variable.name,
        CHANGE_ME,
        f"Yours: read in {', '.join(variable.where)}" if variable.where else "Yours.",
    )


def _set_by_image(known: Deployment) -> tuple[str, ...]:
    return known.image.sets if known.image else ()
