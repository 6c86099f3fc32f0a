"""Values that the environment decides, by whatever library reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.regex import regex

from .reading import UNKNOWN
from .values import Env, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUE = regex(r"(?:\w+\.)*(\w*)Value")
DATABASE_CALLS = frozenset({"dj_database_url", "db", "db_url"})


def from_environment(name: str, arguments: list[Any], given: Mapping[str, Any]) -> Any:
    """What a call of `name` gives, if it reads the environment; else `UNKNOWN`.

    `env("X", default=...)`, `os.environ.get("X", ...)`, `config("X")`, `dj_database_url.config()`,
    `values.Value(...)`.
    """
    default = given.get("default", UNKNOWN)
    if (found := VALUE.fullmatch(name)) is not None:  # of django-configurations
        known = arguments[0] if arguments and default is UNKNOWN else default
        return Env(text_of(given.get("environ_name")) or f"{found[1].upper()}VALUE", known)
    if DATABASE_CALLS & set(name.split(".")):
        if text_of(given.get("engine")):
            return {"ENGINE": given["engine"]}  # whatever the URL says
        return Env(text_of(arguments[0]) or "DATABASE_URL" if arguments else "DATABASE_URL", default)
    key = arguments[0] if arguments else None
    if not name or not isinstance(key, str) or key != key.upper() or not key.isidentifier():
        return UNKNOWN
    return Env(key, arguments[1] if len(arguments) > 1 and default is UNKNOWN else default)
