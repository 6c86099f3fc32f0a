"""oasdiff: which schemas are kept and compared, by which CI, under which recipes, and what is left alone."""

from __future__ import annotations

import ast

import pytest
from ruamel.yaml import YAML

from djroadmap.catalog import load
from djroadmap.features.oasdiff import FEATURE
from djroadmap.model.feature import NoOptions
from djroadmap.workflow.status import statuses
from tests.memory import Memory

from .small import SMALL, Files, applied, project

TEST = "shop/tests/test_openapi_schemas.py"
WORKFLOW = ".github/workflows/oasdiff.yml"
SCRIPT = "openapi/breaking.sh"
SCHEMA = "openapi: 3.0.3\ninfo:\n  title: Shop\n  version: 1.0.0\npaths: {}\n"
SETTINGS = str(SMALL["shop/settings.py"])
REST = '    "rest_framework",\n    "drf_spectacular",\n'
CONTENTTYPES = '    "django.contrib.contenttypes",\n'
DRF: Files = {**SMALL, "shop/settings.py": SETTINGS.replace(CONTENTTYPES, CONTENTTYPES + REST)}
NINJA: Files = {
    **SMALL,
    "requirements.txt": "django\ndjango-ninja\n",
    "shop/api.py": "from ninja import NinjaAPI\n\napi = NinjaAPI()\n",
}
GITHUB: Files = {
    ".github/workflows/ci.yml": "on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: actions/checkout@v5\n      - run: python manage.py test\n"
}
GITLAB: Files = {".gitlab-ci.yml": "test:\n  image: python:3.13\n  script:\n    - python manage.py test\n"}
COMPOSE = "services:\n  web:\n    build: .\n    command: python manage.py runserver\n    working_dir: /app\n    volumes:\n      - {}:/app\n"
MAKEFILE = ".PHONY: help test\n\nhelp:  ## What there is\n\t@grep '##' Makefile\n\ntest:  ## Run the tests\n\tpytest\n"


def add(files: Files) -> Files:
    return applied(FEATURE.plan(project(files), NoOptions()), files)


def commands(files: Files) -> list[str]:
    return [str(command) for command in FEATURE.plan(project(files), NoOptions()).commands]


def todos(files: Files) -> list[str]:
    return [todo.text for todo in FEATURE.plan(project(files), NoOptions()).todos]


def memory(files: Files) -> Memory:
    return Memory({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def state(files: Files) -> tuple[str, str]:
    [found] = statuses(project(files), memory(files).world.manifest(), (FEATURE,), load())
    return found.state, found.reason


def compared(files: Files) -> list[str]:
    """What the test compares: the words of each of its calls."""
    calls = (node for node in ast.walk(ast.parse(str(add(files)[TEST]))) if isinstance(node, ast.Call))
    return [
        " ".join(str(ast.literal_eval(word)) for word in call.args)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "compare"
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (SMALL, "djroadmap add ninja first"),
        (
            {
                **SMALL,
                "shop/settings.py": str(DRF["shop/settings.py"]).replace('    "drf_spectacular",\n', ""),
            },
            "add drf-spectacular to Django REST Framework first",
        ),
        (
            {**NINJA, "shop/api.py": "from ninja import Router\n\nrouter = Router()\n"},
            "djroadmap add ninja first",
        ),
        ({**SMALL, "shop/tests/test_api.py": NINJA["shop/api.py"]}, "djroadmap add ninja first"),
        ({**NINJA, "requirements.txt": "django\n"}, "djroadmap add ninja first"),
        ({**SMALL, "openapi/notes.yaml": "openapi: no\n"}, "djroadmap add ninja first"),
        ({**SMALL, "openapi/old.yaml": 'swagger: "2.0"\n'}, "djroadmap add ninja first"),
    ],
    ids=[
        "no API",
        "DRF alone",
        "no NinjaAPI",
        "NinjaAPI in a test",
        "not installed",
        "no schema",
        "Swagger 2",
    ],
)
def test_it_needs_a_schema(files: Files, reason: str) -> None:
    assert reason in (FEATURE.unfit(project(files)) or "")


@pytest.mark.parametrize(
    "files",
    [
        DRF,
        NINJA,
        {**SMALL, "openapi/ninja.json": '{\n  "openapi": "3.1.0"\n}'},
        {**SMALL, "openapi/by-hand.yml": SCHEMA},
    ],
    ids=["drf-spectacular", "NinjaAPI", "JSON", "YAML"],
)
def test_any_schema_will_do(files: Files) -> None:
    assert FEATURE.unfit(project(files)) is None
    assert state(files)[0] == "available"


def test_drf_is_kept_current() -> None:
    after = add(DRF)
    assert compared(DRF) == ["openapi/drf.yaml spectacular --validate"]
    assert '"SERVE_INCLUDE_SCHEMA": False' in str(after["shop/settings.py"])
    assert commands(DRF) == ["python manage.py spectacular --validate --file openapi/drf.yaml"]
    assert "vendor" not in str(after[TEST])
    assert "parents[2]" in str(after[TEST])


def test_ninja_by_hand_is_kept_current_and_gets_its_command() -> None:
    export = "export_openapi_schema --api shop.api.api --indent 2 --sorted"
    assert compared(NINJA) == [f"openapi/ninja.json {export}"]
    assert commands(NINJA) == [f"python manage.py {export} --output openapi/ninja.json"]
    after = add(NINJA)
    assert '"ninja",\n' in str(after["shop/settings.py"])
    assert "SPECTACULAR" not in str(after["shop/settings.py"])


def test_several_apis_have_a_schema_each() -> None:
    files = {**NINJA, "shop/internal.py": "import ninja\n\ninner: ninja.NinjaAPI = ninja.NinjaAPI()\n"}
    assert [line.split()[0] for line in compared(files)] == [
        "openapi/ninja-shop-api-api.json",
        "openapi/ninja-shop-internal-inner.json",
    ]


def test_an_api_of_a_class_that_builds_on_the_one_of_ninja() -> None:
    api = "import ninja\n\n\nclass API(ninja.NinjaAPI):\n    pass\n\n\nours = API()\nother = dict()\n"
    assert "--api shop.api.ours " in compared({**NINJA, "shop/api.py": api})[0]
    assert FEATURE.unfit(project({**NINJA, "shop/api.py": api.replace("API()", "str()")})) is not None


def test_a_schema_with_its_own_test_is_only_compared() -> None:
    files = {**NINJA, "shop/tests/test_api.py": 'call_command("export_openapi_schema", stdout=now)\n'}
    after = add(files)
    assert TEST not in after
    assert after["shop/settings.py"] == files["shop/settings.py"]
    assert not commands(files)
    assert not FEATURE.checks(project(files), NoOptions())
    assert "openapi/*.json" in str(after[SCRIPT])
    assert "write and commit it" not in str(after[SCRIPT])


def test_both_libraries_in_one_project() -> None:
    files = {**NINJA, "shop/settings.py": DRF["shop/settings.py"]}
    assert [line.split()[0] for line in compared(files)] == ["openapi/drf.yaml", "openapi/ninja.json"]


def test_a_schema_that_the_project_writes_already_stays_the_one() -> None:
    written = {
        **DRF,
        "docs/openapi.json": '{"openapi": "3.0.3"}',
        "README.md": "`manage.py spectacular --file docs/openapi.json`\n",
    }
    assert compared(written) == ["docs/openapi.json spectacular --validate --format openapi-json"]
    assert "openapi/*.yml docs/openapi.json; do" in str(add(written)[SCRIPT])
    assert "openapi/ docs/openapi.json)" in str(add(written)[SCRIPT])


@pytest.mark.parametrize(
    "files",
    [
        {"schema.yml": SCHEMA},
        {"README.md": "manage.py spectacular --file schema.yml\n"},
        {"schema.yml": "tables: []\n", "README.md": "manage.py spectacular --file schema.yml\n"},
        {
            "schema.yml": SCHEMA,
            "other.yml": SCHEMA,
            "README.md": "manage.py spectacular --file schema.yml\nmanage.py spectacular --file other.yml\n",
        },
    ],
    ids=["written by hand", "not committed", "not a schema", "several"],
)
def test_what_is_not_surely_written_by_a_command_is_left_alone(files: Files) -> None:
    assert [line.split()[0] for line in compared(DRF | files)] == ["openapi/drf.yaml"]


def test_once_the_schema_is_there_the_plan_is_the_same() -> None:
    for files in (DRF, NINJA):
        after = add(files)
        name = compared(files)[0].split()[0]
        assert add({**after, name: SCHEMA}) == {**after, name: SCHEMA}


def test_settings_of_its_own_are_kept() -> None:
    own = str(DRF["shop/settings.py"]) + 'SPECTACULAR_SETTINGS = {"SERVE_INCLUDE_SCHEMA": True}\n'
    files = {**DRF, "shop/settings.py": own}
    assert add(files)["shop/settings.py"] == own
    assert any("SERVE_INCLUDE_SCHEMA in shop/settings.py is yours" in text for text in todos(files))


def test_the_schema_is_that_of_postgres_where_a_url_chooses() -> None:
    files = {
        **DRF,
        "requirements.txt": "django\npsycopg[binary]\n",
        "shop/settings.py": str(DRF["shop/settings.py"])
        + 'import environ\nenv = environ.Env()\nDATABASES = {"default": env.db("DATABASE_URL")}\n',
    }
    nowhere = "env DATABASE_URL=postgres://localhost/schema"
    assert commands(files) == [f"{nowhere} python manage.py spectacular --validate --file openapi/drf.yaml"]
    assert 'connection.vendor != "postgresql"' in str(add(files)[TEST])
    without = {**files, "requirements.txt": "django\n"}
    assert nowhere not in commands(without)[0]


def test_it_is_made_with_the_settings_of_the_tests() -> None:
    files = {**DRF, "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = shop.settings\n"}
    assert "--settings shop.settings" in commands(files)[0]


# --- below the root


def below(files: Files, folder: str) -> Files:
    return {f"{folder}/{path}": text for path, text in files.items()}


def test_manage_py_below_the_root() -> None:
    files = below(DRF, "backend") | GITHUB
    after = add(files)
    assert commands(files) == [
        "(cd backend && python manage.py spectacular --validate --file ../openapi/drf.yaml)"
    ]
    assert "args: openapi/breaking.sh $" in str(after[WORKFLOW])
    assert "parents[3]" in str(after[f"backend/{TEST}"])


def test_a_container_that_sees_a_part_of_the_repository() -> None:
    files = below(DRF, "backend") | GITHUB | {"compose.yml": COMPOSE.format("./backend")}
    after = add(files)
    assert commands(files) == [
        "docker compose run --rm web python manage.py spectacular --validate --file openapi/drf.yaml"
    ]
    assert "args: backend/openapi/breaking.sh $" in str(after[WORKFLOW])
    assert "openapi/*.yml ../openapi/*.json" in str(after["backend/openapi/breaking.sh"])
    assert '"$base" openapi/ ../openapi/)' in str(after["backend/openapi/breaking.sh"])
    assert "parents[2]" in str(after[f"backend/{TEST}"])


# --- CI


def test_github_gets_a_workflow_for_pull_requests() -> None:
    workflow = YAML(typ="safe", pure=True).load(str(add(DRF | GITHUB)[WORKFLOW]))
    assert list(workflow["on"]) == ["pull_request"]
    checkout, step = workflow["jobs"]["openapi"]["steps"]
    assert checkout["uses"] == "actions/checkout@v5"
    assert checkout["with"]["fetch-depth"] == 0
    assert step["uses"].startswith("docker://tufin/oasdiff:v1.")
    assert step["with"]["entrypoint"] == "/bin/sh"
    assert step["with"]["args"] == "openapi/breaking.sh ${{ github.event.pull_request.base.sha }}"


def test_actions_are_pinned_as_the_others_are() -> None:
    pinned = str(GITHUB[".github/workflows/ci.yml"]).replace("checkout@v5", f"cache@{'a' * 40} # v4.0.0")
    text = str(add(DRF | {".github/workflows/ci.yaml": pinned})[".github/workflows/oasdiff.yaml"])
    assert "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1" in text


def test_gitlab_gets_a_job_in_the_pipelines_there_are() -> None:
    after = YAML(typ="safe", pure=True).load(str(add(DRF | GITLAB)[".gitlab-ci.yml"]))
    job = after["openapi"]
    assert job["image"]["name"].startswith("tufin/oasdiff:v1.")
    assert job["image"]["entrypoint"] == [""]
    assert job["rules"] == [{"if": "$CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH"}]
    assert job["variables"] == {"GIT_DEPTH": 0}
    assert job["before_script"] == []
    assert job["script"] == ['git fetch origin "$CI_DEFAULT_BRANCH"', "sh openapi/breaking.sh FETCH_HEAD"]
    assert "stage" not in job


def test_gitlab_with_pipelines_for_merge_requests_and_stages() -> None:
    text = (
        "workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == 'merge_request_event'\nstages: [unit]\n\n"
        "test:\n  stage: unit\n  script:\n    - python manage.py test\n"
    )
    after = YAML(typ="safe", pure=True).load(str(add({**DRF, ".gitlab-ci.yml": text})[".gitlab-ci.yml"]))
    job = after["openapi"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert job["script"][0] == 'git fetch origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"'
    assert job["stage"] == "unit"


@pytest.mark.parametrize("files", [{}, {".circleci/config.yml": "version: 2.1\n"}], ids=["none", "CircleCI"])
def test_other_ci_is_told_what_to_run(files: Files) -> None:
    [todo] = FEATURE.plan(project(DRF | files), NoOptions()).todos
    assert todo.snippet == "sh openapi/breaking.sh origin/main"
    assert todo.path == next(iter(files), "")


@pytest.mark.parametrize(
    "files",
    [
        {
            ".github/workflows/api.yml": "on: [push]\njobs:\n  api:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: oasdiff/oasdiff-action/breaking@v0\n"
        },
        {".gitlab-ci.yml": "api:\n  script:\n    - oasdiff breaking a.yaml b.yaml --fail-on ERR\n"},
    ],
    ids=["action", "command"],
)
def test_who_compares_by_hand_already_needs_nothing(files: Files) -> None:
    assert state(DRF | files) == ("installed", "put in by hand")
    one = memory(DRF | files)
    assert not one.add("oasdiff").changes


# --- recipes


def test_a_justfile_gets_recipes() -> None:
    after = add(DRF | {"justfile": "# Mine.\nup:\n    docker compose up\n"})
    assert str(after["justfile"]) == (
        "# Mine.\nup:\n    docker compose up\n\n"
        "# Write the OpenAPI schemas that CI compares with those of the base.\nopenapi:\n"
        "    python manage.py spectacular --validate --file openapi/drf.yaml\n\n"
        "# Look for changes of the OpenAPI schemas that break clients.\n"
        'openapi-breaking base="origin/main":\n    sh openapi/breaking.sh {{ quote(base) }}\n'
    )
    assert 'write="just openapi"' in str(after[TEST])


def test_a_makefile_gets_recipes_in_its_style() -> None:
    after = add(DRF | {"Makefile": MAKEFILE})
    assert str(after["Makefile"]) == MAKEFILE + (
        "\n.PHONY: openapi\nopenapi:  ## Write the OpenAPI schemas that CI compares with those of the base\n"
        "\tpython manage.py spectacular --validate --file openapi/drf.yaml\n"
        "\n.PHONY: openapi-breaking\nopenapi-breaking:  ## Look for changes of the OpenAPI schemas that break clients\n"
        '\tsh openapi/breaking.sh "$${BASE:-origin/main}"\n'
    )
    assert 'write="make openapi"' in str(after[TEST])


def test_a_recipe_of_that_name_is_left_alone() -> None:
    after = add(DRF | {"justfile": "openapi:\n    echo mine\n"})
    assert str(after["justfile"]).count("openapi:") == 1
    assert "openapi-breaking" in str(after["justfile"])
    assert "just openapi" not in str(after[TEST])


def test_the_branch_is_the_one_of_ci() -> None:
    ci = str(GITHUB[".github/workflows/ci.yml"]).replace("on: [push]", "on:\n  push:\n    branches: [master]")
    after = add({**DRF, ".github/workflows/ci.yml": ci, "justfile": "up:\n    x\n"})
    assert 'openapi-breaking base="origin/master"' in str(after["justfile"])


def test_without_a_task_runner_the_command_is_said() -> None:
    files = DRF | {"uv.lock": "", "pyproject.toml": '[project]\nname = "shop"\ndependencies = []\n'}
    assert "uv run python manage.py spectacular" in " ".join(str(add(files)[TEST]).split())
    assert "justfile" not in add(files)


@pytest.mark.parametrize("order", [("just", "oasdiff"), ("oasdiff", "just")])
def test_the_justfile_that_just_made_has_the_recipes_as_long_as_both_are_there(
    order: tuple[str, str],
) -> None:
    one = memory(DRF | GITHUB)
    before = dict(one.files)
    for name in order:
        one.add(name)
    assert b"openapi-breaking base=" in one.files["justfile"]
    for going, staying in (order, order[::-1]):
        both, alone = one.copy(), memory(DRF | GITHUB)
        alone.add(staying)
        both.remove(going)
        assert both.files == alone.files
        both.remove(staying)
        assert both.files == before


# --- removal


def test_the_schema_is_named_before_it_is_removed() -> None:
    one = memory(DRF | GITHUB)
    one.add("oasdiff")
    assert not [note for note in one.copy().remove("oasdiff").notes if "git rm" in note]
    one.files["openapi/drf.yaml"] = SCHEMA.encode()
    removed = one.remove("oasdiff")
    assert any("git rm openapi/drf.yaml" in note for note in removed.notes)
    assert "openapi/drf.yaml" in one.files
    assert SCRIPT not in one.files


def test_a_schema_from_before_is_not_named() -> None:
    one = memory(DRF | {"schema.yml": SCHEMA, "README.md": "manage.py spectacular --file schema.yml\n"})
    one.add("oasdiff")
    assert not [note for note in one.remove("oasdiff").notes if "git rm" in note]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_it_comes_and_goes_without_a_trace(ending: str) -> None:
    files = DRF | GITLAB | {"Makefile": MAKEFILE}
    one = memory({path: str(text).replace("\n", ending) for path, text in files.items()})
    before = dict(one.files)
    one.add("oasdiff")
    assert not one.plan("oasdiff").changes
    one.remove("oasdiff")
    assert one.files == before
