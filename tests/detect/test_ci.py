from __future__ import annotations

from textwrap import dedent, indent

import pytest

from djroadmap.detect.ci import ci_of
from djroadmap.model.memory import MemoryTree
from djroadmap.syntax.sources import Sources


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
    text = workflow("uv run python manage.py migrate") + "      - run: uv run pytest -x\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    job = found.test_job
    assert job is not None
    assert (job.anchor, job.runs, job.step) == ("uv run python manage.py migrate", "uv run pytest -x", 2)
    assert (job.known, job.fits, job.after) == (True, True, False)


def test_a_step_that_installs_is_no_anchor() -> None:
    text = workflow("uv sync\nuv run python manage.py migrate") + "      - run: uv run pytest -x\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None and found.test_job.anchor == "uv run pytest -x"


def test_steps_alike_are_told_apart_by_their_names() -> None:
    text = workflow("uv run pytest -x") + "      - name: Again\n        run: uv run pytest -x\n"
    (found,) = ci({".github/workflows/ci.yml": text})
    assert found.test_job is not None and (found.test_job.anchor, found.test_job.step) == ("Test", 1)


def test_steps_that_nothing_tells_apart_do_not_fit() -> None:
    (found,) = ci(
        {".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: pytest\n      - run: pytest\n"}
    )
    assert found.test_job is not None and (found.test_job.known, found.test_job.fits) == (True, False)


MAKEFILE = """\
PYTHON ?= python
RUN := uv run
ifdef CI
TOX := tox -e ci --
endif

.PHONY: test
test: build
\t@$(RUN) pytest \\
\t  -x
build:
\techo $$HOME
unit check: ; true
nested:
\t$(MAKE) test
maybe:
\t$(TOX) pytest
inside:
\tdocker compose run --rm web make test
bin:
\tcd shop && .venv/bin/python -m pytest
js-test:
\tnpm test
"""


@pytest.mark.parametrize(
    ("run", "prefix", "known"),
    [
        ("make test", ("uv", "run"), True),
        ("make -j2 V=1 nested", ("uv", "run"), True),
        ("make maybe", ("$(?)",), False),
        ("make inside", ("docker", "compose", "run", "--rm", "web", "uv", "run"), True),
        ("make build test", ("uv", "run"), True),
        ("sudo make test", ("uv", "run"), True),
        ("uv run tox", ("uv", "run"), True),
        ("make check", (), False),
    ],
)
def test_what_make_runs_in_the_end(run: str, prefix: tuple[str, ...], *, known: bool) -> None:
    (found,) = ci({".github/workflows/ci.yml": workflow(run), "Makefile": MAKEFILE})
    assert found.test_job is not None
    assert (found.test_job.prefix, found.test_job.known) == (prefix, known)


def test_a_virtual_environment_that_make_names() -> None:
    (found,) = ci({".github/workflows/ci.yml": workflow("make bin"), "Makefile": MAKEFILE})
    assert found.test_job is not None and (found.test_job.bin, found.test_job.cwd) == (
        "shop/.venv/bin",
        "shop",
    )


def test_what_just_runs_in_the_end() -> None:
    text = 'run := "poetry run"\n[working-directory("src")]\ntest *args:\n    @{{ run }} pytest {{ args }}\nci: \n    just test -x\n'
    (found,) = ci({".github/workflows/ci.yml": workflow("just ci"), "justfile": text})
    assert found.test_job is not None
    assert (found.test_job.prefix, found.test_job.cwd, found.test_job.known) == (
        ("poetry", "run"),
        "src",
        True,
    )


@pytest.mark.parametrize(
    ("script", "prefix"),
    [
        ('#!/bin/sh\nset -e\nuv run pytest "$@"\n', ("uv", "run")),
        ("#!/usr/bin/env python\nprint('pytest')\n", None),
        ("#!/bin/bash\nunused() {\n  pytest\n}\necho\n", None),
    ],
)
def test_what_a_script_runs_in_the_end(script: str, prefix: tuple[str, ...] | None) -> None:
    (found,) = ci(
        {".github/workflows/ci.yml": workflow("./scripts/check.sh -n 2"), "scripts/check.sh": script}
    )
    assert (found.test_job.prefix if found.test_job else None) == prefix


@pytest.mark.parametrize(
    ("run", "labels"),
    [
        ("pytest", ()),
        ("pytest shop cart/tests/test_it.py -k x", ("shop",)),
        ("pytest --cov shop", ()),
        ("pytest .", ()),
        ("python manage.py test shop.tests cart", ("shop/tests", "cart")),
        ("cd shop && pytest tests", ("shop/tests",)),
    ],
)
def test_the_folders_that_are_tested(run: str, labels: tuple[str, ...]) -> None:
    files = dict.fromkeys(["shop/tests/test_a.py", "cart/tests/test_it.py"], "")
    (found,) = ci(files | {".github/workflows/ci.yml": workflow(run)})
    assert found.test_job is not None and found.test_job.labels == labels


@pytest.mark.parametrize("value", ['["Unit", "pytest -x"]', "pytest -x"])
def test_a_command_from_the_matrix(value: str) -> None:
    name = "what[1]" if value.startswith("[") else "what"
    matrix = f"    strategy:\n      matrix:\n        what:\n          - {value}\n          - {value}\n"
    (found,) = ci({".github/workflows/ci.yml": workflow(f"${{{{ matrix.{name} }}}}", more=matrix)})
    assert found.test_job is not None and (found.test_job.anchor, found.test_job.known) == ("Test", True)


def test_facts_of_the_workflows() -> None:
    text = workflow("pytest").replace("on: [push]", "on:\n  push:\n    branches: [main, 'stable']")
    more = "jobs:\n  a:\n    steps:\n      - uses: 'actions/setup-python@0123456789012345678901234567890123456789' # v6.1\n"
    files = {
        ".github/workflows/ci.yml": text,
        ".github/workflows/x.yml": more + "        with:\n          python-version: '3.9'\n",
    }
    (found,) = ci(files)
    assert found.uses == {"actions/checkout": "v6", "actions/setup-python": f"{'0123456789' * 4} # v6.1"}
    assert (found.python, found.branches) == ('python-version: "3.9"', ("main", "stable"))


def test_workflows_that_djroadmap_wrote_do_not_tell_how_the_project_does_things() -> None:
    files = {
        ".github/workflows/ci.yml": workflow("pytest"),
        ".github/workflows/x.yml": "jobs:\n  a:\n    steps:\n" + 2 * "      - uses: actions/checkout@v7\n",
    }
    (found,) = ci(files)
    assert found.uses == {"actions/checkout": "v7"}
    ours = '    { kind = "file", path = ".github/workflows/x.yml", digest = "0" },\n'
    manifest = {".djroadmap.toml": f"[[feature]]\nedits = [\n{ours}]\n"}
    (found,) = ci(files | manifest)
    assert found.uses == {"actions/checkout": "v6"}
    del files[".github/workflows/ci.yml"]
    assert ci(files)
    assert not ci(files | manifest)


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
        (".woodpecker.yml", "woodpecker"),
        (".woodpecker/test.yaml", "woodpecker"),
        (".buildkite/pipeline.yml", "buildkite"),
    ],
)
def test_others_by_presence(path: str, kind: str) -> None:
    (found,) = ci({path: "script: true\n"})
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
