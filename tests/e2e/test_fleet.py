"""docs/fleet.sh: one command in many repositories, and nothing half done in any of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli_runner import git
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.tools import tool
from tests.infrastructure.workflows import lint_shell
from tests.projects import ROOT, _git, copy_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.e2e

SCRIPT = ROOT / "docs" / "fleet.sh"
SOMEBODY = {
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
}
COMPUTED = "INSTALLED_APPS = found()\n\nMIDDLEWARE = []\n\nROOT_URLCONF = 'mysite.urls'\n"


class Fleet:
    """Repositories in `here`, and the script on them."""

    def __init__(self, folder: Path) -> None:
        self.here = folder / "repositories"
        self.work = folder / "work"
        self.folder = folder
        self.here.mkdir()

    def __call__(
        self,
        *arguments: str,
        code: int,
        env: Mapping[str, str] | None = None,
        fakes: Fakes | None = None,
    ) -> list[list[str]]:
        """The rows of the table."""
        ran = self.run(*arguments, env=env, fakes=fakes)
        assert ran.returncode == code, ran.stdout + ran.stderr
        head, *rows = ran.stdout.splitlines()
        columns = [head.index(name) for name in ("repository", "result", "files", "to-dos", "why or where")]
        assert not list(self.work.glob(".unfinished*"))
        return [
            [row[start:end].strip() for start, end in zip(columns, [*columns[1:], None], strict=True)]
            for row in rows
        ]

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, fakes: Fakes | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The script, when it has ended."""
        with self.started(*arguments, env=env, fakes=fakes) as running:
            out, err = running.communicate()
        return subprocess.CompletedProcess(arguments, running.returncode, out, err)

    def started(
        self, *arguments: str, env: Mapping[str, str] | None = None, fakes: Fakes | None = None
    ) -> subprocess.Popen[str]:
        """The script as it runs, with the real djroadmap if there is no fake one."""
        path = [str(fakes.bin)] if fakes else []
        path += [str(Path(sys.executable).parent), os.environ["PATH"]]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.Popen(
            [tool("bash"), SCRIPT, "-w", self.work, *arguments],
            cwd=self.folder,
            env={
                **kept,
                **SOMEBODY,
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
                "PATH": os.pathsep.join(path),
                **(env or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def layout(self, layout: str, name: str) -> Path:
        """A repository with a sample project."""
        return copy_layout(layout, self.here / name, git=True)

    def small(self, name: str, files: Mapping[str, str]) -> Path:
        """A repository with these files."""
        folder = self.here / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "Start")):
            _git(*arguments, cwd=folder)
        return folder

    def kept(self) -> set[str]:
        """What is in the folder of the results."""
        return {path.name for path in self.work.iterdir()}


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    tool("jq")
    return Fleet(tmp_path)


def snapshot(folder: Path) -> tuple[str, ...]:
    """All that a run could do to a repository."""
    return (
        git(folder, "for-each-ref"),
        git(folder, "status", "--porcelain", "--ignored"),
        git(folder, "symbolic-ref", "HEAD"),
        git(folder, "rev-parse", "HEAD"),
    )


def test_the_script_is_clean() -> None:
    assert lint_shell(SCRIPT.read_text()) == []


def test_a_table_for_all_of_them(fleet: Fleet) -> None:
    fits = fleet.layout("poetry", "fits")
    done = fleet.layout("turbo", "done")
    state = {**os.environ, "DJROADMAP_STATE_DIR": str(fleet.folder / "state")}
    command = [sys.executable, "-m", "djroadmap", "-C", done, "add", "waffle", "--yes"]
    subprocess.run(command, env=state, check=True, capture_output=True)
    _git("add", "-A", cwd=done)
    _git("commit", "-q", "-m", "Add waffle", cwd=done)
    odd = fleet.small(
        "odd",
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')\n",
            "mysite/__init__.py": "",
            "mysite/settings.py": COMPUTED,
            "mysite/urls.py": "urlpatterns = []\n",
            "requirements.txt": "Django==5.2\n",
        },
    )
    other = fleet.small("other", {"README.md": "Not Django.\n"})
    before = [snapshot(folder) for folder in (fits, done, odd, other)]
    listed = fleet.folder / "list.txt"
    listed.write_text(
        "# ours\nrepositories/fits  # the shop\n\nrepositories/done\nrepositories/odd\n"
        "repositories/other\nrepositories/nowhere\nrepositories/fits\n"
    )
    fits_row, done_row, odd_row, other_row, nowhere = fleet(str(listed), "add", "waffle", code=1)
    document = json.loads((fleet.work / "fits.json").read_text())
    todos = len(document["todos"]) + len(document["commands"])
    assert todos
    assert fits_row == ["fits", "changed", str(len(document["files"])), str(todos), str(fleet.work / "fits")]
    assert done_row[:3] == ["done", "unchanged", "0"]
    assert "already installed" in done_row[4]
    assert odd_row[:4] == ["odd", "refused", "-", "-"]
    assert odd_row[4].startswith("mysite/settings.py:1: ")
    assert other_row[:4] == ["other", "refused", "-", "-"]
    assert "no manage.py" in other_row[4]
    assert nowhere[:4] == ["nowhere", "error", "-", "-"]
    assert "does not exist" in nowhere[4]
    assert [snapshot(folder) for folder in (fits, done, odd, other)] == before
    assert fleet.kept() == {"fits", "fits.json", "done.json", "odd.json", "other.json"}
    clone = fleet.work / "fits"
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "rev-parse", "--abbrev-ref", "HEAD") == "djroadmap-add-waffle\n"
    assert git(clone, "rev-parse", "HEAD^") == git(fits, "rev-parse", "HEAD")
    changed = set(git(clone, "diff", "--name-only", "HEAD^", "HEAD").split())
    assert changed == {each["path"] for each in document["files"]}
    message = git(clone, "log", "-1", "--format=%B")
    assert message.startswith("Add waffle\n\nTo do:\n- ")
    assert all(f"- `{each['command']}`: " in message for each in document["commands"])


def test_what_was_looked_at_is_what_is_pushed(fleet: Fleet) -> None:
    origin = fleet.layout("poetry", "shop")
    before = git(origin, "for-each-ref")
    ((_, result, *rest),) = fleet(str(fleet.here), "add", "waffle", code=0)
    assert result == "changed"
    commit = git(fleet.work / "shop", "rev-parse", "HEAD")
    assert git(origin, "for-each-ref") == before, "nothing is pushed unless it is asked for"
    for _ in range(2):
        ((_, result, *counts, where),) = fleet("-p", str(fleet.here), "add", "waffle", code=0)
        assert (result, counts, where) == ("changed", rest[:2], "pushed djroadmap-add-waffle")
        assert git(origin, "rev-parse", "djroadmap-add-waffle") == commit
    assert git(origin, "status", "--porcelain") == ""
    ((_, result, _, _, why),) = fleet("-b", "another", str(fleet.here), "add", "just", code=1)
    assert (result, "is of another run" in why) == ("error", True)


def test_a_branch_of_others_is_not_overwritten(fleet: Fleet) -> None:
    origin = fleet.layout("poetry", "shop")
    _git("checkout", "-q", "--orphan", "djroadmap-add-waffle", cwd=origin)
    _git("commit", "-q", "-m", "Theirs", cwd=origin)
    _git("checkout", "-q", "main", cwd=origin)
    before = snapshot(origin)
    ((_, result, _, _, why),) = fleet("-p", str(fleet.here), "add", "waffle", code=1)
    assert (result, "not pushed" in why, "rejected" in why) == ("error", True, True)
    assert snapshot(origin) == before


def test_patches_instead_of_commits(fleet: Fleet) -> None:
    origin = fleet.layout("poetry", "shop")
    ((_, result, files, _, where),) = fleet("-n", str(fleet.here), "add", "waffle", code=0)
    assert (result, where) == ("planned", str(fleet.work / "shop.patch"))
    assert fleet.kept() == {"shop.patch", "shop.json"}
    git(origin, "apply", where)
    assert len(git(origin, "status", "--porcelain", "-uall").splitlines()) == int(files)


def test_what_git_ignores_is_committed_too(fleet: Fleet) -> None:
    """As djroadmap tells people to, or its manifest would be lost."""
    origin = fleet.layout("poetry", "shop")
    with (origin / ".gitignore").open("a") as file:
        file.write(".*\n")
    _git("commit", "-q", "-a", "-m", "Ignore", cwd=origin)
    fleet(str(fleet.here), "add", "waffle", code=0)
    assert ".djroadmap.toml" in git(fleet.work / "shop", "ls-tree", "--name-only", "HEAD").split()


def test_what_cannot_be_committed_is_not_kept(fleet: Fleet) -> None:
    fleet.layout("poetry", "shop")
    nobody = dict.fromkeys(SOMEBODY, "")
    ((_, result, _, _, why),) = fleet(str(fleet.here), "add", "waffle", code=1, env=nobody)
    assert (result, why.startswith("not committed: ")) == ("error", True)
    assert fleet.kept() == {"shop.json"}


def document(**given: object) -> str:
    empty = {
        "schema": 1,
        "feature": "waffle",
        "features": ["waffle"],
        "files": [],
        "todos": [],
        "commands": [],
    }
    return json.dumps({**empty, "notes": [], "conflicts": [], **given})


def test_the_commit_names_all_that_was_added(fleet: Fleet, tmp_path: Path) -> None:
    fleet.small("a", {"x.txt": "x\n"})
    fakes = Fakes(tmp_path / "fakes", "djroadmap")
    both = document(result="changed", features=["waffle", "just"])
    fakes.answer("djroadmap", both, shell="echo y > $2/x.txt")
    fleet(str(fleet.here), "add", "waffle", "just", code=0, fakes=fakes)
    assert git(fleet.work / "a", "log", "-1", "--format=%s") == "Add waffle, just\n"


def test_failures_are_told_and_the_others_go_on(fleet: Fleet, tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        fleet.small(name, {"x.txt": "x\n"})
    fakes = Fakes(tmp_path / "fakes", "djroadmap")
    fakes.answer(
        "djroadmap", code=4, stderr="✖ a bug in djroadmap: oh\n  hint: send it\n", shell="touch $2/y"
    )
    conflict = {"path": "x.txt", "line": 3, "why": "yours and ours differ"}
    fakes.answer(
        "djroadmap", document(result="changed", conflicts=[conflict]), shell="echo '<<<<<<<' > $2/x.txt"
    )
    fakes.answer("djroadmap", document(result="refused", error={"message": "checks failed"}), code=1)
    fakes.answer("djroadmap", document(result="changed", features=["b", "c"]), shell="echo y > $2/x.txt")
    rows = fleet(str(fleet.here), "upgrade", code=1, fakes=fakes)
    assert [row[:2] + row[4:] for row in rows] == [
        ["a", "error", "a bug in djroadmap: oh (exit code 4)"],
        ["b", "refused", "conflict in x.txt:3: yours and ours differ"],
        ["c", "error", "checks failed"],
        ["d", "changed", str(fleet.work / "d")],
    ]
    assert fleet.kept() == {"b.json", "c.json", "d", "d.json"}
    assert git(fleet.work / "d", "log", "-1", "--format=%s %D") == "Upgrade b, c HEAD -> djroadmap-upgrade\n"
    assert [call.arguments[2:] for call in fakes.calls()] == [("upgrade", "--yes", "--json")] * 4


def test_an_interrupted_run_leaves_nothing_half_done(fleet: Fleet, tmp_path: Path) -> None:
    for name in ("a", "b"):
        fleet.small(name, {"x.txt": "x\n"})
    fakes = Fakes(tmp_path / "fakes", "djroadmap")
    done = document(result="changed")
    fakes.answer("djroadmap", done, shell="echo y > $2/x.txt")
    wait = "echo y > $2/x.txt; touch begun; while [[ ! -e stopped ]]; do command -p sleep 0.05; done"
    fakes.answer("djroadmap", done, shell=wait)
    with fleet.started(str(fleet.here), "add", "waffle", fakes=fakes) as running:
        while not (fleet.folder / "begun").exists():
            assert running.poll() is None
            time.sleep(0.05)
        assert list(fleet.work.glob(".unfinished*/b/b/x.txt"))
        running.terminate()
        (fleet.folder / "stopped").touch()
        out, _ = running.communicate(timeout=60)
    assert (running.returncode, out) == (143, "")
    assert fleet.kept() == {"a", "a.json"}
    assert git(fleet.work / "a", "status", "--porcelain") == ""


def test_two_of_one_name(fleet: Fleet, tmp_path: Path) -> None:
    for name in ("north/shop", "south/shop"):
        fleet.small(name, {"README.md": name})
    listed = fleet.folder / "list.txt"
    listed.write_text("repositories/north/shop\nrepositories/south/shop\n")
    fakes = Fakes(tmp_path / "fakes", "djroadmap")
    fakes.answer("djroadmap", document(result="changed"), shell="touch $2/y")
    assert [row[:2] for row in fleet(str(listed), "add", "waffle", code=0, fakes=fakes)] == [
        ["shop", "changed"],
        ["south-shop", "changed"],
    ]
    assert (fleet.work / "south-shop" / "README.md").read_text() == "south/shop"
    assert {Path(call.option("-C")).name for call in fakes.calls()} == {"shop"}, "named as the repository is"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "are needed"),
        (("repositories",), "are needed"),
        (("repositories", "status"), "not one of"),
        (("-x", "repositories", "add", "waffle"), "no such option"),
        (("-b", "a..b", "repositories", "add", "waffle"), "not a name for a branch"),
        (("-n", "-p", "repositories", "add", "waffle"), "exclude each other"),
        (("nowhere.txt", "add", "waffle"), "cannot be read"),
        (("repositories", "add", "waffle"), "no repository is in it"),
    ],
)
def test_mistakes_are_told(fleet: Fleet, arguments: tuple[str, ...], why: str) -> None:
    ran = fleet.run(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert why in ran.stderr
    assert "usage: fleet.sh" in ran.stderr
