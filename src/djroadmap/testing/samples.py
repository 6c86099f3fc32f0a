"""Small projects that come with djroadmap, one for each way that projects are usually laid out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .memory import Memory
from .variants import varied

if TYPE_CHECKING:
    from djroadmap.catalog import Catalog

MANAGE = """\
#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
"""
MODELS = """\
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
"""
TESTS = """\
from django.test import TestCase

from {app}.models import Product


class ProductTests(TestCase):
    def test_it_is_kept(self):
        Product.objects.create(name="Tea")
        self.assertEqual(Product.objects.count(), 1)
"""
URLS = """\
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path('admin/', admin.site.urls),
]
"""
WSGI = """\
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")

application = get_wsgi_application()
"""
ONE_MODULE = """\
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = 'only-for-tests'

DEBUG = True

ALLOWED_HOSTS = []

INSTALLED_APPS = [
    'django.contrib.admin',
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.messages',
    'django.contrib.staticfiles',
    'shop',
]

MIDDLEWARE = [
    'django.middleware.security.SecurityMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
]

ROOT_URLCONF = '{package}.urls'

TEMPLATES = [
    {
        'BACKEND': 'django.template.backends.django.DjangoTemplates',
        'DIRS': [],
        'APP_DIRS': True,
        'OPTIONS': {
            'context_processors': [
                'django.template.context_processors.request',
                'django.contrib.auth.context_processors.auth',
                'django.contrib.messages.context_processors.messages',
            ],
        },
    },
]

WSGI_APPLICATION = '{package}.wsgi.application'

DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.sqlite3',
        'NAME': BASE_DIR / 'db.sqlite3',
    }
}

STATIC_URL = 'static/'
"""
BASE = '''\
"""Settings that all environments share."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve(strict=True).parent.parent.parent

# APPS
# ------------------------------------------------------------------------------
DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
]
THIRD_PARTY_APPS = []
LOCAL_APPS = [
    "acme.catalog",
]
INSTALLED_APPS = DJANGO_APPS + THIRD_PARTY_APPS + LOCAL_APPS

# URLS
# ------------------------------------------------------------------------------
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# DATABASES
# ------------------------------------------------------------------------------
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "acme",
    },
}

# MIDDLEWARE
# ------------------------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

# TEMPLATES
# ------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
'''
FROM_BASE = """\
from .base import *  # noqa: F403

{text}"""
SPLIT_URLS = """\
from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
    # Your stuff: custom urls includes go here
]
"""
PYPROJECT = """\
[project]
name = "acme"
version = "0.1.0"
requires-python = "==3.13.*"
dependencies = [
  "django==5.2.8",
  "psycopg[c]==3.2.12",
]

[dependency-groups]
dev = [
  "pytest==8.4.2",
  "pytest-django==4.11.1",
  "ruff==0.14.5",
]

[tool.pytest.ini_options]
minversion = "6.0"
addopts = "--ds=config.settings.test"
python_files = ["test_*.py"]

[tool.ruff]
target-version = "py313"
"""
WORKFLOW = """\
name: CI

on:
  pull_request:
  push:
    branches: [main]

jobs:
  pytest:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: astral-sh/setup-uv@v7
      - run: uv sync
      - run: uv run pytest
"""
POETRY = """\
[tool.poetry]
name = "storefront"
version = "1.0.0"
description = "A shop"
package-mode = false

[tool.poetry.dependencies]
python = "^3.12"
django = "^5.2"

[tool.poetry.group.dev.dependencies]
pytest = "^8.4"
pytest-django = "^4.11"

[tool.pytest.ini_options]
DJANGO_SETTINGS_MODULE = "storefront.settings"
pythonpath = ["src"]
"""
PYTEST = """\
import pytest

from acme.catalog.models import Product

pytestmark = pytest.mark.django_db


def test_it_is_kept():
    Product.objects.create(name="Tea")
    assert Product.objects.count() == 1
"""


def _startproject() -> dict[str, str]:
    """What `django-admin startproject mysite .` and `startapp shop` make, with a requirements file."""
    return {
        "manage.py": MANAGE.replace("{settings}", "mysite.settings"),
        "mysite/__init__.py": "",
        "mysite/settings.py": ONE_MODULE.replace("{package}", "mysite"),
        "mysite/urls.py": URLS,
        "mysite/wsgi.py": WSGI.replace("{settings}", "mysite.settings"),
        "requirements.txt": "Django==5.2.8\n",
        "shop/__init__.py": "",
        "shop/apps.py": "from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n    name = 'shop'\n",
        "shop/models.py": MODELS,
        "shop/tests.py": TESTS.replace("{app}", "shop"),
    }


def _split() -> dict[str, str]:
    """Settings by environment, apps below a package, PEP 621 and PEP 735, pytest, GitHub Actions."""
    local = 'SECRET_KEY = "only-for-tests"\nDEBUG = True\n'
    production = 'import os\n\nSECRET_KEY = os.environ["DJANGO_SECRET_KEY"]\nDEBUG = False\n'
    return {
        ".github/workflows/ci.yml": WORKFLOW,
        "acme/__init__.py": "",
        "acme/catalog/__init__.py": "",
        "acme/catalog/models.py": MODELS,
        "acme/catalog/tests/__init__.py": "",
        "acme/catalog/tests/test_models.py": PYTEST,
        "config/__init__.py": "",
        "config/settings/__init__.py": "",
        "config/settings/base.py": BASE,
        "config/settings/local.py": FROM_BASE.replace("{text}", local),
        "config/settings/production.py": FROM_BASE.replace("{text}", production),
        "config/settings/test.py": FROM_BASE.replace("{text}", 'SECRET_KEY = "only-for-tests"\n'),
        "config/urls.py": SPLIT_URLS,
        "config/wsgi.py": WSGI.replace("{settings}", "config.settings.production"),
        "manage.py": MANAGE.replace("{settings}", "config.settings.local"),
        "pyproject.toml": PYPROJECT,
    }


def _src() -> dict[str, str]:
    """One settings module below `src`, Poetry, no CI."""
    return {
        "pyproject.toml": POETRY,
        "src/manage.py": MANAGE.replace("{settings}", "storefront.settings"),
        "src/shop/__init__.py": "",
        "src/shop/models.py": MODELS,
        "src/shop/tests/__init__.py": "",
        "src/shop/tests/test_models.py": PYTEST.replace("acme.catalog", "shop"),
        "src/storefront/__init__.py": "",
        "src/storefront/settings.py": ONE_MODULE.replace("{package}", "storefront"),
        "src/storefront/urls.py": URLS,
        "src/storefront/wsgi.py": WSGI.replace("{settings}", "storefront.settings"),
    }


SAMPLES = {"startproject": _startproject, "split": _split, "src": _src}
"""The projects by name: what `django-admin startproject` makes, split settings with pyproject.toml, a `src` layout."""


def sample(project: str | Path, variant: str = "as-is", *, catalog: Catalog | None = None) -> Memory:
    """A sample, or a folder with a project, in memory; its text files as one of `VARIANTS` has them.

    The features are those of the catalogue, or all that are installed.
    """
    if isinstance(project, Path):
        made = Memory.of(project, catalog=catalog)
        return made.copy(varied(made.files, variant))
    files = {path: text.encode() for path, text in sorted(SAMPLES[project]().items())}
    return Memory(varied(files, variant), **({} if catalog is None else {"catalog": catalog}))
