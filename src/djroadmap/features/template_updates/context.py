"""What the questions of cookiecutter-django were answered with, read from the project that came of it.

The names and choices are those of today; the script that is added knows what they were called formerly.
The questions: https://github.com/cookiecutter/cookiecutter-django/blob/main/cookiecutter.json
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from .reading import (
    Answers,
    author_of,
    domain_of,
    first,
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

ALIKE = (
    (("rest_api", "DRF"), ("use_drf", "y")),
    (("rest_api", "None"), ("use_drf", "n")),
    (("mail_catcher", "Mailpit"), ("use_mailpit", "y"), ("use_mailhog", "y")),
    (("mail_catcher", "None"), ("use_mailpit", "n"), ("use_mailhog", "n")),
    (("editor", "PyCharm"), ("use_pycharm", "y")),
    (("editor", "None"), ("use_pycharm", "n")),
    (("frontend_pipeline", "Django Compressor"), ("use_compressor", "y")),
    (("frontend_pipeline", "Gulp"), ("js_task_runner", "Gulp")),
    (("mail_service", "Brevo"), ("mail_service", "SendinBlue")),
)
"""Answers that mean the same, as the template called them in the course of the years, the newest name first."""
SKIP = (".env", ".envs", "config/settings/local.py", "config/settings/test.py", "uv.lock")
"""What is generated anew each time: secrets, and the lock file."""
MAIL = {
    "anymail.backends.mailgun": "Mailgun",
    "anymail.backends.amazon_ses": "Amazon SES",
    "anymail.backends.mailjet": "Mailjet",
    "anymail.backends.mandrill": "Mandrill",
    "anymail.backends.postmark": "Postmark",
    "anymail.backends.sendgrid": "Sendgrid",
    "anymail.backends.brevo": "Brevo",
    "anymail.backends.sendinblue": "Brevo",
    "anymail.backends.sparkpost": "SparkPost",
    "django.core.mail.backends.smtp": "Other SMTP",
}
CLOUDS = {
    "AWS": r"^AWS_STORAGE_BUCKET_NAME\s*=",
    "GCP": r"^GS_BUCKET_NAME\s*=",
    "Azure": r"^AZURE_ACCOUNT_KEY\s*=",
}
CI = {
    "Github": ".github/workflows/ci.yml",
    "Gitlab": ".gitlab-ci.yml",
    "Travis": ".travis.yml",
    "Drone": ".drone.yml",
}
CATCHERS = {"1025": "Mailpit", "3535": "Mailtrap Local"}
"""By the port."""
ADMIN = r"ADMINS\s*=\s*[\[(]\s*"
PERSONS = (
    ADMIN + r"""['"]+(?P<name>[^"'<\n]+?)["']*\s*<(?P<email>[^>]+)>""",
    ADMIN + r"""\(\s*["']+(?P<name>[^"']+)["']+,\s*["']+(?P<email>[^"']+)["']""",
)
"""`['"Ada" <ada@example.com>']`, and the pairs of former times."""


def context(project: Project) -> Answers:
    """The answers as the project's files have them today."""
    return found_in(_pairs(project))


def _pairs(project: Project) -> Iterator[tuple[str, str | None]]:
    production = _settings(project, "production")
    local = _settings(project, "local")
    base = text_of(project, project.settings.base.path)
    yield from _about(project, base, production)
    yield "timezone", string(project.settings.constants.get("TIME_ZONE"))
    yield "windows", _yes('default="localhost"' in base and not _has(project, "compose"))
    yield "editor", _editor(project)
    yield "use_docker", _yes(_has(project, "compose"))
    yield "postgresql_version", _postgres(project)
    clouds = (name for name, pattern in CLOUDS.items() if first(f"({pattern})", production))
    yield "cloud_provider", next(clouds, "None") if production else None
    yield "mail_service", MAIL.get(mail_of(production))
    ninja = _has(project, "config/api.py")
    yield "rest_api", "DRF" if _has(project, "config/api_router.py") else "Django Ninja" if ninja else "None"
    yield "use_async", _yes(_has(project, "config/asgi.py"))
    yield "frontend_pipeline", _pipeline(project)
    yield "use_celery", _yes(_has(project, "config/celery_app.py"))
    port = first(r"^EMAIL_PORT\s*=\s*(\d+)", local)
    yield "mail_catcher", CATCHERS.get(port or "", "None") if local else None
    yield "use_sentry", _yes("sentry_sdk" in production) if production else None
    yield "use_whitenoise", _yes(any("whitenoise" in one for one in project.middleware))
    yield "use_heroku", _yes(_has(project, "Procfile"))
    tools = (name for name, path in CI.items() if _has(project, path) or project.tree.exists(path))
    yield "ci_tool", next(tools, "None")
    yield "keep_local_envs_in_vcs", _yes(_keeps(project))
    yield "debug", "n"


def _about(project: Project, base: str, production: str) -> Iterator[tuple[str, str | None]]:
    table = metadata(project)
    author = author_of(table)
    admin = next((found for pattern in PERSONS if (found := re.search(pattern, base))), None)
    readme = text_of(project, project.join("README.md"))
    init = text_of(project, posixpath.join(project.package, "__init__.py"))
    name = name_of(project, production)
    yield "project_name", name
    yield "project_slug", posixpath.basename(project.package)
    yield "description", string(table.get("description")) or first(r"\A#[^\n]*\n+([^\n\[#].*)$", readme)
    yield "author_name", string(author.get("name")) or (admin["name"] if admin else None)
    yield "domain_name", domain_of(production)
    yield "email", string(author.get("email")) or (admin["email"] if admin else None)
    yield "version", string(table.get("version")) or first(r"__version__\s*=\s*[\"']([^\"']+)", init)
    yield "open_source_license", license_of(project, table)
    yield "username_type", username_of(project)


def _settings(project: Project, environment: str) -> str:
    module = project.settings.environment("production" if environment == "production" else "local")
    return text_of(project, module.path) if module else ""


def _has(project: Project, path: str) -> bool:
    whole = project.join(path)
    return project.tree.exists(whole) or any(one.startswith(f"{whole}/") for one in project.tree.files())


def _editor(project: Project) -> str:
    # Trees are not walked into .idea.
    if _has(project, "docs/pycharm"):
        return "PyCharm"
    container = text_of(project, project.join(".devcontainer/devcontainer.json"))
    return "VS Code" if '"vscode"' in container else "None"


def _postgres(project: Project) -> str | None:
    """The version of the image, or that of CI where there is none."""
    images = [project.join("compose/production/postgres/Dockerfile"), *project.docker.compose_files]
    texts = (text_of(project, path) for path in [*images, *map(project.join, CI.values())])
    return next((found for text in texts if (found := first(r"postgres:(\d+(?:\.\d+)?)", text))), None)


def _pipeline(project: Project) -> str:
    if _has(project, "webpack"):
        return "Webpack"
    if any(_has(project, name) for name in ("gulpfile.mjs", "gulpfile.js")):
        return "Gulp"
    return "Django Compressor" if project.apps.has("compressor") else "None"


def _keeps(project: Project) -> bool:
    """By what git ignores; where it ignores nothing of it, by what is there."""
    ignored = text_of(project, project.join(".gitignore"))
    if re.search(r"(?m)^\.envs/\*\s*$", ignored):
        return re.search(r"(?m)^!\.envs/\.local/\s*$", ignored) is not None
    return _has(project, ".envs")


def _yes(condition: bool) -> str:
    return "y" if condition else "n"
