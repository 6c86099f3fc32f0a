"""What every variable of the containers is filled with: by Terraform, from a secret, or by whoever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from djroadmap.planning.deploying.facts import Deployment, Meaning, Variable

PARTS: dict[Meaning, str] = {
    "database-host": "var.database_host",
    "database-port": "tostring(var.database_port)",
    "database-name": "var.database_name",
    "database-user": "var.database_username",
}
KEYS: tuple[Meaning, ...] = ("aws-access-key", "aws-secret-key")
RUN = {"web", "worker", "beat", "migrate"}
"""The processes that are run; no Flower."""
DATABASE, CACHE, APP = "database", "cache", "app"


class Filling(NamedTuple):
    """Every variable that is set, by where it comes from."""

    plain: tuple[tuple[str, str], ...]
    """Name and expression of Terraform."""
    secret: tuple[tuple[str, str], ...]
    """Name and which secret holds it: `database`, `cache`, `app`."""
    required: tuple[str, ...]
    """Plain ones that only the operator knows."""
    keys: tuple[Variable, ...]
    """Static keys of AWS that settings insist on."""


def filling(known: Deployment, *, cache: bool, bucket: bool) -> Filling:
    """What is known of the environment, with or without a cache and a bucket in the tree."""
    plain = [("DJANGO_SETTINGS_MODULE", f'"{known.settings_module}"')]
    secret: list[tuple[str, str]] = []
    required: list[str] = []
    answers = _answers(known, cache=cache, bucket=bucket)
    for one in known.environment:
        if one.exported or one.meaning in answers.left_out:
            continue
        if one.meaning in answers.plain:
            plain.append((one.name, answers.plain[one.meaning]))
        elif one.meaning in answers.secret:
            secret.append((one.name, answers.secret[one.meaning]))
        elif one.required or set(one.needed_by) & RUN:
            if one.secret:
                secret.append((one.name, APP))
            else:
                required.append(one.name)
    keys = tuple(one for one in known.environment if one.meaning in KEYS and one.required)
    return Filling(tuple(plain), tuple(secret), tuple(required), keys)


class Answers(NamedTuple):
    """What Terraform knows, by what variables mean."""

    plain: Mapping[Meaning, str]
    secret: Mapping[Meaning, str]
    left_out: Container[Meaning]


def _answers(known: Deployment, *, cache: bool, bucket: bool) -> Answers:
    plain: dict[Meaning, str] = {
        "allowed-hosts": "var.domain",
        "aws-region": "data.aws_region.current.region",
    }
    secret: dict[Meaning, str] = {}
    if cache:
        secret["redis-url"] = CACHE
    if bucket:
        plain["bucket"] = "var.media_bucket_name"
    if _reads_parts(known):
        return Answers(
            {**plain, **PARTS}, {**secret, "database-password": DATABASE}, ("settings-module", "database-url")
        )
    return Answers(
        plain, {**secret, "database-url": DATABASE}, ("settings-module", "database-password", *PARTS)
    )


def _reads_parts(known: Deployment) -> bool:
    """Is the address of the database put together from its parts, rather than read whole?"""
    password, url = known.variable("database-password"), known.variable("database-url")
    return password is not None and (url is None or password.required or not url.required)
