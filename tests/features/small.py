"""A very small Django project in memory, to try one feature's plan on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.detect import detect
from djroadmap.model.memory import MemoryTree
from djroadmap.model.text import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

Files = dict[str, str | bytes]

SETTINGS = """\
DEBUG = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

ROOT_URLCONF = "shop.urls"
"""

SMALL: Files = {
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/urls.py": "from django.contrib import admin\nfrom django.urls import path\n\n"
    'urlpatterns = [path("admin/", admin.site.urls)]\n',
}

PYPROJECT = """\
[project]
name = "shop"
version = "1"
dependencies = ["django==5.2"]

[dependency-groups]
dev = [{tools}]
"""


def pyproject(*tools: str) -> Files:
    """A pyproject.toml with these development tools."""
    return {"pyproject.toml": PYPROJECT.format(tools=", ".join(f'"{tool}"' for tool in tools))}


BUS = (
    "class EventBus:\n    def __init__(self):\n        self.handlers = {}\n\n"
    "    def subscribe(self, event_type, handler):\n        self.handlers.setdefault(event_type, []).append(handler)\n\n"
    "    def publish(self, event):\n        for handler in self.handlers.get(type(event), []):\n"
    "            handler(event)\n\n\nevent_bus = EventBus()\n"
)


def with_bus(folder: str = "shop/domain_events", bus: str = BUS) -> Files:
    """The small project with a bus of its own."""
    return {
        **SMALL,
        f"{folder}/__init__.py": "",
        f"{folder}/bus.py": bus,
        f"{folder}/base.py": "from abc import ABC\n\n\nclass DomainEvent(ABC):\n    pass\n",
    }


def moved(folder: str) -> Files:
    """The small project with manage.py in a folder."""
    return {f"{folder}/{path}": text for path, text in SMALL.items()}


def project(files: Mapping[str, str | bytes]) -> Project:
    """The facts of a project of these files."""
    return detect(MemoryTree(files), root="shop")


def applied(plan: Plan, files: Mapping[str, str | bytes]) -> Files:
    """The files after the edits of a plan."""
    after = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    for edit in plan.edits:
        raw = after.get(edit.path)
        text = edit.apply(None if raw is None else decode(raw))
        assert text is not None
        after[edit.path] = encode(text, like=raw)
    return {path: decode(data) for path, data in after.items()}
