"""waffle: settings that suit each project, and code that still needs it."""

from __future__ import annotations

import ast

import pytest

from djroadmap.errors import Unrecognised
from djroadmap.features.waffle import FEATURE
from djroadmap.model.feature import NoOptions

from .small import SETTINGS, SMALL, Files, applied, moved, project, pyproject

PYTEST = pyproject("pytest", "pytest-django")
IMPORT_BASE = "from .base import *  # noqa: F403\n"


def environments(**modules: str) -> Files:
    """The small project with a package of settings: `base` and these modules, of which manage.py names the first."""
    files = {path: text for path, text in SMALL.items() if path != "shop/settings.py"}
    entry = f"shop.settings.{next(iter(modules))}"
    files["manage.py"] = f'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{entry}")\n'
    files |= {"shop/settings/__init__.py": "", "shop/settings/base.py": SETTINGS.replace("True", "False")}
    return files | {f"shop/settings/{name}.py": IMPORT_BASE + text for name, text in modules.items()}


def add(files: Files) -> dict[str, str]:
    return {
        path: str(text) for path, text in applied(FEATURE.plan(project(files), NoOptions()), files).items()
    }


def with_settings(text: str) -> Files:
    return SMALL | {"shop/settings.py": SETTINGS + text}


def classes() -> Files:
    """Settings as classes of django-configurations, of which development's sets its own DEBUG."""
    body = "".join(f"    {line}\n" for line in SETTINGS.splitlines())
    settings = f"from configurations import Configuration\n\n\nclass Base(Configuration):\n{body}\n\n"
    manage = str(SMALL["manage.py"]) + 'os.environ.setdefault("DJANGO_CONFIGURATION", "Development")\n'
    development = "class Development(Base):\n    DEBUG = True\n"
    return SMALL | {"shop/settings.py": settings + development, "manage.py": manage}


def values(text: str) -> dict[str, str]:
    """What waffle's settings are set to in a module."""
    found = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            found[statement.targets[0].id] = ast.unparse(statement.value)
    return {name: value for name, value in found.items() if name.startswith("WAFFLE_")}


DEFAULTS = {f"WAFFLE_{kind}_DEFAULT": "False" for kind in ("FLAG", "SWITCH", "SAMPLE")} | {
    f"WAFFLE_LOG_MISSING_{kinds}": "logging.WARNING" for kinds in ("FLAGS", "SWITCHES", "SAMPLES")
}


def test_app_and_middleware_are_last() -> None:
    later = '    "shop.middleware.Later",\n]\n\nROOT_URLCONF'
    files = SMALL | {"shop/settings.py": SETTINGS.replace("]\n\nROOT_URLCONF", later)}
    text = add(files)["shop/settings.py"]
    assert '    "django.contrib.contenttypes",\n    "waffle",\n]' in text
    assert '    "shop.middleware.Later",\n    "waffle.middleware.WaffleMiddleware",\n]' in text


def test_middleware_without_authentication_is_refused() -> None:
    files = SMALL | {"shop/settings.py": SETTINGS.replace("AuthenticationMiddleware", "OtherMiddleware")}
    with pytest.raises(Unrecognised, match="AuthenticationMiddleware"):
        add(files)


def test_one_settings_module_asks_debug() -> None:
    text = add(SMALL)["shop/settings.py"]
    assert values(text) == DEFAULTS | {"WAFFLE_SECURE": "not DEBUG"}
    assert text.index("DEBUG = True") < text.index("WAFFLE_SECURE")
    assert text.startswith("import logging\n")


def test_local_settings_have_cookies_for_plain_http() -> None:
    after = add(environments(local="DEBUG = True\n"))
    assert values(after["shop/settings/base.py"]) == DEFAULTS
    assert values(after["shop/settings/local.py"]) == {"WAFFLE_SECURE": "False"}


@pytest.mark.parametrize(
    "files",
    [
        environments(production=""),
        environments(production="DEBUG = False\n"),
        SMALL | {"shop/settings.py": SETTINGS.replace("DEBUG = True\n", "")},
        classes(),
    ],
    ids=["debug-in-base", "debug-overridden", "no-debug", "classes"],
)
def test_what_only_the_owner_knows_is_a_todo(files: Files) -> None:
    if "shop/settings/production.py" in files and "DEBUG" not in str(files["shop/settings/production.py"]):
        files = files | {"shop/settings/base.py": SETTINGS.replace("DEBUG = True\n", "")}
    plan = FEATURE.plan(project(files), NoOptions())
    assert [todo.snippet for todo in plan.todos if "HTTP" in todo.text] == ["WAFFLE_SECURE = False"]
    assert all("WAFFLE_SECURE" not in str(text) for text in applied(plan, files).values())


@pytest.mark.parametrize(
    "files",
    [
        with_settings("WAFFLE_SECURE = True\n"),
        environments(local="WAFFLE_SECURE = env.bool('SECURE')\n"),
        environments(production="DEBUG = False\nWAFFLE_SECURE = True\n"),
    ],
)
def test_what_the_owner_has_decided_stays(files: Files) -> None:
    plan = FEATURE.plan(project(files), NoOptions())
    assert not any("HTTP" in todo.text for todo in plan.todos)
    for path, text in files.items():
        assert str(applied(plan, files)[path]).count("WAFFLE_SECURE") == str(text).count("WAFFLE_SECURE")


def test_other_values_stay_and_need_no_import() -> None:
    levels = "".join(f"WAFFLE_LOG_MISSING_{kinds} = 10\n" for kinds in ("FLAGS", "SWITCHES", "SAMPLES"))
    text = add(with_settings(f"WAFFLE_FLAG_DEFAULT = True\n{levels}"))["shop/settings.py"]
    assert values(text)["WAFFLE_FLAG_DEFAULT"] == "True"
    assert values(text)["WAFFLE_SWITCH_DEFAULT"] == "False"
    assert "import logging" not in text


@pytest.mark.parametrize(
    "files", [SMALL, environments(local="DEBUG = True\n"), SMALL | PYTEST, moved("backend")]
)
def test_the_plan_for_the_result_is_the_same(files: Files) -> None:
    first = FEATURE.plan(project(files), NoOptions())
    after = applied(first, files)
    second = FEATURE.plan(project(after), NoOptions())
    assert [edit.key for edit in second.edits] == [edit.key for edit in first.edits]
    assert applied(second, after) == after


def test_djlint_learns_the_blocks() -> None:
    djlint = '\n[tool.djlint]\ncustom_blocks = "element,slot"\n'
    files = SMALL | {"pyproject.toml": str(pyproject("djlint")["pyproject.toml"]) + djlint}
    assert 'custom_blocks = "element,slot,flag,switch,sample"' in add(files)["pyproject.toml"]


def test_djlint_in_another_file_is_a_todo() -> None:
    plan = FEATURE.plan(project(SMALL | {".djlintrc": "{}"}), NoOptions())
    assert [todo.path for todo in plan.todos if "djLint" in todo.text] == [".djlintrc"]


def test_projects_without_djlint_hear_nothing_of_it() -> None:
    plan = FEATURE.plan(project(SMALL), NoOptions())
    assert not any("djLint" in todo.text for todo in plan.todos)


@pytest.mark.parametrize(("files", "style"), [(SMALL, "(TestCase)"), (SMALL | PYTEST, "@pytest.")])
def test_the_tests_suit_the_runner(files: Files, style: str) -> None:
    text = add(files)["shop/tests/test_waffle.py"]
    assert style in text
    assert text.count("def test_") == 7
    ast.parse(text)


@pytest.mark.parametrize("tools", [(), ("pytest",)])
def test_no_admin_no_test_of_it(tools: tuple[str, ...]) -> None:
    text = add(SMALL | pyproject(*tools) | {"shop/urls.py": "urlpatterns = []\n"})[
        "shop/tests/test_waffle.py"
    ]
    assert "admin" not in text
    assert "HTTPStatus" not in text
    assert "reverse" not in text
    ast.parse(text)


def test_commands() -> None:
    commands = FEATURE.plan(project(SMALL), NoOptions()).commands
    assert [str(command) for command in commands if command.when == "migrate"] == [
        "python manage.py migrate waffle"
    ]
    farewell = FEATURE.farewell(project(SMALL), NoOptions())
    assert [str(command) for command in farewell] == ["python manage.py migrate waffle zero"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (SMALL, "python manage.py test shop.tests.test_waffle"),
        (moved("backend"), "(cd backend && python manage.py test shop.tests.test_waffle)"),
        (SMALL | PYTEST, "pytest shop/tests/test_waffle.py"),
    ],
)
def test_checks_run_the_added_tests(files: Files, command: str) -> None:
    assert [str(check) for check in FEATURE.checks(project(files), NoOptions())] == [command]


def test_it_needs_users_and_groups() -> None:
    files = SMALL | {"shop/settings.py": SETTINGS.replace('    "django.contrib.auth",\n', "")}
    assert "django.contrib.auth" in str(FEATURE.supports(project(files)))
    assert FEATURE.supports(project(SMALL)) is None


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        (
            "shop/views.py",
            "import os\nfrom waffle import flag_is_active\n",
            "shop/views.py:2: still imports waffle",
        ),
        (
            "shop/views.py",
            "def view():\n    import waffle.testutils\n",
            "shop/views.py:2: still imports waffle",
        ),
        (
            "shop/views.py",
            "from waffle.decorators import (\n    waffle_flag,\n)\n",
            "shop/views.py:1: still imports waffle",
        ),
        ("shop/views.py", "def broken(:\nimport waffle\n", "shop/views.py:2: still imports waffle"),
        (
            "shop/models.py",
            'flag = ForeignKey("waffle.Flag")\n',
            'shop/models.py:1: still names "waffle.Flag"',
        ),
        (
            "shop/tests.py",
            "patch('waffle.flag_is_active')\n",
            'shop/tests.py:1: still names "waffle.flag_is_active"',
        ),
        (
            "shop/migrations/0002_flags.py",
            'dependencies = [\n    ("shop", "0001_initial"),\n    ("waffle", "0004_more"),\n]\n',
            'shop/migrations/0002_flags.py:3: still depends on the migration "0004_more" of waffle',
        ),
        (
            "shop/templates/a.html",
            "<p>\n{% load i18n waffle_tags %}\n",
            "shop/templates/a.html:2: still loads waffle_tags",
        ),
        (
            "shop/templates/a.txt",
            "{%- load waffle_tags -%}\n",
            "shop/templates/a.txt:1: still loads waffle_tags",
        ),
    ],
)
def test_code_that_uses_it_forbids_to_remove_it(path: str, text: str, problem: str) -> None:
    assert FEATURE.guard is not None
    found = FEATURE.guard(project({**add(SMALL), path: text}))
    assert [str(one) for one in found] == [problem]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/views.py", "# from waffle import flag_is_active\n"),
        ("shop/views.py", '"""Once used waffle.\n\nfrom waffle import flag_is_active\n"""\n'),
        ("shop/views.py", "from .waffle import iron\nfrom shop.waffle import batter\nimport waffles\n"),
        ("shop/views.py", 'logging.getLogger("waffle")\nname = "waffle. Or not"\n'),
        ("shop/templates/a.html", "<p>{# load waffle_tags #} waffle</p>{% load waffles %}\n"),
        ("docs/notes.rst", "from waffle import flag_is_active\n"),
    ],
)
def test_other_mentions_do_not(path: str, text: str) -> None:
    assert FEATURE.guard is not None
    assert FEATURE.guard(project({**add(SMALL), path: text})) == ()


def test_a_file_that_cannot_be_read_is_named() -> None:
    assert FEATURE.guard is not None
    found = FEATURE.guard(project({**SMALL, "shop/odd.py": b"name = 'waffle \xff'\n"}))
    assert [one.path for one in found] == ["shop/odd.py"]
