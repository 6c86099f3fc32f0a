"""Small Django projects as mappings of paths to texts."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from djroadmap.detect import detect
from djroadmap.model.memory import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.project import Project

MANAGE = """\
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{module}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
"""

SETTINGS = """\
INSTALLED_APPS = ["django.contrib.auth", "shop.orders"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
"""


def manage(module: str = "shop.settings") -> str:
    """A manage.py that names `module`."""
    return MANAGE.replace("{module}", module)


def plain(**changes: str) -> dict[str, str]:
    """A startproject-like project called shop, with other contents for `settings`, `urls` or `manage`."""
    return {
        "manage.py": dedent(changes.get("manage", manage())),
        "shop/__init__.py": "",
        "shop/settings.py": dedent(changes.get("settings", SETTINGS)),
        "shop/urls.py": dedent(changes.get("urls", "urlpatterns = []\n")),
        "shop/orders/__init__.py": "",
        "shop/orders/models.py": "",
    }


def package(*, entry: str = "config.settings.local", **modules: str) -> dict[str, str]:
    """A project with `config/settings/<name>.py` for each of `modules`."""
    files = {
        "manage.py": manage(entry),
        "config/__init__.py": "",
        "config/urls.py": "urlpatterns = []\n",
        "config/settings/__init__.py": "",
    }
    return files | {f"config/settings/{name}.py": dedent(text) for name, text in modules.items()}


def found(files: Mapping[str, str | bytes], *, manage: str | None = None) -> Project:
    """The facts of a project made of `files`."""
    return detect(MemoryTree(files), manage=manage)


def installed(project: Project) -> list[str]:
    """Everything in INSTALLED_APPS, as written."""
    return list(project.apps.where)
