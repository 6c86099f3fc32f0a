"""The settings graph: which module is the base, which are overrides, and what comes from elsewhere."""

from __future__ import annotations

import pytest

from .samples import SETTINGS, found, installed, manage, package, plain

BASE = 'INSTALLED_APPS = ["django.contrib.auth", "anymail"]\nROOT_URLCONF = "config.urls"\nDATABASES = {}\n'
STAR = "from .base import *\n"


class TestBase:
    def test_is_what_the_entry_reaches_not_a_neighbours(self) -> None:
        files = plain() | {
            "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = tests.settings\n",
            "tests/settings.py": 'INSTALLED_APPS = ["demo"]\nROOT_URLCONF = "tests.urls"\n',
            "tests/__init__.py": "",
        }
        project = found(files)
        assert project.settings.base.path == "shop/settings.py"
        assert project.urlconf is not None and project.urlconf.path == "shop/urls.py"
        assert {module.path for module in project.settings.modules} == {
            "shop/settings.py",
            "tests/settings.py",
        }

    def test_is_not_a_library_of_defaults(self) -> None:
        files = plain(settings=f"from lib.defaults import *\n{SETTINGS}") | {"lib/defaults.py": "PAGE = 10\n"}
        settings = found(files).settings
        assert settings.base.path == "shop/settings.py"
        assert [module.path for module in settings.modules] == ["shop/settings.py", "lib/defaults.py"]

    def test_may_leave_the_apps_to_a_file_beside_it(self) -> None:
        files = package(base=f"from .django import *\nX = 1\n{''}", django=BASE, local=STAR)
        settings = found(files).settings
        assert settings.base.path == "config/settings/base.py"
        owner = settings.owner("INSTALLED_APPS")
        assert owner is not None and owner.path == "config/settings/django.py"

    def test_is_found_where_the_entry_is_an_empty_package(self) -> None:
        files = package(entry="config.settings", base=BASE, production=STAR)
        assert found(files).settings.base.path == "config/settings/base.py"

    def test_in_a_folder_without_a_committed_init(self) -> None:
        files = package(entry="config.settings", common=BASE, dev="from .common import *\n")
        del files["config/settings/__init__.py"]
        files |= {"config/testing_settings.py": "from config.settings import *\n"}
        files["pytest.ini"] = "[pytest]\nDJANGO_SETTINGS_MODULE = config.testing_settings\n"
        project = found(files)
        assert project.settings.base.path == "config/settings/common.py"
        assert project.settings.problems[0].startswith("manage.py:6: names config.settings, which is not in")
        assert project.urlconf is not None


@pytest.mark.parametrize("text", ["", "from .celery import app\n", '"""Settings, to import by name."""\n'])
def test_an_init_that_only_makes_the_package_is_no_settings(text: str) -> None:
    files = plain(manage=manage("config.settings")) | {
        "config/__init__.py": text,
        "config/celery.py": "app = 1\n",
        "config/settings.py": SETTINGS,
    }
    assert [module.path for module in found(files).settings.modules] == ["config/settings.py"]


class TestOwners:
    def test_an_environment_that_the_base_takes_in_does_not_own(self) -> None:
        base = f'{BASE}import os\nif os.environ.get("CI"):\n    from .ci import *\n'
        settings = found(package(entry="config.settings.base", base=base, ci="DATABASES = {}\n")).settings
        owner = settings.owner("DATABASES")
        assert owner is not None and owner.path == "config/settings/base.py"

    def test_nor_does_one_that_stands_alone(self) -> None:
        files = package(base=BASE, local=STAR, test_untracked="DATABASES = {}\n")
        owner = found(files).settings.owner("DATABASES")
        assert owner is not None and owner.path == "config/settings/base.py"

    def test_what_only_environments_bind_is_theirs(self) -> None:
        files = package(base=BASE, local=f"{STAR}CACHES = {{}}\n", production=STAR)
        owner = found(files).settings.owner("CACHES")
        assert owner is not None and owner.path == "config/settings/local.py"


def included(call: str, **more: str) -> dict[str, str]:
    files = package(entry="config.settings.settings")
    text = f"from split_settings.tools import include, optional\n{call}\n"
    return (
        files
        | {"config/settings/settings.py": text}
        | {f"config/settings/{name}": text for name, text in more.items()}
    )


def test_a_file_that_is_always_taken_in_is_no_example() -> None:
    files = included(
        'include("settings.dist.py", optional("local_settings.py"))', **{"settings.dist.py": BASE}
    )
    settings = found(files).settings
    assert settings.base.path == "config/settings/settings.dist.py"
    owner = settings.owner("INSTALLED_APPS")
    assert owner is not None and owner.path == "config/settings/settings.dist.py"


def test_an_example_that_may_be_missing_stays_one() -> None:
    files = included(
        f'{BASE}include(optional("local.example.py"))', **{"local.example.py": "DATABASES = {}\n"}
    )
    settings = found(files).settings
    assert {module.path: module.editable for module in settings.modules} == {
        "config/settings/settings.py": True,
        "config/settings/local.example.py": False,
    }


def test_an_optional_file_of_ones_own_is_never_edited() -> None:
    files = included(
        'include("base.py", optional("local_settings.py"))',
        **{"base.py": BASE, "local_settings.py": "INSTALLED_APPS += ['x']\n"},
    )
    editable = {module.path: module.editable for module in found(files).settings.modules}
    assert editable["config/settings/local_settings.py"] is False
    assert editable["config/settings/base.py"] is True


@pytest.mark.parametrize(
    "text",
    [
        "from contextlib import suppress\nwith suppress(ImportError):\n    from .own import *\n",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    from .own import *\n",
    ],
)
def test_a_suppressed_import_may_be_missing(text: str) -> None:
    assert found(plain(settings=SETTINGS + text)).settings.problems == ()


def test_another_block_does_not_excuse_a_missing_import() -> None:
    text = "with open('x') as file:\n    from .own import *\n"
    assert ".own is imported" in found(plain(settings=SETTINGS + text)).settings.problems[0]


class TestOtherPeoplesSettings:
    def test_what_may_come_from_them_is_said(self) -> None:
        text = (
            'from frame.conf import *\nINSTALLED_APPS = INSTALLED_APPS + ["shop.orders"]\nMIDDLEWARE = []\n'
        )
        project = found(plain(settings=text))
        assert project.settings.problems == (
            "shop/settings.py:1: frame.conf is not in the repository, and ROOT_URLCONF may be set in it",
            "shop/settings.py: ROOT_URLCONF is not set, or only running the settings could tell",
        )
        assert project.apps.complete is False

    def test_nothing_is_said_where_nothing_is_missing(self) -> None:
        project = found(plain(settings=f"from frame.conf import *\n{SETTINGS}"))
        assert project.settings.problems == ()


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ('INSTALLED_APPS = ["a"]\nINSTALLED_APPS += ("b",)\n', True),
        ('X = ["a"]\nINSTALLED_APPS = [*X, "b"]\nif DEBUG:\n    INSTALLED_APPS.append("c")\n', True),
        ('INSTALLED_APPS = env.list("APPS", default=["a"])\n', False),
        ('INSTALLED_APPS = ["a"] + unknown\n', False),
        ('INSTALLED_APPS = collect(["a"])\n', False),
        ("INSTALLED_APPS = collect()\n", False),
    ],
)
def test_whether_all_apps_are_known(text: str, *, complete: bool) -> None:
    assert found(plain(settings=f'{text}ROOT_URLCONF = "shop.urls"\n')).apps.complete is complete


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "class Base:\n    @property\n    def INSTALLED_APPS(self):\n        return []\n    ROOT_URLCONF = 'shop.urls'\n",
            "shop/settings.py:3: INSTALLED_APPS is not found",
        ),
        ("# INSTALLED_APPS\nROOT_URLCONF = 'shop.urls'\n", "shop/settings.py: INSTALLED_APPS is not found"),
        (
            'INSTALLED_APPS = ["a"]\n\nROOT_URLCONF = choose()\n',
            "shop/settings.py:3: ROOT_URLCONF is not set",
        ),
        (
            'INSTALLED_APPS = ["a"]\nROOT_URLCONF = "gone.urls"\n',
            "shop/settings.py:2: ROOT_URLCONF names gone.urls",
        ),
    ],
)
def test_what_is_unclear_is_said_with_its_place(text: str, problem: str) -> None:
    assert found(plain(settings=text)).settings.problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ('"default": {**dj_database_url.config(), "CONN_MAX_AGE": 60}', "env"),
        ('"default": {**env.db("X"), "ENGINE": "django.db.backends.mysql"}', "mysql"),
        ('"default": {**OTHER, "ENGINE": "django.db.backends.mysql"}', "mysql"),
        ('"default": {"ENGINE": values.Value("django.db.backends.mysql", environ_name="ENGINE")}', "env"),
        ('"default": {"ENGINE": f"django.db.backends.{os.environ[\'X\']}"}', "unknown"),
        ('"default": {"ENGINE": f"django.db.backends.{os.environ.get(\'X\', \'sqlite3\')}"}', "env"),
        ('"default": {"ENGINE": "django.db.backends." + os.environ.get("X", "sqlite3")}', "env"),
        ('"default": {"ENGINE": "django.db.backends.%s" % KIND}', "postgresql"),
        ('"default": {"ENGINE": "django.db.backends." + KIND}', "postgresql"),
    ],
)
def test_engines_that_are_put_together(text: str, engine: str) -> None:
    settings = f'KIND = "postgresql"\n{SETTINGS}DATABASES = {{{text}}}\n'
    assert found(plain(settings=settings)).database == engine


@pytest.mark.parametrize(
    ("value", "engine"),
    [("values.DatabaseURLValue()", "env"), ('values.DatabaseURLValue(default="postgis://x")', "env")],
)
def test_values_of_django_configurations(value: str, engine: str) -> None:
    text = (
        "from configurations import Configuration, values\n\n\nclass Base(Configuration):\n"
        '    INSTALLED_APPS = values.ListValue(["django.contrib.auth"])\n    ROOT_URLCONF = "shop.urls"\n'
        f'    AUTH_USER_MODEL = values.Value("users.User")\n    DATABASES = {value}\n'
    )
    project = found(plain(settings=text))
    assert (project.database, project.auth_user) == (engine, "users.User")
    assert installed(project) == ["django.contrib.auth"] and project.apps.complete is False


@pytest.mark.parametrize(
    ("exclude", "ignore", "editable"),
    [
        ("local.py\n", "", False),
        ("config/settings/local.py\n# x\n", "", False),
        ("local.py\n", "!local.py\n", True),
        ("other.py\n", "", True),
    ],
)
def test_what_is_excluded_for_one_clone_is_never_edited(exclude: str, ignore: str, *, editable: bool) -> None:
    files = package(base=BASE, local=STAR) | {".git/info/exclude": exclude, ".gitignore": ignore}
    assert found(files).settings.modules[0].editable is editable
