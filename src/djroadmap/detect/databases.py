"""Which database the project runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from djroadmap.syntax.reading import UNKNOWN
from djroadmap.syntax.values import Env, options_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Engine = Literal["postgresql", "sqlite", "mysql", "oracle", "env", "unknown"]

KNOWN: dict[str, Engine] = {
    "postgres": "postgresql",
    "postgis": "postgresql",
    "psqlextra": "postgresql",
    "sqlite": "sqlite",
    "spatialite": "sqlite",
    "mysql": "mysql",
    "oracle": "oracle",
}


def engine_of(values: Iterable[Any]) -> Engine:
    """The engine of the default database, given what DATABASES holds in each module, the most telling first.

    An environment variable that decides in any branch wins; SQLite beside something else is for development.
    """
    for value in values:
        engines = [engine for option in options_of(value) for engine in _engines(option)]
        if "env" in engines:
            return "env"
        known = {engine for engine in engines if engine != "unknown"}
        if known:
            serious = known - {"sqlite"} or known
            return serious.pop() if len(serious) == 1 else "env"  # a choice between servers is made outside
    return "unknown"


def named_engines(values: Iterable[Any]) -> tuple[str, ...]:
    """Every ENGINE of any database, as it is written, in the most telling module that says anything of the default one.

    Not those that a URL decides on.
    """
    for value in values:
        options = list(options_of(value))
        if any(engine != "unknown" for option in options for engine in _engines(option)):
            return tuple(dict.fromkeys(engine for option in options for engine in _named(option)))
    return ()


def _named(databases: Any) -> Iterator[str]:
    for database in databases.values() if isinstance(databases, dict) else ():
        for option in options_of(database):
            if isinstance(option, dict):
                engines = options_of(option.get("ENGINE", UNKNOWN))
                yield from (engine for engine in engines if isinstance(engine, str))


def _engines(databases: Any) -> Iterator[Engine]:
    if isinstance(databases, Env):
        yield "env"
    if not isinstance(databases, dict):
        return
    for default in options_of(databases.get("default", UNKNOWN)):
        if isinstance(default, Env):
            yield "env"
        elif isinstance(default, dict):
            for engine in options_of(default.get("ENGINE", UNKNOWN)):
                yield classified(engine)


def classified(engine: Any) -> Engine:
    """The database behind an ENGINE, custom backends included, as far as its name says."""
    if isinstance(engine, Env):
        return "env"
    if not isinstance(engine, str):
        return "unknown"
    return next((kind for word, kind in KNOWN.items() if word in engine), "unknown")
