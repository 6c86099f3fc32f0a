"""Law 8: after `add`, every layout really starts, migrates and passes its tests on PostgreSQL, and comes back clean."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from djroadmap.manifest import PATH as MANIFEST
from tests.cli_runner import Warm, git
from tests.matrix.cases import EVERY_WAY, FEATURES
from tests.memory import Memory
from tests.projects import CATALOGUE, RUNNABLE, copy_layout, run, variant

pytestmark = pytest.mark.e2e

ALL = "all"
MANAGED = """
import runpy, sys

for command in ("check", "makemigrations --check --dry-run", "migrate --verbosity 0"):
    print("manage.py", command, flush=True)
    sys.argv = ["manage.py", *command.split()]
    runpy.run_path("manage.py", run_name="__main__")
"""
"""manage.py three times, in one process: starting Django costs more than any of them."""
READ = (".py", ".toml", ".in", ".cfg", ".ini", ".html", ".graphql", ".just", "justfile", "requirements.txt")


@pytest.mark.parametrize("layout", RUNNABLE)
@pytest.mark.parametrize("feature", [*EVERY_WAY, ALL])
def test_the_project_works_with_it_and_is_clean_without(
    feature: str, layout: str, tmp_path: Path, database: str, redis_url: str
) -> None:
    project = copy_layout(layout, tmp_path / "project", git=True)
    cli = Warm(project, tmp_path / "state")
    wanted = FEATURES if feature == ALL else (feature,)
    memory = Memory.of(project)
    fitting = [name for name in wanted if memory.supports(name) is None and not memory.has(name)]
    if not fitting:
        pytest.skip(f"{feature} does not apply, or is there already")
    before = _ruff(layout, project)
    for name in fitting:
        assert cli("add", *name.split(), "--yes", "--json").json["result"] == "changed"
        assert cli("add", *name.split(), "--yes", "--json").json["result"] == "unchanged"
    cli("check")
    # What only deploys is put to the proof by its own tools; what it brings along is run for itself.
    if feature == ALL or _concerns_python(Memory.of(copy_layout(layout, tmp_path / "plain")), feature):
        _works(
            layout, project, database=database, redis_url=redis_url, fitting=fitting, variant=variant(feature)
        )
        assert _ruff(layout, project) - before == set(), "the project's own linter finds something new"
    for name in memory.catalog.dependents_first([name.split()[0] for name in fitting]):
        cli("remove", name, "--yes")
    assert git(project, "status", "--porcelain", "--ignored=no") == "", "what is left behind"


def _concerns_python(project: Memory, feature: str) -> bool:
    """Does it change something that Python, Django or the tests read, apart from what its prerequisites change?"""
    if along := project.plan(feature).along:
        project.add(*along)
    changed = [path for path in project.add(feature).paths if path != MANIFEST]
    return any(path.endswith(READ) or path.startswith("requirements/") for path in changed)


def _works(
    layout: str, project: Path, *, database: str, redis_url: str, fitting: list[str], variant: str
) -> None:
    known = CATALOGUE[layout]
    env = {"REDIS_URL": redis_url, "CELERY_BROKER_URL": redis_url, **_on_postgres(layout, project, database)}
    folder = project / Path(known.manage).parent
    managed = ("-c", MANAGED)
    _expect(run(layout, folder, *managed, database=database, env=env, variant=variant), managed)
    _expect(run(layout, project, *known.tests, database=database, env=env, variant=variant), known.tests)
    if "import-linter" in fitting:
        where = next(project.rglob(".importlinter")).parent
        command = (
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as go; sys.exit(go())",
        )
        _expect(run(layout, where, *command, database=database), command)
    if "just" in fitting:
        _just(layout, project, database=database, env=env)


def _on_postgres(layout: str, project: Path, database: str) -> dict[str, str]:
    """Variables that put a project of `startproject`, which names SQLite, on PostgreSQL without touching it."""
    if not layout.startswith("startproject"):
        return {}
    url = urlsplit(database)
    values = {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username}
    values |= {"HOST": url.hostname, "PORT": url.port}
    outside = project.parent / "outside"
    outside.mkdir()
    text = f"from mysite.settings import *  # noqa\n\nDATABASES = {{'default': {values!r}}}\n"
    (outside / "on_postgres.py").write_text(text)
    return {"DJANGO_SETTINGS_MODULE": "on_postgres", "PYTHONPATH": str(outside)}


def _just(layout: str, project: Path, *, database: str, env: dict[str, str]) -> None:
    """The recipes are listed, ours are formatted, and `just` really runs one of them."""
    script = "import os, sys; just = sys.exec_prefix + '/bin/just'; os.execv(just, [just, *sys.argv[1:]])"
    listed = run(layout, project, "-c", script, "--list")
    _expect(listed, ("just", "--list"))
    assert "[dev]" in listed.stdout
    _expect(
        run(layout, project, "-c", script, "check", database=database, env={**env, "JUST_RUN": ""}),
        ("just", "check"),
    )
    ours = next(path for path in (project / "just" / "dev.just", project / "justfile") if path.exists())
    formatted = run(layout, project, "-c", script, "--justfile", str(ours), "--fmt", "--check", "--unstable")
    _expect(formatted, ("just", "--fmt"))


def _ruff(layout: str, project: Path) -> set[str]:
    """What the project's own ruff complains of, without line numbers: ours move other people's lines."""
    if not CATALOGUE[layout].ruff:
        return set()
    found = run(layout, project, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", ".")
    lines = {line for line in found.stdout.splitlines() if line.count(":") >= 3}
    return {f"{path}: {rest.split(':', 2)[-1]}" for path, _, rest in (line.partition(":") for line in lines)}


def _expect(ran: object, command: tuple[str, ...]) -> None:
    assert getattr(ran, "returncode", None) == 0, f"{' '.join(command)}\n{getattr(ran, 'stdout', '')}"
