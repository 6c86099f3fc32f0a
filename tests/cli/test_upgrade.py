"""`upgrade` as a user runs it, with a plugin whose feature has three versions: in git and without, conflicts, undo."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djroadmap.manifest import PATH as MANIFEST
from tests.cli.test_terminal import at_terminal
from tests.cli_runner import Cli, git
from tests.projects import ROOT
from tests.workflow.versions import CI, FILES, TOOLS, tools

if TYPE_CHECKING:
    from collections.abc import Callable

PLUGIN = """\
import os

from tests.workflow.versions import synthetic

FEATURE = synthetic(int(os.environ["SYNTHETIC"]))
"""


@pytest.fixture
def version(flat: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The plugin is installed, in the version that is asked for; version 1 is added and committed."""
    site = tmp_path / "site"
    info = site / "synthetic-1.dist-info"
    info.mkdir(parents=True)
    (site / "synthetic_plugin.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synthetic\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[djroadmap.features]\nsynthetic = synthetic_plugin:FEATURE\n")
    monkeypatch.setenv("PYTHONPATH", f"{site}:{ROOT}")

    def switch(number: int) -> None:
        monkeypatch.setenv("SYNTHETIC", str(number))

    switch(1)
    for path, data in FILES.items():
        (flat.project / path).write_bytes(data)
    commit(flat)
    flat("add", "synthetic", "--yes")
    commit(flat)
    return switch


def commit(cli: Cli) -> None:
    git(cli.project, "add", "-A")
    git(cli.project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-q", "-m", "Ours")


def edit(cli: Cli, old: str, new: str, path: str = TOOLS) -> None:
    file = cli.project / path
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def forgetful(cli: Cli, tmp_path: Path) -> Cli:
    """The command on another machine, where djroadmap remembers nothing."""
    return Cli(cli.project, tmp_path / "other state")


def files(cli: Cli) -> dict[str, bytes]:
    found = (path for path in cli.project.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(cli.project).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("known", ["git", "state"])
def test_the_base_is_found(flat: Cli, version: Callable[[int], None], known: str, tmp_path: Path) -> None:
    edit(flat, "('fourth', 'begins')", "('fourth', 'mine')")
    if known == "git":
        commit(flat)
        cli = forgetful(flat, tmp_path)
    else:
        shutil.rmtree(flat.project / ".git")
        cli = flat
    version(2)
    assert "version 1 is installed, 2 is current" in cli("status", "synthetic").out
    assert "djroadmap upgrade synthetic" in cli("check", code=1).err
    document = cli("upgrade", "--yes", "--json").json
    assert (document["result"], document["conflicts"]) == ("changed", [])
    text = (cli.project / TOOLS).read_text()
    assert "('fourth', 'mine')" in text
    assert "[value, 2]" in text
    cli("check")
    assert "synthetic is up to date" in cli("upgrade").out


def test_without_any_memory_it_is_a_conflict(
    flat: Cli, version: Callable[[int], None], tmp_path: Path
) -> None:
    edit(flat, "('fourth', 'begins')", "('fourth', 'mine')")
    shutil.rmtree(flat.project / ".git")
    cli = forgetful(flat, tmp_path)
    version(2)
    before = files(cli)
    document = cli("upgrade", "--yes", "--json").json
    assert [one["path"] for one in document["conflicts"]] == [TOOLS, TOOLS]
    text = (cli.project / TOOLS).read_text()
    assert "('fourth', 'mine')" in text
    assert text.count("<<<<<<< yours") == 2
    cli("undo", "--yes")
    assert files(cli) == before


def test_a_conflict_from_the_preview_to_its_end(
    flat: Cli, version: Callable[[int], None], tmp_path: Path
) -> None:
    edit(flat, "[value, 1]", "[value, 'mine']")
    commit(flat)
    version(2)
    before = files(flat)
    shown = flat("upgrade", "--dry-run")
    assert "+<<<<<<< yours" in shown.out
    assert f"conflict in {TOOLS}:" in shown.err
    flat("upgrade", code=2)
    patch = tmp_path / "upgrade.patch"
    flat("upgrade", "--patch", str(patch))
    git(flat.project, "apply", "--check", str(patch))
    assert files(flat) == before
    document = flat("upgrade", "--yes", "--json").json
    ((path, line),) = [(one["path"], one["line"]) for one in document["conflicts"]]
    assert path == TOOLS
    assert (flat.project / TOOLS).read_text().splitlines()[line - 1] == "<<<<<<< yours"
    assert f"{TOOLS}:{line}: a conflict that is not resolved" in flat("check", code=1).err
    assert f"conflict: a conflict that is not resolved ({TOOLS}:{line})" in flat("status").out
    (missing,) = flat("status", "synthetic", "--json").json["features"][0]["missing"]
    assert (missing["path"], missing["line"]) == (TOOLS, line)
    refused = flat("upgrade", "--yes", "--allow-dirty", "--json", code=3).json
    assert [(one["path"], one["line"]) for one in refused["problems"]] == [(TOOLS, line)]
    written = files(flat)
    flat("undo", "--yes")
    assert files(flat) == before
    assert "git commit" not in flat("upgrade", "--yes").out, "not before the conflict is resolved"
    assert files(flat) == written
    text = (flat.project / TOOLS).read_text()
    start, stop = text.index("<<<<<<< yours\n"), text.index(">>>>>>> djroadmap synthetic 2\n")
    rest = text[stop + len(">>>>>>> djroadmap synthetic 2\n") :]
    (flat.project / TOOLS).write_text(f"{text[:start]}    result = [value, 'mine', 2]\n{rest}")
    flat("check")
    commit(flat)
    settled = flat("upgrade", "--yes")
    assert "its conflicts are resolved" in settled.out
    assert "conflict" not in (flat.project / MANIFEST).read_text()
    commit(flat)
    version(3)
    flat("upgrade", "--yes", "--json")
    flat("check", code=1)


def test_nothing_is_lost_on_the_way_through_all_versions(flat: Cli, version: Callable[[int], None]) -> None:
    start = files(flat)
    edit(flat, "('fifth', 'begins')", "('fifth', 'mine')")
    (flat.project / CI).write_text(
        (flat.project / CI).read_text() + "  mine:\n    steps:\n      - run: mine\n"
    )
    commit(flat)
    for number in (2, 3):
        version(number)
        flat("upgrade", "--yes")
        flat("check")
        commit(flat)
    text = (flat.project / TOOLS).read_text()
    assert "('fifth', 'mine')" in text
    assert "def sixth" in text
    assert "[value, 3]" in text
    removed = flat("remove", "synthetic", "--yes").out
    assert f"{TOOLS}: edited since djroadmap wrote it, so it is kept" in removed
    left = files(flat)
    assert left.keys() == start.keys() - {MANIFEST, "synthetic/check.py", "synthetic/notes.md"}
    # The blank line in front of our job is the user's job's by now.
    assert left[CI] == FILES[CI] + b"\n  mine:\n    steps:\n      - run: mine\n"


def test_what_is_deleted_on_purpose_is_no_drift_once_that_is_said(
    flat: Cli, version: Callable[[int], None]
) -> None:
    (flat.project / TOOLS).unlink()
    commit(flat)
    checked = flat("check", code=1).err
    assert f"{TOOLS}: the file is gone" in checked
    assert "djroadmap upgrade synthetic leaves out what is gone" in checked
    assert flat("upgrade", "--yes", "--json").json["result"] == "unchanged", "it was not named"
    flat("check", code=1)
    flat("upgrade", "synthetic", "--yes")
    commit(flat)
    flat("check")
    assert f"left out by you: {TOOLS}" in flat("status").out
    assert flat("status", "synthetic", "--json").json["features"][0]["out"] == [
        {"path": TOOLS, "what": TOOLS}
    ]
    version(2)
    flat("upgrade", "--yes")
    flat("check")
    commit(flat)
    assert f"{TOOLS}: the file was gone already" in flat("remove", "synthetic", "--dry-run").out
    flat("add", "synthetic", "--yes")
    assert (flat.project / TOOLS).read_text() == tools(2)


def test_at_a_terminal_conflicts_are_asked_about(flat: Cli, version: Callable[[int], None]) -> None:
    edit(flat, "[value, 1]", "[value, 'mine']")
    commit(flat)
    version(2)
    before = files(flat)
    question = "with the conflicts for you to resolve"
    code, screen = at_terminal(flat, ["upgrade"], [(question, "\r")])
    assert (code, "nothing was written" in screen) == (0, True)
    assert files(flat) == before
    code, screen = at_terminal(flat, ["upgrade"], [(question, "y\r")])
    assert code == 0
    assert "1 conflict to resolve" in screen
    assert "<<<<<<< yours" in (flat.project / TOOLS).read_text()


def test_what_is_merged_is_formatted_as_the_project_is(flat: Cli, version: Callable[[int], None]) -> None:
    flat("undo", "--yes")
    (flat.project / "pyproject.toml").write_text('[tool.ruff.format]\nquote-style = "double"\n')
    commit(flat)
    flat("add", "synthetic", "--yes")
    first = (flat.project / TOOLS).read_text()
    assert first != tools(1)
    commit(flat)
    version(2)
    flat("upgrade", "--yes")
    assert (flat.project / TOOLS).read_text() == first.replace("[value, 1]", "[value, 2]")
