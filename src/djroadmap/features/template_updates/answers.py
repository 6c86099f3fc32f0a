"""What the questions of cookiecutter-turbo-django were answered with, read from the project that came of it.

The questions: https://github.com/mascah/cookiecutter-turbo-django/blob/main/copier.yaml
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
MAIL = {
    "anymail.backends.mailgun": "Mailgun",
    "anymail.backends.amazon_ses": "Amazon SES",
    "anymail.backends.sendgrid": "Sendgrid",
    "django.core.mail.backends.smtp": "Other SMTP",
}
PLAIN = re.compile(r"[A-Za-z][\w./@-]*(?: [\w./@-]+)*")
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Texts that YAML would not take for texts."""


class Answers(NamedTuple):
    """What was found, in the order of the questions, and which questions nothing answers."""

    found: Mapping[str, str | bool]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f"{name}: {_yaml(value)}\n" for name, value in self.found.items())


def answers(project: Project) -> Answers:
    """The answers as the project's files have them today."""
    pairs = tuple(_pairs(project))
    return Answers(
        {name: value for name, value in pairs if value is not None},
        tuple(name for name, value in pairs if value is None),
    )


def _pairs(project: Project) -> Iterator[tuple[str, str | bool | None]]:
    tree = project.tree
    production = project.settings.environment("production")
    text = _text(project, production.path) if production else ""
    table = _metadata(project)
    authors = table.get("authors")
    author: Any = authors[0] if isinstance(authors, list) and authors else {}
    author = author if isinstance(author, dict) else {}
    compose = "\n".join(_text(project, path) for path in project.docker.compose_files)
    yield "project_name", _name(project, text)
    yield "project_slug", posixpath.basename(project.package)
    yield "description", _string(table.get("description"))
    yield "author_name", _string(author.get("name"))
    yield "domain_name", _first(r"ALLOWED_HOSTS\s*=\s*env\.list\([^)]*?default=\[\s*[\"']([^\"']+)", text)
    yield "email", _string(author.get("email"))
    yield "version", _string(table.get("version"))
    yield "open_source_license", _license(project, table)
    by_email = tree.exists(posixpath.join(project.package, "users", "managers.py"))
    yield "username_type", "email" if by_email else "username"
    yield "timezone", _string(project.settings.constants.get("TIME_ZONE"))
    backend = _first(r"(?m)^EMAIL_BACKEND\s*=\s*[\"']([\w.]+)\.EmailBackend[\"']", text)
    yield "mail_service", MAIL.get(backend or "")
    yield "use_drf", tree.exists(project.join("config/api_router.py"))
    yield "use_async", tree.exists(project.join("config/asgi.py"))
    yield "use_celery", tree.exists(project.join("config/celery_app.py"))
    yield "use_mailpit", "mailpit" in compose if compose else None
    yield "use_sentry", "sentry_sdk" in text if text else None
    yield "use_whitenoise", any("whitenoise" in one for one in project.middleware)
    # The Procfile alone came at some commits without Heroku, too.
    yield "use_heroku", all(tree.exists(project.join(path)) for path in ("Procfile", "bin/post_compile"))
    ignored = _text(project, project.join(".gitignore"))
    yield "keep_local_envs_in_vcs", re.search(r"(?m)^!\.env\.example\s*$", ignored) is not None
    yield "debug", False


def _name(project: Project, production: str) -> str | None:
    """The name for people: what mails begin with, else the title of the README."""
    prefix = _first(r"EMAIL_SUBJECT_PREFIX\s*=[^\[\]=]*?(?:default=\s*)?[\"']\[([^\]\n]+)\]", production)
    return prefix or _first(r"\A#[ \t]+(.+?)[ \t]*$", _text(project, project.join("README.md")))


def _license(project: Project, table: Mapping[str, Any]) -> str | None:
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
    text = " ".join(_text(project, path).split())
    return next((answer for phrase, answer in LICENSES.items() if phrase in text), None)


def _metadata(project: Project) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(_text(project, project.join("pyproject.toml"))).get("project")
    except tomllib.TOMLDecodeError:
        return {}
    return table if isinstance(table, dict) else {}


def _text(project: Project, path: str) -> str:
    try:
        return (project.tree.read(path) or "").replace("\r\n", "\n").removeprefix("\ufeff")
    except Refused:
        return ""


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _yaml(value: str | bool) -> str:
    """Plain where YAML reads it as the same text, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)
