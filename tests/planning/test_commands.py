"""Commands as a developer of the project types them."""

from __future__ import annotations

import pytest

from djroadmap.planning.commands import command, manage, prefix
from tests.features.small import SMALL, Files, moved, project, pyproject

POETRY = '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\npython = "^3.12"\n'
SERVICE = "services:\n  web:\n    build: .\n    command: gunicorn shop.wsgi --workers ${WORKERS:-3}\n    working_dir: /code\n"


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({}, "python manage.py migrate"),
        (pyproject() | {"uv.lock": ""}, "uv run python manage.py migrate"),
        ({"pyproject.toml": POETRY, "poetry.lock": ""}, "poetry run python manage.py migrate"),
        ({"Pipfile": "[packages]\ndjango = '*'\n"}, "pipenv run python manage.py migrate"),
        ({"compose.yml": SERVICE}, "docker compose run --rm web python manage.py migrate"),
        (
            {"docker-compose.local.yml": SERVICE, "uv.lock": ""} | pyproject(),
            "docker compose -f docker-compose.local.yml run --rm web python manage.py migrate",
        ),
    ],
)
def test_manage(files: Files, line: str) -> None:
    assert str(manage(project(SMALL | files), "migrate", why="")) == line


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({}, "(cd backend && python manage.py migrate)"),
        (pyproject() | {"uv.lock": ""}, "(cd backend && uv run python manage.py migrate)"),
        ({"compose.yml": SERVICE}, "docker compose run --rm web python manage.py migrate"),
        (
            {"compose.yml": SERVICE + "    volumes: ['./backend:/code']\n"},
            "docker compose run --rm web python manage.py migrate",
        ),
        (
            {"compose.yml": SERVICE + "    volumes: ['.:/code']\n"},
            "docker compose run --rm web python backend/manage.py migrate",
        ),
    ],
)
def test_manage_in_a_folder(files: Files, line: str) -> None:
    assert str(manage(project(moved("backend") | files), "migrate", why="")) == line


def test_other_commands_run_beside_manage() -> None:
    whole = project(moved("backend") | {"compose.yml": SERVICE + "    volumes: ['.:/code']\n"})
    assert command(whole, "pytest", "-x", why="").argv == (
        *prefix(whole),
        "sh",
        "-c",
        "cd backend && pytest -x",
    )
    assert str(command(project(moved("backend")), "pytest", why="")) == "(cd backend && pytest)"
