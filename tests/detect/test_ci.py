from __future__ import annotations

from textwrap import dedent, indent

import pytest

from djroadmap.detect.ci import ci_of
from djroadmap.detect.sources import Sources
from djroadmap.model.memory import MemoryTree


def ci(files: dict[str, str]):
    return ci_of(Sources(MemoryTree(files)))


def workflow(run: str, *, more: str = "", step: str = "") -> str:
    body = indent(dedent(run).strip(), " " * 10)
    return (
        "name: CI\non: [push]\n"
        "jobs:\n"
        f"  tests:\n    runs-on: ubuntu-latest\n{more}"
        "    steps:\n"
        "      - uses: actions/checkout@v6\n"
        f"      - name: Test\n{step}        run: |\n{body}\n"
    )


@pytest.mark.parametrize(
    ("run", "prefix"),
    [
        ("pytest", ()),
        ("python -m pytest -x", ()),
        ("py.test", ()),
        ("python manage.py test", ()),
        ("./manage.py test --parallel", ()),
        ("python -Wa manage.py test", ()),
        ("coverage run manage.py test", ()),
        ("coverage run -m pytest", ()),
        ("uv run pytest", ("uv", "run")),
        ("uv run --frozen --no-sync pytest -n auto", ("uv", "run", "--frozen", "--no-sync")),
        ("uv run python manage.py test", ("uv", "run")),
        ("poetry run pytest", ("poetry", "run")),
        ("poetry run coverage run -m pytest", ("poetry", "run")),
        ("pipenv run python manage.py test", ("pipenv", "run")),
        ("pdm run pytest", ("pdm", "run")),
        ("DJANGO_SETTINGS_MODULE=x.y pytest", ()),
        ("CI=1 uv run pytest", ("uv", "run")),
        ("docker compose run django pytest", ("docker", "compose", "run", "--rm", "django")),
        (
            "docker compose -f local.yml run --rm django pytest",
            ("docker", "compose", "-f", "local.yml", "run", "--rm", "django"),
        ),
        (
            "docker-compose run -e X=1 --no-deps web python manage.py test",
            ("docker-compose", "run", "--rm", "-e", "X=1", "--no-deps", "web"),
        ),
        ("docker compose exec -T web pytest", ("docker", "compose", "exec", "-T", "web")),
        ("docker compose run --rm python pytest", ("docker", "compose", "run", "--rm", "python")),
        (
            "docker compose run --rm web sh -c 'python manage.py wait && pytest'",
            ("docker", "compose", "run", "--rm", "web"),
        ),
        ("pytest \\\n  --cov \\\n  -x", ()),
        ("tox", ()),
        ("uvx tox -e py313", ("uvx",)),
        ("uv run nox", ("uv", "run")),
        ("make test", ()),
        ("just test", ()),
    ],
)
def test_commands_that_run_tests(run: str, prefix: tuple[str, ...]) -> None:
    (found,) = ci({".github/workflows/ci.yml": workflow(run)})
    assert found.test_job is not None
    assert (found.test_job.name, found.test_job.step, found.test_job.prefix) == ("tests", 1, prefix)


@pytest.mark.parametrize(
    "run",
    [
        "pip install pytest",
        "uv pip install pytest pytest-django",
        "poetry add pytest",
        "npm test",
        "echo test",
        "ruff check .",
        "uv sync",
        "pytest-html report",
        "make build",
        "python manage.py migrate",
        "# pytest",
        "",
    ],
)
def test_commands_that_do_not(run: str) -> None:
    (found,) = ci({".github/workflows/ci.yml": workflow(run or "true")})
    assert found.test_job is None


def test_the_clearest_command_wins_over_a_runner() -> None:
    text = workflow("make check") + "  other:\n    steps:\n      - run: uv run pytest\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None and found.test_job.name == "other"


@pytest.mark.parametrize(
    ("text", "cwd"),
    [
        (workflow("pytest", step="        working-directory: backend\n"), "backend"),
        (
            workflow("pytest", more="    defaults:\n      run:\n        working-directory: ./backend/\n"),
            "backend",
        ),
        (workflow("cd backend && pytest"), "backend"),
        (workflow("cd backend\npytest"), "backend"),
        (workflow("cd src", step="") + "      - run: pytest\n", ""),
        (workflow("cd $HOME\npytest"), ""),
        ("defaults:\n  run:\n    working-directory: app\n" + workflow("pytest"), "app"),
    ],
)
def test_working_directories(text: str, cwd: str) -> None:
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None and found.test_job.cwd == cwd


def test_the_anchor_is_the_first_command_of_the_project() -> None:
    text = workflow("uv sync\nuv run python manage.py migrate") + "      - run: uv run pytest -x\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    job = found.test_job
    assert job is not None
    assert (job.anchor, job.runs, job.step) == ("uv run python manage.py migrate", "uv run pytest -x", 2)


def test_the_anchor_stands_in_the_file() -> None:
    run = "docker compose -f x.yml run --rm django python manage.py check\ndocker compose -f x.yml run django pytest"
    text = workflow(run)
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None and found.test_job.anchor in text and found.test_job.runs in text
    assert found.test_job.anchor.endswith("check")


def test_a_command_over_several_lines_is_found_again_by_its_first() -> None:
    text = workflow("uv run pytest \\\n  --cov \\\n  -x")
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None
    assert found.test_job.runs == "uv run pytest --cov -x"
    assert found.test_job.anchor == "uv run pytest \\" and found.test_job.anchor in text


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["docker-test.yml", "tests.yml"], "tests.yml"),
        (["ci.yaml", "django-main.yml"], "ci.yaml"),
        (["a.yml", "python-app.yml"], "python-app.yml"),
        (["build.yml", "test-all.yml"], "test-all.yml"),
    ],
)
def test_of_several_workflows_with_tests_the_likeliest(names: list[str], chosen: str) -> None:
    (found,) = ci({f".github/workflows/{name}": workflow("pytest") for name in names})
    assert found.path == f".github/workflows/{chosen}"


def test_the_workflow_with_the_tests_is_chosen() -> None:
    files = {
        ".github/workflows/a.yml": workflow("echo"),
        ".github/workflows/z.yaml": workflow("pytest"),
        ".github/workflows/readme.md": "",
    }
    (found,) = ci(files)
    assert found.path == ".github/workflows/z.yaml"


def test_without_tests_the_likeliest_name_is_chosen() -> None:
    files = {
        ".github/workflows/a-release.yml": workflow("echo"),
        ".github/workflows/ci.yml": workflow("echo"),
    }
    (found,) = ci(files)
    assert (found.path, found.test_job) == (".github/workflows/ci.yml", None)


@pytest.mark.parametrize(
    ("step", "linter"),
    [
        ("- uses: pre-commit/action@v3", "lint"),
        ("- run: lefthook run pre-commit", "lint"),
        ("- run: uvx ruff check", "lint"),
        ("- run: echo", None),
    ],
)
def test_linter_jobs(step: str, linter: str | None) -> None:
    text = workflow("pytest") + f"  lint:\n    steps:\n      {step}\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.linter_job == linter


GITLAB = """\
stages: [lint, test]
default:
  image: python
.base:
  script:
    - pytest
precommit:
  stage: lint
  script: pre-commit run --all-files
unit:
  stage: test
  before_script:
    - uv sync
  script:
    - uv run python manage.py check
    - uv run pytest
"""


def test_gitlab() -> None:
    (found,) = ci({".gitlab-ci.yml": GITLAB})
    job = found.test_job
    assert job is not None
    assert (found.kind, job.name, job.step, job.prefix, job.cwd) == ("gitlab", "unit", 1, ("uv", "run"), "")
    assert (job.anchor, job.runs) == ("uv run python manage.py check", "uv run pytest")
    assert found.linter_job == "precommit"


def test_gitlab_without_tests() -> None:
    (found,) = ci({".gitlab-ci.yml": "include:\n  - remote: x\n"})
    assert found.test_job is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".circleci/config.yml", "circleci"),
        (".travis.yml", "travis"),
        ("azure-pipelines.yml", "azure"),
        ("bitbucket-pipelines.yml", "bitbucket"),
        ("Jenkinsfile", "jenkins"),
        (".drone.yml", "drone"),
    ],
)
def test_others_by_presence(path: str, kind: str) -> None:
    (found,) = ci({path: "script: pytest\n"})
    assert (found.kind, found.path, found.test_job) == (kind, path, None)


def test_several_systems() -> None:
    files = {".travis.yml": "", ".gitlab-ci.yml": GITLAB, ".github/workflows/ci.yml": workflow("pytest")}
    assert [one.kind for one in ci(files)] == ["github", "gitlab", "travis"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jobs:",
        "jobs: []",
        "jobs:\n  x: 1",
        "jobs:\n  x:\n    steps: no",
        "- a\n- b",
        "jobs:\n  x:\n    steps:\n      - run:\n          a: b",
        "\t",
        "{{",
        "jobs:\n  x:\n    steps:\n      - run: 'unclosed",
    ],
)
def test_odd_files_do_not_break(text: str) -> None:
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is None
    assert ci({".gitlab-ci.yml": text})[0].test_job is None


def test_none() -> None:
    assert ci({}) == ()
