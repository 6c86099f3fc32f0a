"""What this repository offers to the CI of others: its action, and its hook for pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from djroadmap import __version__
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.tools import output, tool
from tests.infrastructure.workflows import (
    block,
    execute,
    lint_action,
    lint_blocks,
    lint_workflow,
    run_blocks,
)
from tests.projects import ROOT, _git, _interpreter, copy_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.e2e

ACTION = ROOT / "action.yml"
PIP = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HTTPS_", "SSL_"))}
SHIPPED = (
    "src",
    "templates",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "action.yml",
    ".pre-commit-hooks.yaml",
)
"""What of this repository an installation needs."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as others get it at a commit, with what is not committed here."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for arguments in (("init", "-q"), ("add", "-A", "--force"), ("commit", "-q", "-m", "As it is here")):
        _git(*arguments, cwd=folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a feature, all of it committed."""
    folder = copy_layout("turbo", tmp_path / "shop", git=True)
    command = [sys.executable, "-m", "djroadmap", "-C", folder, "add", "waffle", "--yes"]
    state = {**os.environ, "DJROADMAP_STATE_DIR": str(tmp_path / "state")}
    subprocess.run(command, env=state, check=True, capture_output=True)
    for arguments in (("add", "-A"), ("commit", "-q", "-m", "Add waffle")):
        _git(*arguments, cwd=folder)
    return folder


def edit_away(project: Path) -> None:
    base = project / "config/settings/base.py"
    text = base.read_text()
    assert '    "waffle",\n' in text
    base.write_text(text.replace('    "waffle",\n', ""))


def test_the_action_is_clean() -> None:
    assert lint_action(ACTION) == []
    assert lint_blocks(ACTION) == []
    assert {each.shell for each in run_blocks(ACTION)} == {"bash"}


@pytest.mark.parametrize(
    ("old", "new", "tool"),
    [
        ("  using: composite\n", "", "check-jsonschema"),
        ("      id: python\n", "      idd: python\n", "action-validator"),
        ('"$PROJECT"', '"${{ inputs.project }}"', "zizmor"),
        ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7", "zizmor"),
    ],
)
def test_mistakes_in_an_action_are_found(old: str, new: str, tool: str) -> None:
    text = ACTION.read_text()
    assert old in text
    assert lint_action(text.replace(old, new), (tool,))


def test_the_actions_that_are_used_are_those_that_we_write() -> None:
    """Update bots bring both along."""
    used = re.findall(r"uses: (\S+ # \S+)", ACTION.read_text())
    known = (ROOT / "src" / "djroadmap" / "versions" / "action.yml").read_text()
    assert used
    assert all(f"uses: {each}\n" in known for each in used)


def test_values_from_outside_never_stand_in_a_script() -> None:
    assert all("${{" not in each.script for each in run_blocks(ACTION))


def test_the_action_runs(checkout: Path, project: Path, tmp_path: Path) -> None:
    """Installed from the action's own folder, on a project that is whole, and on one that is not."""
    fakes = Fakes(tmp_path / "fakes")
    given = {
        **PIP,
        "HOME": os.environ["HOME"],  # pip's cache and settings
        "GITHUB_ACTION_PATH": str(checkout),
        "GITHUB_WORKSPACE": str(tmp_path),
    }
    python = {"steps.python.outputs.python-path": _interpreter()}
    installed = execute(
        block(ACTION, "Install djroadmap"), fakes, given, expressions=python, cwd=tmp_path, timeout=600
    )
    assert installed.returncode == 0, installed.stderr

    def checked(folder: str) -> tuple[int, str, str]:
        inputs = {"inputs.project": folder}
        ran = execute(block(ACTION, "Check"), fakes, given, expressions=inputs, cwd=tmp_path)
        return ran.returncode, ran.stdout, ran.stderr

    code, out, _ = checked("shop")
    assert (code, "1 feature installed, all whole" in out) == (0, True)
    edit_away(project)
    code, _, said = checked("shop/config")
    assert code == 1
    assert "\n::error file=config/settings/base.py,title=djroadmap%3A waffle is partial::" in said
    code, _, said = checked("$(touch broken); x")
    assert code == 3
    assert "::error title=djroadmap%3A the project could not be checked::" in said
    assert not list(tmp_path.rglob("broken"))


def test_the_hook_is_valid() -> None:
    hooks = ROOT / ".pre-commit-hooks.yaml"
    ran = _pre_commit("validate-manifest", str(hooks), cwd=ROOT)
    assert ran.returncode == 0, ran.stdout
    (hook,) = YAML(typ="safe").load(hooks.read_text())
    assert hook["id"] == "djroadmap-check"
    assert hook["always_run"]
    assert not hook["pass_filenames"]


def test_the_hook_runs(checkout: Path, project: Path, tmp_path: Path) -> None:
    """As pre-commit installs it; on a commit that only takes away a file as well, of which it names none."""
    command = ["git", "rev-parse", "HEAD"]
    ran = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    config = tmp_path / "hooks.yaml"
    config.write_text(
        f"repos:\n  - repo: {checkout}\n    rev: {ran.stdout.strip()}\n    hooks:\n      - id: djroadmap-check\n"
    )

    def hook() -> tuple[int, str]:
        home = {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
        ran = _pre_commit("run", "--config", str(config), cwd=project, env=home)
        return ran.returncode, ran.stdout

    code, said = hook()
    assert code == 0, said
    assert re.search(r"djroadmap check\.+Passed", said)
    edit_away(project)
    assert hook()[0] == 0, "that is not staged"
    _git("add", "-A", cwd=project)
    code, said = hook()
    assert code == 1
    assert re.search(r"djroadmap check\.+Failed", said)
    assert '"waffle" in INSTALLED_APPS is gone' in said
    _git("reset", "-q", "--hard", cwd=project)
    _git("rm", "-q", "bakery/core/tests/test_waffle.py", cwd=project)
    code, said = hook()
    assert code == 1
    assert "bakery/core/tests/test_waffle.py: " in said


DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(), re.DOTALL)


def test_what_the_documentation_says_is_valid(tmp_path: Path) -> None:
    """A workflow, jobs of GitLab, and configurations of pre-commit, all of this version."""
    workflow, *jobs = (each for each in DOCUMENTED if not each.startswith("repos:"))
    found = lint_workflow(workflow, ("check-jsonschema", "actionlint", "action-validator"))
    assert found == []
    (step,) = [
        step for step in YAML(typ="safe").load(workflow)["jobs"]["roadmap"]["steps"] if "with" in step
    ][1:]
    assert step["uses"] == f"djroadmap/djroadmap@v{__version__}"
    assert step["with"].keys() <= YAML(typ="safe").load(ACTION)["inputs"].keys()
    assert len(jobs) == 2
    for text in jobs:
        file = tmp_path / ".gitlab-ci.yml"
        file.write_text(text)
        ran = output(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", file)
        assert ran.returncode == 0, ran.stdout
        assert f"djroadmap=={__version__}" in text
    configurations = [each for each in DOCUMENTED if each.startswith("repos:")]
    assert len(configurations) == 2
    for text in configurations:
        file = tmp_path / "hooks.yaml"
        file.write_text(text)
        ran = _pre_commit("validate-config", str(file), cwd=tmp_path)
        assert ran.returncode == 0, ran.stdout
        assert f"rev: v{__version__}\n" in text


def _pre_commit(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run pre-commit; its errors are in `stdout`."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=cwd,
        env={**ours, "GITHUB_ACTIONS": "", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
