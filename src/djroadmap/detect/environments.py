"""What a settings module stands for, by its name and by who builds on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.syntax.sources import folder_of, name_of

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Environment

WORDS: dict[Environment, frozenset[str]] = {
    "base": frozenset(
        {"base", "common", "default", "defaults", "shared", "core", "global", "main", "general"}
    ),
    "local": frozenset({"local", "dev", "devel", "develop", "development", "debug", "localhost"}),
    "test": frozenset({"test", "tests", "testing", "ci", "pytest", "unittest"}),
    "production": frozenset({"production", "prod", "live", "deploy", "deployment", "heroku", "prd"}),
}
EXAMPLE = regex(r"example|sample|template|\bdist\b|_dist\b", re.IGNORECASE)
OVERRIDE = regex(
    r"(^|_)(local|private|secret|secrets|override|overrides|user|custom|dev)(_|$)", re.IGNORECASE
)


def environment_of(path: RelPath) -> Environment:
    """The environment that a file's name speaks of (`settings_prod.py`, `base.txt`), or `other`."""
    name = name_of(path).rpartition(".")[0] or name_of(path)
    if name in {"__init__", "settings"}:
        name = name_of(folder_of(path))
    words = [word for word in re.split(r"[_\-.]|\d+", name.lower()) if word]
    for environment in ("test", "production", "local", "base"):
        if WORDS[environment].intersection(words):
            return environment
    return "other"


def is_example(path: RelPath) -> bool:
    """Is this file a pattern for one that everybody makes for themselves?"""
    return bool(EXAMPLE.search(name_of(path)))


def is_override(path: RelPath) -> bool:
    """Does the name say that the file holds one machine's own settings?"""
    return bool(OVERRIDE.search(name_of(path).removesuffix(".py")))
