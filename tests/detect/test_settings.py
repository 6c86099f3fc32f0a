from __future__ import annotations

import pytest

from djroadmap.errors import NoProject

from .samples import SETTINGS, found, installed, manage, package, plain

BASE = 'INSTALLED_APPS = ["django.contrib.auth", "anymail"]\nROOT_URLCONF = "config.urls"\n'


def entry(text: str) -> str:
    return f"import os, sys\nimport django\n{text}\n"


@pytest.mark.parametrize(
    "text",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
        'def main():\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
        'if __name__ == "__main__":\n    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"',
        'NAME = "settings"\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", f"shop.{NAME}")',
        'NAME = "settings"\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.%s" % NAME)',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.{}".format("settings"))',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", os.environ.get("SETTINGS", "shop.settings"))',
        (
            'if "test" in sys.argv:\n    m = "shop.settings"\nelse:\n'
            '    m = "shop.settings"\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", m)'
        ),
        'from django.conf import ENVIRONMENT_VARIABLE\nos.environ.setdefault(ENVIRONMENT_VARIABLE, "shop.settings")',
        'environ = os.environ\nenviron.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")',
        (
            "try:\n    pass\nexcept ImportError:\n    raise\n"
            'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")'
        ),
    ],
)
def test_the_module_that_manage_names(text: str) -> None:
    project = found(plain(manage=entry(text)))
    assert project.settings.entry == "shop.settings"
    assert [module.path for module in project.settings.modules] == ["shop/settings.py"]
    assert project.settings.problems == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/wsgi.py", 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'),
        ("shop/asgi.py", 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"\n'),
        ("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "--ds=shop.settings"\n'),
        ("setup.cfg", "[tool:pytest]\nDJANGO_SETTINGS_MODULE=shop.settings\n"),
        ("Dockerfile", "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=shop.settings\n"),
        ("Dockerfile", "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE shop.settings\n"),
        ("compose.yml", "services:\n  web:\n    environment:\n      DJANGO_SETTINGS_MODULE: shop.settings\n"),
        ("Makefile", "export DJANGO_SETTINGS_MODULE = shop.settings\ntest:\n\tpytest\n"),
        ("manage_env.py", ""),
    ],
)
def test_other_entry_points_help_where_manage_says_nothing(path: str, text: str) -> None:
    project = found(
        plain(manage="from django.core.management import execute_from_command_line\n") | {path: text}
    )
    assert project.settings.base.path == "shop/settings.py"


def test_a_module_that_manage_imports_may_set_it() -> None:
    files = plain(manage="from django.core import management\nfrom shop.bootstrap import setup\nsetup()\n")
    files["shop/bootstrap.py"] = (
        'import os\ndef setup():\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
    )
    assert found(files).settings.entry == "shop.settings"


def test_manage_goes_before_the_others_which_are_listed() -> None:
    files = package(
        base=BASE,
        local="from .base import *\n",
        production="from .base import *\n",
        test="from .base import *\n",
    )
    files["config/wsgi.py"] = (
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")\n'
    )
    files["pytest.ini"] = "[pytest]\naddopts = --ds=config.settings.test\n"
    settings = found(files).settings
    assert settings.entry == "config.settings.local"
    assert settings.other_entries == ("config.settings.production", "config.settings.test")
    assert [module.module.rpartition(".")[2] for module in settings.modules] == [
        "local",
        "production",
        "test",
        "base",
    ]
    assert [module.environment for module in settings.modules] == ["local", "production", "test", "base"]
    assert settings.base.path == "config/settings/base.py"
    assert settings.modules[0].imports == ("config.settings.base",)
    owner = settings.owner("INSTALLED_APPS")
    assert owner is not None and owner.path == "config/settings/base.py"
    assert settings.owner("NOTHING") is None


def test_environments_that_no_entry_point_names_are_found_beside() -> None:
    files = package(
        base=BASE,
        local="from .base import *\n",
        production="from .base import *\nDEBUG = False\n",
        helpers="def f(): pass\n",
    )
    settings = found(files).settings
    production = settings.environment("production")
    assert production is not None and production.names == {"DEBUG"}
    assert "config.settings.helpers" not in {module.module for module in settings.modules}


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("settings_prod", "production"),
        ("settings_dev", "local"),
        ("test_settings", "test"),
        ("settings_base", "base"),
        ("settings_live", "production"),
    ],
)
def test_environments_by_name_in_a_flat_layout(name: str, environment: str) -> None:
    files = plain(manage=manage(f"shop.{name}")) | {f"shop/{name}.py": "from shop.settings import *\n"}
    found_module = next(module for module in found(files).settings.modules if module.module == f"shop.{name}")
    expected = (
        "other" if environment == "base" else environment
    )  # settings.py, which holds the apps, is the base
    assert found_module.environment == expected


def test_a_missing_entry_is_reported_and_what_is_there_is_used() -> None:
    settings = found(package(base=BASE, production="from .base import *\n")).settings
    assert settings.entry == "config.settings.local"
    assert settings.base.path == "config/settings/base.py"
    assert any(
        "config.settings.local, which is not in the repository" in problem for problem in settings.problems
    )


def test_no_settings_at_all() -> None:
    with pytest.raises(
        NoProject, match=r"manage.py:6: names gone.settings, which is not in the repository"
    ) as error:
        found({"manage.py": manage("gone.settings")})
    assert error.value.hint


def test_a_package_is_not_taken_for_the_settings_that_should_be_in_it() -> None:
    """They are a link out of the project, say: nothing is to be pasted into `__init__.py`."""
    with pytest.raises(NoProject, match=r"manage.py:6: names shop.settings, which is not in the repository"):
        found({"manage.py": manage("shop.settings"), "shop/__init__.py": "", "shop/urls.py": ""})


def test_settings_that_nobody_names_are_found_if_there_is_only_one_place() -> None:
    project = found(plain(manage="from django.core.management import execute_from_command_line\n"))
    assert project.settings.base.path == "shop/settings.py"


def test_a_package_goes_before_a_module_of_the_same_name() -> None:
    files = plain() | {"shop/settings/__init__.py": 'INSTALLED_APPS = ["one"]\n'}
    assert found(files).settings.base.path == "shop/settings/__init__.py"


def test_a_folder_that_is_no_package_does_not_shadow_the_module() -> None:
    files = plain() | {"shop/settings/local.txt": "", "shop/settings/extra.py": "X = 1\n"}
    assert found(files).settings.base.path == "shop/settings.py"


def test_a_package_that_holds_its_settings_in_init() -> None:
    files = plain(manage=manage("shop.conf")) | {
        "shop/conf/__init__.py": SETTINGS,
        "shop/conf/prod.py": "from shop.conf import *\nDEBUG = False\n",
    }
    del files["shop/settings.py"]
    settings = found(files).settings
    assert [(module.module, module.environment) for module in settings.modules] == [
        ("shop.conf.prod", "production"),
        ("shop.conf", "base"),
    ]
    assert settings.base.path == "shop/conf/__init__.py"


def test_a_switch_in_init() -> None:
    init = (
        'import os\nif os.environ.get("ENV") == "prod":\n    from .production import *\n'
        "else:\n    from .development import *\n"
    )
    files = package(
        entry="config.settings",
        base=BASE,
        production="from .base import *\n",
        development="from .base import *\n",
    )
    files["config/settings/__init__.py"] = init
    settings = found(files).settings
    assert settings.modules[0].module == "config.settings"
    assert settings.modules[0].imports == ("config.settings.production", "config.settings.development")
    assert settings.base.module == "config.settings.base"
    assert settings.environment("local") is not None and settings.environment("production") is not None


@pytest.mark.parametrize(
    "imported",
    [
        "from .local_settings import *",
        "from shop.local_settings import *",
        "from shop.local_settings import DATABASES",
    ],
)
def test_local_overrides_are_never_edited(imported: str) -> None:
    text = f"{SETTINGS}try:\n    {imported}\nexcept ImportError:\n    pass\n"
    files = plain(settings=text) | {"shop/local_settings.py": "INSTALLED_APPS = []\nDATABASES = {}\n"}
    settings = found(files).settings
    assert [(module.module, module.environment, module.editable) for module in settings.modules] == [
        ("shop.settings", "base", True),
        ("shop.local_settings", "local", False),
    ]
    owner = settings.owner("INSTALLED_APPS")
    assert owner is not None and owner.module == "shop.settings"
    assert settings.problems == ()


def test_an_override_that_is_missing_may_be_missing() -> None:
    text = f"{SETTINGS}try:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    assert found(plain(settings=text)).settings.problems == ()


def test_a_module_that_must_be_there_and_is_not() -> None:
    problems = found(plain(settings=f"{SETTINGS}from .secrets import *\n")).settings.problems
    assert problems == ("shop/settings.py:5: .secrets is imported, but not in the repository",)


def test_other_peoples_modules_are_not_missing() -> None:
    text = f"{SETTINGS}from configurations_of_others.base import *\nfrom decouple import config\n"
    assert found(plain(settings=text)).settings.problems == ()


@pytest.mark.parametrize(
    ("ignore", "editable"),
    [
        ("local.py\n", False),
        ("/config/settings/local.py\n", False),
        ("config/settings/*.py\n!config/settings/local.py\n", True),
        ("*.pyc\n# local.py\n", True),
        ("settings/\n", False),
    ],
)
def test_what_git_ignores_is_never_edited(ignore: str, editable: bool) -> None:
    files = package(base=BASE, local="from .base import *\n") | {".gitignore": ignore}
    assert found(files).settings.modules[0].editable is editable


def test_examples_are_no_settings() -> None:
    files = package(base=BASE, local="from .base import *\n")
    files |= {
        "config/settings/local.example.py": "from .base import *\n",
        "config/settings/example.py": "from .base import *\n",
    }
    assert {module.module for module in found(files).settings.modules} == {
        "config.settings.local",
        "config.settings.base",
    }


def test_a_cycle_of_star_imports_ends() -> None:
    files = package(
        base="from .local import *\nINSTALLED_APPS = ['anymail']\n", local="from .base import *\n"
    )
    project = found(files)
    assert installed(project) == ["anymail"]
    assert project.settings.base.path == "config/settings/base.py"


def test_a_module_that_imports_itself() -> None:
    assert installed(found(plain(settings=f"from shop.settings import *\n{SETTINGS}"))) == [
        "django.contrib.auth",
        "shop.orders",
    ]


@pytest.mark.parametrize(
    "call",
    [
        'include("components/base.py", "components/more.py")',
        'include("components/*.py")',
        'include("components/*.py", optional("local.py"), scope=globals())',
        'parts = ["components/base.py", "components/more.py"]\ninclude(*parts)',
        'import os\nENV = os.environ["ENV"]\ninclude("components/base.py", f"components/{ENV}.py")',
        'import os\ninclude("components/base.py", "components/%s.py" % os.environ["X"])',
        'import os\ninclude("components/base.py", "components/{}.py".format(os.environ["X"]))',
    ],
)
def test_split_settings(call: str) -> None:
    files = package(entry="config.settings")
    files["config/settings/__init__.py"] = f"from split_settings.tools import include, optional\n{call}\n"
    files["config/settings/components/base.py"] = BASE
    files["config/settings/components/more.py"] = 'INSTALLED_APPS += ["waffle"]\n'
    project = found(files)
    assert installed(project) == ["django.contrib.auth", "anymail", "waffle"]
    assert project.settings.modules[0].module == "config.settings"
    assert set(project.settings.modules[0].imports) == {
        "config.settings.components.base",
        "config.settings.components.more",
    }
    assert project.settings.base.path == "config/settings/components/base.py"
    assert project.settings.problems == ()
    assert project.urlconf is not None


def test_an_include_that_cannot_be_followed() -> None:
    files = package(entry="config.settings")
    files["config/settings/__init__.py"] = (
        f"from split_settings.tools import include\n{BASE}include(*find())\n"
    )
    assert found(files).settings.problems == (
        "config/settings/__init__.py:4: include() with names that only running it could tell",
    )


def test_files_that_include_each_other() -> None:
    files = package(entry="config.settings")
    files["config/settings/__init__.py"] = f'{BASE}include("a.py")\n'
    files["config/settings/a.py"] = 'include("__init__.py")\nINSTALLED_APPS += ["waffle"]\n'
    assert "waffle" in installed(found(files))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('exec(open("x.py").read())', "exec"),
        ("import importlib\nimportlib.import_module('x')", "run time"),
        ("globals().update(X)", "globals"),
        ("globals()['X'] = 1", "globals"),
        ("import dynaconf", "dynaconf"),
    ],
)
def test_what_is_not_followed_is_reported(text: str, why: str) -> None:
    problems = found(plain(settings=f"{SETTINGS}{text}\n")).settings.problems
    assert len(problems) == 1 and why in problems[0] and problems[0].startswith("shop/settings.py:")


@pytest.mark.parametrize(
    "text",
    [
        "# exec(open('x'))",
        "executor(1)",
        "X = 1  # globals() is not touched",
        "include('x', scope=globals())",
    ],
)
def test_what_only_looks_odd(text: str) -> None:
    assert not [
        problem
        for problem in found(plain(settings=f"{SETTINGS}{text}\n")).settings.problems
        if "include()" not in problem
    ]


def test_a_syntax_error_in_settings_is_reported() -> None:
    files = package(base=BASE, local="from .base import *\nX = (\n")
    settings = found(files).settings
    assert [
        problem
        for problem in settings.problems
        if problem.startswith("config/settings/local.py:2: not valid Python")
    ]
    assert {module.module for module in settings.modules} >= {"config.settings.local"}


def test_syntax_errors_elsewhere_do_not_matter() -> None:
    files = plain() | {
        "shop/broken.py": "def (:\n",
        "shop/orders/apps.py": "class:\n",
        "shop/conftest.py": "x =",
    }
    assert found(files).settings.problems == ()


def test_settings_that_cannot_be_decoded_are_reported() -> None:
    project = found(plain() | {"shop/settings.py": b"INSTALLED_APPS = ['\xff\xfe']\n"})
    assert any(
        "shop/settings.py" in problem and "decoded" in problem for problem in project.settings.problems
    )


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + SETTINGS,
        SETTINGS.replace("\n", "\r\n"),
        SETTINGS.rstrip("\n"),
        SETTINGS.replace("[", "[\n\t"),
    ],
)
def test_encodings_and_line_endings(text: str) -> None:
    project = found(plain() | {"shop/settings.py": text})
    assert installed(project) == ["django.contrib.auth", "shop.orders"]
    assert project.settings.problems == ()


def test_latin_1_with_a_cookie() -> None:
    text = f"# -*- coding: latin-1 -*-\nNAME = 'caf\xe9'\n{SETTINGS}".encode("latin-1")
    assert found(plain() | {"shop/settings.py": text}).settings.constants["NAME"] == "caf\xe9"


CONFIGURATIONS = """\
from configurations import Configuration


class Common(Configuration):
    INSTALLED_APPS = ["django.contrib.auth"]
    ROOT_URLCONF = "shop.urls"


class Dev(Common):
    INSTALLED_APPS = Common.INSTALLED_APPS + ["debug_toolbar"]


class Prod(Common):
    INSTALLED_APPS = [*Common.INSTALLED_APPS, "anymail"]
"""


def test_django_configurations() -> None:
    script = manage().replace(
        "    from django", '    os.environ.setdefault("DJANGO_CONFIGURATION", "Dev")\n    from django'
    )
    project = found(plain(manage=script, settings=CONFIGURATIONS))
    assert installed(project) == ["django.contrib.auth", "debug_toolbar", "anymail"]
    assert project.settings.configuration == "Dev"
    assert project.urlconf is not None and project.urlconf.path == "shop/urls.py"
    assert {"INSTALLED_APPS", "ROOT_URLCONF"} <= project.settings.base.names


def test_classes_over_several_files() -> None:
    files = package(
        base="class Base:\n    INSTALLED_APPS = ['django.contrib.auth']\n",
        local=(
            "from .base import Base\n\n\nclass Local(Base):\n"
            "    INSTALLED_APPS = Base.INSTALLED_APPS + ['debug_toolbar']\n"
        ),
    )
    project = found(files)
    assert installed(project) == ["django.contrib.auth", "debug_toolbar"]
    assert project.settings.modules[0].imports == ("config.settings.base",)


def test_constants() -> None:
    files = package(
        base=BASE
        + (
            'USE_TZ = True\nTIME_ZONE = "UTC"\nSITE_ID = 1\n'
            'PREFIX = env("PREFIX", default="[Shop]")\nX = f()\nlower = 1\n'
        ),
        local="from .base import *\nDEBUG = True\nTIME_ZONE = 'CET'\n",
    )
    constants = found(files).settings.constants
    assert constants["USE_TZ"] is True and constants["SITE_ID"] == 1
    assert constants["TIME_ZONE"] == "UTC" and constants["PREFIX"] == "[Shop]" and constants["DEBUG"] is True
    assert not {"X", "lower"} & constants.keys()
