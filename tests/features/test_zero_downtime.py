"""zero-downtime: which settings get the engine, how DATABASES may be built, and what is refused."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from djroadmap.errors import Unrecognised
from djroadmap.features.zero_downtime import ENGINES, FEATURE, PACKAGE, RAISE
from djroadmap.model.feature import NoOptions, Presence

from .small import SETTINGS, SMALL, Files, applied, moved, project, pyproject

PYTEST = pyproject("pytest", "pytest-django", "psycopg")
PLAIN, POSTGIS = ENGINES
TENANTS = "django_tenants.postgresql_backend"
URL = 'import environ\n\nenv = environ.Env()\nDATABASES = {"default": env.db("DATABASE_URL")}\n'
TEST = "shop/tests/test_zero_downtime_migrations.py"
STAR = "from .base import *  # noqa: F403\n"


def literal(*engines: str) -> str:
    return f"DATABASES = { ({f'db{n}' if n else 'default': {'ENGINE': name} for n, name in enumerate(engines)})!r}\n"


def one_module(text: str) -> Files:
    return SMALL | {"shop/settings.py": SETTINGS + text}


def production(text: str = STAR, *, base: str = URL, **more: str) -> Files:
    """The small project with settings for development, tests and production."""
    files = {path: text for path, text in SMALL.items() if path != "shop/settings.py"}
    files["manage.py"] = (
        'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.local")\n'
    )
    files |= {
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": base + SETTINGS.replace("True", "False"),
    }
    files |= {"shop/settings/local.py": f"{STAR}DEBUG = True\n", "shop/settings/production.py": text}
    return files | {f"shop/settings/{name}.py": text for name, text in more.items()}


def plan(files: Files):
    return FEATURE.plan(project(files), NoOptions())


def add(files: Files) -> dict[str, str]:
    assert FEATURE.unfit(project(files)) is None
    return {path: str(text) for path, text in applied(plan(files), files).items()}


def databases(text: str, found: dict[str, Any], **names: Any) -> dict[str, Any]:
    """DATABASES after the loop of a settings file has run over `found`."""
    loops = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.For | ast.If) and PACKAGE in ast.unparse(node)
    ]
    assert len(loops) == 1
    scope = {"DATABASES": found, **names}
    exec(compile(ast.Module(loops, []), "settings", "exec"), scope)
    assert set(scope) <= {"DATABASES", "__builtins__", "database", *names}
    return found


def run_loop(text: str, *engines: str | None, **names: Any) -> list[str | None]:
    found = {str(n): {"ENGINE": name} if name else {} for n, name in enumerate(engines)}
    return [one.get("ENGINE") for one in databases(text, found, **names).values()]


class TestProduction:
    def test_the_loop_is_in_the_settings_of_production_alone(self) -> None:
        files = production()
        after = add(files)
        text = after["shop/settings/production.py"]
        assert run_loop(text, PLAIN, None, "django.db.backends.sqlite3", TENANTS) == [
            ENGINES[PLAIN],
            None,
            "django.db.backends.sqlite3",
            TENANTS,
        ]
        changed = {path for path in after if path.startswith("shop/settings/") and after[path] != files[path]}
        assert changed == {"shop/settings/production.py"}

    def test_what_it_needs_is_imported_from_where_all_is_taken_from(self) -> None:
        text = add(production())["shop/settings/production.py"]
        assert "from .base import DATABASES, env\n" in text.replace(
            "import DATABASES\nfrom .base import env", "import DATABASES, env"
        )

    @pytest.mark.parametrize(
        "text",
        [
            f"{STAR}from .base import DATABASES, env\nDATABASES['default']['CONN_MAX_AGE'] = 60\n",
            f"{STAR}DATABASES['default']['CONN_MAX_AGE'] = env.int('CONN_MAX_AGE')\n",
            f"{STAR}{URL}",
        ],
    )
    def test_what_is_there_is_not_imported_again(self, text: str) -> None:
        after = add(production(text))["shop/settings/production.py"]
        assert after.startswith(text)
        assert [line for line in after.splitlines() if "import" in line] == [
            line for line in text.splitlines() if "import" in line
        ]

    def test_the_right_one_of_several_stars(self) -> None:
        text = "from .logs import *\nfrom .base import *\n"
        after = add(production(text, logs="LOGGING = {}\n"))["shop/settings/production.py"]
        assert "from .base import DATABASES" in after

    @pytest.mark.parametrize(
        ("star", "package"), [("from . import *\n", URL), ("from shop.settings.base import *\n", "")]
    )
    def test_a_star_of_the_package(self, star: str, package: str) -> None:
        files = production(star) | {"shop/settings/__init__.py": package}
        source = star.split()[1]
        assert f"from {source} import DATABASES" in add(files)["shop/settings/production.py"]

    def test_through_another_star(self) -> None:
        files = production(base="from .databases import *\n", databases=URL)
        assert "from .base import DATABASES" in add(files)["shop/settings/production.py"]

    def test_behind_what_production_says_of_databases(self) -> None:
        text = f"{STAR}{URL}DATABASES['replica'] = env.db('REPLICA')\n"
        after = add(production(text))["shop/settings/production.py"]
        assert after.index("REPLICA") < after.index("for database in")

    def test_databases_changed_below_are_refused(self) -> None:
        text = f"{STAR}# Your stuff...\n# ----------------------------\nDATABASES['x'] = env.db('X')\n"
        with pytest.raises(Unrecognised, match="DATABASES is used below") as caught:
            add(production(text))
        assert [(one.path, one.line) for one in caught.value.problems] == [("shop/settings/production.py", 4)]
        assert caught.value.problems[0].snippet.startswith("for database in DATABASES.values():")

    def test_no_databases_to_be_seen_are_refused(self) -> None:
        files = production('from . import base\n\nSECRET_KEY = base.env("KEY")\n')
        with pytest.raises(Unrecognised, match="neither set nor imported") as caught:
            plan(files)
        assert caught.value.problems[0].snippet.startswith("for database in DATABASES.values():")

    def test_settings_that_are_not_for_everyone_are_a_todo(self) -> None:
        files = production() | {".gitignore": "production.py\n"}
        found = plan(files)
        assert not any(edit.path.endswith("production.py") for edit in found.edits)
        assert any(todo.path == "shop/settings/production.py" for todo in found.todos)


class TestOneModule:
    def test_production_is_where_debug_is_off(self) -> None:
        text = add(one_module(URL))["shop/settings.py"]
        assert run_loop(text, PLAIN, DEBUG=True) == [PLAIN]
        assert run_loop(text, PLAIN, DEBUG=False) == [ENGINES[PLAIN]]

    def test_an_engine_that_is_written_down(self) -> None:
        text = add(one_module(literal(PLAIN)))["shop/settings.py"]
        assert run_loop(text, PLAIN, DEBUG=False) == [ENGINES[PLAIN]]
        assert literal(PLAIN) in text

    @pytest.mark.parametrize(
        ("debug", "todos"), [("True", 1), ("False", 2), ("env.bool('DEBUG', default=False)", 2)]
    )
    def test_tests_that_run_without_debug_are_a_todo(self, debug: str, todos: int) -> None:
        files = SMALL | {"shop/settings.py": URL + SETTINGS.replace("True", debug)}
        assert (
            len(plan(files).todos) - len([one for one in plan(files).todos if "write" in one.text]) == todos
        )

    def test_several_without_one_for_production_are_refused(self) -> None:
        files = production()
        del files["shop/settings/production.py"]
        assert "no settings module is for production" in str(FEATURE.unfit(project(files)))

    def test_no_debug_is_refused(self) -> None:
        files = SMALL | {"shop/settings.py": URL + SETTINGS.replace("DEBUG = True\n", "")}
        assert "no DEBUG" in str(FEATURE.unfit(project(files)))


class TestDatabases:
    @pytest.mark.parametrize(
        "text",
        [
            URL,
            'DATABASES = {"default": dj_database_url.config(conn_max_age=600)}\n',
            'DATABASES = {"default": {**dj_database_url.config(), "CONN_MAX_AGE": 60}}\n',
            f'DATABASES = {{"default": {{"ENGINE": os.environ.get("ENGINE", "{PLAIN}")}}}}\n',
            'if os.getenv("URL"):\n    DATABASES = {"default": env.db("URL")}\nelse:\n    ' + literal(PLAIN),
            'if DEBUG:\n    ' + literal("django.db.backends.sqlite3") + "else:\n    " + literal(PLAIN),
            literal(PLAIN, PLAIN),
            literal(PLAIN, "django.db.backends.sqlite3"),
            literal(PLAIN, TENANTS),
            literal(TENANTS, PLAIN),
            literal(POSTGIS),
        ],
    )  # fmt: skip
    def test_handled(self, text: str) -> None:
        after = add(one_module(text))["shop/settings.py"]
        assert after.startswith((SETTINGS + text, f"import os\n\n{SETTINGS}{text}"))
        assert run_loop(after, PLAIN, TENANTS, DEBUG=False) == [ENGINES[PLAIN], TENANTS]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (literal("django.db.backends.sqlite3"), "this project runs on SQLite"),
            (literal("django.db.backends.mysql"), "this project runs on MySQL"),
            (literal("django.db.backends.oracle"), "this project runs on Oracle"),
            (literal(TENANTS), TENANTS),
            (literal("psqlextra.backend"), "psqlextra.backend"),
            (literal("django_prometheus.db.backends.postgis"), "django_prometheus"),
            (f'{URL}DATABASES["default"]["ENGINE"] = "{TENANTS}"\n', TENANTS),
            (f'DATABASES = {{"default": env.db("DATABASE_URL", engine="{TENANTS}")}}\n', TENANTS),
            ("DATABASES = load()\n", "is not seen"),
            ("", "is not seen"),
        ],
    )
    def test_refused(self, text: str, why: str) -> None:
        assert why in str(FEATURE.unfit(project(one_module(text))))

    def test_a_url_without_a_driver_is_for_another_database(self) -> None:
        assert "psycopg" in str(FEATURE.unfit(project(one_module(URL) | pyproject("mysqlclient"))))
        assert FEATURE.unfit(project(one_module(URL) | pyproject("psycopg2-binary"))) is None

    def test_classes_are_refused(self) -> None:
        body = "".join(f"    {line}\n" for line in (SETTINGS + literal(PLAIN)).splitlines())
        manage = f'{SMALL["manage.py"]}os.environ.setdefault("DJANGO_CONFIGURATION", "Base")\n'
        text = f"from configurations import Configuration\n\n\nclass Base(Configuration):\n{body}"
        files = SMALL | {"shop/settings.py": text, "manage.py": manage}
        assert "django-configurations" in str(FEATURE.unfit(project(files)))

    @pytest.mark.parametrize(
        "files",
        [one_module(literal(POSTGIS)), SMALL | {"shop/settings.py": URL + SETTINGS.replace("auth", "gis")}],
    )
    def test_postgis(self, files: Files) -> None:
        after = add(files)
        assert run_loop(after["shop/settings.py"], POSTGIS, PLAIN, DEBUG=False) == [
            ENGINES[POSTGIS],
            ENGINES[PLAIN],
        ]
        assert f"from {PACKAGE}.backends.postgis.base" in after[TEST]


class TestSettings:
    def values(self, text: str) -> dict[str, Any]:
        return {
            node.targets[0].id: ast.unparse(node.value)
            for node in ast.parse(text).body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id.startswith("ZERO")
        }

    def test_django_environ(self) -> None:
        assert self.values(add(one_module(URL))["shop/settings.py"]) == {
            "ZERO_DOWNTIME_MIGRATIONS_LOCK_TIMEOUT": "env('ZERO_DOWNTIME_MIGRATIONS_LOCK_TIMEOUT', default='2s')",
            "ZERO_DOWNTIME_MIGRATIONS_STATEMENT_TIMEOUT": (
                "env('ZERO_DOWNTIME_MIGRATIONS_STATEMENT_TIMEOUT', default='2s')"
            ),
            "ZERO_DOWNTIME_MIGRATIONS_FLEXIBLE_STATEMENT_TIMEOUT": "True",
            RAISE: f"env.bool('{RAISE}', default=True)",
            "ZERO_DOWNTIME_MIGRATIONS_IDEMPOTENT_SQL": (
                "env.bool('ZERO_DOWNTIME_MIGRATIONS_IDEMPOTENT_SQL', default=False)"
            ),
        }

    def test_decouple(self) -> None:
        text = f"from decouple import config\n\n{literal(PLAIN)}{SETTINGS}"
        after = add(SMALL | {"shop/settings.py": text})["shop/settings.py"]
        assert self.values(after)[RAISE] == f"config('{RAISE}', default=True, cast=bool)"
        assert "import os" not in after

    @pytest.mark.parametrize(
        ("value", "refuses"), [(None, True), ("True", True), ("1", True), ("no", True), ("False", False)]
    )
    def test_the_environment_itself(self, value: str | None, *, refuses: bool) -> None:
        after = add(one_module(literal(PLAIN)))["shop/settings.py"]
        assert after.startswith("import os\n")
        code = self.values(after)[RAISE].replace("os.environ", "environment")
        assert eval(code, {"environment": {RAISE: value} if value else {}}) is refuses
        code = self.values(after)["ZERO_DOWNTIME_MIGRATIONS_IDEMPOTENT_SQL"].replace(
            "os.environ", "environment"
        )
        assert eval(code, {"environment": {}}) is False

    def test_what_the_owner_has_set_stays(self) -> None:
        mine = 'ZERO_DOWNTIME_MIGRATIONS_LOCK_TIMEOUT = "9s"\n'
        after = add(one_module(URL + mine + f"{RAISE} = False\n"))["shop/settings.py"]
        assert after.count("LOCK_TIMEOUT =") == 1 and mine in after
        assert self.values(after)[RAISE] == "False"
        files = production(base=URL + mine)
        assert "LOCK_TIMEOUT" not in add(files)["shop/settings/production.py"]

    def test_an_engine_put_in_by_hand_is_enough(self) -> None:
        files = production(base=literal(ENGINES[PLAIN]))
        assert FEATURE.unfit(project(files)) is None
        after = add(files)["shop/settings/production.py"]
        assert "for database" not in after and RAISE in after
        assert FEATURE.presence is not None
        assert FEATURE.presence(project(files)) is None


def test_nothing_of_it_is_there() -> None:
    assert FEATURE.presence is not None
    assert FEATURE.presence(project(one_module(URL))) == Presence()


@pytest.mark.parametrize(
    "files", [one_module(URL), production(), production() | PYTEST, one_module(literal(POSTGIS))]
)
def test_the_plan_for_the_result_is_the_same(files: Files) -> None:
    first = plan(files)
    after = applied(first, files)
    second = plan(after)
    assert [edit.key for edit in second.edits if edit.kind != "import"] == [
        edit.key for edit in first.edits if edit.kind != "import"
    ]
    assert applied(second, after) == after


def baseline(files: Files) -> dict[str, set[str]]:
    (node,) = [one for one in ast.parse(add(files)[TEST]).body if isinstance(one, ast.AnnAssign)]
    assert node.value is not None
    found: dict[str, set[str]] = ast.literal_eval(node.value)
    return found


MIGRATION = (
    "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    operations = [{}]\n"
)
APP: Files = {
    "shop/orders/__init__.py": "",
    "shop/orders/migrations/__init__.py": "",
    "shop/orders/migrations/0001_initial.py": MIGRATION.format("migrations.CreateModel()"),
    "shop/orders/migrations/0002_more.py": MIGRATION.format("migrations.AddField()"),
}


class TestBaseline:
    def test_the_migrations_of_each_app(self) -> None:
        files = one_module(URL) | APP | {
            "shop/orders/migrations/_old.py": MIGRATION,
            "shop/orders/migrations/helpers.py": "def forwards(): pass\n",
            "shop/contrib/sites/migrations/0003_domain.py": MIGRATION,
            "shop/migrations_of/users/0001_initial.py": MIGRATION,
            "shop/migrations/users/0001_initial.py": MIGRATION,
        }  # fmt: skip
        assert baseline(files) == {
            "orders": {"0001_initial", "0002_more"},
            "sites": {"0003_domain"},
            "users": {"0001_initial"},
        }

    def test_the_label_of_the_app(self) -> None:
        config = 'from django.apps import AppConfig\n\n\nclass A(AppConfig):\n    name = "shop.orders"\n    label = "sales"\n'
        settings = SETTINGS.replace(
            '    "django.contrib.admin",\n', '    "django.contrib.admin",\n    "shop.orders",\n'
        )
        files = SMALL | APP | {"shop/settings.py": settings + URL, "shop/orders/apps.py": config}
        assert baseline(files) == {"sales": {"0001_initial", "0002_more"}}

    def test_none(self) -> None:
        assert baseline(one_module(URL)) == {}

    def test_the_table_of_dead_letters_comes_and_goes(self) -> None:
        bus: Files = {
            "shop/domain_events/__init__.py": "",
            "shop/domain_events/base.py": "class DomainEvent:\n    pass\n",
            "shop/domain_events/bus.py": "class EventBus:\n    def subscribe(self, event_type, handler): ...\n\n"
            "    def publish(self, event): ...\n\n\nevent_bus = EventBus()\n",
            "shop/domain_events/migrations/0001_initial.py": MIGRATION.format(
                "migrations.CreateModel(), migrations.AddIndex()"
            ),
        }
        assert baseline(one_module(URL) | bus) == {}
        own = {"shop/domain_events/migrations/0002_own.py": MIGRATION.format("migrations.AddField()")}
        assert baseline(one_module(URL) | bus | own) == {"domain_events": {"0002_own"}}

    def test_it_does_not_grow(self) -> None:
        after = add(one_module(URL) | APP)
        later = {**after, "shop/orders/migrations/0003_later.py": MIGRATION}
        assert add(later)[TEST] == after[TEST]


class TestCI:
    def workflow(self, run: str) -> Files:
        steps = f"      - run: pip install .\n      - run: python manage.py check\n      - run: {run}\n"
        text = f"on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
        return one_module(URL) | PYTEST | {".github/workflows/ci.yml": text}

    def test_a_step_right_before_the_tests(self) -> None:
        text = add(self.workflow("pytest -x"))[".github/workflows/ci.yml"]
        assert text.endswith(f"      - run: pytest {TEST}\n      - run: pytest -x\n")

    def test_the_settings_that_the_tests_choose(self) -> None:
        text = add(self.workflow("pytest --ds=shop.testing"))[".github/workflows/ci.yml"]
        assert f"      - run: pytest {TEST} --ds=shop.testing\n" in text

    def test_no_workflow_without_a_database(self) -> None:
        files = self.workflow("make lint")
        after = add(files)
        assert [path for path in after if path.startswith(".github")] == [".github/workflows/ci.yml"]
        assert after[".github/workflows/ci.yml"] == files[".github/workflows/ci.yml"]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (one_module(URL), "python manage.py test shop.tests.test_zero_downtime_migrations"),
        (one_module(URL) | PYTEST, f"pytest {TEST}"),
    ],
)
def test_checks_run_the_added_tests(files: Files, line: str) -> None:
    assert [str(check) for check in FEATURE.checks(project(files), NoOptions())] == [line]


@pytest.mark.parametrize(("files", "depth"), [(one_module(URL), 2), (moved("backend"), 2)])
def test_the_root_is_the_folder_of_manage_py(files: Files, depth: int) -> None:
    if "backend/manage.py" in files:
        files = files | {"backend/shop/settings.py": SETTINGS + URL}
    (text,) = [text for path, text in add(files).items() if path.endswith(TEST)]
    assert f"parents[{depth}]" in text


def test_the_first_deployment() -> None:
    files = one_module(URL) | {".env.example": "A=1\n"}
    assert add(files)[".env.example"].endswith(f"\n{RAISE}=True\n")
    snippets = [todo.snippet for todo in plan(one_module(URL)).todos]
    assert f"{RAISE}=False python manage.py migrate" in snippets
