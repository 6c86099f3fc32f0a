"""What the questions of cookiecutter-turbo-django were answered with, read from the project that came of it.

The questions: https://github.com/mascah/cookiecutter-turbo-django/blob/main/copier.yaml
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from .reading import (
    Answers,
    author_of,
    domain_of,
    found_in,
    license_of,
    mail_of,
    metadata,
    name_of,
    string,
    text_of,
    username_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import Project

MAIL = {
    "anymail.backends.mailgun": "Mailgun",
    "anymail.backends.amazon_ses": "Amazon SES",
    "anymail.backends.sendgrid": "Sendgrid",
    "django.core.mail.backends.smtp": "Other SMTP",
}
PLAIN = re.compile(r"[A-Za-z][\w./@-]*(?: [\w./@-]+)*")
WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Texts that YAML would not take for texts."""


def answers(project: Project) -> Answers:
    """The answers as the project's files have them today."""
    return found_in(_pairs(project))


def as_yaml(found: Answers) -> str:
    """The answers as lines of YAML."""
    return "".join(f"{name}: {_yaml(value)}\n" for name, value in found.found.items())


def _pairs(project: Project) -> Iterator[tuple[str, str | bool | None]]:
    tree = project.tree
    production = project.settings.environment("production")
    text = text_of(project, production.path) if production else ""
    table = metadata(project)
    author = author_of(table)
    compose = "\n".join(text_of(project, path) for path in project.docker.compose_files)
    yield "project_name", name_of(project, text)
    yield "project_slug", posixpath.basename(project.package)
    yield "description", string(table.get("description"))
    yield "author_name", string(author.get("name"))
    yield "domain_name", domain_of(text)
    yield "email", string(author.get("email"))
    yield "version", string(table.get("version"))
    yield "open_source_license", license_of(project, table)
    yield "username_type", username_of(project)
    yield "timezone", string(project.settings.constants.get("TIME_ZONE"))
    yield "mail_service", MAIL.get(mail_of(text))
    yield "use_drf", tree.exists(project.join("config/api_router.py"))
    yield "use_async", tree.exists(project.join("config/asgi.py"))
    yield "use_celery", tree.exists(project.join("config/celery_app.py"))
    yield "use_mailpit", "mailpit" in compose if compose else None
    yield "use_sentry", "sentry_sdk" in text if text else None
    yield "use_whitenoise", any("whitenoise" in one for one in project.middleware)
    # The Procfile alone came at some commits without Heroku, too.
    yield "use_heroku", all(tree.exists(project.join(path)) for path in ("Procfile", "bin/post_compile"))
    ignored = text_of(project, project.join(".gitignore"))
    yield "keep_local_envs_in_vcs", re.search(r"(?m)^!\.env\.example\s*$", ignored) is not None
    yield "debug", False


def _yaml(value: str | bool) -> str:
    """Plain where YAML reads it as the same text, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = PLAIN.fullmatch(value) and value.lower() not in WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)
