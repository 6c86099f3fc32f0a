"""`--verify` as it is typed, with a `docker` that writes down what it is asked for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from djroadmap.adapters.scratch import Scratch
from djroadmap.cli.verifying import environ_of
from djroadmap.workflow.ways import Way
from tests.adapters.trees import build, snapshot
from tests.cli.test_terminal import at_terminal
from tests.cli_runner import Cli, Result, git

COMPOSE = """\
services:
  web:
    build: .
    command: python manage.py runserver
    volumes:
      - .:/app
    depends_on:
      - db
  db:
    image: postgres
"""
DOCKER = """\
#!{python}
import json, os, pathlib, sys, time

words = " ".join(sys.argv[1:])
settings = pathlib.Path("mysite/settings.py").read_text()
call = {{"words": words, "cwd": os.getcwd(), "waffle": "waffle" in settings, "env": os.path.exists(".env")}}
with open({log!r}, "a") as log:
    log.write(json.dumps(call) + "\\n")
if os.environ.get("HANGS") and os.environ["HANGS"] in words:
    time.sleep(60)
if os.environ.get("EDITS") and os.environ["EDITS"] in words:
    pathlib.Path("mysite/settings.py").write_text(settings + "# formatted\\n")
if os.environ.get("FAILS") and os.environ["FAILS"] in words:
    for number in range(int(os.environ.get("LINES", "1"))):
        print(f"{{os.getcwd()}}/mysite/settings.py:{{number}}: no good")
    sys.exit(int(not os.environ.get("ONLY_WITH_WAFFLE") or call["waffle"]))
"""


@dataclass
class Docker:
    """A project with a compose file, the command on it, and what its `docker` was asked for."""

    cli: Cli
    folder: Path
    temporary: Path

    @property
    def environ(self) -> dict[str, str]:
        path = os.pathsep.join((str(self.folder), "/usr/bin", "/bin"))
        return {"PATH": path, "TMPDIR": str(self.temporary), "VIRTUAL_ENV": "", "CONDA_PREFIX": ""}

    def __call__(self, *arguments: str, code: int = 0, **env: str) -> Result:
        return self.cli(*arguments, code=code, env={**self.environ, **env})

    @property
    def calls(self) -> list[dict[str, Any]]:
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def left(self) -> list[str]:
        """What is left in the folder for temporary files."""
        return sorted(path.name for path in self.temporary.iterdir())


@pytest.fixture
def docker(flat: Cli, tmp_path: Path) -> Docker:
    project = flat.project
    (project / "compose.yaml").write_text(COMPOSE)
    (project / ".gitignore").write_text(".env\n")
    git(project, "add", "-A")
    git(project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-q", "-m", "Compose")
    (project / ".env").write_text("SECRET=1\n")
    program = tmp_path / "programs" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER.format(python=sys.executable, log=str(program.parent / "log")))
    program.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return Docker(flat, program.parent, tmp_path / "tmp")


def test_it_is_shown_run_on_a_copy_and_written(docker: Docker) -> None:
    out = docker("add", "waffle", "--yes", "--verify").out
    assert "docker compose up --detach --no-recreate db" in out
    assert "run --rm --no-deps web python manage.py check " in out
    assert out.index("docker image rm") < out.index("1 of 5")
    up, build, *runs, image = docker.calls
    assert up["cwd"] == str(docker.cli.project)
    assert not up["waffle"]
    copies = {call["cwd"] for call in (build, *runs, image)}
    assert copies != {up["cwd"]}
    assert [Path(copy).name for copy in copies] == ["flat"]
    assert all(call["waffle"] and call["env"] for call in (build, *runs, image))
    assert image["words"].startswith("image rm")
    assert len(runs) == 3
    assert git(docker.cli.project, "status", "--porcelain")
    assert docker.left() == []


def test_the_projects_own_tests_if_asked_for(docker: Docker) -> None:
    docker("add", "waffle", "--yes", "--verify-tests")
    assert docker.calls[-2]["words"].endswith("web python manage.py test --noinput")


def test_a_failure_writes_nothing_and_says_what_failed(docker: Docker) -> None:
    before = snapshot(docker.cli.project)
    ran = docker("add", "waffle", "--yes", "--verify", code=1, FAILS="makemigrations", ONLY_WITH_WAFFLE="1")
    assert "    mysite/settings.py:0: no good" in ran.err, "as in the project, not as in the copy"
    assert "makemigrations --check --dry-run ended with 1\n" in ran.err
    assert "nothing was written; mend the cause" in ran.err
    assert snapshot(docker.cli.project) == before
    assert "without these changes" not in ran.err
    assert not any("test_waffle" in call["words"] for call in docker.calls)
    tried = [call["waffle"] for call in docker.calls if "makemigrations" in call["words"]]
    assert tried == [True, False]
    assert docker.left() == []


def test_what_failed_before_is_not_blamed_on_the_change(docker: Docker) -> None:
    ran = docker("add", "waffle", "--yes", "--verify", code=1, FAILS="manage.py check")
    assert "ended with 1, and without these changes too" in ran.err
    assert "mend that first" in ran.err
    again = [call for call in docker.calls if "manage.py check" in call["words"]]
    assert [call["waffle"] for call in again] == [True, False]
    assert docker.calls[-1]["words"].startswith("image rm")


def test_a_command_that_edits_what_was_changed_does_not_hide_that_it_failed(docker: Docker) -> None:
    ran = docker(
        "add", "waffle", "--yes", "--verify", code=1, FAILS="manage.py check", EDITS="manage.py check"
    )
    assert "manage.py check ended with 1\n" in ran.err
    assert "settings.py:0: no good" in ran.err


@pytest.mark.parametrize(
    ("fails", "told"), [("up --detach", True), ("build", True), ("makemigrations", False)]
)
def test_docker_that_does_not_work_is_not_all_there_is(docker: Docker, fails: str, told: bool) -> None:
    ran = docker("add", "waffle", "--yes", "--verify", code=1, FAILS=fails, ONLY_WITH_WAFFLE="")
    assert ("activate an environment with Django" in ran.err) is told


def test_long_output_is_cut_and_kept(docker: Docker) -> None:
    ran = docker("add", "waffle", "--yes", "--verify", code=1, FAILS="build", LINES="300")
    assert "the last 50 of 300 lines" in ran.err
    assert "settings.py:299" in ran.err
    assert "settings.py:249" not in ran.err
    (log,) = docker.left()
    assert len((docker.temporary / log).read_text().splitlines()) == 300


def test_json(docker: Docker) -> None:
    document = docker("add", "waffle", "--yes", "--verify", "--json").json
    assert document["result"] == "changed"
    verification = document["verification"]
    assert verification["passed"] is True
    assert [one["in_copy"] for one in verification["commands"]] == [False, True, True, True, True]


def test_json_of_a_failure(docker: Docker) -> None:
    ran = docker("add", "waffle", "--yes", "--verify", "--json", code=1, FAILS="manage.py check", LINES="300")
    document = ran.json
    assert (document["result"], document["files"]) == ("refused", [])
    assert "manage.py check ended with 1" in document["error"]["message"]
    assert document["verification"]["passed"] is False
    last = document["verification"]["commands"][-1]
    assert last["returncode"] == 1
    assert len(last["output"].splitlines()) == 300


def test_dry_run_and_patch_verify_too(docker: Docker) -> None:
    before = snapshot(docker.cli.project)
    patch = docker.temporary.parent / "waffle.patch"
    assert "checks pass" in docker("add", "waffle", "--yes", "--verify", "--dry-run").out
    docker("add", "waffle", "--yes", "--verify", "--patch", str(patch), code=1, FAILS="check")
    assert not patch.exists()
    docker("add", "waffle", "--yes", "--verify", "--patch", str(patch))
    assert patch.exists()
    assert snapshot(docker.cli.project) == before


@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--patch", "x.patch")])
def test_nothing_is_run_unless_somebody_agrees(docker: Docker, flags: tuple[str, ...]) -> None:
    ran = docker("add", "waffle", "--verify", *flags, code=2)
    assert "there is no terminal" in ran.err
    assert docker.calls == []


def test_remove_and_undo_verify(docker: Docker) -> None:
    docker("add", "waffle", "--yes")
    docker("remove", "waffle", "--yes", "--verify")
    assert [call["waffle"] for call in docker.calls] == [True, False, False, False, False]
    docker("undo", "--yes", "--verify")
    assert docker.calls[-1]["waffle"] is True


def test_where_nothing_can_be_run_it_is_refused(flat: Cli) -> None:
    environ = {"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": "", "CONDA_PREFIX": ""}
    document = flat("add", "waffle", "--yes", "--verify", "--json", code=3, env=environ).json
    assert document["features"] == ["waffle"]
    assert "nothing can be verified" in document["problems"][0]["why"]
    assert "requirements.txt" in document["problems"][0]["snippet"]


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_one_question_for_both(
    docker: Docker, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    for name, value in docker.environ.items():
        monkeypatch.setenv(name, value)
    code, screen = at_terminal(docker.cli, ["add", "waffle", "--verify"], [("if all of them pass?", answer)])
    assert code == 0, screen
    assert bool(docker.calls) is written
    assert (" add waffle --verify --yes" in screen) is written
    assert bool(git(docker.cli.project, "status", "--porcelain")) is written


def hanging(docker: Docker, *before: str) -> subprocess.Popen[bytes]:
    """A run whose verification has come to a command that does not end."""
    process = subprocess.Popen(
        [*before, *docker.cli.argv, "-C", str(docker.cli.project), "add", "waffle", "--yes", "--verify"],
        env={**os.environ, **docker.environ, "DJROADMAP_STATE_DIR": str(docker.cli.state), "HANGS": "manage.py check"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not any("check" in call["words"] for call in docker.calls) and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


@pytest.mark.parametrize(
    ("number", "code", "times"),
    [(signal.SIGINT, 130, 1), (signal.SIGTERM, 143, 1), (signal.SIGHUP, 129, 500)],
    ids=["ctrl-C", "cancelled", "closed"],
)
def test_an_interrupt_leaves_nothing_behind(
    docker: Docker, number: signal.Signals, code: int, times: int
) -> None:
    """A closed terminal says so, and the shell in it does: the second must not end the clean-up."""
    before = snapshot(docker.cli.project)
    process = hanging(docker)
    for _ in range(times):
        if process.poll() is None:
            process.send_signal(number)
            time.sleep(0.01)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code, said
    assert said.endswith("✖ interrupted; nothing was left half done\n".encode())
    assert docker.calls[-1]["words"].startswith("image rm")
    assert docker.left() == []
    assert snapshot(docker.cli.project) == before


def test_a_signal_that_is_ignored_ends_nothing(docker: Docker) -> None:
    process = hanging(docker, "nohup")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    assert not docker.calls[-1]["words"].startswith("image rm")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert docker.left() == []


def test_what_is_imported_is_the_copys(tmp_path: Path) -> None:
    root = build(tmp_path / "shop", {"src/": ""})
    place = Scratch(root, tmp_path / "scratch")
    way = Way(
        name="", variables={"VIRTUAL_ENV": None, "PIP_USER": "0"}, sources=(str(root / "src"), "/opt/lib")
    )
    given = {
        "PYTHONPATH": f"{root}{os.pathsep}/opt/own",
        "VIRTUAL_ENV": "/venv",
        "GIT_DIR": ".git",
        "HOME": "/home/sam",
    }
    assert environ_of(place, way, given) == {
        "HOME": "/home/sam",
        "PIP_USER": "0",
        "PYTHONPATH": os.pathsep.join((str(place.copy), "/opt/own", str(place.copy / "src"))),
    }
    assert "PYTHONPATH" not in environ_of(place, Way(name=""), {"HOME": "/home/sam"})
