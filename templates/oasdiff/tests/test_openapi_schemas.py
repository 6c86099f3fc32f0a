"""The committed OpenAPI schemas, which CI compares with the base, are current."""

from __future__ import annotations

from difflib import unified_diff
from io import StringIO
from pathlib import Path

from django.core.management import call_command
[% if postgres %]
from django.db import connection
[% endif %]
from django.test import SimpleTestCase

ROOT = Path(__file__).resolve().parents[[= up =]]


class SchemaTests(SimpleTestCase):
[% for schema in schemas %]
    def test_[= schema.title =]_is_current(self) -> None:
        self.compare(
            "[= schema.path =]",
[% for word in schema.arguments %]
            "[= word =]",
[% endfor %]
[% if schema.write | length == 1 %]
            write="[= schema.write[0] =]",
[% else %]
            write=(
[% for piece in schema.write %]
                "[= piece =]"
[% endfor %]
            ),
[% endif %]
        )

[% endfor %]
    def compare(self, path: str, *command: str, write: str) -> None:
[% if postgres %]
        if connection.vendor != "postgresql":
            self.skipTest("the schemas are those of PostgreSQL")
[% endif %]
        committed = ROOT / path
        if not committed.exists():
            self.skipTest(f"there is no {path} yet, write and commit it with: {write}")
        written = StringIO()
        # This class forbids queries, and schemas are made without.
        call_command(*command, stdout=written)
        before = committed.read_text(encoding="utf-8").strip().splitlines()
        now = written.getvalue().strip().splitlines()
        changed = unified_diff(before, now, path, "the code", lineterm="")
        difference = "\n".join(changed)
        assert not difference, f"{path} is not current: {write}\n{difference}"
