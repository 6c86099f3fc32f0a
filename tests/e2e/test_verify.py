"""`add --verify` on a real project: kept if its checks pass, and not written at all if they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runner import Cli, git
from tests.projects import copy_layout, environment

pytestmark = pytest.mark.e2e

LAYOUT = "startproject-5.2"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    project = copy_layout(LAYOUT, tmp_path / "project", git=True)
    (project / ".git" / "info" / "exclude").write_text(".venv\n")
    (project / ".venv").symlink_to(environment(LAYOUT).parent.parent)
    return Cli(project, tmp_path / "state")


def test_it_is_written_when_the_checks_pass(cli: Cli) -> None:
    out = cli("add", "waffle", "--yes", "--verify").out
    assert "1 of 3: Django's system checks" in out
    assert "the project's checks pass on the result" in out
    assert "waffle" in (cli.project / "mysite" / "settings.py").read_text()
    cli("remove", "waffle", "--yes")
    assert git(cli.project, "status", "--porcelain") == ""


def test_nothing_is_written_when_they_fail(cli: Cli) -> None:
    urls = cli.project / "mysite" / "urls.py"
    urls.write_text(urls.read_text() + "\nimport nothing_of_that_name\n")
    before = git(cli.project, "status", "--porcelain")
    failed = cli("add", "waffle", "--yes", "--verify", code=1)
    assert "nothing_of_that_name" in failed.err
    assert "nothing was written" in failed.err
    assert git(cli.project, "status", "--porcelain") == before
