"""Updates of the template, by the real Copier: a project without answers finds what it came from, and gets the newer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from djroadmap.versions import pin
from tests.cli_runner import Cli
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.tools import HERE, tool
from tests.infrastructure.workflows import block, execute, lint_blocks, lint_workflow
from tests.projects import FIXTURES, LITTER

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

URL = "https://github.com/mascah/cookiecutter-turbo-django"
QUESTIONS = """\
_subdirectory: template
_jinja_extensions: [jinja2_time.TimeExtension]
_skip_if_exists: ["packages/**/*"]
_tasks:
  - command: echo new > .env.secret
project_name: {type: str, default: Template}
description: {type: str, default: A template}
version: {type: str, default: 0.1.0}
use_sentry: {type: bool, default: false}
"""
README = """\
# {{ project_name }}

{{ description }}

## Setup

Build it.

## Running

Start it.

Version {{ version }}{% if use_sentry %}, watched{% endif %}.
"""
ANSWERS_FILE = "{{ _copier_conf.answers_file }}.jinja"
BUTTON = "packages/ui/src/components/button.tsx"
SETTINGS = "config/settings/base.py"
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which git knows by itself."""


class World(NamedTuple):
    """A template with a history, one commit of which is broken, and a project of its second commit."""

    template: Path
    project: Path
    env: dict[str, str]
    first: str
    second: str
    python: str = sys.executable
    """What runs the script."""

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """What git prints in the project, or elsewhere."""
        return subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.project,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def commit(self, *, cwd: Path | None = None) -> str:
        """Commit everything; the new commit."""
        self.git("add", "-A", cwd=cwd)
        self.git("commit", "-q", "-m", "More", cwd=cwd)
        return self.git("rev-parse", "HEAD", cwd=cwd).strip()

    def change(self, path: str, text: str) -> None:
        """Put a file into the template, and commit it there."""
        (self.template / "template" / path).write_text(text)
        self.commit(cwd=self.template)

    def script(self, *arguments: str, code: int = 0) -> str:
        """What the script that was added prints."""
        ran = subprocess.run(
            [self.python, "bin/template-update", *arguments],
            cwd=self.project,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == code, ran.stdout
        return ran.stdout

    def read(self, path: str) -> str:
        """A file of the project."""
        return (self.project / path).read_text()

    def append(self, path: str, text: str) -> None:
        """Put lines at the end of a file of the project."""
        _append(self.project / path, text)

    def add(self, *options: str) -> Cli:
        """Add the feature, and commit."""
        cli = Cli(self.project, self.project.parent / "state")
        cli("add", "template-updates", "--yes", *options, env=self.env)
        self.commit()
        return cli


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The template, and what it gives at its first commit, without answers and with a history of its own."""
    folder = tmp_path_factory.mktemp("made")
    template, project = folder / "template", folder / "project"
    world = World(template, project, _variables(folder, template), "", "")
    inside = template / "template"
    shutil.copytree(FIXTURES / "turbo", inside, ignore=shutil.ignore_patterns(*LITTER))
    (template / "copier.yaml").write_text(QUESTIONS)
    (inside / "README.md").unlink()
    (inside / "README.md.jinja").write_text(README)
    (inside / "requirements.txt").write_text("django==5.2.1\n")
    world.git("init", "-q", cwd=template)
    world.commit(cwd=template)
    _append(inside / "justfile", "\n# First.\n")
    first = world.commit(cwd=template)
    _copier(world, "copy", "--vcs-ref", first, str(template), str(project))
    (project / ".env.secret").write_text("mine\n")
    world.git("init", "-q")
    world.commit()
    (inside / "README.md.jinja").write_text("{% if %}")
    world.commit(cwd=template)
    (inside / "README.md.jinja").write_text(README + "\nSecond.\n")
    _append(inside / BUTTON, "// Second.\n")
    (inside / "requirements.txt").write_text("django==5.2.2\n")
    (inside / "second.txt.jinja").write_text("{{ project_name }}\n")
    world.commit(cwd=template)
    (template / "docs.md").write_text("Nothing that is rendered.\n")
    return world._replace(first=first, second=world.commit(cwd=template))


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """The same, to be changed."""
    template, project = tmp_path / "template", tmp_path / "project"
    shutil.copytree(made.template, template, symlinks=True)
    shutil.copytree(made.project, project, symlinks=True)
    return made._replace(template=template, project=project, env=_variables(tmp_path, template))


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _variables(folder: Path, template: Path, url: str = URL) -> dict[str, str]:
    """git finds the template of that address in a folder; nothing is cached or configured elsewhere."""
    config = folder / "gitconfig"
    identity = "[user]\n\tname = Somebody\n\temail = somebody@example.com\n[init]\n\tdefaultBranch = main\n"
    instead = f'[url "{template}"]\n\tinsteadOf = {url}\n\tinsteadOf = {url}.git\n'
    config.write_text(identity + instead)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "COPIER", "PYTHON"))
    }
    caches = {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    copier = {"COPIER": str(tool("copier"))} if url == URL else {}
    return {**kept, **caches, **copier, "PYTHONDONTWRITEBYTECODE": "1"}


def _copier(world: World, *arguments: str) -> None:
    answers = (
        "-d",
        "project_name=Bakery",
        "-d",
        "description=Bread, ordered today and baked tomorrow.",
        "-d",
        "use_sentry=true",
    )
    command = [
        str(tool("copier")),
        arguments[0],
        "--trust",
        "--defaults",
        "--quiet",
        *answers,
        *arguments[1:],
    ]
    subprocess.run(command, env=world.env, check=True, capture_output=True)


def test_a_project_without_answers_is_updated(world: World, tmp_path: Path) -> None:
    readme = world.read("README.md").replace("## Setup\n", "Mine.\n\n## Setup\n")
    (world.project / "README.md").write_text(readme)
    settings = world.read(SETTINGS).replace('TIME_ZONE = "UTC"', 'TIME_ZONE = "Europe/Berlin"')
    (world.project / SETTINGS).write_text(settings)
    world.append("justfile", "# Mine.\n")
    (world.project / "requirements.txt").unlink()
    world.commit()
    cli = world.add()
    assert "run bin/template-update --find-base once" in world.script("--check", code=1)

    said = world.script("--find-base")
    assert re.search(rf"(?m)^{world.first[:12]} +0 of \d+ files differ ", said)
    assert said.count("cannot be rendered") == 1
    assert re.search(rf"(?m)^{world.second[:12]} +4 of \d+ files differ ", said)
    assert f"_commit: {world.first}\n_src_path: {URL}\n" in world.read(".copier-answers.yml")
    assert world.git("status", "--porcelain") == " M .copier-answers.yml\n"
    assert "commit or stash" in world.script(code=1)
    world.commit()
    assert f"{world.second} is new" in world.script("--check", code=2)

    said = world.script("--notes", str(tmp_path / "notes.md"))
    assert world.read("README.md") == readme + "\nSecond.\n"
    assert world.read("second.txt") == "Bakery\n"
    assert world.read(SETTINGS) == settings
    assert world.read("justfile").endswith("# First.\n# Mine.\n")
    assert world.read(".env.secret") == "mine\n"
    assert not (world.project / "requirements.txt").exists()
    changed = {" M .copier-answers.yml", " M README.md", "?? second.txt"}
    assert set(world.git("status", "--porcelain").splitlines()) == changed

    notes = (tmp_path / "notes.md").read_text()
    assert notes.startswith(f"From {world.first} to {world.second} of {URL}.\n")
    assert "-django==5.2.1\n+django==5.2.2\n" in notes
    assert "+// Second.\n" in notes
    assert "Conflicts" not in notes
    assert notes.partition("\n\n")[2] in said
    world.commit()
    assert "nothing new" in world.script("--check")
    assert "nothing new" in world.script()
    assert world.git("status", "--porcelain") == ""
    cli("check", env=world.env)
    cli("add", "template-updates", "--yes", env=world.env)
    assert world.git("status", "--porcelain") == ""


def test_a_change_of_the_same_line_is_marked_and_named(world: World, tmp_path: Path) -> None:
    world.change("README.md.jinja", "# {{ project_name }} 2\n")
    (world.project / "README.md").write_text("# Bakery by hand\n")
    world.commit()
    world.add()
    world.script("--find-base")
    world.commit()
    assert "- `README.md`\n" in world.script("--notes", str(tmp_path / "notes.md"))
    assert re.search(r"<<<<<<< .*\n# Bakery by hand\n=======\n# Bakery 2\n>>>>>>> ", world.read("README.md"))
    assert "## Conflicts" in (tmp_path / "notes.md").read_text()


def test_the_base_is_not_guessed(world: World) -> None:
    """A history that begins with something else needs somebody who knows where the generated state is."""
    generated = world.git("rev-parse", "HEAD").strip()
    root = world.git("commit-tree", EMPTY, "-m", "Empty").strip()
    again = world.git("commit-tree", f"{generated}^{{tree}}", "-p", root, "-m", "Generated").strip()
    world.git("reset", "-q", "--hard", again)
    world.add()
    assert "with --against" in world.script("--find-base", code=1)
    assert "_commit" not in world.read(".copier-answers.yml")
    world.script("--find-base", "--against", again)
    assert f"_commit: {world.first}\n" in world.read(".copier-answers.yml")


def test_a_template_that_keeps_answers_and_has_tags(world: World) -> None:
    world.change(ANSWERS_FILE, "# Changes are overwritten.\n{{ _copier_answers | to_nice_yaml -}}\n")
    world.git("tag", "v1.0.0", cwd=world.template)
    shutil.rmtree(world.project)
    _copier(world, "copy", URL, str(world.project))
    world.git("init", "-q")
    world.commit()
    before = world.read(".copier-answers.yml")
    assert "_commit: v1.0.0\n" in before
    world.add()
    assert world.read(".copier-answers.yml") == before
    world.script("--check")
    world.change("third.txt", "Third\n")
    assert "nothing new" in world.script()
    world.git("tag", "v1.1.0", cwd=world.template)
    world.script("--check", code=2)
    assert "updated from v1.0.0 to v1.1.0" in world.script()
    assert world.read("third.txt") == "Third\n"
    assert world.read(".copier-answers.yml") == before.replace("v1.0.0", "v1.1.0")
    world.commit()
    world.script("--check")


def test_what_is_removed(world: World) -> None:
    """All of it before there is a commit; later the answers are the project's."""
    cli = world.add()
    cli("remove", "template-updates", "--yes", env=world.env)
    assert world.git("diff", "--stat", "HEAD~1") == ""
    world.git("reset", "-q", "--hard")
    world.script("--find-base")
    world.commit()
    said = cli("remove", "template-updates", "--yes", env=world.env)
    assert ".copier-answers.yml" in said.out
    assert "?? " not in world.git("status", "--porcelain")
    assert not (world.project / "bin").exists()
    assert (world.project / ".copier-answers.yml").exists()


@pytest.fixture
def workflow(world: World) -> Path:
    """The workflow that is added, in a project with a remote repository."""
    world.add()
    origin = world.project.parent / "origin.git"
    world.git("init", "-q", "--bare", str(origin))
    world.git("remote", "add", "origin", str(origin))
    return world.project / ".github" / "workflows" / "template-update.yml"


def test_the_linters_have_nothing_against_the_workflow(workflow: Path) -> None:
    # The tags of actions are as the project's other workflows have them.
    assert [one for one in lint_workflow(workflow) if one.rule != "unpinned-uses"] == []
    assert lint_blocks(workflow) == []


@pytest.mark.parametrize(
    ("token", "changed"), [("true", "ci.yml"), ("false", "ci.yml"), ("false", ""), ("false", None)]
)
def test_the_workflow_opens_a_pull_request(
    world: World, workflow: Path, tmp_path: Path, token: str, changed: str | None
) -> None:
    fakes = Fakes(tmp_path / "fakes").answer("gh auth setup-git").answer("gh pr create")
    if changed is not None:
        path = workflow.with_name(changed) if changed else world.project / "README.md"
        path.write_text(path.read_text() + "# New.\n")
    expressions = {
        "secrets.TEMPLATE_UPDATE_TOKEN || github.token": "x",
        "secrets.TEMPLATE_UPDATE_TOKEN != ''": token,
    }
    ran = execute(
        block(workflow, "Open a pull request"),
        fakes,
        expressions=expressions,
        cwd=world.project,
        env={"GITHUB_REF_NAME": "main", "GIT_CONFIG_GLOBAL": world.env["GIT_CONFIG_GLOBAL"]},
    )
    refused = token == "false" and changed == "ci.yml"
    assert ran.returncode == refused, ran.stderr
    assert ("TEMPLATE_UPDATE_TOKEN" in ran.stdout) is refused
    assert len(fakes.calls("gh pr create")) == (changed is not None and not refused)
    pushed = world.git("ls-remote", "origin", "template-update")
    assert bool(pushed) is (changed is not None and not refused)


@pytest.mark.parametrize("number", ["", "7"])
def test_the_workflow_leaves_an_open_pull_request_alone(workflow: Path, tmp_path: Path, number: str) -> None:
    fakes = Fakes(tmp_path / "fakes").answer("gh pr list", number)
    look = block(workflow, "Look for an open pull request")
    ran = execute(look, fakes, expressions={"github.token": "x"}, cwd=tmp_path)
    assert ran.outputs == {"number": number}
    text = workflow.read_text()
    assert text.count("if: steps.open.outputs.number == ''\n") == 3


def test_what_is_pinned_is_what_is_tried() -> None:
    listed = (HERE / "requirements-copier.txt").read_text().splitlines()
    assert {pin("copier").requirement, pin("jinja2-time").requirement} <= set(listed)
