"""`--verify`: which commands, in which order, and what a failure says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from djroadmap.errors import VerificationFailed
from djroadmap.model.plan import Command
from djroadmap.workflow.prepared import Prepared
from djroadmap.workflow.verify import verification, verify
from tests.memory import Memory
from tests.workflow.test_flow import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OWN = Command(argv=("lint-imports",), why="check the contracts")


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


def commands(python: str | None) -> tuple[Command, ...]:
    project = Memory(dict(PROJECT)).world.project()
    return verification(project, Prepared(action="add", features=("a",), checks=(OWN,)), python=python)


def test_djangos_checks_come_before_the_features() -> None:
    shell = RecordingShell()
    verify(commands("venv/bin/python"), shell, progress=lambda command: None)
    assert shell.ran == [
        "venv/bin/python manage.py check",
        "venv/bin/python manage.py makemigrations --check --dry-run",
        "lint-imports",
    ]


def test_without_an_environment_the_projects_runner_is_used() -> None:
    assert str(commands(None)[0]) == "python manage.py check"


def test_the_first_failure_ends_it_with_its_output() -> None:
    shell = RecordingShell(fails="makemigrations")
    with pytest.raises(VerificationFailed, match="why it failed"):
        verify(commands("python"), shell, progress=lambda command: None)
    assert len(shell.ran) == 2
