"""just: which recipes a project gets, how they run, and what is left alone."""

from __future__ import annotations

import pytest

from djroadmap.errors import Unrecognised
from djroadmap.features.just import FEATURE
from djroadmap.features.just.justfile import read
from djroadmap.model.feature import NoOptions
from djroadmap.model.memory import MemoryTree

from .small import SMALL, Files, applied, moved, project, pyproject

COMPOSE = """\
services:
  web:
    build: .
    command: python manage.py runserver
    volumes:
      - .:/app
  db:
    image: postgres:18
"""
MINE = "# Mine.\nup *args:\n    docker compose up {{args}}\n"
TOOLS = ("pytest", "pytest-django", "ruff", "mypy", "coverage")


def add(files: Files) -> Files:
    return applied(FEATURE.plan(project(files), NoOptions()), files)


def recipes(files: Files) -> set[str]:
    """The recipes of the file that is added."""
    text = str(add(files).get("just/dev.just", ""))
    return read(MemoryTree({"justfile": text}), "justfile", ours=True).taken


def body(files: Files, name: str) -> list[str]:
    """The lines of one recipe, attributes included."""
    paragraphs = str(add(files)["just/dev.just"]).split("\n\n")
    return next(
        lines
        for lines in (paragraph.strip().splitlines() for paragraph in paragraphs)
        if any(line.startswith((f"{name} ", f"{name}:")) for line in lines)
    )


def test_only_recipes_whose_tools_the_project_has() -> None:
    always = {"test", "migrate", "makemigrations", "shell", "check", "ci"}
    assert recipes(SMALL) == always
    assert recipes(SMALL | pyproject("ruff")) == always | {"lint", "format"}
    assert recipes(SMALL | pyproject("flake8", "black")) == always | {"lint", "format"}
    assert recipes(SMALL | pyproject("mypy", "coverage")) == always | {"typecheck", "coverage"}


@pytest.mark.parametrize(
    ("tools", "name", "line"),
    [
        ((), "test", 'python manage.py test "$@"'),
        (("pytest",), "test", 'pytest "$@"'),
        (("ruff",), "lint", 'ruff check "$@"'),
        (("flake8",), "lint", 'flake8 "$@"'),
        (("ruff", "flake8"), "lint", 'ruff check "$@"'),
        (("ruff",), "format", 'ruff format "$@"'),
        (("black",), "format", 'black "$@"'),
        (("mypy",), "typecheck", 'mypy "$@"'),
        (("pyright",), "typecheck", 'pyright "$@"'),
        (("coverage",), "coverage", 'coverage run manage.py test "$@"'),
        (("coverage", "pytest"), "coverage", 'coverage run -m pytest "$@"'),
        (("pytest-cov", "pytest"), "coverage", 'pytest --cov "$@"'),
        ((), "shell", 'python manage.py shell "$@"'),
    ],
)
def test_a_recipe_runs_the_tool_of_the_project(tools: tuple[str, ...], name: str, line: str) -> None:
    assert f"    {{{{ djroadmap_run }}}} {line}" in body(SMALL | pyproject(*tools), name)


def test_pre_commit_is_the_linter_where_there_is_no_other() -> None:
    hooks: Files = {".pre-commit-config.yaml": "repos: []\n"}
    assert body(SMALL | hooks, "lint")[-1] == '    pre-commit run --all-files "$@"'
    own = body(SMALL | hooks | pyproject("pre-commit"), "lint")[-1]
    assert own == '    {{ djroadmap_run }} pre-commit run --all-files "$@"'


def test_django_extensions_bring_a_better_shell() -> None:
    settings = str(SMALL["shop/settings.py"]).replace('"django.contrib.auth",', '"django_extensions",')
    assert body(SMALL | {"shop/settings.py": settings}, "shell")[-1].endswith('shell_plus "$@"')


@pytest.mark.parametrize(
    ("files", "parameters"),
    [
        ({}, '*args=".":'),
        ({"mypy.ini": "[mypy]\nfiles = shop\n"}, "*args:"),
        ({"setup.cfg": "[mypy]\nstrict = true\n"}, '*args=".":'),
    ],
)
def test_mypy_is_told_what_to_check_unless_it_knows(files: Files, parameters: str) -> None:
    assert f"typecheck {parameters}" in body(SMALL | pyproject("mypy") | files, "typecheck")


def test_arguments_keep_their_quoting() -> None:
    assert "[positional-arguments]" in body(SMALL, "test")
    assert "[positional-arguments]" not in body(SMALL, "ci")


@pytest.mark.parametrize(
    ("files", "run"),
    [
        ({}, ""),
        ({"uv.lock": "version = 1\n"} | pyproject("pytest"), "uv run"),
        ({"compose.yml": COMPOSE}, "docker compose run --rm web"),
        ({"compose.dev.yml": COMPOSE}, "docker compose -f compose.dev.yml run --rm web"),
        (
            {"compose.dev.yml": COMPOSE, "justfile": 'export COMPOSE_FILE := "compose.dev.yml"\n' + MINE},
            "docker compose run --rm web",
        ),
        (
            {"compose.dev.yml": COMPOSE, "justfile": 'export COMPOSE_FILE := "compose.prod.yml"\n' + MINE},
            "docker compose -f compose.dev.yml run --rm web",
        ),
    ],
)
def test_commands_run_as_the_project_runs_them(files: Files, run: str) -> None:
    assert f'djroadmap_run := env("JUST_RUN", "{run}")\n' in str(add(SMALL | files)["just/dev.just"])


def test_management_commands_run_beside_manage_py() -> None:
    files = moved("backend") | pyproject("ruff", "pytest")
    assert '[working-directory("backend")]' in body(files, "migrate")
    assert '[working-directory("backend")]' not in body(files, "lint")
    configured = files | {"backend/pytest.ini": "[pytest]\n"}
    assert '[working-directory("backend")]' in body(configured, "test")


def test_a_container_has_a_working_directory_of_its_own() -> None:
    files = moved("backend") | {"compose.yml": COMPOSE}
    assert "working-directory" not in str(add(files)["just/dev.just"])


def test_one_line_is_appended_to_the_projects_justfile() -> None:
    after = add(SMALL | {"justfile": MINE})
    assert after["justfile"] == MINE + "\nimport 'just/dev.just'\n"
    assert not any("rust-just" in str(text) for text in after.values())


@pytest.mark.parametrize("name", ["justfile", "Justfile", ".justfile"])
def test_the_justfile_is_found_by_any_of_its_names(name: str) -> None:
    assert "import 'just/dev.just'" in str(add(SMALL | {name: MINE})[name])


def test_a_project_without_justfile_gets_one_and_just_itself() -> None:
    after = add(SMALL | pyproject("ruff") | {"Makefile": "test:\n\tpytest\n"})
    assert str(after["justfile"]).endswith("default:\n    @just --list\n\nimport 'just/dev.just'\n")
    assert '"rust-just"' in str(after["pyproject.toml"])
    assert after["Makefile"] == "test:\n\tpytest\n"


def test_just_itself_is_for_the_machine_where_commands_run_in_a_container() -> None:
    plan = FEATURE.plan(project(SMALL | pyproject("ruff") | {"compose.yml": COMPOSE}), NoOptions())
    assert [todo.snippet for todo in plan.todos] == ["uv tool install rust-just"]
    assert [edit.path for edit in plan.edits] == ["just/dev.just", "justfile", "justfile"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"justfile": MINE}, "just --list"),
        ({"compose.yml": COMPOSE}, "just --list"),
        ({"uv.lock": "version = 1\n"} | pyproject("ruff"), "uv run just --list"),
        ({"uv.lock": "version = 1\n", "justfile": MINE} | pyproject("ruff"), "just --list"),
        ({"uv.lock": "version = 1\n", "justfile": MINE} | pyproject("rust-just"), "uv run just --list"),
    ],
)
def test_what_comes_next_is_to_see_the_recipes(files: Files, command: str) -> None:
    commands = FEATURE.plan(project(SMALL | files), NoOptions()).commands
    assert str(commands[-1]) == command


@pytest.mark.parametrize(
    "files",
    [
        SMALL,
        SMALL | pyproject(*TOOLS),
        SMALL | pyproject(*TOOLS) | {"justfile": MINE},
        SMALL | {"justfile": "test:\n    tox\n"},
        moved("backend") | {"compose.yml": COMPOSE},
    ],
)
def test_the_plan_for_the_result_is_the_same(files: Files) -> None:
    first = FEATURE.plan(project(files), NoOptions())
    after = applied(first, files)
    second = FEATURE.plan(project(after), NoOptions())
    assert [edit.key for edit in second.edits] == [edit.key for edit in first.edits]
    assert applied(second, after) == after


@pytest.mark.parametrize(
    "justfile",
    [
        "migrate:\n    ./migrate.sh\n",
        "@migrate *args:\n    ./migrate.sh\n",
        "migrate target='x: y' $db=\"z\" *rest: up\n    ./migrate.sh\nup:\n    true\n",
        "alias migrate := up\nup:\n    true\n",
        "mod migrate 'tools/migrate.just'\nup:\n    true\n",
        "import 'tools/all.just'\nup:\n    true\n",
        'import? "tools/more.just"\nup:\n    true\n',
    ],
)
def test_names_that_are_taken_are_left_alone(justfile: str) -> None:
    imported: Files = {
        "tools/all.just": "import 'more.just'\n",
        "tools/more.just": "migrate:\n    ./migrate.sh\n",
    }
    found = recipes(SMALL | imported | {"justfile": justfile})
    assert "migrate" not in found
    assert "makemigrations" in found


@pytest.mark.parametrize(
    "justfile",
    [
        "# migrate: not a recipe\nup:\n    migrate:\n",
        "migrate := 'a variable'\nup:\n    true\n",
        "up: migrate-all\n    true\nmigrate-all:\n    true\n",
        "import 'tools/none.just'\nup:\n    true\n",
        "import? '../../outside.just'\nup:\n    true\n",
    ],
)
def test_other_mentions_take_no_name(justfile: str) -> None:
    assert "migrate" in recipes(SMALL | {"justfile": justfile})


def test_ci_uses_the_projects_own_recipes() -> None:
    files = (
        SMALL
        | pyproject("ruff")
        | {"justfile": "lint *args: fetch\n    eslint\n\ntest level='1':\n    tox\n"}
    )
    assert body(files, "ci")[-1] == "ci: lint check test"
    assert recipes(files).isdisjoint({"lint", "test"})


def test_ci_runs_the_command_where_the_projects_recipe_wants_arguments() -> None:
    files = moved("backend") | {"justfile": "test app +more:\n    tox\n"}
    assert body(files, "ci")[-2:] == [
        "ci: check",
        "    cd backend && {{ djroadmap_run }} python manage.py test",
    ]


def test_nothing_is_planned_where_every_name_is_taken() -> None:
    names = ("test", "migrate", "makemigrations", "shell", "check", "ci")
    justfile = "\n".join(f"{name}:\n    true\n" for name in names)
    assert FEATURE.plan(project(SMALL | {"justfile": justfile}), NoOptions()).edits == ()


def test_a_file_of_the_users_in_our_place_is_refused() -> None:
    files = SMALL | {"just/dev.just": "lint:\n    true\n", "justfile": "import 'just/dev.just'\n" + MINE}
    with pytest.raises(Unrecognised, match="exists already"):
        add(files)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"justfile": MINE, ".justfile": MINE}, "both there"),
        ({"justfile": 'set shell := ["fish", "-c"]\n' + MINE}, "justfile:1: the shell is fish"),
        ({"justfile": "set shell := ['pwsh.exe', '-c']\n" + MINE}, "justfile:1: the shell is pwsh.exe"),
    ],
)
def test_reasons_not_to_apply(files: Files, reason: str) -> None:
    assert reason in str(FEATURE.supports(project(SMALL | files)))


@pytest.mark.parametrize(
    "justfile",
    [MINE, 'set shell := ["bash", "-uc"]\n' + MINE, 'set windows-shell := ["pwsh.exe", "-c"]\n' + MINE],
)
def test_it_applies(justfile: str) -> None:
    assert FEATURE.supports(project(SMALL | {"justfile": justfile})) is None


def test_presence_is_what_can_be_called() -> None:
    assert FEATURE.presence is not None
    files = SMALL | pyproject("ruff")
    assert FEATURE.presence(project(files)).found == ()
    some = FEATURE.presence(project(files | {"justfile": "test:\n    pytest\n"}))
    assert some.found == ("recipe test",)
    assert [missing.what for missing in some.missing] == ["recipe lint", "recipe migrate", "recipe ci"]
    whole = FEATURE.presence(project(add(files)))
    assert whole.missing == ()
    assert len(whole.found) == 4


def test_a_project_without_linter_lacks_no_lint() -> None:
    assert FEATURE.presence is not None
    assert FEATURE.presence(project(add(SMALL))).missing == ()


def test_recipes_that_the_user_adds_to_a_new_justfile_survive() -> None:
    plan = FEATURE.plan(project(SMALL), NoOptions())
    text = f"{applied(plan, SMALL)['justfile']}\n{MINE}"
    for edit in reversed([edit for edit in plan.edits if edit.path == "justfile"]):
        text = str(edit.revert(text))
    assert text == MINE
