"""Which databases the settings name, however DATABASES is put together."""

from __future__ import annotations

import pytest

from .samples import found, plain

BASE = 'INSTALLED_APPS = ["django.contrib.auth"]\nROOT_URLCONF = "shop.urls"\n'
POSTGRESQL, POSTGIS = "django.db.backends.postgresql", "django.contrib.gis.db.backends.postgis"
SQLITE, TENANTS = "django.db.backends.sqlite3", "django_tenants.postgresql_backend"


@pytest.mark.parametrize(
    ("text", "database", "engines"),
    [
        ('DATABASES = {"default": env.db("DATABASE_URL")}', "env", []),
        ('DATABASES = {"default": env.db("X", default="postgres://x/y")}\nDATABASES["default"]["A"] = 1', "env", []),
        ('DATABASES = {"default": dj_database_url.config(conn_max_age=600)}', "env", []),
        ('DATABASES = {"default": dj_database_url.parse(os.environ["X"]) | {"CONN_MAX_AGE": 60}}', "env", []),
        ('DATABASES = {"default": dict(env.db("X"), CONN_MAX_AGE=60)}', "env", []),
        (f'DATABASES = {{"default": {{"ENGINE": "{POSTGRESQL}"}}}}', "postgresql", [POSTGRESQL]),
        (f'DATABASES = {{"default": dict(ENGINE="{POSTGIS}")}}', "postgresql", [POSTGIS]),
        (f'DATABASES = {{"default": {{"ENGINE": "{SQLITE}"}}}}', "sqlite", [SQLITE]),
        (f'DATABASES = {{"default": {{"ENGINE": "{TENANTS}"}}}}', "postgresql", [TENANTS]),
        (f'DATABASES = {{"default": env.db("X", engine="{TENANTS}")}}', "postgresql", [TENANTS]),
        (f'DATABASES = {{"default": dj_database_url.config(engine="{TENANTS}")}}', "postgresql", [TENANTS]),
        ('DATABASES = {"default": env.db("X", engine=None)}', "env", []),
        (
            f'DATABASES = {{"default": env.db("X")}}\nDATABASES["default"]["ENGINE"] = "{TENANTS}"',
            "postgresql",
            [TENANTS],
        ),
        (
            f'DATABASES = {{"default": {{"ENGINE": "{POSTGRESQL}"}}, "replica": {{"ENGINE": "{TENANTS}"}}}}',
            "postgresql",
            [POSTGRESQL, TENANTS],
        ),
        (
            f'DATABASES = {{"default": env.db("X"), "old": {{"ENGINE": "{SQLITE}"}}}}',
            "env",
            [SQLITE],
        ),
        (
            'if os.getenv("X"):\n    DATABASES = {"default": env.db("X")}\n'
            f'else:\n    DATABASES = {{"default": {{"ENGINE": "{POSTGRESQL}"}}}}',
            "env",
            [POSTGRESQL],
        ),
        (f'DATABASES = {{"default": {{"ENGINE": os.environ.get("X", "{SQLITE}")}}}}', "env", []),
        ("DATABASES = load()", "unknown", []),
        ("", "unknown", []),
    ],
)  # fmt: skip
def test_engines(text: str, database: str, engines: list[str]) -> None:
    project = found(plain(settings=f"{BASE}{text}\n"))
    assert (project.database, list(project.engines)) == (database, engines)


def test_production_comes_first() -> None:
    local = f'DATABASES = {{"default": {{"ENGINE": "{SQLITE}"}}}}\n'
    production = f'from .settings import *\nDATABASES = {{"default": {{"ENGINE": "{POSTGRESQL}"}}}}\n'
    files = plain(settings=BASE + local) | {"shop/settings_production.py": production}
    assert found(files).engines == (POSTGRESQL,)
