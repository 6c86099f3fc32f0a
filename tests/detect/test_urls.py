from __future__ import annotations

import pytest

from .samples import SETTINGS, found, plain

NAMED = 'INSTALLED_APPS = ["a"]\n'


@pytest.mark.parametrize(
    "text",
    [
        'ROOT_URLCONF = "shop.urls"',
        'X = "shop"\nROOT_URLCONF = f"{X}.urls"',
        'ROOT_URLCONF = "{}.urls".format("shop")',
        'ROOT_URLCONF = env("URLS", default="shop.urls")',
        'ROOT_URLCONF: str = "shop.urls"',
    ],
)
def test_named(text: str) -> None:
    urlconf = found(plain(settings=f"{NAMED}{text}\n")).urlconf
    assert urlconf is not None and (urlconf.module, urlconf.path) == ("shop.urls", "shop/urls.py")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "shop/settings.py: ROOT_URLCONF is not set"),
        ("ROOT_URLCONF = find()", "shop/settings.py:2: ROOT_URLCONF is not set"),
        (
            'ROOT_URLCONF = "cms.urls"',
            "shop/settings.py:2: ROOT_URLCONF names cms.urls, which is not in the repository",
        ),
    ],
)
def test_unknown(text: str, why: str) -> None:
    project = found(plain(settings=f"{NAMED}{text}\n"))
    assert project.urlconf is None
    assert [problem for problem in project.settings.problems if problem.startswith(why)]


@pytest.mark.parametrize(
    "urls",
    [
        "from shop.routes import urlpatterns\n",
        "from .routes import *\n",
        "from .routes import urlpatterns as urlpatterns\n",
        "from .middle import urlpatterns\n",
    ],
)
def test_followed_to_where_it_is_bound(urls: str) -> None:
    files = plain(urls=urls) | {
        "shop/routes.py": "urlpatterns = []\n",
        "shop/middle.py": "from .routes import urlpatterns\n",
    }
    urlconf = found(files).urlconf
    assert urlconf is not None and (urlconf.module, urlconf.path) == ("shop.routes", "shop/routes.py")


@pytest.mark.parametrize(
    "urls",
    [
        "urlpatterns = []\nfrom .routes import *\n",
        "urlpatterns: list = []\n",
        "if 1:\n    urlpatterns = []\n",
        "from gone import urlpatterns\n",
        "from .urls import *\n",
        "",
    ],
)
def test_not_followed(urls: str) -> None:
    urlconf = found(plain(urls=urls) | {"shop/routes.py": "urlpatterns = []\n"}).urlconf
    assert urlconf is not None and urlconf.path == "shop/urls.py"


def test_modules_that_pass_it_round_in_a_circle() -> None:
    files = plain(urls="from .b import urlpatterns\n") | {"shop/b.py": "from .urls import urlpatterns\n"}
    assert found(files).urlconf is not None


def test_a_package() -> None:
    files = plain(settings=f'{NAMED}ROOT_URLCONF = "shop.web"\n') | {
        "shop/web/__init__.py": "from .main import *\n",
        "shop/web/main.py": "urlpatterns = []\n",
    }
    urlconf = found(files).urlconf
    assert urlconf is not None and urlconf.path == "shop/web/main.py"


def test_a_broken_urlconf_is_reported() -> None:
    project = found(plain(urls="urlpatterns = [\n"))
    assert project.urlconf is not None
    assert any(
        problem.startswith("shop/urls.py:1: not valid Python") for problem in project.settings.problems
    )


BASE = (
    "\n".join(line for line in SETTINGS.splitlines() if not line.startswith("DATABASES"))
    + "\nimport os, environ, dj_database_url\nenv = environ.Env()\n"
)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}', "sqlite"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}', "postgresql"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql_psycopg2"}}', "postgresql"),
        ('DATABASES = {"default": {"ENGINE": "django.contrib.gis.db.backends.postgis"}}', "postgresql"),
        ('DATABASES = {"default": {"ENGINE": "django_prometheus.db.backends.postgresql"}}', "postgresql"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}', "mysql"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.oracle"}}', "oracle"),
        ('DATABASES = {"default": {"ENGINE": "mssql"}}', "unknown"),
        ('DATABASES = {"default": dict(ENGINE="django.db.backends.mysql")}', "mysql"),
        ('E = "django.db.backends.mysql"\nDATABASES = {}\nDATABASES["default"] = {"ENGINE": E}', "mysql"),
        ('DATABASES = {"default": {}}\nDATABASES["default"]["ENGINE"] = "django.db.backends.mysql"', "mysql"),
        (
            'DATABASES = {"default": {"ENGINE": os.environ.get("ENGINE", "django.db.backends.sqlite3")}}',
            "env",
        ),
        ('DATABASES = {"default": {"ENGINE": config("DB_ENGINE")}}', "env"),
        ('DATABASES = {"default": env.db("DATABASE_URL")}', "env"),
        ('DATABASES = {"default": env.db()}\nDATABASES["default"]["ATOMIC_REQUESTS"] = True', "env"),
        ('DATABASES = {"default": dj_database_url.config(default="sqlite:///x")}', "env"),
        ('DATABASES = {"default": dj_database_url.parse(os.environ["X"])}', "env"),
        (
            (
                'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\n'
                'DATABASES["default"].update(dj_database_url.config())'
            ),
            "env",
        ),
        (
            (
                'if os.getenv("DATABASE_URL"):\n'
                '    DATABASES = {"default": env.db("DATABASE_URL")}\nelse:\n'
                '    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
                'DATABASES["default"]["X"] = 1'
            ),
            "env",
        ),
        (
            (
                "if DEBUG:\n"
                '    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3"}}\nelse:\n'
                '    DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}'
            ),
            "mysql",
        ),
        ('DATABASES = {"other": {"ENGINE": "django.db.backends.mysql"}}', "unknown"),
        ("DATABASES = load()", "unknown"),
        ("", "unknown"),
    ],
)
def test_databases(text: str, engine: str) -> None:
    assert found(plain(settings=f"{BASE}{text}\n")).database == engine


def test_productions_database_counts() -> None:
    files = plain(settings=SETTINGS) | {
        "shop/settings_production.py": (
            'from .settings import *\nDATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\n'
        )
    }
    assert found(files).database == "postgresql"


def test_the_user_model() -> None:
    assert found(plain(settings=f'{SETTINGS}AUTH_USER_MODEL = "users.User"\n')).auth_user == "users.User"
    assert found(plain()).auth_user is None
