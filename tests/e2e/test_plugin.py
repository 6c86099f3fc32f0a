"""The example plugin as its users and its authors have it: installed from wheels into a fresh environment."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_runner import Cli
from tests.memory import Memory
from tests.projects import LAYOUTS, ROOT, copy_layout, missing, run

EXAMPLE = ROOT / "examples" / "djroadmap-robots-txt"
NEWEST = max(name for name in LAYOUTS if name.startswith("startproject"))

pytestmark = pytest.mark.e2e


class Installed(Cli):
    """The command in the environment where the plugin is."""

    @property
    def argv(self) -> list[str]:
        return [str(self.state.parent / "venv" / "bin" / "djroadmap")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh environment, `venv`, that holds the wheels of djroadmap and of the example."""
    home = tmp_path_factory.mktemp("plugin")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheels = home / "wheels"
    for source in (ROOT, EXAMPLE):
        built = subprocess.run(
            [*pip, "wheel", "--no-deps", "--wheel-dir", wheels, source],
            check=False,
            capture_output=True,
            text=True,
        )
        assert built.returncode == 0, built.stderr
    # Not ours: `pip check` and `list` are to see nothing but what the wheels bring.
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True, capture_output=True)
    names = [
        f"{wheel}[testing]" if wheel.name.startswith("djroadmap-") else wheel for wheel in wheels.iterdir()
    ]
    installed = subprocess.run(
        [*pip, "--python", home / "venv" / "bin" / "python", "install", *names],
        check=False,
        capture_output=True,
        text=True,
    )
    if installed.returncode:
        missing(f"what djroadmap needs from PyPI: {installed.stderr.strip().splitlines()[-1:]}")
    return home


def test_it_is_a_feature_like_the_others(home: Path, tmp_path: Path) -> None:
    project = copy_layout(NEWEST, tmp_path / "project", git=True)
    before = Memory.of(project).files
    cli = Installed(project, home / "state")
    ran = cli("list", "--json")
    assert ran.err == ""
    listed = {one["id"]: one for one in ran.json["features"]}
    assert listed["robots-txt"]["title"] == "robots.txt"
    assert "waffle" in listed
    added = cli("add", "robots-txt", "--crawlers", "none", "--yes", "--json").json
    assert {one["path"] for one in added["files"]} >= {"mysite/robots.py", "mysite/urls.py"}
    cli("check")
    ran = cli("status", "robots-txt", "--json")
    assert [(one["state"], one["options"]) for one in ran.json["features"]] == [
        ("installed", {"crawlers": "none"})
    ]
    tested = run(NEWEST, project, "manage.py", "test", "mysite")
    assert tested.returncode == 0, tested.stdout
    assert "Ran 2 tests" in tested.stdout
    cli("remove", "robots-txt", "--yes", "--allow-dirty")
    shutil.rmtree(project / "mysite" / "__pycache__", ignore_errors=True)
    assert Memory.of(project).files == before


def test_it_passes_the_laws(home: Path, tmp_path: Path) -> None:
    """Its own tests, beside nothing of ours but what is installed."""
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    ran = subprocess.run(
        [home / "venv" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = re.search(r"(\d+) passed", ran.stdout)
    assert found is not None
    assert int(found[1]) > 200
