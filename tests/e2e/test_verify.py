"""`add --verify` on a real project: kept if its checks pass, and not written at all if they do not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.adapters.trees import snapshot
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


def uncompiled(folder: Path) -> dict[str, object]:
    return {path: found for path, found in snapshot(folder).items() if "__pycache__" not in path}


def test_it_is_written_when_the_checks_pass(cli: Cli) -> None:
    out = cli("add", "waffle", "--yes", "--verify").out
    assert "1 of 3: Django's system checks" in out
    assert "the project's checks pass on the result" in out
    assert "waffle" in (cli.project / "mysite" / "settings.py").read_text()
    cli("remove", "waffle", "--yes")
    assert git(cli.project, "status", "--porcelain") == ""


def test_what_the_environment_lacks_is_not_installed_into_it(tmp_path: Path) -> None:
    project = copy_layout(LAYOUT, tmp_path / "project", git=True)
    (project / ".git" / "info" / "exclude").write_text(".venv\n")
    python = environment(LAYOUT)
    subprocess.run([python, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (site,) = (project / ".venv").glob("lib/python*/site-packages")
    (whole,) = python.parent.parent.glob("lib/python*/site-packages")
    for place in whole.iterdir():
        if place.name.lower().partition("-")[0] in {"django", "asgiref", "sqlparse", "pip"}:
            shutil.copytree(place, site / place.name)
    before = uncompiled(project)
    cli = Cli(project, tmp_path / "state")
    out = cli("add", "waffle", "--yes", "--verify", "--dry-run").out
    assert "pip install django-waffle==" in out
    assert "the project's checks pass on the result" in out
    assert uncompiled(project) == before


def test_nothing_is_written_when_they_fail(cli: Cli) -> None:
    urls = cli.project / "mysite" / "urls.py"
    urls.write_text(urls.read_text() + "\nimport nothing_of_that_name\n")
    before = git(cli.project, "status", "--porcelain")
    failed = cli("add", "waffle", "--yes", "--verify", code=1)
    assert "nothing_of_that_name" in failed.err
    assert "nothing was written" in failed.err
    assert git(cli.project, "status", "--porcelain") == before
