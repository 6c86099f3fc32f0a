from __future__ import annotations

import pytest

from djroadmap.detect.docker import docker_of
from djroadmap.detect.tools import hooks_of, just_recipes, runners_of
from djroadmap.model.memory import MemoryTree
from djroadmap.syntax.sources import Sources

from .samples import SETTINGS, found, plain

JUST = """\
export COMPOSE_FILE := "docker-compose.local.yml"
set dotenv-load
alias t := test
image := "x"

# comment:
default:
    @just --list

build *args:
    @docker compose build {{args}}

@quiet arg="a:b":
    echo: x

[group("dev")]
test +args: build
    pytest
_private:
    true
"""


def test_justfile() -> None:
    files = {
        "justfile": JUST + "import 'just/dev.just'\nimport? 'gone.just'\n",
        "just/dev.just": "lint:\n    ruff\n",
    }
    (runner,) = runners_of(Sources(MemoryTree(files)), "")
    assert (runner.kind, runner.path) == ("just", "justfile")
    assert runner.recipes == ("default", "build", "quiet", "test", "_private", "t")
    assert dict(runner.imported) == {"just/dev.just": ("lint",)}


@pytest.mark.parametrize("name", ["Justfile", ".justfile", "JUSTFILE"])
def test_justfile_names(name: str) -> None:
    assert runners_of(Sources(MemoryTree({name: "a:\n"})), "")[0].path == name


def test_just_assignments_are_no_recipes() -> None:
    assert just_recipes('a := "b"\nexport B := "c"\nset shell := ["x"]\nmod x\n') == ()


def test_makefile() -> None:
    text = (
        ".PHONY: test lint\nVAR := x\nOTHER = y\nIMMEDIATE ::= z\ntest lint: build\n"
        "\tpytest a:b\nbuild:\n\ttrue\n%.o: %.c\n\tcc\n"
    )
    files = {"backend/Makefile": text, "Makefile": "all:\n\ttrue\n"}
    runners = runners_of(Sources(MemoryTree(files)), "backend")
    assert [(runner.path, runner.recipes) for runner in runners] == [
        ("Makefile", ("all",)),
        ("backend/Makefile", ("test", "lint", "build")),
    ]


def test_no_runner() -> None:
    assert runners_of(Sources(MemoryTree({"docs/Makefile": "html:\n"})), "") == ()


def test_hooks() -> None:
    files = {".pre-commit-config.yaml": "", "lefthook.yml": "", "sub/lefthook.yml": "", "lefthook.toml": ""}
    assert [(one.kind, one.path) for one in hooks_of(Sources(MemoryTree(files)))] == [
        ("pre-commit", ".pre-commit-config.yaml"),
        ("lefthook", "lefthook.yml"),
    ]


COMPOSE = """\
services:
  postgres:
    image: postgres
  worker: &x
    build: .
    command: celery -A shop worker
  site:
    build: .
    command: python manage.py runserver
  frontend:
    build: frontend
    command: npm start
"""


class TestDocker:
    def docker(self, files: dict[str, str], base: str = ""):
        return docker_of(Sources(MemoryTree(files)), base)

    def test_the_service_that_runs_django(self) -> None:
        compose = self.docker({"compose.yml": COMPOSE}).compose
        assert compose is not None and (compose.path, compose.service) == ("compose.yml", "site")
        assert compose.services == ("postgres", "worker", "site", "frontend") and compose.is_default

    @pytest.mark.parametrize(
        ("names", "chosen"),
        [
            (
                ["docker-compose.yml", "docker-compose.local.yml", "docker-compose.production.yml"],
                "docker-compose.local.yml",
            ),
            (["docker-compose.yml", "docker-compose.dev.yml"], "docker-compose.dev.yml"),
            (["compose.yaml", "compose.prod.yaml"], "compose.yaml"),
            (["local.yml", "production.yml"], "local.yml"),
            (["docker-compose.override.yml", "docker-compose.yml"], "docker-compose.yml"),
            (["docker/docker-compose.yml"], "docker/docker-compose.yml"),
            (["docker-compose.production.yml"], None),
            (["docker-compose.docs.yml"], None),
            (["frontend/docker-compose.yml"], None),
        ],
    )
    def test_the_file_for_development(self, names: list[str], chosen: str | None) -> None:
        compose = self.docker(dict.fromkeys(names, COMPOSE)).compose
        assert (compose.path if compose else None) == chosen

    @pytest.mark.parametrize(
        "text",
        [
            "services:\n  db:\n    image: postgres\n",
            "services:\n",
            "services: []\n",
            "services:\n  x: y\n",
            "x: 1\n",
            "services:\n  web: [\n",
        ],
    )
    def test_without_django(self, text: str) -> None:
        assert self.docker({"compose.yml": text}).compose is None

    def test_merged_services(self) -> None:
        text = (
            "services:\n  django: &django\n    build: .\n    command: /start\n"
            "  celeryworker:\n    <<: *django\n    command: /start-celeryworker\n"
        )
        compose = self.docker({"compose.yml": text}).compose
        assert compose is not None and compose.service == "django"

    @pytest.mark.parametrize(
        ("text", "service"),
        [
            ("  dev-tools:\n    build: tools\n", "site"),
            ("  site:\n    env_file: .env.dev\n", "site"),
        ],
    )
    def test_a_file_that_only_adds_to_another(self, text: str, service: str) -> None:
        compose = self.docker({"compose.yml": COMPOSE, "compose.dev.yml": f"services:\n{text}"}).compose
        assert compose is not None and (compose.path, compose.service) == ("compose.yml", service)

    @pytest.mark.parametrize(
        ("service", "chosen"),
        [
            ("command: gunicorn x.wsgi --workers 3 --worker-class=gevent", "a"),
            ("command: gunicorn -w ${GUNICORN_WORKERS:-4}", "a"),
            ("entrypoint: wait-for redis postgres", "a"),
            ("command: python manage.py rqworker", "b"),
        ],
    )
    def test_options_and_what_is_waited_for_do_not_count(self, service: str, chosen: str) -> None:
        text = f"services:\n  a:\n    build: .\n    {service}\n  b:\n    build: .\n"
        compose = self.docker({"compose.yml": text}).compose
        assert compose is not None and compose.service == chosen

    @pytest.mark.parametrize("helper", ["dev-db-base", "migration", "testing", "init_data", "backup-job"])
    def test_helpers_are_built_from_the_same_image(self, helper: str) -> None:
        text = f"services:\n  {helper}:\n    build: .\n  shop:\n    build: .\n"
        compose = self.docker({"compose.yml": text}).compose
        assert compose is not None and compose.service == "shop"

    @pytest.mark.parametrize(
        ("service", "dockerfile", "inside"),
        [
            ("volumes: ['./src:/app']", "FROM x\nWORKDIR /app\n", "src"),
            ("volumes: ['.:/app', 'data:/app/data']", "FROM x\nWORKDIR /app/src\n", "src"),
            (
                "volumes: [{type: bind, source: ./src, target: /srv}]",
                "FROM x\nWORKDIR /srv/shop\n",
                "src/shop",
            ),
            ("working_dir: /code", "FROM x\nCOPY . /code\n", ""),
            ("tty: true", "FROM x\nARG HOME=/srv\nWORKDIR $HOME\nCOPY --chown=a:b ./src .\n", "src"),
            ("tty: true", "FROM x\nWORKDIR /app\nCOPY ./src /app/src\nCOPY ./bin/start.sh /start.sh\n", ""),
            (
                "tty: true",
                "FROM node AS assets\nWORKDIR /js\nCOPY js .\nFROM x\nWORKDIR /app\nCOPY . .\n",
                "",
            ),
            ("tty: true", "FROM x AS base\nWORKDIR /app\nFROM base AS dev\nCOPY src .\n", "src"),
            ("tty: true", "FROM x\nWORKDIR /app\nCOPY . .\nCOPY .nvmrc ./\n", ""),
            ("volumes: ['./.nvmrc:/app']", "FROM x\nWORKDIR /app\n", None),
            ("tty: true", "FROM x\nWORKDIR /app\n", None),
            ("tty: true", "FROM x\n", None),
        ],
    )
    def test_where_the_service_stands(self, service: str, dockerfile: str, inside: str | None) -> None:
        text = f"services:\n  web:\n    build: .\n    command: gunicorn\n    {service}\n"
        compose = self.docker({"compose.yml": text, "Dockerfile": dockerfile, ".nvmrc": ""}).compose
        assert compose is not None and compose.inside == inside

    def test_dockerfiles(self) -> None:
        files = dict.fromkeys(
            [
                "Dockerfile",
                "docker/web/Dockerfile",
                "Dockerfile.dev",
                "web.Dockerfile",
                "docs/dockerfiles.md",
                "node_modules/x/Dockerfile",
            ],
            "",
        )
        assert set(self.docker(files).dockerfiles) == {
            "Dockerfile",
            "docker/web/Dockerfile",
            "Dockerfile.dev",
            "web.Dockerfile",
        }


class TestStyle:
    def style(self, **files: str):
        return found(plain() | {name.replace("__", "."): text for name, text in files.items()}).style

    def test_nothing_said(self) -> None:
        style = self.style()
        assert (style.tool, style.line_length, style.quotes, style.target, style.mypy, style.djlint) == (
            "none",
            88,
            "double",
            "",
            False,
            None,
        )

    def test_ruff(self) -> None:
        text = (
            '[project]\nrequires-python = ">=3.12"\n[tool.ruff]\nline-length = 100\n'
            "lint.isort.force-single-line = true\n[tool.ruff.format]\n"
            'quote-style = "single"\n[tool.mypy]\n[tool.djlint]\n'
        )
        style = self.style(pyproject__toml=text)
        assert (style.tool, style.line_length, style.quotes, style.target) == ("ruff", 100, "single", "py312")
        assert (
            style.force_single_line and style.mypy and style.djlint == style.ruff_config == "pyproject.toml"
        )

    def test_ruff_toml(self) -> None:
        style = self.style(
            ruff__toml='line-length = 79\ntarget-version = "py311"\n[lint.isort]\nforce-single-line = true\n'
        )
        assert (style.tool, style.line_length, style.target, style.ruff_config) == (
            "ruff",
            79,
            "py311",
            "ruff.toml",
        )
        assert style.force_single_line

    def test_black(self) -> None:
        style = self.style(
            pyproject__toml=(
                '[tool.black]\nline-length = 99\ntarget-version = ["py312", "py311"]\n'
                "[tool.isort]\nforce_single_line = true\n[tool.ruff]\nline-length = 50\n"
            )
        )
        assert (style.tool, style.line_length, style.quotes, style.target, style.force_single_line) == (
            "black",
            99,
            "double",
            "py311",
            True,
        )

    def test_by_hooks_and_dependencies(self) -> None:
        assert (
            found(
                plain() | {".pre-commit-config.yaml": "repos:\n- repo: x\n  hooks:\n  - id: black\n"}
            ).style.tool
            == "black"
        )
        assert (
            found(
                plain() | {".pre-commit-config.yaml": "repos:\n- repo: x\n  hooks:\n  - id: ruff-format\n"}
            ).style.tool
            == "ruff"
        )
        assert self.style(requirements__txt="django\nruff==0.14\n").tool == "ruff"

    def test_quotes_as_the_files_have_them(self) -> None:
        single = found(plain(settings=SETTINGS.replace('"', "'") * 3)).style
        assert single.quotes == "single"
        assert (
            found(
                plain(settings=SETTINGS.replace('"', "'") * 3) | {"pyproject.toml": "[tool.ruff]\n"}
            ).style.quotes
            == "double"
        )
        assert (
            found(
                plain(settings=SETTINGS.replace('"', "'") * 3)
                | {"pyproject.toml": '[tool.ruff.format]\nquote-style = "preserve"\n'}
            ).style.quotes
            == "single"
        )

    def test_other_files(self) -> None:
        files = plain() | {
            "setup.cfg": "[flake8]\nmax-line-length = 120\n[isort]\nforce_single_line = true\n[mypy]\n",
            ".djlintrc": "{}",
        }
        style = found(files).style
        assert (style.line_length, style.force_single_line, style.mypy, style.djlint) == (
            120,
            True,
            True,
            ".djlintrc",
        )

    def test_odd_tables(self) -> None:
        assert self.style(pyproject__toml='[tool]\nruff = 1\nblack = "x"\nisort = []\n').line_length == 88


class TestTests:
    @pytest.mark.parametrize(
        "files",
        [
            {"pytest.ini": "[pytest]\n"},
            {"pyproject.toml": "[tool.pytest.ini_options]\n"},
            {"pyproject.toml": "[tool.pytest]\n"},
            {"setup.cfg": "[tool:pytest]\n"},
            {"tox.ini": "[pytest]\n"},
            {"requirements.txt": "pytest-django\n"},
        ],
    )
    def test_pytest(self, files: dict[str, str]) -> None:
        assert found(plain() | files).tests.runner == "pytest"

    @pytest.mark.parametrize(
        "files",
        [{}, {"tox.ini": "[tox]\n"}, {"setup.cfg": "[flake8]\n"}, {"pyproject.toml": "[tool.ruff]\n"}],
    )
    def test_django(self, files: dict[str, str]) -> None:
        assert found(plain() | files).tests.runner == "django"

    @pytest.mark.parametrize(
        ("files", "module"),
        [
            ({"pytest.ini": "[pytest]\naddopts = -x --ds=shop.test\n"}, "shop.test"),
            ({"pyproject.toml": '[tool.pytest]\naddopts = [\n  "--ds=shop.test",\n]\n'}, "shop.test"),
            (
                {"pyproject.toml": '[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = "shop.test"\n'},
                "shop.test",
            ),
            ({"tox.ini": "[pytest]\nDJANGO_SETTINGS_MODULE=shop.test\n"}, "shop.test"),
            ({"pytest.ini": "[pytest]\n"}, None),
        ],
    )
    def test_settings(self, files: dict[str, str], module: str | None) -> None:
        assert found(plain() | files).tests.settings == module

    @pytest.mark.parametrize(
        ("text", "there"),
        [
            ("import pytest\n\n@pytest.fixture\ndef user(db):\n    pass\n", True),
            ('@pytest.fixture(scope="session")\n@other\nasync def user():\n    pass\n', True),
            ("from pytest import fixture\n@fixture()\ndef user():\n    pass\n", True),
            ('@pytest.fixture(name="user")\ndef make():\n    pass\n', True),
            ("@pytest.fixture\ndef user_factory():\n    pass\n", False),
            ("def user():\n    pass\n", False),
            ("", False),
        ],
    )
    def test_the_user_fixture(self, text: str, *, there: bool) -> None:
        tests = found(plain() | {"shop/conftest.py": text}).tests
        assert tests.conftests == ("shop/conftest.py",)
        assert tests.user_fixture == ("shop/conftest.py" if there else None)

    def test_folders_and_factories(self) -> None:
        files = dict.fromkeys(
            [
                "tests/__init__.py",
                "shop/orders/tests/test_a.py",
                "shop/orders/tests/api/test_b.py",
                "shop/orders/tests/factories.py",
                "web/tests/x.js",
            ],
            "",
        )
        tests = found(plain() | files).tests
        assert set(tests.folders) == {"tests", "shop/orders/tests"} and tests.factories
        assert not found(plain()).tests.factories
