"""What is said where there is no Django project to work on."""

from __future__ import annotations

import pytest

from djroadmap.errors import NoProject

from .samples import SETTINGS, found, manage, plain

PLAIN = "no manage.py of a Django project here or up to 3 folders down"
TEMPLATE = "is part of a template that projects are generated from"


def refusal(files: dict[str, str], **options: str) -> NoProject:
    with pytest.raises(NoProject) as error:
        found(files, **options)
    assert error.value.hint
    return error.value


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


@pytest.mark.parametrize(
    ("files", "where", "how"),
    [
        (
            {"cookiecutter.json": "{}"} | below("{{cookiecutter.slug}}", plain()),
            "{{cookiecutter.slug}}/manage.py",
            "with cookiecutter",
        ),
        (
            {"copier.yml": "x: 1\n", "template/manage.py.jinja": manage(), "template/shop/urls.py": ""},
            "template/manage.py.jinja",
            "with copier copy",
        ),
        (
            {"copier.yaml": "x: 1\n", "template/start.py.jinja": manage()},
            "copier.yaml",
            "with copier copy",
        ),
        (
            below("src", plain(manage=manage("{{ project_name }}.settings.local"))),
            "src/manage.py",
            "django-admin startproject --template",
        ),
        (
            {"shop/settings.py": 'ROOT_URLCONF = "{{ project_name }}.urls"\n'},
            "shop/settings.py",
            "django-admin startproject --template",
        ),
        (
            {"{% if x %}a{% endif %}/manage.py": manage()},
            "{% if x %}a{% endif %}/manage.py",
            "generate a project",
        ),
    ],
)
def test_a_template_is_told_apart_from_a_project(files: dict[str, str], where: str, how: str) -> None:
    error = refusal(files)
    assert error.message.startswith(f"{where}: {TEMPLATE}")
    assert how in error.hint


def test_a_template_is_refused_also_when_it_is_named() -> None:
    files = below("src", plain(manage=manage("{{ project_name }}.settings")))
    assert TEMPLATE in refusal(files, manage="src/manage.py").message


@pytest.mark.parametrize(
    "files",
    [
        plain() | {"templates/x.html": "{{ name }}", "copier.yml": "x: 1\n"},
        plain() | below("{{cookiecutter.slug}}", plain()),
        plain(manage=manage() + "# '%{x}', {%s} and {{}}\n"),
        plain() | {"shop/settings.py": SETTINGS + 'X = "{{ project_name }}"\n'},
    ],
)
def test_a_project_beside_a_template_is_a_project(files: dict[str, str]) -> None:
    assert found(files).manage == "manage.py"


COMMAND = """\
import os
from django.core.management import execute_from_command_line


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop_config"
    execute_from_command_line()
"""


@pytest.mark.parametrize("table", ["project", "tool.poetry"])
@pytest.mark.parametrize("folder", ["", "src/"])
def test_a_command_in_place_of_manage(table: str, folder: str) -> None:
    files = {
        "pyproject.toml": f'[{table}]\nname = "shop"\n\n[{table}.scripts]\nx = "shop.x:y"\nshop = "shop.cli:main"\n',
        f"{folder}shop/cli.py": COMMAND,
        f"{folder}shop/x.py": "def y(): ...\n",
    }
    error = refusal(files)
    assert error.message.startswith("pyproject.toml:6: the command shop (shop.cli:main) takes the place")
    assert "manage.py" in error.hint


@pytest.mark.parametrize(
    "text",
    ['print("execute_from_command_line(sys.argv)")\n', "from shop import main\n", "def main(): (\n", None],
)
def test_other_commands_are_no_manage(text: str | None) -> None:
    files = {"pyproject.toml": '[project.scripts]\nshop = "shop.cli:main"\nodd = 1\n'}
    assert refusal(files | ({} if text is None else {"shop/cli.py": text})).message == PLAIN


@pytest.mark.parametrize(
    ("files", "why", "hint"),
    [
        ({"README.md": "django"}, "", "name it with -C"),
        ({"manage.py": "from flask_script import Manager\n"}, "manage.py does not start Django", "with -C"),
        (
            {"manage.py": "from shop import create_app\n", "shop/__init__.py": "from flask import Flask\n"},
            "manage.py does not start Django",
            "with -C",
        ),
        (
            below("tests", plain()),
            "tests/manage.py lies in a folder called tests",
            "--manage tests/manage.py",
        ),
        (below("a/b/c/d", plain()), "a/b/c/d/manage.py lies more than 3", "--manage a/b/c/d/manage.py"),
    ],
)
def test_why_each_manage_does_not_count(files: dict[str, str], why: str, hint: str) -> None:
    error = refusal(files)
    assert (
        error.message == f"{PLAIN} ({why})"
        if why and "lies more" not in why
        else error.message.startswith(PLAIN)
    )
    assert why in error.message and hint in error.hint


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (
            "import sys\nfrom django.core.management import execute_from_command_line\n\n"
            "execute_from_command_line(sys.argv)\n",
            4,
        ),
        (
            "# DJANGO_SETTINGS_MODULE comes from outside\nimport django, os\n\n"
            'if not os.environ.get("DJANGO_SETTINGS_MODULE"):\n    raise SystemExit(1)\n',
            4,
        ),
        (
            "import django, os\nfrom decouple import config\n\n"
            'os.environ.setdefault("DJANGO_SETTINGS_MODULE", config("DJANGO_SETTINGS_MODULE"))\n',
            4,
        ),
    ],
)
def test_a_manage_that_names_no_settings(script: str, line: int) -> None:
    error = refusal({"manage.py": script})
    assert error.message.startswith(
        f"manage.py:{line}: no settings module is named here, and what it imports"
    )
    assert "wsgi.py" in error.message and "pytest" in error.message and "Makefile" in error.message
    assert "DJANGO_SETTINGS_MODULE" in error.hint
