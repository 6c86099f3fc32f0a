"""`--verify`: how commands are run, which, in what order, and that nothing of the user's is touched by them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from djroadmap.adapters.environments import Environment
from djroadmap.errors import Problem, Refused
from djroadmap.model.change import Change
from djroadmap.model.plan import Command
from djroadmap.workflow.prepared import Prepared
from djroadmap.workflow.verify import Outcome, Verification, clean_up, fails_anyway, verification, verify
from djroadmap.workflow.ways import OVERRIDE, Host
from tests.memory import Memory
from tests.projects import FIXTURES
from tests.workflow.test_flow import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWN = Command(argv=("lint-imports",), why="check the contracts")
SETTINGS = Change(path="site/settings.py", before=PROJECT["site/settings.py"], after=b"DEBUG = True\n")
NEEDS_WAFFLE = Change(
    path="requirements.txt", before=b"Django==5.2\n", after=b"Django==5.2\ndjango-waffle==5.0.0\n"
)


def environment(
    home: str = "/home/sam/project/.venv", *, active: bool = False, **distributions: str
) -> Environment:
    site = f"{home}/lib/python3.13/site-packages"
    return Environment(
        home,
        site,
        {"django": "5.2", **{k.replace("_", "-"): v for k, v in distributions.items()}},
        (),
        active,
    )


def host(*environments: Environment, programs: str = "", texts: Mapping[str, str] | None = None) -> Host:
    return Host(
        environ={"PATH": "/usr/bin"},
        environments=environments,
        which=lambda name: f"/usr/bin/{name}" if name in programs.split() else None,
        read=(texts or {}).get,
        folder="/tmp/djroadmap-1a2b",
    )


def planned(
    files: Mapping[str, bytes],
    machine: Host,
    *changes: Change,
    checks: tuple[Command, ...] = (OWN,),
    commands: tuple[Command, ...] = (),
    tests: bool = False,
    **more: Any,
) -> Verification:
    world = Memory(dict(files)).world._replace(root="/home/sam/project")
    prepared = Prepared(
        action="add", features=("a",), changes=changes, checks=checks, commands=commands, **more
    )
    return verification(
        world.project(), world.project(prepared.over(world.tree)), prepared, machine, tests=tests
    )


def small(**files: bytes) -> dict[str, bytes]:
    return {**PROJECT, "requirements.txt": b"Django==5.2\n", **files}


def layout(name: str) -> dict[str, bytes]:
    return Memory.of(FIXTURES / name).files


def feature(name: str, machine: Host, id_: str = "waffle", **more: Any) -> Verification:
    """The verification of a real feature on a layout."""
    project = Memory.of(FIXTURES / name)
    world = project.world._replace(root=f"/home/sam/{name}")
    prepared = project.plan(id_)
    return verification(
        world.project(),
        world.project(prepared.over(world.tree)),
        prepared,
        machine,
        **{"tests": False, **more},
    )


def lines(commands: Sequence[Command]) -> list[str]:
    return [str(command) for command in commands]


# Which commands.


def test_djangos_checks_come_before_the_features_and_the_tests_last() -> None:
    found = planned(small(), host(environment()), tests=True)
    assert lines(found.commands) == [
        "python manage.py check",
        "python manage.py makemigrations --check --dry-run",
        "lint-imports",
        "python manage.py test --noinput",
    ]


def test_the_projects_tests_are_run_only_if_asked_for() -> None:
    assert not any("test" in command.argv for command in planned(small(), host(environment())).commands)


def test_nobody_is_asked_whether_an_old_test_database_may_go() -> None:
    own = Command(argv=("python", "manage.py", "test", "site.tests"), why="")
    assert planned(small(), host(environment()), checks=(own,)).commands[-1].argv[-1] == "--noinput"


def test_what_has_conflicts_is_not_verified() -> None:
    with pytest.raises(Refused, match=r"site/urls.py:3") as refused:
        planned(small(), host(environment()), conflicts=(Problem(path="site/urls.py", line=3, why="both"),))
    assert "without --verify" in refused.value.hint


# An environment.


def test_an_environment_that_has_everything_is_used_as_it_is() -> None:
    way = planned(small(), host(environment(django_waffle="5.0.0")), NEEDS_WAFFLE).way
    assert way.name == "with .venv"
    assert way.install == () == way.prefix
    assert way.variables == {
        "PATH": "/home/sam/project/.venv/bin:/usr/bin",
        "VIRTUAL_ENV": "/home/sam/project/.venv",
    }


def test_what_it_lacks_goes_into_one_on_top_of_it() -> None:
    scripts = {"/home/sam/project/.venv/bin/lint-imports": "#!/home/sam/project/.venv/bin/python3.13\nrun\n"}
    way = planned(small(), host(environment(pip="26"), texts=scripts), NEEDS_WAFFLE).way
    assert lines(way.install) == [
        "/home/sam/project/.venv/bin/python -m venv --without-pip .venv",
        ".venv/bin/python -m pip install django-waffle==5.0.0",
    ]
    site = ".venv/lib/python3.13/site-packages/djroadmap.pth"
    copied = "/tmp/djroadmap-1a2b/project/.venv"
    assert way.files == {
        site: "import site; site.addsitedir('/home/sam/project/.venv/lib/python3.13/site-packages')\n",
        ".venv/bin/lint-imports": f"#!{copied}/bin/python3.13\nrun\n",
    }
    assert way.variables["PATH"] == f"{copied}/bin:/home/sam/project/.venv/bin:/usr/bin"
    assert way.variables["VIRTUAL_ENV"] == copied
    assert way.variables["PIP_USER"] == "0"


def test_one_without_pip_gets_it_on_top() -> None:
    way = planned(small(), host(environment()), NEEDS_WAFFLE).way
    assert str(way.install[0]).endswith("-m venv .venv")


def test_another_version_than_the_one_wanted_is_lacking() -> None:
    way = planned(small(), host(environment(django_waffle="4.1")), NEEDS_WAFFLE).way
    assert "django-waffle==5.0.0" in str(way.install[1])


def test_what_a_project_writes_down_nowhere_is_wanted_too() -> None:
    install = Command(argv=("python", "-m", "pip", "install", "django-waffle==5.0.0"), why="", when="install")
    way = planned(PROJECT, host(environment()), commands=(install,)).way
    assert "django-waffle==5.0.0" in str(way.install[1])


def test_several_features_that_write_theirs_down_nowhere_are_installed_at_once() -> None:
    files = {
        path: data for path, data in layout("poetry").items() if not path.startswith(("pyproject", "poetry"))
    }
    prepared = Memory(files).plan("waffle", "import-linter")
    (install,) = [one for one in prepared.commands if one.when == "install"]
    assert len(install.argv) == len(["python", "-m", "pip", "install", "waffle", "import-linter"])
    way = planned(PROJECT, host(environment()), commands=prepared.commands).way
    assert way.install[1].argv[4:] == install.argv[4:]


def test_the_active_environment_comes_before_the_projects() -> None:
    active = environment("/opt/envs/shop", active=True)
    assert planned(small(), host(active, environment())).way.name == "with /opt/envs/shop"


def test_an_active_environment_that_is_for_something_else_does_not_count() -> None:
    other = environment("/opt/envs/other", active=True)
    assert feature("cookiecutter", host(other, programs="docker")).way.contained
    with pytest.raises(Refused):
        feature("poetry", host(other))


def test_the_one_that_has_everything_comes_before_the_active_one() -> None:
    active = environment("/opt/envs/shop", active=True)
    assert (
        planned(small(), host(active, environment(django_waffle="5.0.0")), NEEDS_WAFFLE).way.name
        == "with .venv"
    )


def test_without_anything_it_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused) as refused:
        planned(small(), host())
    (problem,) = refused.value.problems
    assert "no environment with Django" in problem.why
    assert problem.snippet == "python -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"


# A manager.


def test_uv_locks_and_installs_in_the_copy() -> None:
    found = feature("turbo", host(programs="uv"))
    assert found.way.name == "by uv run"
    assert lines(found.steps) == [
        "uv lock",
        "uv sync",
        "uv run python manage.py check",
        "uv run python manage.py makemigrations --check --dry-run",
        "uv run pytest bakery/core/tests/test_waffle.py",
    ]
    unset = {name for name, value in found.way.variables.items() if value is None}
    assert unset >= {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_FROZEN", "UV_LOCKED"}


def test_poetry_does_the_same_below_its_folder_of_sources() -> None:
    found = feature("poetry", host(programs="poetry"), tests=True)
    assert lines(found.steps)[:3] == [
        "poetry lock",
        "poetry install",
        "(cd src && poetry run python manage.py check)",
    ]
    assert lines(found.steps)[-1] == "(cd src && poetry run pytest)"
    assert found.way.variables["POETRY_VIRTUALENVS_IN_PROJECT"] == "true"
    assert found.way.variables["VIRTUAL_ENV"] is None


def test_an_environment_that_lacks_something_gives_way_to_the_manager() -> None:
    assert feature("poetry", host(environment(), programs="poetry")).way.name == "by poetry run"
    whole = environment(django_waffle="5.0.0")
    assert feature("poetry", host(whole, programs="poetry")).way.name == "with /home/sam/project/.venv"


def test_versions_as_poetry_writes_them_are_understood_without_it() -> None:
    way = feature("poetry", host(environment())).way
    assert way.install[1].argv[-1] == "django-waffle>=5.0,==5.*"
    assert feature("poetry", host(environment(django_waffle="5.3"))).way.install == ()
    assert feature("poetry", host(environment(django_waffle="6.0"))).way.install != ()


@pytest.mark.parametrize(
    ("marker", "program", "install", "variable"),
    [
        (b"[tool.pdm]\n", "pdm", "pdm install", "PDM_IGNORE_SAVED_PYTHON"),
        (b"[tool.hatch]\n", "hatch", "hatch env create", "HATCH_DATA_DIR"),
    ],
)
def test_other_managers(marker: bytes, program: str, install: str, variable: str) -> None:
    pyproject = b'[project]\nname = "x"\nversion = "1"\ndependencies = ["django>=5"]\n\n' + marker
    found = planned({**PROJECT, "pyproject.toml": pyproject}, host(programs=program))
    assert lines(found.way.install) == [install]
    assert str(found.commands[0]) == f"{program} run python manage.py check"
    assert found.way.variables[variable] in {"1", "/tmp/djroadmap-1a2b/hatch"}


# Compose.


def test_compose_gets_an_image_of_its_own_and_leaves_services_alone() -> None:
    found = feature("cookiecutter", host(environment(), programs="docker"))
    compose = f"docker compose -f docker-compose.local.yml -f {OVERRIDE}"
    assert found.way.contained
    assert lines(found.way.outside) == [
        "docker compose -f docker-compose.local.yml up --detach --no-recreate postgres redis"
    ]
    assert lines(found.steps) == [
        f"{compose} build django",
        f"{compose} run --rm --no-deps django python manage.py check",
        f"{compose} run --rm --no-deps django python manage.py makemigrations --check --dry-run",
        f"{compose} run --rm --no-deps django pytest lending_desk/loans/tests/test_waffle.py",
    ]
    assert lines(found.way.clean) == ["docker image rm --force djroadmap-1a2b-django"]
    assert found.way.files == {
        OVERRIDE: (
            "services:\n  django:\n    image: djroadmap-1a2b-django\n    init: true\n    environment:\n"
            '      PYTHONDONTWRITEBYTECODE: "1"\n      PYTEST_ADDOPTS: -o cache_dir=/tmp/pytest\n'
        )
    }


def test_who_has_an_environment_active_works_outside_of_the_container() -> None:
    names = dict.fromkeys(Memory.of(FIXTURES / "cookiecutter").world.project().dependencies.names, "1")
    active = environment(active=True, django_waffle="5.0.0")
    active = active._replace(distributions={**names, **active.distributions})
    found = feature("cookiecutter", host(active, programs="docker"))
    assert lines(found.commands)[0] == "python manage.py check"
    assert lines(found.commands)[-1] == "pytest lending_desk/loans/tests/test_waffle.py"


def test_without_docker_it_is_the_manager_or_an_environment() -> None:
    assert feature("cookiecutter", host(programs="uv")).way.name == "by uv run"
    assert feature("cookiecutter", host(environment(django_waffle="5.0.0"))).way.name.startswith("with ")


def test_without_docker_and_anything_else_both_are_named() -> None:
    with pytest.raises(Refused, match="no docker and no uv") as refused:
        feature("cookiecutter", host())
    assert refused.value.problems[0].snippet == "uv sync"


COMPOSE = b"""services:
  web:
    build: .
    command: python manage.py runserver
    volumes:
      - .:/app
    depends_on:
      db:
        condition: service_healthy
  db:
    image: postgres
"""


def test_a_default_file_brings_its_override_along() -> None:
    files = small(**{"compose.yaml": COMPOSE, "compose.override.yml": b"services:\n  web:\n    tty: true\n"})
    way = planned(files, host(programs="docker")).way
    assert way.prefix[:8] == (
        "docker", "compose", "-f", "compose.yaml", "-f", "compose.override.yml", "-f", OVERRIDE,
    )  # fmt: skip
    assert lines(way.outside) == ["docker compose up --detach --no-recreate db"]


def test_an_image_that_is_built_elsewhere_cannot_get_what_is_new() -> None:
    compose = COMPOSE.replace(b"build: .", b"image: registry.example.com/shop")
    files = small(**{"compose.yaml": compose})
    way = planned(files, host(programs="docker"), SETTINGS).way
    assert way.install == () == way.clean
    assert "image:" not in way.files[OVERRIDE]
    with pytest.raises(Refused, match=r"compose.yaml: it does not say how web is built, so django-waffle"):
        planned(files, host(programs="docker"), NEEDS_WAFFLE)


def test_outside_of_the_container_commands_start_where_it_would() -> None:
    files = {f"back/{path}": data for path, data in small().items()}
    files["compose.yaml"] = COMPOSE.replace(b".:/app", b"./back:/app")
    files["Dockerfile"] = b"FROM python\nWORKDIR /app\n"
    found = planned(files, host(environment()), checks=())
    assert lines(found.commands)[0] == "(cd back && python manage.py check)"


def test_a_program_that_is_not_of_the_project_is_run_if_it_is_there() -> None:
    just = Command(argv=("just", "--list"), why="see the recipes")
    files = small(**{"compose.yaml": COMPOSE})
    there = planned(files, host(programs="docker just"), checks=(just,))
    assert there.commands[-1] == just
    missing = planned(files, host(programs="docker"), checks=(just,))
    assert just not in missing.commands
    assert missing.left_out == (just,)


# Running them.


@dataclass
class Ran:
    returncode: int
    output: str


@dataclass
class RecordingShell:
    fails: str = ""
    ran: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], *, cwd: str = "", env: Mapping[str, str] | None = None) -> Ran:
        line = " ".join(argv)
        self.ran.append(line)
        return Ran(1, "why it failed") if self.fails and self.fails in line else Ran(0, "")


def compose() -> Verification:
    return planned(small(**{"compose.yaml": COMPOSE}), host(programs="docker"), checks=())


def run(found: Verification, copy: RecordingShell, itself: RecordingShell) -> list[Outcome]:
    return list(verify(found, copy, itself, progress=lambda command: None))


def test_services_are_started_in_the_project_and_all_else_is_run_in_the_copy() -> None:
    copy, itself = RecordingShell(), RecordingShell()
    outcomes = run(compose(), copy, itself)
    assert [outcome.returncode for outcome in outcomes] == [0, 0, 0, 0]
    assert [outcome.outside for outcome in outcomes] == [True, False, False, False]
    assert itself.ran == ["docker compose up --detach --no-recreate db"]
    assert len(copy.ran) == 3


def test_the_first_failure_ends_it() -> None:
    copy = RecordingShell(fails="manage.py check")
    assert run(compose(), copy, RecordingShell())[-1].output == "why it failed"
    assert not any("makemigrations" in line for line in copy.ran)


def test_services_that_do_not_start_end_it_as_well() -> None:
    copy = RecordingShell()
    assert [one.returncode for one in run(compose(), copy, RecordingShell(fails="up"))] == [1]
    assert copy.ran == []


def test_what_was_made_outside_of_the_copy_is_removed() -> None:
    copy = RecordingShell()
    clean_up(compose(), copy)
    assert copy.ran == ["docker image rm --force djroadmap-1a2b-web"]


def test_what_fails_without_the_changes_too_is_found_out() -> None:
    found = planned(small(), host(environment()), checks=(OWN,))
    check, _, own = found.commands
    assert fails_anyway(found, check, RecordingShell(fails="check"))
    assert not fails_anyway(found, check, RecordingShell())
    assert not fails_anyway(found, own, RecordingShell(fails="lint")), "its contracts are not there"


def test_a_manager_installs_what_the_old_files_say_for_that() -> None:
    found = feature("turbo", host(programs="uv"))
    shell = RecordingShell()
    fails_anyway(found, found.commands[0], shell)
    assert shell.ran == ["uv lock", "uv sync", "uv run python manage.py check"]
