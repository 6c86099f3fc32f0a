"""Entry points of every kind: how the settings module is found, and what other scripts say."""

from __future__ import annotations

import pytest

from .samples import SETTINGS, found, manage, package, plain

SETS = 'import os\n\n\ndef main():\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
BASE = 'INSTALLED_APPS = ["django.contrib.auth", "anymail"]\nROOT_URLCONF = "config.urls"\n'
SILENT = "import sys\nfrom django.core.management import execute_from_command_line\n"


@pytest.mark.parametrize(
    ("script", "path", "text"),
    [
        ('import runpy\nrunpy.run_module("shop", run_name="__main__")\n', "shop/__main__.py", SETS),
        ('from runpy import run_module\nrun_module("shop.cli")\n', "shop/cli.py", SETS),
        ('import runpy\nrunpy.run_path("tools/cli.py")\n', "tools/cli.py", SETS),
        ("if True:\n    from shop import main\n    main()\n", "shop/__init__.py", SETS),
        (
            "from shop import main\nmain()\n",
            "shop/__init__.py",
            'import os\ntry:\n    M = "settings"\nexcept ImportError:\n    M = "other"\n\n\ndef main():\n'
            '    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.%s" % M)\n',
        ),
    ],
)
def test_a_script_that_leaves_it_to_a_module(script: str, path: str, text: str) -> None:
    project = found(plain(manage=script) | {path: text})
    assert "shop.settings" in {project.settings.entry, *project.settings.other_entries}
    assert project.settings.base.path == "shop/settings.py"


def test_every_branch_of_a_choice_is_known_and_the_default_goes_first() -> None:
    script = (
        "import os, sys\nimport django\n"
        'name = "production"\nif os.environ.get("DEBUG"):\n    name = "local"\n'
        'if "test" in sys.argv:\n    name = "test"\n'
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{name}")\n'
    )
    star = "from .base import *\n"
    files = package(base=BASE, production=star, local=star, test=star) | {"manage.py": script}
    settings = found(files).settings
    assert settings.entry == "config.settings.production"
    assert settings.other_entries == ("config.settings.local", "config.settings.test")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "DJANGO_SETTINGS_MODULE=shop.settings\n"),
        ("example.env", 'export DJANGO_SETTINGS_MODULE="shop.settings"\n'),
        (".env", "DJANGO_SETTINGS_MODULE=shop.settings\n"),
        (".devcontainer.json", '{"remoteEnv": {"DJANGO_SETTINGS_MODULE": "shop.settings"}}'),
        ("app.json", '{"env": {"DJANGO_SETTINGS_MODULE": {"value": "shop.settings"}}}'),
        ("pytest.toml", '[pytest]\nDJANGO_SETTINGS_MODULE = "shop.settings"\n'),
        ("shop/wsgi/__init__.py", f"application = 1\n{SETS}"),
    ],
)
def test_where_else_the_module_may_be_named(path: str, text: str) -> None:
    files = plain(manage=SILENT) | {path: text, "demo/settings.py": SETTINGS}
    assert found(files).settings.entry == "shop.settings"


def test_one_machines_environment_does_not_count_beside_what_is_committed() -> None:
    files = plain() | {
        ".env": "DJANGO_SETTINGS_MODULE=shop.mine\n",
        "shop/mine.py": "from .settings import *\n",
    }
    assert found(files).settings.other_entries == ()


def test_names_that_are_nobodys_are_not_taken_for_settings() -> None:
    files = plain() | {
        "compose.yml": "services:\n  other:\n    environment:\n      DJANGO_SETTINGS_MODULE: objects.conf.docker\n",
        "Makefile": "# DJANGO_SETTINGS_MODULE: here goes a module\n",
        ".env.example": "DJANGO_SETTINGS_MODULE=shop.local\n",
    }
    assert found(files).settings.other_entries == ("shop.local",)


def test_settings_are_guessed_from_production_where_nothing_names_them() -> None:
    star = "from .base import *\n"
    files = package(base=BASE, ci=star, production=star) | {"manage.py": SILENT}
    assert found(files).settings.entry == "config.settings.production"


class TestRoots:
    def test_only_folders_are_on_the_path(self) -> None:
        script = manage().replace("import sys\n", "import sys\nsys.path.append(os.path.abspath(__file__))\n")
        assert found(plain(manage=script)).python_roots == ("",)

    def test_a_package_is_imported_from_above_if_scripts_do(self) -> None:
        files = {f"shop/{path}": text for path, text in plain().items()} | {"shop/__init__.py": ""}
        files["shop/shop/settings.py"] = SETTINGS.replace('"shop.urls"', '"shop.shop.urls"')
        assert found(files).urlconf is None
        files["shop/shop/wsgi.py"] = SETS.replace("shop.settings", "shop.shop.settings") + "\nmain()\n"
        urlconf = found(files).urlconf
        assert urlconf is not None and urlconf.path == "shop/shop/urls.py"

    def test_a_package_that_nobody_imports_from_above_keeps_its_names(self) -> None:
        files = {f"src/{path}": text for path, text in plain().items()} | {"src/__init__.py": ""}
        project = found(files)
        assert project.settings.base.module == "shop.settings"
        assert project.python_roots == ("src",)

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["lib"]\n'),
            ("pytest.ini", "[pytest]\npythonpath = lib\n"),
            ("setup.cfg", "[tool:pytest]\npython_paths = lib\n"),
        ],
    )
    def test_of_pytest(self, path: str, text: str) -> None:
        assert found(plain() | {path: text, "lib/x.py": ""}).python_roots == ("", "lib")


class TestServers:
    def test_a_package_counts_like_a_module(self) -> None:
        files = plain() | {"shop/asgi/__init__.py": "application = 1\n", "shop/wsgi.py": ""}
        project = found(files)
        assert (project.asgi, project.wsgi) == ("shop/asgi/__init__.py", "shop/wsgi.py")

    def test_a_package_without_an_application_does_not(self) -> None:
        assert found(plain() | {"asgi/__init__.py": "", "asgi/tools.py": ""}).asgi is None

    def test_the_settings_know_best(self) -> None:
        settings = SETTINGS + 'WSGI_APPLICATION = "shop.serve.application"\nASGI_APPLICATION = "x.y"\n'
        files = plain(settings=settings) | {"a/wsgi.py": "", "shop/serve.py": ""}
        project = found(files)
        assert (project.wsgi, project.asgi) == ("shop/serve.py", None)

    def test_asgi_by_another_name(self) -> None:
        settings = SETTINGS + 'ASGI_APPLICATION = "shop.routing.application"\n'
        files = plain(settings=settings) | {"shop/routing.py": ""}
        assert found(files).asgi == "shop/routing.py"


class TestTestsOutside:
    CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef user():\n    return 1\n"

    def project(self, folder: str, **more: str) -> dict[str, str]:
        files = {f"{folder}/{path}": text for path, text in plain().items()}
        return files | {"tests/conftest.py": self.CONFTEST, "tests/test_x.py": ""} | more

    def test_beside_src(self) -> None:
        tests = found(self.project("src")).tests
        assert tests.user_fixture == "tests/conftest.py" and tests.folders == ("tests",)

    @pytest.mark.parametrize(
        "text",
        ["[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n", "[pytest]\npythonpath = backend\n"],
    )
    def test_where_pytest_knows_the_project(self, text: str) -> None:
        tests = found(self.project("backend", **{"pytest.ini": text})).tests
        assert tests.user_fixture == "tests/conftest.py" and tests.folders == ("tests",)

    @pytest.mark.parametrize("text", ["", "[pytest]\nDJANGO_SETTINGS_MODULE = tests.settings\n"])
    def test_of_a_neighbour(self, text: str) -> None:
        tests = found(self.project("backend", **{"pytest.ini": text})).tests
        assert tests.user_fixture is None and tests.folders == ()
