"""A step beside the tests, the way the job runs its commands; else a workflow of its own, or a to-do."""

from __future__ import annotations

from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from djroadmap.edits import YamlItem
from djroadmap.planning.ci import test_step as step_of
from tests.features.small import SMALL, Files, applied, moved, project, pyproject

CI = ".github/workflows/ci.yml"
OWN = ".github/workflows/check-module-boundaries.yml"
TOOLS = pyproject("pytest")
PINNED = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"


def planned(
    files: Files, *, folder: str | None = None, requirements: tuple[str, ...] = ("import-linter==2.16",)
):
    return step_of(
        project(files),
        name="Check Module Boundaries",
        command=("lint-imports",),
        folder=folder,
        requirements=requirements,
    )


def job(steps: str, more: str = "") -> str:
    """A workflow with a job of these steps."""
    body = dedent(steps).strip("\n").replace("\n", "\n      ")
    return f"on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n{more}    steps:\n      {body}\n"


def step(files: Files, **options) -> dict[str, object]:
    """The step that is planned, as data; it comes and goes without a trace."""
    (edit,) = planned(files, **options).edits
    assert isinstance(edit, YamlItem)
    before = str(files[edit.path])
    bound = edit.bind(before)
    after = bound.apply(before)
    assert after is not None and bound.apply(after) == after and bound.revert(after) == before
    return YAML(typ="safe", pure=True).load(edit.item)[0]


def after(steps: str, more: str = "", files: Files | None = None, **options) -> str:
    """The steps of the job afterwards."""
    whole = SMALL | TOOLS | (files or {}) | {CI: job(steps, more)}
    step(whole, **options)
    text = applied(planned(whole, **options), whole)[CI]
    return dedent(str(text).partition("steps:\n")[2])


@pytest.mark.parametrize(
    ("tests", "line"),
    [
        ("pytest -x", "lint-imports"),
        ("python -m pytest", "lint-imports"),
        ("coverage run manage.py test", "lint-imports"),
        ("uv run pytest", "uv run lint-imports"),
        ("uv run -m pytest", "uv run lint-imports"),
        ("uv run --frozen --group dev -- pytest -x", "uv run --frozen --group dev -- lint-imports"),
        ("pdm run test", "pdm run lint-imports"),
        ("poetry run task test", "poetry run lint-imports"),
        ("pipenv run python manage.py test", "pipenv run lint-imports"),
        (".venv/bin/pytest", ".venv/bin/lint-imports"),
        (".venv/bin/python -m pytest", ".venv/bin/lint-imports"),
        ("source .venv/bin/activate && pytest", ".venv/bin/lint-imports"),
        ("xvfb-run -a uv run pytest", "uv run lint-imports"),
        ("docker compose -f x.yml run web pytest", "docker compose -f x.yml run --rm web lint-imports"),
        (
            "docker compose exec -T web poetry run pytest",
            "docker compose exec -T web poetry run lint-imports",
        ),
        (
            "docker compose run web sh -c 'uv run pytest -x'",
            "docker compose run --rm web uv run lint-imports",
        ),
        ("docker exec -e A=1 --env TOKEN shop ./manage.py test", "docker exec shop lint-imports"),
        ("docker compose run -e A=1 -e TOKEN web pytest", "docker compose run --rm -e A=1 web lint-imports"),
    ],
)
def test_it_runs_as_the_tests_do(tests: str, line: str) -> None:
    assert step(SMALL | TOOLS | {CI: job(f"- name: Test\n  run: {tests}")})["run"] == line


def test_it_goes_before_the_first_command_of_the_project() -> None:
    text = """
        - uses: actions/checkout@v6

        - name: Check migrations
          run: uv run manage.py makemigrations --check

        - name: Run tests
          run: uv run pytest
    """
    assert after(text).split("\n\n")[1] == "- name: Check module boundaries\n  run: uv run lint-imports"


def test_but_not_before_the_tools_are_installed() -> None:
    text = """
        - name: Prepare
          run: |
            poetry install
            poetry run python manage.py migrate
        - name: Static files
          run: poetry run python manage.py collectstatic
        - name: Test
          run: poetry run pytest
    """
    assert (
        after(text).index("collectstatic") > after(text).index("lint-imports") > after(text).index("migrate")
    )


def test_it_goes_after_tests_that_install_by_themselves() -> None:
    text = """
        - name: Test
          run: |
            pip install --group dev .
            pytest
        - uses: some/upload@v1
    """
    found = after(text)
    assert found.index("pytest") < found.index("lint-imports") < found.index("upload")


def test_it_shares_the_condition_and_the_shell_of_the_tests() -> None:
    text = "- name: Test\n  if: matrix.kind == 'unit'\n  shell: bash -l {0}\n  run: pytest"
    found = step(SMALL | TOOLS | {CI: job(text)})
    assert (found["if"], found["shell"]) == ("matrix.kind == 'unit'", "bash -l {0}")
    assert list(found) == ["name", "if", "shell", "run"]


@pytest.mark.parametrize("condition", ["always()", "${{ !cancelled() }}", "success() || failure()"])
def test_but_not_a_condition_about_what_failed(condition: str) -> None:
    assert "if" not in step(SMALL | TOOLS | {CI: job(f"- name: Test\n  if: {condition}\n  run: pytest")})


def test_after_the_steps_that_the_condition_asks() -> None:
    text = """
        - run: python manage.py check
        - id: changed
          run: echo
        - if: steps.changed.outputs.python == 'true'
          run: pytest
    """
    assert after(text).index("changed") < after(text).index("lint-imports")


def test_variables_of_the_step_are_filled_in() -> None:
    text = (
        '- name: Test\n  env:\n    PY: ${{ steps.py.outputs.version }}\n  run: uv run --python "${PY}" pytest'
    )
    found = step(SMALL | TOOLS | {CI: job(text)})
    assert found["run"] == 'uv run --python "${{ steps.py.outputs.version }}" lint-imports'


def test_a_command_folded_over_lines() -> None:
    found = after("- run: >\n    docker exec -e A=1 shop\n    ./manage.py test\n    -v2")
    assert found.startswith("- run: docker exec shop lint-imports\n- run: >\n")


class TestWhatNeedsWhatTheTestsNeed:
    """A step that is a test itself: right before the others, with all that they have, or a to-do."""

    def plan(self, files: Files):
        return step_of(project(files), name="Check It", command=("pytest", "test_it.py"), tests=True)

    def steps(self, text: str, files: Files | None = None) -> list[dict[str, str]]:
        whole = SMALL | TOOLS | (files or {}) | {CI: job(text)}
        after = applied(self.plan(whole), whole)[CI]
        return YAML(typ="safe", pure=True).load(after)["jobs"]["test"]["steps"]

    def test_right_before_the_tests(self) -> None:
        text = """
            - run: uv run manage.py makemigrations --check
            - run: docker run -d postgres
            - run: uv run pytest
        """
        assert [step["run"] for step in self.steps(text)][2:] == ["uv run pytest test_it.py", "uv run pytest"]

    def test_behind_tests_that_install_by_themselves(self) -> None:
        text = "- run: |\n    pip install --group dev .\n    pytest"
        assert self.steps(text)[1]["run"] == "pytest test_it.py"

    def test_variables_of_the_container(self) -> None:
        runs = [step["run"] for step in self.steps("- run: docker compose run -e A=1 web pytest")]
        assert runs[0] == "docker compose run --rm -e A=1 web pytest test_it.py"

    @pytest.mark.parametrize(
        "text",
        [
            "- run: uv run pytest\n  env:\n    DATABASE_URL: postgres://localhost/test",
            "- run: DATABASE_URL=postgres://localhost/test pytest",
            "- run: |\n    export DATABASE_URL=postgres://localhost/test\n    pytest",
            "- run: pytest\n- run: pytest",
        ],
    )
    def test_variables_that_only_the_tests_have(self, text: str) -> None:
        plan = self.plan(SMALL | TOOLS | {CI: job(text)})
        assert not plan.edits
        assert [todo.path for todo in plan.todos] == [CI]

    def test_no_workflow_of_its_own(self) -> None:
        plan = self.plan(SMALL | TOOLS | {CI: job("- run: make lint")})
        assert not plan.edits
        assert [todo.snippet for todo in plan.todos] == ["pytest test_it.py"]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["Run tests", "Install the tools"], "- name: Check module boundaries\n"),
        (["Run Tests", "Install Tools"], "- name: Check Module Boundaries\n"),
        (['"Run tests"', '"Install the tools"'], '- name: "Check module boundaries"\n'),
        (["run tests", "install the tools"], "- name: check module boundaries\n"),
        (["pytest", "flake8"], "- name: Check Module Boundaries\n"),
        (["测试", "Run"], "- name: Check Module Boundaries\n"),
        ([], "- run: lint-imports\n"),
    ],
)
def test_names_are_written_as_the_others_are(names: list[str], wanted: str) -> None:
    runs = ["pytest", "make"]
    text = "\n".join(f"- name: {name}\n  run: {run}" for name, run in zip(names, runs, strict=False))
    assert wanted in after(text or "- run: pytest\n- run: make")


class TestFolders:
    FILES = moved("backend") | {f"backend/{path}": text for path, text in TOOLS.items()}

    @pytest.mark.parametrize(
        ("steps", "more", "wanted"),
        [
            (
                "- run: pytest\n  working-directory: backend",
                "",
                {"run": "lint-imports", "working-directory": "backend"},
            ),
            (
                "- working-directory: ./backend\n  run: pytest",
                "",
                {"working-directory": "./backend", "run": "lint-imports"},
            ),
            ("- run: cd backend && pytest", "", {"run": "lint-imports", "working-directory": "backend"}),
            ("- run: pytest backend", "", {"run": "lint-imports", "working-directory": "backend"}),
            (
                "- run: .venv/bin/pytest backend",
                "",
                {"run": "../.venv/bin/lint-imports", "working-directory": "backend"},
            ),
            (
                "- run: pytest",
                "    defaults:\n      run:\n        working-directory: backend\n",
                {"run": "lint-imports"},
            ),
        ],
    )
    def test_it_runs_where_it_should(self, steps: str, more: str, wanted: dict[str, str]) -> None:
        found = step(self.FILES | {CI: job(steps, more)})
        assert found == wanted and list(found) == list(wanted)

    def test_a_repository_that_is_checked_out_into_a_folder(self) -> None:
        text = "- uses: actions/checkout@v6\n  with:\n    path: code\n- run: cd code && pytest"
        assert step(SMALL | TOOLS | {CI: job(text)})["working-directory"] == "code"

    @pytest.mark.parametrize(
        ("compose", "line"),
        [
            ("volumes: ['./backend:/app']\n    working_dir: /app", "lint-imports"),
            ("volumes: ['.:/app']\n    working_dir: /app", "sh -c 'cd backend && lint-imports'"),
            ("volumes: ['.:/app:z']\n    working_dir: /app/backend", "lint-imports"),
            ("image: shop", "lint-imports"),
        ],
    )
    def test_a_container_stands_where_the_folder_is_mounted(self, compose: str, line: str) -> None:
        files = {
            "compose.yml": f"services:\n  web:\n    {compose}\n",
            CI: job("- run: docker compose run --rm web pytest"),
        }
        assert step(self.FILES | files)["run"] == f"docker compose run --rm web {line}"


class TestInstalled:
    REQUIREMENTS: Files = {"requirements.txt": "Django==5.2\n", "requirements-dev.txt": "pytest==8.0\n"}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("install", "run"),
        [
            ("pip install -r requirements-dev.txt", "lint-imports"),
            ("pip install -r requirements.txt", "pip install import-linter==2.16\nlint-imports"),
            (
                "uv pip install --system -r requirements.txt",
                "uv pip install --system import-linter==2.16\nlint-imports",
            ),
            ("pip install -r $FILE", "lint-imports"),
        ],
    )
    def test_what_the_job_does_not_install(self, install: str, run: str) -> None:
        assert step(SMALL | self.REQUIREMENTS | {CI: job(f"- run: {install}\n- run: pytest")})["run"] == run

    @pytest.mark.parametrize(
        ("install", "there"),
        [
            ("pip install --group dev .", True),
            ("pip install .", False),
            ("uv sync", True),
            ("uv sync --no-dev", False),
            ("uv sync --only-group test", False),
        ],
    )
    def test_groups(self, install: str, *, there: bool) -> None:
        found = step(SMALL | TOOLS | {CI: job(f"- run: {install}\n- run: pytest")})["run"]
        assert (found == "lint-imports") == there

    def test_uv_brings_it_along(self) -> None:
        found = step(SMALL | TOOLS | {CI: job("- run: uv run --no-default-groups pytest")})["run"]
        assert found == "uv run --with import-linter==2.16 --no-default-groups lint-imports"

    @pytest.mark.parametrize(("file", "fits"), [("requirements-dev.txt", True), ("requirements.txt", False)])
    def test_an_image_without_the_tools_does_not_do(self, file: str, *, fits: bool) -> None:
        files = {
            "compose.yml": "services:\n  web:\n    build: .\n",
            "Dockerfile": f"FROM python\nWORKDIR /app\nRUN pip install -r {file}\nCOPY . .\n",
            CI: job("- run: docker compose run web pytest"),
        }
        (edit,) = planned(SMALL | self.REQUIREMENTS | files).edits
        assert edit.path == (CI if fits else OWN)


class TestOwnWorkflow:
    def own(self, files: Files, **options) -> str:
        whole = SMALL | TOOLS | files
        found = applied(planned(whole, **options), whole)
        again = planned(SMALL | TOOLS | found, **options).edits
        assert [edit.holds(str(found[edit.path])) for edit in again] == [True]
        (path,) = found.keys() - whole.keys()
        assert YAML(typ="safe", pure=True).load(found[path])["jobs"]
        return str(found[path])

    @pytest.mark.parametrize(
        "text",
        [
            job("- run: tox"),
            job("- run: uvx nox"),
            job("- run: make test"),
            job("- run: ./dev.sh pytest"),
            job("- run: docker compose run web sh -c 'pip install -r dev.txt && pytest'"),
            job("- uses: ./.github/actions/test"),
            "on: [push]\njobs:\n  test:\n    uses: shop/ci/.github/workflows/tests.yml@main\n",
            "on: [push]\nx: &steps\n  - run: pytest\njobs:\n  test:\n    steps: *steps\n",
            "on: [push]\njobs:\n  test: &test\n    steps:\n      - run: pytest\n  again:\n    <<: *test\n",
        ],
        ids=["tox", "nox", "make", "script", "installs-inside", "composite", "reusable", "alias", "merge"],
    )
    def test_where_no_step_fits(self, text: str) -> None:
        found = self.own({CI: text})
        assert "run: python -m pip install import-linter==2.16\n" in found and "run: lint-imports\n" in found

    def test_it_looks_like_the_others(self) -> None:
        text = f"""\
on:
  push:
    branches: [develop]
jobs:
  lint:
    steps:
      - uses: {PINNED}
      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0
        with:
          python-version: 3.12
"""
        found = self.own({CI: text})
        assert (
            found
            == f"""\
name: Check Module Boundaries

on:
  pull_request:
  push:
    branches:
      - develop

permissions:
  contents: read

jobs:
  check-module-boundaries:
    runs-on: ubuntu-latest
    steps:
      - uses: {PINNED}

      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0
        with:
          python-version: "3.12"

      - name: Install Dependencies
        run: python -m pip install import-linter==2.16

      - name: Check Module Boundaries
        run: lint-imports
"""
        )

    def test_actions_are_pinned_where_the_others_are(self) -> None:
        pinned, tagged = (self.own({CI: job(f"- uses: {uses}")}) for uses in (PINNED, "actions/checkout@v4"))
        assert "setup-python@5fda3b95" in pinned and "# v7" in pinned
        assert "actions/checkout@v4\n" in tagged and "actions/setup-python@v7\n" in tagged

    @pytest.mark.parametrize(
        ("files", "line"),
        [
            ({".python-version": "3.13\n"}, "python-version-file: .python-version"),
            ({"Dockerfile": "FROM python:3.12\n"}, 'python-version: "3.12"'),
            ({"Dockerfile": "FROM python:3.8\n"}, 'python-version: "3.x"'),
            ({}, 'python-version: "3.x"'),
        ],
    )
    def test_python_as_the_files_say(self, files: Files, line: str) -> None:
        assert f"          {line}\n" in self.own({CI: job("- run: tox")} | files)

    @pytest.mark.parametrize(
        ("files", "lines"),
        [
            (
                {"uv.lock": ""},
                ["- uses: astral-sh/setup-uv@v9", "run: uv sync --locked", "run: uv run lint-imports"],
            ),
            ({}, ["run: python -m pip install -e .", "run: lint-imports"]),
        ],
    )
    def test_without_requirements_the_project_is_installed(self, files: Files, lines: list[str]) -> None:
        found = self.own({CI: job("- run: tox")} | files, requirements=())
        assert [line for line in lines if line not in found] == []

    def test_it_runs_in_the_folder(self) -> None:
        assert self.own({CI: job("- run: tox")}, folder="shop").endswith("        working-directory: shop\n")


class TestChoice:
    def chosen(self, files: Files) -> tuple[str, str]:
        (edit,) = planned(SMALL | TOOLS | files).edits
        return edit.path, edit.keys[1] if isinstance(edit, YamlItem) else ""

    @pytest.mark.parametrize(
        "other",
        ["e2e.yml", "playwright.yml", "search-tests.yml", "release.yml", "frontend.yml", "docs.yml"],
    )
    def test_the_unit_tests_of_several_workflows(self, other: str) -> None:
        files = {
            f".github/workflows/{other}": job("- run: pytest"),
            ".github/workflows/unit-tests.yml": job("- run: pytest"),
        }
        assert self.chosen(files)[0] == ".github/workflows/unit-tests.yml"

    @pytest.mark.parametrize("name", ["e2e", "test-js", "selenium", "docs"])
    def test_the_unit_tests_of_several_jobs(self, name: str) -> None:
        text = (
            job("- run: pytest").replace("  test:", f"  {name}:", 1)
            + "  unit:\n    steps:\n      - run: make x && pytest\n"
        )
        assert self.chosen({CI: text}) == (CI, "unit")

    @pytest.mark.parametrize(
        "run", ["pytest tests/e2e", "pytest -m playwright", "tox -e docs", "tox -e lint", "make test-js"]
    )
    def test_none_but_others(self, run: str) -> None:
        assert self.chosen({CI: job(f"- run: {run}")})[0] == OWN

    @pytest.mark.parametrize(
        "run", ["pytest -m 'not e2e'", "pytest --ignore tests/e2e", "manage.py test --exclude-tag=e2e"]
    )
    def test_what_leaves_the_others_out_is_meant(self, run: str) -> None:
        assert self.chosen({CI: job(f"- run: {run}")}) == (CI, "test")

    def test_one_that_runs_by_itself_is_better(self) -> None:
        manual = job("- run: pytest").replace("[push]", "workflow_dispatch")
        files = {CI: manual, ".github/workflows/zz.yml": job("- run: make test")}
        assert self.chosen(files)[0] == OWN
        assert self.chosen({CI: manual}) == (CI, "test")

    def test_not_one_for_releases(self) -> None:
        release = job("- run: pytest").replace("on: [push]", "on:\n  push:\n    tags: ['v*']")
        assert self.chosen({CI: release})[0] == OWN


class TestGitlab:
    FILE = ".gitlab-ci.yml"

    def script(self, text: str, files: Files | None = None) -> str:
        whole = SMALL | TOOLS | (files or {}) | {self.FILE: text}
        (edit,) = planned(whole).edits
        assert isinstance(edit, YamlItem)
        found = str(applied(planned(whole), whole)[edit.path])
        assert edit.bind(text).revert(found) == str(whole[edit.path])
        return found

    def test_a_line_of_the_script(self) -> None:
        text = "unit:\n  before_script:\n    - uv sync\n  script:\n    - uv run pytest\n"
        assert self.script(text) == text.replace(
            "    - uv run pytest", "    - uv run lint-imports\n    - uv run pytest"
        )

    def test_a_job_that_others_extend(self) -> None:
        text = ".tests:\n  script:\n  - pip install --group dev\n  - pytest\nunit:\n  extends: .tests\n"
        assert "  - lint-imports\n  - pytest\n" in self.script(text)

    def test_cd_holds_for_the_lines_after_it(self) -> None:
        text = "unit:\n  script:\n    - cd shop\n    - pytest\n"
        assert "    - (cd .. && lint-imports)\n    - pytest\n" in self.script(text)

    def test_an_included_file(self) -> None:
        ci = {"ci/test.yml": "unit:\n  script:\n    - pytest\n"}
        assert self.script("include:\n  - local: /ci/test.yml\n", ci).startswith(
            "unit:\n  script:\n    - lint-imports\n"
        )

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("unit:\n  script: uv run pytest\n", "uv run lint-imports"),
            (".s: &s\n  - uv run pytest\nunit:\n  script: *s\n", "uv run lint-imports"),
            ("include:\n  - project: shop/ci\n    file: tests.yml\n", "lint-imports"),
        ],
        ids=["one-line", "alias", "elsewhere"],
    )
    def test_other_shapes_are_left_to_a_person(self, text: str, line: str) -> None:
        plan = planned(SMALL | TOOLS | {self.FILE: text})
        assert not plan.edits
        assert [(todo.snippet, todo.path) for todo in plan.todos] == [(line, self.FILE)]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run: poetry run pytest\n",
            "poetry run lint-imports",
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run:\n          command: |\n            . .venv/bin/activate\n            pytest\n",
            ".venv/bin/lint-imports",
        ),
        (".travis.yml", "script: python manage.py test\n", "lint-imports"),
        (
            "Jenkinsfile",
            "stage('t') { steps { sh 'docker compose run web pytest' } }",
            "docker compose run --rm web lint-imports",
        ),
        ("Jenkinsfile", "buildPlugin()", "lint-imports"),
        ("azure-pipelines.yml", "steps:\n  - script: pipenv run pytest\n", "pipenv run lint-imports"),
        (
            "bitbucket-pipelines.yml",
            "pipelines:\n  default:\n    - step:\n        script:\n          - pdm run pytest\n",
            "pdm run lint-imports",
        ),
        (
            ".woodpecker/test.yml",
            "steps:\n  test:\n    commands:\n      - uv run pytest\n",
            "uv run lint-imports",
        ),
        (".buildkite/pipeline.yml", "steps:\n  - command: tox\n", "lint-imports"),
        (".drone.yml", "", "lint-imports"),
    ],
)
def test_other_systems_get_a_to_do(path: str, text: str, line: str) -> None:
    plan = planned(SMALL | TOOLS | {path: text})
    assert not plan.edits
    assert [(todo.snippet, todo.path) for todo in plan.todos] == [(line, path)]


def test_the_system_that_runs_the_tests() -> None:
    files = {CI: job("- run: echo"), ".circleci/config.yml": "jobs:\n  a:\n    steps:\n      - run: pytest\n"}
    plan = planned(SMALL | TOOLS | files)
    assert [todo.path for todo in plan.todos] == [".circleci/config.yml"]


def test_nothing_without_ci() -> None:
    assert planned(SMALL | TOOLS) == type(planned(SMALL))()
