"""Updates of the template, by the real Cruft: its commit, former names of questions, hooks, secrets, edits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from djroadmap.versions import pin
from tests.infrastructure.tools import HERE, interpreter, tool
from tests.projects import FIXTURES, LITTER

from .test_template_updates import EMPTY, World, _variables

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

URL = "https://github.com/cookiecutter/cookiecutter-django"
SLUG = "{{cookiecutter.project_slug}}"
LOCAL = "config/settings/local.py"
COMPOSE = ("docker-compose.local.yml", "docker-compose.production.yml")
QUESTIONS: dict[str, Any] = {
    "project_name": "My Awesome Project",
    "project_slug": "{{ cookiecutter.project_name.lower()|replace(' ', '_') }}",
    "description": "Behold!",
    "postgresql_version": ["16", "15"],
    "cloud_provider": ["AWS", "None"],
    "mail_service": ["Mailgun", "SendinBlue"],
    "use_drf": "n",
    "debug": "n",
}
RENAMED = {
    **{name: value for name, value in QUESTIONS.items() if name != "use_drf"},
    "postgresql_version": ["18", "17"],
    "cloud_provider": ["AWS", "GCP"],
    "mail_service": ["Mailgun", "Brevo"],
    "rest_api": ["None", "DRF", "Django Ninja"],
    "colour": "green",
}
HOOK = """\
import random, shutil, string, subprocess
from pathlib import Path

path = Path("config/settings/local.py")
secret = "".join(random.SystemRandom().choice(string.ascii_letters) for _ in range(40))
path.write_text(path.read_text().replace("!!!SET DJANGO_SECRET_KEY!!!", secret))
if "{{ cookiecutter.USE }}" != "YES":
    Path("config/api_router.py").unlink()
print("Installing python dependencies using uv...")
subprocess.run(["docker", "build", "."], check=True)
uv = ["docker", "run", "--rm", "image", "uv"]
subprocess.run([*uv, "add", "--no-sync", "-r", "requirements/production.txt"], check=True)
shutil.rmtree("requirements")
"""
DOCKER = """\
#!/bin/sh
# What uv makes of it: the requirements are where dependencies are.
if [ "$1" = run ]; then
    sed -i 's/^  "django",$/  "django==5.2.1",/' pyproject.toml
fi
"""
README = """\
# {{ cookiecutter.project_name }}

{{ cookiecutter.description }}

## Setup

Build it.

## Running

Start it, with PostgreSQL {{ cookiecutter.postgresql_version }}.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The template, and what it gives at its second commit, with a history of its own."""
    folder = tmp_path_factory.mktemp("made")
    template, project = folder / "template", folder / "lending_desk"
    world = World(template, project, _variables(folder, template, URL), "", "", str(interpreter("cruft")))
    inside = template / SLUG
    shutil.copytree(FIXTURES / "cookiecutter", inside, ignore=shutil.ignore_patterns(*LITTER, "uv.lock"))
    (inside / "lending_desk").rename(inside / SLUG)
    asked = {**QUESTIONS, "_copy_without_render": _verbatim(inside)}
    _questions(world, asked, "use_drf", "y")
    (inside / "README.md").write_text(README)
    _replace(inside / "pyproject.toml", r'"django==[\d.]+"', '"django"')
    _replace(inside / LOCAL, r"default=\"not-a-secret[^\"]*\"", 'default="!!!SET DJANGO_SECRET_KEY!!!"')
    for name in COMPOSE:
        _replace(inside / name, r"postgres:\d+", "postgres:{{ cookiecutter.postgresql_version }}")
    (inside / "requirements").mkdir()
    (inside / "requirements" / "production.txt").write_text("-r base.txt\n")
    (inside / "requirements" / "base.txt").write_text("django==5.2.0  # https://www.djangoproject.com\n")
    world.git("init", "-q", cwd=template)
    world.commit(cwd=template)
    (inside / "requirements" / "base.txt").write_text("django==5.2.1  # https://www.djangoproject.com\n")
    first = world.commit(cwd=template)
    _generate(world)
    world.git("init", "-q")
    world.commit()
    (template / "docs.md").write_text("Nothing that is rendered.\n")
    world.commit(cwd=template)
    # Only the pins tell this from the one before.
    (inside / "requirements" / "base.txt").write_text("django==5.2.15\n")
    world.commit(cwd=template)
    (inside / "README.md").write_text("{% if %}")
    world.commit(cwd=template)
    _questions(world, {**RENAMED, "_copy_without_render": asked["_copy_without_render"]}, "rest_api", "DRF")
    (inside / "README.md").write_text(README + "\nSecond.\n")
    (inside / "requirements" / "base.txt").write_text("django==5.2.2\nNew_Package[extra]==1.0  # new\n")
    _append(inside / LOCAL, "SECOND = True\n")
    _append(inside / ".editorconfig", "# Second.\n")
    (inside / "second.txt").write_text("{{ cookiecutter.rest_api }}, {{ cookiecutter.colour }}\n")
    return world._replace(first=first, second=world.commit(cwd=template))


@pytest.fixture
def world(made: World, tmp_path: Path) -> World:
    """The same, to be changed."""
    template, project = tmp_path / "template", tmp_path / "lending_desk"
    shutil.copytree(made.template, template, symlinks=True)
    shutil.copytree(made.project, project, symlinks=True)
    return made._replace(template=template, project=project, env=_variables(tmp_path, template, URL))


def _verbatim(inside: Path) -> list[str]:
    """Which files have what Jinja would take for its own."""
    files = (path for path in inside.rglob("*") if path.is_file())
    return sorted(
        path.relative_to(inside).as_posix().replace(SLUG, "*")
        for path in files
        if any(mark in path.read_text() for mark in ("{{", "{%", "{#"))
    )


def _questions(world: World, asked: dict[str, Any], use: str, yes: str) -> None:
    (world.template / "hooks").mkdir(exist_ok=True)
    (world.template / "hooks" / "post_gen_project.py").write_text(
        HOOK.replace("USE", use).replace("YES", yes)
    )
    (world.template / "cookiecutter.json").write_text(json.dumps(asked))


def _replace(path: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, path.read_text())
    assert count, path
    path.write_text(text)


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _generate(world: World) -> None:
    """As people do, with Docker at hand."""
    programs = world.project.parent / "programs"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    answers = ("project_name=Lending Desk", "description=Ladders, drills and tents to borrow.")
    subprocess.run(
        [
            str(tool("cookiecutter")),
            "--no-input",
            str(world.template),
            *answers,
            "use_drf=y",
            "postgresql_version=15",
            "cloud_provider=None",
        ],
        cwd=world.project.parent,
        env={**world.env, "PATH": f"{programs}:{world.env['PATH']}", "HOME": str(world.project.parent)},
        check=True,
        capture_output=True,
    )


def _record(world: World) -> dict[str, Any]:
    return dict(json.loads(world.read(".cruft.json")))


def _cruft(world: World, *arguments: str) -> int:
    command = [str(tool("cruft")), *arguments]
    return subprocess.run(
        command, cwd=world.project, env=world.env, check=False, capture_output=True
    ).returncode


def test_a_project_is_updated(world: World, tmp_path: Path) -> None:
    readme = world.read("README.md").replace("## Setup\n", "Mine.\n\n## Setup\n")
    (world.project / "README.md").write_text(readme)
    _replace(world.project / "pyproject.toml", r'(?m)^(  "redis==.*)$', r'\1\n  "mine==1",')
    (world.project / ".editorconfig").unlink()
    world.commit()
    secrets = world.read(LOCAL)
    assert "!!!SET" not in secrets
    cli = world.add("--tool", "cruft")
    assert "run bin/template-update --find-base once" in world.script("--check", code=1)

    said = world.script("--find-base")
    assert re.search(rf"^{world.first[:12]} ", said.splitlines()[1])
    assert world.git("status", "--porcelain") == " M .cruft.json\n"
    record = _record(world)
    assert (record["template"], record["commit"], record["checkout"]) == (URL, world.first, None)
    told = {name: value for name, value in record["context"]["cookiecutter"].items() if name[0] != "_"}
    assert told == {
        "project_name": "Lending Desk",
        "project_slug": "lending_desk",
        "description": "Ladders, drills and tents to borrow.",
        "postgresql_version": "15",
        "cloud_provider": "None",
        "mail_service": "Mailgun",
        "use_drf": "y",
        "debug": "n",
    }
    assert "commit or stash" in world.script(code=1)
    world.commit()
    assert f"{world.second} is new" in world.script("--check", code=2)
    assert _cruft(world, "check") == 1

    said = world.script("--notes", str(tmp_path / "notes.md"))
    updated = readme.replace("PostgreSQL 15", "PostgreSQL 17") + "\nSecond.\n"
    assert world.read("README.md") == updated
    assert world.read("second.txt") == "DRF, green\n"
    assert (world.project / "config/api_router.py").exists()
    dependencies = {'  "django==5.2.2",', '  "new-package[extra]==1.0",', '  "mine==1",'}
    assert dependencies < set(world.read("pyproject.toml").splitlines())
    assert world.read(LOCAL) == secrets
    assert not (world.project / ".editorconfig").exists()
    assert not (world.project / "requirements").exists()
    changed = {line[3:] for line in world.git("status", "--porcelain", "-uall").splitlines()}
    assert changed == {".cruft.json", "README.md", "second.txt", "pyproject.toml", *COMPOSE}

    notes = (tmp_path / "notes.md").read_text()
    assert notes.startswith(f"From {world.first} to {world.second} of {URL}.\n")
    assert "`postgresql_version: 15, now 17`" in notes
    assert "`cloud_provider: None, now AWS`" in notes
    assert "+SECOND = True\n" in notes
    assert "+# Second.\n" in notes
    assert "Conflicts" not in notes
    assert "SECRET_KEY" not in re.sub(r"(?m)^ .*\n", "", notes)
    assert notes.partition("\n\n")[2].rstrip() in said
    assert _record(world)["checkout"] is None
    world.commit()
    assert "nothing new" in world.script("--check")
    assert "nothing new" in world.script()
    assert _cruft(world, "check") == 0
    cli("check", env=world.env)
    cli("add", "template-updates", "--yes", env=world.env)
    assert world.git("status", "--porcelain") == ""


def test_a_change_of_the_same_line_is_marked_and_named(world: World) -> None:
    _replace(world.project / "README.md", "Start it, with PostgreSQL 15.", "Do not start it.")
    # What was generated has never been committed.
    shutil.rmtree(world.project / ".git")
    world.git("init", "-q")
    world.commit()
    world.add()
    world.script("--find-base")
    world.commit()
    assert "- `README.md`\n" in world.script()
    assert re.search(
        r"<<<<<<< .*\nDo not start it.\n=======\nStart it, with PostgreSQL 17.\n", world.read("README.md")
    )
    assert not list(world.project.rglob("*.rej"))
    assert (world.project / "second.txt").exists()


def test_what_does_not_concern_the_project_is_no_update(world: World) -> None:
    world.add()
    world.script("--find-base")
    record = _record(world) | {"commit": world.second}
    record["context"]["cookiecutter"] |= {
        "rest_api": "DRF",
        "postgresql_version": "17",
        "cloud_provider": "AWS",
    }
    (world.project / ".cruft.json").write_text(json.dumps(record))
    world.commit()
    (world.template / "docs.md").write_text("Other words.\n")
    newest = world.commit(cwd=world.template)
    assert f"nothing new for this project up to {newest}" in world.script()
    assert world.git("status", "--porcelain") == ""


def test_the_base_is_not_guessed(world: World) -> None:
    generated = world.git("rev-parse", "HEAD").strip()
    root = world.git("commit-tree", EMPTY, "-m", "Empty").strip()
    again = world.git("commit-tree", f"{generated}^{{tree}}", "-p", root, "-m", "Generated").strip()
    world.git("reset", "-q", "--hard", again)
    world.add()
    assert "with --against" in world.script("--find-base", code=1)
    assert _record(world)["commit"] is None
    world.script("--find-base", "--against", again)
    assert _record(world)["commit"] == world.first


def test_what_is_removed(world: World) -> None:
    """All of it before there is a commit; later the record is the project's."""
    cli = world.add()
    cli("remove", "template-updates", "--yes", env=world.env)
    assert world.git("diff", "--stat", "HEAD~1") == ""
    world.git("reset", "-q", "--hard")
    world.script("--find-base")
    world.commit()
    said = cli("remove", "template-updates", "--yes", env=world.env)
    assert ".cruft.json" in said.out
    assert not (world.project / "bin").exists()
    assert _record(world)["commit"] == world.first


def test_what_is_pinned_is_what_is_tried() -> None:
    listed = (HERE / "requirements-cruft.txt").read_text().splitlines()
    assert pin("cruft").requirement in listed
