"""What the files of a generated project tell, whatever its template."""

from __future__ import annotations

import posixpath
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from djroadmap.model.project import Project

LICENSES = {
    "Permission is hereby granted, free of charge": "MIT",
    "MIT License": "MIT",
    "Redistribution and use in source and binary forms": "BSD",
    "GNU General Public License": "GPLv3",
    "Apache License": "Apache Software License 2.0",
}
"""What the text of a license has, and the answer."""
CLOSED = "Not open source"


class Answers(NamedTuple):
    """What was found, in the order of the questions, and which questions nothing answers."""

    found: Mapping[str, str | bool]
    unknown: tuple[str, ...]


def found_in(pairs: Iterable[tuple[str, str | bool | None]]) -> Answers:
    """What was found, apart from what was not, which is None."""
    listed = tuple(pairs)
    return Answers(
        {name: value for name, value in listed if value is not None},
        tuple(name for name, value in listed if value is None),
    )


def name_of(project: Project, production: str) -> str | None:
    """The name for people: what mails begin with, else the title of the README."""
    prefix = first(r"EMAIL_SUBJECT_PREFIX\s*=[^\[\]=]*?(?:default=\s*)?[\"']\[([^\]\n]+)\]", production)
    return prefix or first(r"\A#[ \t]+(.+?)[ \t]*$", text_of(project, project.join("README.md")))


def domain_of(production: str) -> str | None:
    """The first of the hosts that are allowed if the environment names none."""
    return first(r"ALLOWED_HOSTS\s*=\s*env\.list\([^)]*?default=\[\s*[\"']([^\"']+)", production)


def mail_of(production: str) -> str:
    """The module of what sends mails, as far as it is known."""
    return first(r"^EMAIL_BACKEND\s*=\s*[\"']([\w.]+)\.EmailBackend[\"']", production) or ""


def username_of(project: Project) -> str:
    """What people log in with: those who do by email have a manager of their own."""
    by_email = project.tree.exists(posixpath.join(project.package, "users", "managers.py"))
    return "email" if by_email else "username"


def author_of(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first author that the metadata name."""
    authors = table.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else {}
    return author if isinstance(author, dict) else {}


def license_of(project: Project, table: Mapping[str, Any]) -> str | None:
    """By the metadata if that is one of the answers, else by the text."""
    said = table.get("license")
    said = said.get("text") if isinstance(said, dict) else said
    if said in {*LICENSES.values(), CLOSED}:
        return str(said)
    if project.tree.exists(project.join("COPYING")):
        return "GPLv3"
    path = project.join("LICENSE")
    if not project.tree.exists(path):
        return CLOSED
    text = " ".join(text_of(project, path).split())
    return next((answer for phrase, answer in LICENSES.items() if phrase in text), None)


def metadata(project: Project) -> Mapping[str, Any]:
    """The table `project` of pyproject.toml."""
    try:
        table = tomllib.loads(text_of(project, project.join("pyproject.toml"))).get("project")
    except tomllib.TOMLDecodeError:
        return {}
    return table if isinstance(table, dict) else {}


def text_of(project: Project, path: str) -> str:
    """The file as text, without what systems do to ends of lines; "" if there is none."""
    try:
        return (project.tree.read(path) or "").replace("\r\n", "\n").removeprefix("\ufeff")
    except Refused:
        return ""


def first(pattern: str, text: str) -> str | None:
    """What the group of the first match is; `^` is the start of a line."""
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


def string(value: object) -> str | None:
    """The value, if it is a text."""
    return value if isinstance(value, str) else None
