"""What `status` does not load. `make bench` measures the time; this says what took it."""

from __future__ import annotations

import sys

import pytest

from tests.cli_runner import Cli

HEAVY = {
    "dataclasses": "6 ms, and nearly 1 ms for each class",
    "importlib.metadata": "asks every distribution",
    "inspect": "4 ms; dataclasses and pkgutil import it",
    "jinja2": "70 ms",
    "libcst": "150 ms",
    "questionary": "it asks nothing",
    "rich": "it prints plain lines",
    "ruamel.yaml": "detect has an outline of its own",
    "textwrap": "1 ms; it compiles patterns",
    "tomlkit": "tomllib reads as well",
    "typer": "see cli/quick.py",
}


class Timed(Cli):
    """The command, saying what it imports."""

    @property
    def argv(self) -> list[str]:
        return [sys.executable, "-X", "importtime", "-m", "djroadmap"]


@pytest.mark.parametrize("layout", ["cli", "flat"])
def test_status_loads_nothing_heavy(layout: str, request: pytest.FixtureRequest) -> None:
    found: Cli = request.getfixturevalue(layout)
    ran = Timed(found.project, found.state)("status")
    loaded = {line.rpartition("|")[2].strip() for line in ran.err.splitlines() if "|" in line}
    assert "djroadmap.detect.project" in loaded
    assert {name: why for name, why in HEAVY.items() if name in loaded} == {}
