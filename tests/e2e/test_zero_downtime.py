"""Migrations under production settings, on a real PostgreSQL, while others hold the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.adapters.trees import build
from tests.cli_runner import Cli
from tests.e2e.mutations import written
from tests.projects import CATALOGUE, copy_layout, run, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

LAYOUT = "turbo"
NOWHERE = "127.0.0.1:9"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DJANGO_SECRET_KEY": "only-for-the-tests-only-for-the-tests-only-for-the-tests",
    "DJANGO_ADMIN_URL": "admin/",
    "MAILGUN_API_KEY": "none",
    "MAILGUN_DOMAIN": "example.invalid",
    "SENTRY_DSN": f"http://none@{NOWHERE}/1",
}
ALLOWED = {"ZERO_DOWNTIME_MIGRATIONS_RAISE_FOR_UNSAFE": "False"}
ORDERS = "bakery/orders/migrations"
TEST = "bakery/core/tests/test_zero_downtime_migrations.py"
ENGINE = "import django; django.setup(); from django.db import connection; print(connection.settings_dict['ENGINE'])"
SAFE_ENGINE = "django_zero_downtime_migrations.backends.postgres"
PLAIN_ENGINE = "django.db.backends.postgresql"

WEIGHT = 'migrations.AddField("order", "weight", models.IntegerField(default=0))'
RENAMED = 'migrations.RenameField("order", "loaf", "bread")'
SHORTER = 'migrations.AlterField("order", "loaf", models.CharField(max_length=8))'
EMPTY = 'migrations.AddField("order", "note", models.TextField(null=True))'
FILLED = 'migrations.AddField("order", "pieces", models.IntegerField(db_default=1))'
INDEX = 'migrations.AddIndex("order", models.Index(fields=["loaf"], name="order_loaf"))'
UNIQUE = 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["loaf", "customer"], name="order_one"))'
HOLD = """
import os, time, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("SELECT count(*) FROM orders_order")
    print("holds it", flush=True)
    time.sleep(600)
"""
"""A session that has read the table in a transaction, which it keeps open: nobody gets ACCESS EXCLUSIVE."""
COLUMNS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders_order'"
    columns = [row[0] for row in connection.execute(query)]
    query = (
        "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid "
        "WHERE indrelid = 'orders_order'::regclass AND indisvalid"
    )
    print(" ".join(columns + [row[0] for row in connection.execute(query)]))
"""


def migration(
    *operations: str, app: str = "orders", after: str = "0001_initial", initial: bool = False
) -> str:
    """The text of a migration."""
    dependencies = "[]" if initial else f'[("{app}", "{after}")]'
    return (
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = {dependencies}\n    operations = [{', '.join(operations)}]\n"
    )


class Bakery(NamedTuple):
    """A project that has the feature, and a database."""

    project: Path
    database: str

    def manage(self, *command: str, **variables: str) -> tuple[int, str]:
        """What a management command says in production."""
        ran = run(
            LAYOUT, self.project, "manage.py", *command, database=self.database, env=PRODUCTION | variables
        )
        return ran.returncode, ran.stdout

    def migrate(self, **variables: str) -> tuple[int, str]:
        """Migrate the orders in production."""
        return self.manage("migrate", "orders", **variables)

    def table(self) -> set[str]:
        """The columns and the valid indexes of the table of orders."""
        ran = run(LAYOUT, self.project, "-c", COLUMNS, database=self.database)
        assert ran.returncode == 0, ran.stdout
        return set(ran.stdout.split())

    def reader(self) -> AbstractContextManager[object]:
        """Somebody reads the table in a long transaction."""
        return running(
            LAYOUT, self.project, "-c", HOLD, output=self.project.parent / "reader", database=self.database
        )

    def wait_for_reader(self) -> None:
        """Until the lock is held."""
        deadline = time.monotonic() + 30
        while "holds it" not in (self.project.parent / "reader").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def tests(self, *names: str, **variables: str) -> tuple[int, str]:
        """What the tests that were added say."""
        command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-rf", "--create-db", *names, TEST)
        ran = run(LAYOUT, self.project, *command, database=self.database, env=variables)
        return ran.returncode, ran.stdout


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the feature, for all tests."""
    folder = tmp_path_factory.mktemp("zero-downtime")
    project = copy_layout(LAYOUT, folder / "project", git=True)
    Cli(project, folder / "state")("add", "zero-downtime", "--yes")
    return project


@pytest.fixture(scope="module")
def migrated(added: Path, postgres: Postgres, redis_url: str) -> Iterator[Bakery]:
    """Its database after the first deployment: refused as long as other people's unsafe migrations are."""
    PRODUCTION["REDIS_URL"] = redis_url
    name = postgres.create()
    bakery = Bakery(added, postgres.url(name))
    code, output = bakery.manage("migrate")
    assert code != 0 and "UnsafeOperationException" in output
    code, output = bakery.manage("migrate", ZERO_DOWNTIME_MIGRATIONS_IDEMPOTENT_SQL="True", **ALLOWED)
    assert code == 0, output
    yield bakery
    postgres.drop(name)


@pytest.fixture
def bakery(migrated: Bakery) -> Iterator[Bakery]:
    """The same, with the table as it was afterwards."""
    yield migrated
    code, output = migrated.manage("migrate", "orders", "0001", **ALLOWED)
    assert code == 0, output


def test_the_engine_is_for_production(migrated: Bakery) -> None:
    database = migrated.database
    for settings, url, engine in (
        ("production", database, SAFE_ENGINE),
        ("production", "sqlite:///none.sqlite3", "django.db.backends.sqlite3"),
        ("test", database, PLAIN_ENGINE),
    ):
        env = PRODUCTION | {"DJANGO_SETTINGS_MODULE": f"config.settings.{settings}", "DATABASE_URL": url}
        ran = run(LAYOUT, migrated.project, "-c", ENGINE, env=env)
        assert ran.stdout.split()[-1] == engine, ran.stdout
    env = PRODUCTION | {"DATABASE_URL": ""}  # as where an image is built
    empty = run(LAYOUT, migrated.project, "-c", "import django; django.setup()", env=env)
    assert empty.returncode == 0, empty.stdout
    kept = "from django.conf import settings as s; d = s.DATABASES['default']; print(d['ATOMIC_REQUESTS'], d['CONN_MAX_AGE'])"
    assert run(LAYOUT, migrated.project, "-c", kept, env=PRODUCTION, database=database).stdout == "True 60\n"


@pytest.mark.parametrize("operation", [WEIGHT, RENAMED, SHORTER])
def test_a_migration_that_would_lock_the_table_is_refused(bakery: Bakery, operation: str) -> None:
    before = bakery.table()
    with written(bakery.project, {f"{ORDERS}/0002_more.py": migration(operation)}):
        code, output = bakery.migrate()
        assert code != 0 and "UnsafeOperationException" in output, output
        assert bakery.table() == before
        _, shown = bakery.manage("showmigrations", "orders")
        assert "[ ] 0002_more" in shown


def test_a_safe_one_runs_while_another_session_holds_a_read_lock(bakery: Bakery) -> None:
    with written(bakery.project, {f"{ORDERS}/0002_index.py": migration(INDEX)}):
        with bakery.reader():
            bakery.wait_for_reader()
            code, output = bakery.migrate()
            assert code == 0, output
            assert "order_loaf" in bakery.table()
        _, sql = bakery.manage("sqlmigrate", "orders", "0002_index")
        assert "CREATE INDEX CONCURRENTLY" in sql
        assert bakery.manage("migrate", "orders", "0001")[0] == 0


def test_one_that_needs_the_table_for_itself_gives_up_instead_of_queueing(bakery: Bakery) -> None:
    with written(bakery.project, {f"{ORDERS}/0002_columns.py": migration(EMPTY, FILLED)}):
        with bakery.reader():
            bakery.wait_for_reader()
            before = bakery.table()
            code, output = bakery.migrate(ZERO_DOWNTIME_MIGRATIONS_LOCK_TIMEOUT="300ms")
            assert code != 0 and "lock timeout" in output, output
            assert bakery.table() == before
        code, output = bakery.migrate()
        assert code == 0, output
        assert {"note", "pieces"} <= bakery.table()
        assert bakery.manage("migrate", "orders", "0001")[0] == 0


def test_one_that_failed_half_way_can_be_run_again(bakery: Bakery) -> None:
    broken = 'migrations.RunSQL("SELECT 1 / 0")'
    path = f"{ORDERS}/0002_columns.py"
    with written(bakery.project, {path: migration(EMPTY, broken)}):
        assert bakery.migrate()[0] != 0
        assert "note" in bakery.table(), "it is not atomic"
    with written(bakery.project, {path: migration(EMPTY)}):
        code, output = bakery.migrate()
        assert code != 0 and "already exists" in output
        code, output = bakery.migrate(ZERO_DOWNTIME_MIGRATIONS_IDEMPOTENT_SQL="True")
        assert code == 0, output
        assert bakery.manage("migrate", "orders", "0001")[0] == 0


CREATED = 'migrations.CreateModel("Parcel", [("id", models.BigAutoField(primary_key=True))])'
HEAVY = 'migrations.AddField("parcel", "weight", models.IntegerField(default=0))'
APPS = {
    path: text
    for app in ("parcels", "letters")
    for path, text in {
        f"bakery/{app}/__init__.py": "",
        f"bakery/{app}/models.py": "",
        f"bakery/{app}/migrations/__init__.py": "",
        f"bakery/{app}/migrations/0001_initial.py": migration(CREATED, initial=True),
    }.items()
}
SAFE = {
    **APPS,
    f"{ORDERS}/0002_safe.py": migration(INDEX, UNIQUE, EMPTY, FILLED),
}
UNSAFE = {
    f"{ORDERS}/0003_default.py": migration(WEIGHT, after="0002_safe"),
    f"{ORDERS}/0004_renamed.py": migration(RENAMED, after="0003_default"),
    f"{ORDERS}/0005_safe.py": migration('migrations.RemoveField("order", "note")', after="0004_renamed"),
    f"{ORDERS}/0006_shorter.py": migration(SHORTER.replace("loaf", "bread"), after="0005_safe"),
    "bakery/parcels/migrations/0002_default.py": migration(HEAVY, app="parcels"),
}


def squashed(bakery: Bakery) -> dict[str, str]:
    """A migration that stands for those there are, unsafe if it were for databases that have them."""
    text = (bakery.project / ORDERS / "0001_initial.py").read_text()
    text = text.replace(
        "    initial = True\n", '    initial = True\n    replaces = [("orders", "0001_initial")]\n'
    )
    more = f"        {WEIGHT},\n        migrations.RemoveField('order', 'weight'),\n    ]\n"
    assert text.endswith("    ]\n") and "replaces" in text
    return {f"{ORDERS}/0001_squashed.py": text.removesuffix("    ]\n") + more}


def installing(bakery: Bakery, files: dict[str, str]) -> dict[str, str]:
    """The files, with the new apps among those that are installed."""
    base = "config/settings/base.py"
    text = (bakery.project / base).read_text()
    old, new = (
        '    "bakery.orders",\n',
        '    "bakery.orders",\n    "bakery.parcels",\n    "bakery.letters",\n',
    )
    assert text.count(old) == 1
    return {**files, base: text.replace(old, new)}


def test_new_migrations_are_checked(migrated: Bakery) -> None:
    """Each by itself, those of apps that came later as well."""
    with written(migrated.project, installing(migrated, SAFE | UNSAFE | squashed(migrated))):
        code, output = migrated.tests("--nomigrations")
    assert code == 1 and "1 failed, 3 passed" in output, output
    for name in ("orders.0003_default", "orders.0004_renamed", "orders.0006_shorter", "parcels.0002_default"):
        assert f"{name}: " in output, output
    assert "_safe: " not in output and "letters." not in output and "_squashed: " not in output


def test_others_are_let_through(migrated: Bakery) -> None:
    with written(migrated.project, installing(migrated, SAFE | squashed(migrated))):
        code, output = migrated.tests()
    assert code == 0 and "4 passed" in output, output


def test_one_that_is_meant_is_let_through(migrated: Bakery) -> None:
    test = (migrated.project / TEST).read_text()
    assert test.count('"orders": {\n') == 1
    meant = test.replace('"orders": {\n', '"orders": {\n        "0002_more",\n')
    with written(migrated.project, {f"{ORDERS}/0002_more.py": migration(WEIGHT), TEST: meant}):
        code, output = migrated.tests("--nomigrations")
        assert code == 0 and "4 passed" in output, output


def test_a_project_of_startproject_on_postgresql(tmp_path: Path, database: str) -> None:
    """One settings module, an engine that is written down, and Django's own runner."""
    layout = "startproject-5.2"
    project = copy_layout(layout, tmp_path / "project", git=True)
    url = urlsplit(database)
    values = {"ENGINE": PLAIN_ENGINE, "NAME": url.path[1:], "USER": url.username, "HOST": url.hostname}
    settings = project / CATALOGUE[layout].settings
    text = settings.read_text().replace("DEBUG = True", "DEBUG = not os.environ.get('LIVE')")
    text = text.replace("from pathlib import Path\n", "import os\nfrom pathlib import Path\n")
    start = text.index("DATABASES = {")
    stop = text.index("\n}\n", start) + 3
    text = f"{text[:start]}DATABASES = {{'default': {values | {'PORT': url.port}!r}}}\n{text[stop:]}"
    settings.write_text(text)
    cli = Cli(project, tmp_path / "state")
    cli("add", "zero-downtime", "--yes", "--allow-dirty")

    def manage(*command: str, **env: str) -> tuple[int, str]:
        ran = run(
            layout, project, "manage.py", *command, env={"DJANGO_SETTINGS_MODULE": "mysite.settings", **env}
        )
        return ran.returncode, ran.stdout

    code, output = manage("migrate")
    assert code == 0, output
    code, output = manage("test", "mysite.tests.test_zero_downtime_migrations")
    assert code == 0 and "Ran 4 tests" in output and "skipped" not in output, output
    (app,) = (path.parent for path in project.rglob("migrations") if path.is_dir())
    model = 'migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))])'
    unsafe = 'migrations.AddField("thing", "weight", models.IntegerField(default=0))'
    names = sorted(path.stem for path in (app / "migrations").glob("0*.py"))
    last = names[-1] if names else ""
    build(
        app / "migrations",
        {
            "0101_thing.py": migration(model, app=app.name, after=last, initial=not names),
            "0102_more.py": migration(unsafe, app=app.name, after="0101_thing"),
        },
    )
    code, output = manage("test", "mysite.tests.test_zero_downtime_migrations")
    assert code == 1 and "0102_more: ADD COLUMN NOT NULL" in output, output
    code, output = manage("migrate", LIVE="1")
    assert code != 0 and "UnsafeOperationException" in output, output
    code, output = manage("migrate")
    assert code == 0, output
