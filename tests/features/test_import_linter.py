"""The plan, what runs it, and what `status` says of a project that has import-linter in part."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from djroadmap.features.import_linter import FEATURE
from djroadmap.features.import_linter.enforcement import command
from djroadmap.model.feature import NoOptions
from djroadmap.model.project import CI, CIJob, Compose, Dependencies, Docker, Hooks
from tests.features.import_linter import SHOP, SHOP_APPS, plain, project, shop

COMPOSE = ("docker", "compose", "-f", "docker-compose.local.yml", "run", "--rm", "django")
TURBO_CI = """\
jobs:
  linter:
    steps:
      - name: Run lefthook
        run: lefthook run pre-commit
  pytest:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6

      - name: Check DB Migrations
        run: docker compose -f docker-compose.local.yml run --rm django python manage.py makemigrations --check

      - name: Run Django Tests
        run: docker compose -f docker-compose.local.yml run django pytest
"""
LEFTHOOK = """\
pre-commit:
  parallel: true
  commands:
    ruff-check:
      glob: "*.py"
      run: ruff check --fix {staged_files}

    # === Frontend ===
    turbo-lint:
      glob: "*.{ts,tsx}"
      run: pnpm turbo lint
"""
PRE_COMMIT_CI = """\
jobs:
  linter:
    steps:
      - uses: pre-commit/action@v3.0.1
  pytest:
    steps:
      - run: uv run pytest
"""
GITLAB = """\
pytest:
  script:
    - uv run pytest
"""
PRE_COMMIT = """\
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.14.0
    hooks:
      - id: ruff-check
"""
PYPROJECT = """\
[dependency-groups]
dev = [
    "pytest==9.0.0",
]
"""
INI = "[importlinter]\nroot_package = shop\n[importlinter:contract:1]\nname = x\n"
TOML = '[tool.importlinter]\nroot_package = "shop"\n[[tool.importlinter.contracts]]\nname = "x"\n'


def turbo(files=None, **facts):
    texts = {".github/workflows/ci.yml": TURBO_CI, "lefthook.yml": LEFTHOOK, "pyproject.toml": PYPROJECT}
    job = CIJob(
        name="pytest",
        runs="docker compose -f docker-compose.local.yml run django pytest",
        prefix=COMPOSE,
        anchor="Check DB Migrations",
    )
    values = {
        "ci": (CI(kind="github", path=".github/workflows/ci.yml", test_job=job, linter_job="linter"),),
        "hooks": (Hooks(kind="lefthook", path="lefthook.yml"),),
        "docker": Docker(compose=Compose(path="docker-compose.local.yml", service="django")),
        "dependencies": in_pyproject(),
    }
    return shop({**texts, **(files or {})}, **values | facts)


def cookiecutter(files=None, *, ci=PRE_COMMIT_CI, **facts):
    texts = {
        ".github/workflows/ci.yml": ci,
        ".pre-commit-config.yaml": PRE_COMMIT,
        "pyproject.toml": PYPROJECT,
    }
    job = CIJob(name="pytest", runs="uv run pytest", prefix=("uv", "run"))
    values = {
        "ci": (CI(kind="github", path=".github/workflows/ci.yml", test_job=job),),
        "hooks": (Hooks(kind="pre-commit", path=".pre-commit-config.yaml"),),
        "dependencies": in_pyproject(),
    }
    return shop({**texts, **(files or {})}, **values | facts)


def in_pyproject(*names):
    return Dependencies(
        style="pep621",
        manager="uv",
        pyproject="pyproject.toml",
        dev_table="dependency-groups.dev",
        names=dict.fromkeys(names, ""),
    )


def plan(given):
    return FEATURE.plan(given, NoOptions())


def applied(given):
    """The files that the plan changes, as they will be."""
    texts = {}
    for edit in plan(given).edits:
        texts[edit.path] = edit.apply(texts.get(edit.path, given.tree.read(edit.path)))
    return texts


class TestPlan:
    def test_turbo_has_a_step_and_a_hook(self):
        after = applied(turbo())
        assert sorted(after) == [
            ".github/workflows/ci.yml",
            ".importlinter",
            "lefthook.yml",
            "pyproject.toml",
        ]
        step = textwrap.indent(
            "- name: Check Module Boundaries\n"
            "  run: docker compose -f docker-compose.local.yml run --rm django lint-imports\n\n",
            "      ",
            lambda line: bool(line.strip()),
        )
        before = "      - name: Check DB Migrations\n"
        assert after[".github/workflows/ci.yml"] == TURBO_CI.replace(before, step + before)
        hook = '    import-linter:\n      glob: "*.py"\n      run: lint-imports\n\n'
        before = "    # === Frontend ===\n"
        assert after["lefthook.yml"] == LEFTHOOK.replace(before, hook + before)
        assert after["pyproject.toml"] == PYPROJECT.replace(
            "dev = [\n", 'dev = [\n    "import-linter==2.16",\n'
        )

    def test_pre_commit_in_ci_needs_no_step(self):
        after = applied(cookiecutter())
        assert sorted(after) == [".importlinter", ".pre-commit-config.yaml", "pyproject.toml"]
        added = after[".pre-commit-config.yaml"].removeprefix(PRE_COMMIT)
        assert " ".join(added.split()) == (
            "- repo: local hooks: - id: import-linter name: import-linter entry: lint-imports language: python "
            "types: [python] pass_filenames: false additional_dependencies: - import-linter==2.16"
        )

    def test_pre_commit_that_ci_does_not_run_needs_one(self):
        after = applied(cookiecutter(ci="jobs:\n  pytest:\n    steps:\n      - run: uv run pytest\n"))
        assert "uv run lint-imports" in after[".github/workflows/ci.yml"]
        assert "entry: lint-imports" in after[".pre-commit-config.yaml"]

    def test_gitlab(self):
        job = CIJob(name="pytest", runs="uv run pytest", prefix=("uv", "run"))
        given = shop({".gitlab-ci.yml": GITLAB}, ci=(CI(kind="gitlab", path=".gitlab-ci.yml", test_job=job),))
        after = applied(given)
        expected = GITLAB.replace("    - uv run pytest", "    - uv run lint-imports\n    - uv run pytest")
        assert after[".gitlab-ci.yml"] == expected

    def test_neither_ci_nor_hook(self):
        found = plan(plain())
        assert [edit.path for edit in found.edits] == [".importlinter"]
        assert [todo.snippet for todo in found.todos if "before you commit" in todo.text] == ["lint-imports"]

    def test_what_runs_it_already_is_left_alone(self):
        own = LEFTHOOK + '    boundaries:\n      glob: "**/*.py"\n      run: uv run lint-imports\n'
        paths = [edit.path for edit in plan(turbo({"lefthook.yml": own})).edits]
        assert "lefthook.yml" not in paths
        assert ".github/workflows/ci.yml" in paths

    def test_planned_again_it_holds(self):
        after = applied(turbo())
        again = turbo(after)
        edits = plan(again).edits
        assert {edit.path for edit in edits} == set(after)
        assert all(edit.holds(again.tree.read(edit.path)) for edit in edits)

    def test_taken_back(self):
        given = turbo()
        for edit in plan(given).edits:
            before = given.tree.read(edit.path)
            bound = edit.bind(before)
            assert bound.revert(bound.apply(before)) == before

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (".importlinter", "[importlinter]\nroot_package = shop\n"),
            ("setup.cfg", "[importlinter]\nroot_package = shop\n"),
            ("pyproject.toml", '[tool.importlinter]\nroot_package = "shop"\n'),
        ],
    )
    def test_beside_a_configuration_of_their_own_it_is_a_proposal(self, path, text):
        found = plan(turbo({path: text}))
        assert ".importlinter" not in [edit.path for edit in found.edits]
        assert ".github/workflows/ci.yml" in [edit.path for edit in found.edits]
        (todo,) = [todo for todo in found.todos if todo.path == path]
        assert f"configured in {path} already" in todo.text
        assert todo.snippet.startswith("# Module boundaries")

    def test_apps_that_no_contract_can_name_are_said(self):
        given = project({**SHOP, "calendar/__init__.py": ""}, *SHOP_APPS, "calendar")
        (todo,) = [todo for todo in plan(given).todos if todo.path == "calendar"]
        assert todo.text.startswith("calendar is in no contract")

    def test_a_project_without_apps_has_no_plan(self):
        given = project(SHOP)
        assert plan(given) == type(plan(given))()
        assert FEATURE.checks(given, NoOptions()) == ()


class TestFolder:
    @pytest.mark.parametrize(
        ("folder", "cwd", "expected"),
        [
            ("", "", ("lint-imports",)),
            ("src", "src", ("lint-imports",)),
            ("src", "", ("sh", "-c", "cd src && lint-imports")),
            ("", "backend", ("sh", "-c", "cd .. && lint-imports")),
            ("backend/src", "backend", ("sh", "-c", "cd src && lint-imports")),
            ("my apps", "", ("sh", "-c", "cd 'my apps' && lint-imports")),
        ],
    )
    def test_it_runs_where_its_configuration_is(self, folder, cwd, expected):
        assert command(folder, cwd) == expected

    def test_src_layout(self):
        job = CIJob(name="test", runs="pytest", cwd="src")
        ci = "jobs:\n  test:\n    steps:\n      - run: pytest\n        working-directory: src\n"
        files = {f"src/{path}": text for path, text in SHOP.items()} | {
            "ci.yml": ci,
            "lefthook.yml": LEFTHOOK,
        }
        given = project(
            files,
            *SHOP_APPS,
            base="src",
            ci=(CI(kind="github", path="ci.yml", test_job=job),),
            hooks=(Hooks(kind="lefthook", path="lefthook.yml"),),
        )
        after = applied(given)
        assert "src/.importlinter" in after
        assert "        run: lint-imports\n        working-directory: src\n" in after["ci.yml"]
        assert "cd src && lint-imports" in after["lefthook.yml"]

    def test_checks_run_there_too(self):
        files = {f"src/{path}": text for path, text in SHOP.items()}
        poetry = Dependencies(style="poetry", manager="poetry")
        given = project(files, *SHOP_APPS, base="src", dependencies=poetry)
        (check,) = FEATURE.checks(given, NoOptions())
        assert str(check) == "(cd src && poetry run lint-imports)"
        assert [todo.snippet for todo in plan(given).todos if todo.snippet == str(check)]

    def test_checks_through_compose(self):
        (check,) = FEATURE.checks(turbo(), NoOptions())
        assert check.argv == (*COMPOSE, "lint-imports")
        files = {f"src/{path}": text for path, text in SHOP.items()}
        apps = [(app, f"src/{app.replace('.', '/')}") for app in SHOP_APPS]
        (check,) = FEATURE.checks(project(files, *apps, docker=turbo().docker), NoOptions())
        assert check.argv == (*COMPOSE, "sh", "-c", "cd src && lint-imports")


def state(given):
    found = FEATURE.presence(given)
    return bool(found.found), [missing.what for missing in found.missing]


class TestPresence:
    def test_nothing(self):
        assert FEATURE.presence(turbo()) == type(FEATURE.presence(turbo()))()
        assert FEATURE.presence(plain()) == type(FEATURE.presence(turbo()))()

    @pytest.mark.parametrize("given", [turbo, cookiecutter, plain])
    def test_what_is_added_is_whole(self, given):
        before = given()
        after = given(applied(before))
        names = ("import-linter",) if "pyproject.toml" in before.tree.files() else ()
        if names:
            after = given(applied(before), dependencies=in_pyproject(*names))
        assert state(after) == (True, [])
        assert FEATURE.presence(after).note == "own configuration in .importlinter"

    def test_only_the_dependency(self):
        found, missing = state(turbo(dependencies=in_pyproject("import-linter")))
        assert found
        assert missing == ["contracts", "lint-imports in CI or in a hook"]

    def test_contracts_that_nothing_runs(self):
        files = {".importlinter": applied(turbo())[".importlinter"]}
        found, missing = state(turbo(files))
        assert found
        assert missing == ["import-linter among the dependencies", "lint-imports in CI or in a hook"]

    def test_a_configuration_without_contracts(self):
        found, missing = state(turbo({"setup.cfg": "[importlinter]\nroot_package = shop\n"}))
        assert not found
        assert not missing

    def test_a_broken_configuration_has_no_contracts(self):
        given = turbo({".importlinter": "[importlinter\n"}, dependencies=in_pyproject("import-linter"))
        assert "contracts" in state(given)[1]

    def test_an_app_that_came_later(self):
        after = {**applied(turbo()), "shop/billing/__init__.py": "", "shop/billing/models.py": ""}
        later = project({**SHOP, **after}, *SHOP_APPS, "shop.billing", python_roots=("", "shop"))
        assert state(later) == (True, ["shop.billing is in no contract"])

    def test_the_event_bus_has_its_place(self):
        after = {**applied(turbo()), "shop/domain_events/__init__.py": ""}
        later = project({**SHOP, **after}, *SHOP_APPS, "shop.domain_events", python_roots=("", "shop"))
        assert state(later) == (True, [])

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (
                "pyproject.toml",
                TOML + 'type = "layers"\ncontainers = ["shop"]\nlayers = ["orders | users", "core"]\n',
            ),
            (
                "setup.cfg",
                INI
                + "type = layers\nlayers =\n    shop.orders | shop.users\n    (shop.core)\n[x]\ny = 100%\n",
            ),
            (
                ".importlinter",
                INI + "type = independence\nmodules =\n    shop.users\n    shop.orders\n    *.core\n",
            ),
        ],
    )
    def test_contracts_of_their_own_in_every_form(self, path, text):
        own = turbo({path: text}, dependencies=in_pyproject("import-linter"))
        found = FEATURE.presence(own)
        assert found.note == f"own configuration in {path}"
        assert [missing.what for missing in found.missing] == ["lint-imports in CI or in a hook"]

    def test_the_first_file_that_import_linter_reads_counts(self):
        ini = INI + "type = independence\nmodules = {}\n"
        both = turbo({"setup.cfg": ini.format("shop.users"), ".importlinter": ini.format("shop.orders")})
        assert FEATURE.presence(both).note == "own configuration in setup.cfg"

    def test_a_wildcard_for_everything_places_nothing(self):
        text = INI + "type = independence\nmodules = shop.*\n"
        missing = state(turbo({".importlinter": text}))[1]
        assert [what for what in missing if "no contract" in what] == [
            "shop.core is in no contract",
            "shop.orders is in no contract",
            "shop.users is in no contract",
        ]

    def test_a_setup_cfg_that_only_speaks_of_it(self):
        given = turbo({"setup.cfg": "[flags]\nrun = importlinter\n"})
        assert not FEATURE.presence(given).found

    def test_contracts_of_a_project_without_apps(self):
        given = project({**SHOP, ".importlinter": INI + "type = independence\nmodules = shop.*\n"})
        found = FEATURE.presence(given)
        assert found.found == ("contracts in .importlinter",)
        assert not found.missing

    @pytest.mark.parametrize("text", ["[tool.importlinter", "[tool.other]\nimportlinter = 1\n"])
    def test_a_pyproject_that_says_nothing_of_it(self, text):
        assert not FEATURE.presence(turbo({"pyproject.toml": text})).found

    def test_files_that_cannot_be_decoded_are_no_reason_to_stop(self):
        given = turbo({"setup.cfg": b"\xff[importlinter]", "lefthook.yml": b"\xff"})
        assert not FEATURE.presence(given).found


def test_status_pays_for_nothing_heavy():
    """`status` asks these of every project: they must not build a graph, render or parse."""
    program = """
        import sys
        from tests.features.test_import_linter import FEATURE, turbo
        given = turbo()
        FEATURE.supports(given), FEATURE.presence(given)
        print(sorted({"grimp", "importlinter", "libcst", "jinja2", "ruamel.yaml", "tomlkit"} & set(sys.modules)))
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
