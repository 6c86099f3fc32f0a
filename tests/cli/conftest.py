"""A small project in git, and the command on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runner import Cli, git
from tests.projects import copy_layout


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command on a fresh copy of the turbo layout, which is in git."""
    return Cli(copy_layout("turbo", tmp_path / "project", git=True), tmp_path / "state")


@pytest.fixture
def flat(tmp_path: Path) -> Cli:
    """The command on a project with one settings module, as startproject makes it, which is in git."""
    project = tmp_path / "flat"
    files = {
        "manage.py": "import os\n\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n",
        "mysite/__init__.py": "",
        "mysite/settings.py": (
            "INSTALLED_APPS = [\n    'django.contrib.auth',\n    'django.contrib.contenttypes',\n]\n\n"
            "MIDDLEWARE = [\n    'django.contrib.auth.middleware.AuthenticationMiddleware',\n]\n\n"
            "ROOT_URLCONF = 'mysite.urls'\n\nDEBUG = True\n"
        ),
        "mysite/urls.py": "from django.urls import path\n\nurlpatterns = []\n",
        "requirements.txt": "Django==5.2\n",
    }
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-q", "-m", "Start")
    return Cli(project, tmp_path / "state")
