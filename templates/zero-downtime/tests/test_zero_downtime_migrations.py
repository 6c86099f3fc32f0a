"""Migrations that are new do not lock a table that is in use.

They are put together as production would run them, and not executed, as `sqlmigrate`
does it. What only your own Python or SQL does (RunPython, RunSQL) is not seen.
"""

from __future__ import annotations

import inspect
import os
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import SkipTest
from unittest import skipUnless

from django.db import connection
from django.db import migrations
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import TestCase
from django.test import override_settings
[% if gis %]
from django_zero_downtime_migrations.backends.postgis.base import DatabaseWrapper
[% else %]
from django_zero_downtime_migrations.backends.postgres.base import DatabaseWrapper
[% endif %]
from django_zero_downtime_migrations.backends.postgres.schema import (
    UnsafeOperationException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.migrations.operations.base import Operation

ROOT = Path(__file__).resolve().parents[[= depth =]]

# The migrations that each app had before: databases have long applied them, so they
# need not be safe. Add one that is to run in spite of all, while nobody uses its table.
BASELINE: dict[str, set[str]] = {
[% for label, names in baseline %]
    "[= label =]": {
[% for name in names %]
        "[= name =]",
[% endfor %]
    },
[% endfor %]
}


def new_migrations() -> Iterator[tuple[migrations.Migration, ProjectState]]:
    """The project's own, not in BASELINE, each with the state before it."""
    # As the settings say: `pytest --nomigrations` hides them.
    settings = import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    modules = getattr(settings, "MIGRATION_MODULES", {})
    with override_settings(MIGRATION_MODULES=modules):
        loader = MigrationLoader(None, replace_migrations=False)
    found = loader.disk_migrations or {}
    if not found:
        reason = "the settings of the tests hide the migrations"
        raise SkipTest(reason)
    for (label, name), migration in sorted(found.items()):
        path = Path(inspect.getfile(type(migration)))
        ours = path.is_relative_to(ROOT) and "site-packages" not in path.parts
        # What a squashed migration does, those that it replaces have done or will.
        squashed = bool(migration.replaces)
        if ours and not squashed and name not in BASELINE.get(label, ()):
            yield migration, loader.project_state((label, name), at_end=False)


def why_unsafe(migration: migrations.Migration, state: ProjectState) -> str:
    """What is wrong with it; nothing if it is safe."""
    database = DatabaseWrapper(connection.settings_dict)
    raising = override_settings(ZERO_DOWNTIME_MIGRATIONS_RAISE_FOR_UNSAFE=True)
    with closing(database), raising:
        try:
            with database.schema_editor(collect_sql=True) as editor:
                migration.apply(state, editor, collect_sql=True)
        except UnsafeOperationException as error:
            return f"{migration}: {error}"
    return ""


@skipUnless(connection.vendor == "postgresql", "the tests do not run on PostgreSQL")
class ZeroDowntimeMigrationsTests(TestCase):
    def test_new_migrations_are_safe(self) -> None:
        problems = [why_unsafe(*each) for each in new_migrations()]
        assert not any(problems), "\n".join(filter(None, problems))

    def test_a_column_that_rows_need_a_value_for_is_unsafe(self) -> None:
        assert "ADD COLUMN NOT NULL" in scratch(
            migrations.AddField("parcel", "weight", models.IntegerField(default=0)),
        )

    def test_another_name_for_what_running_code_asks_for_is_unsafe(self) -> None:
        assert "RENAME COLUMN" in scratch(
            migrations.RenameField("parcel", "label", "name"),
        )

    def test_an_index_and_an_empty_column_are_safe(self) -> None:
        index = models.Index(fields=["label"], name="parcel_label")
        assert not scratch(
            migrations.AddField("parcel", "weight", models.IntegerField(null=True)),
            migrations.AddIndex("parcel", index),
        )


def scratch(*operations: Operation) -> str:
    """What would be wrong with a migration of a table with a key and a label."""
    state = ProjectState()
    fields: list[tuple[str, models.Field]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("label", models.CharField(max_length=10)),
    ]
    migrations.CreateModel("Parcel", fields).state_forwards("parcels", state)
    scratched = {"operations": list(operations)}
    migration = type("Migration", (migrations.Migration,), scratched)
    return why_unsafe(migration("0002_scratch", "parcels"), state)
