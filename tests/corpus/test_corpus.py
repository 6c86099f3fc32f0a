"""The corpus tool tells projects that keep the laws from such that do not."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from djroadmap.__main__ import main as djroadmap
from tests.corpus.__main__ import main
from tests.corpus.laws import examine
from tests.corpus.parses import complaint
from tests.corpus.report import broken, document, is_supported
from tests.corpus.snapshot import Camera, difference
from tests.projects import FIXTURES

FEATURES = ("just", "waffle")


@pytest.fixture(autouse=True)
def own_state(monkeypatch):
    monkeypatch.setenv("DJROADMAP_STATE_DIR", "")


@pytest.fixture
def poetry(tmp_path):
    return shutil.copytree(FIXTURES / "poetry", tmp_path / "projects" / "poetry")


def test_laws_are_kept_and_the_original_is_not_touched(poetry):
    camera = Camera(poetry)
    before = camera.snapshot()
    (report,) = examine(poetry, features=FEATURES)
    assert [(one.feature, one.state, one.broken) for one in report.outcomes] == [
        ("just", "handled", []),
        ("waffle", "handled", []),
        ("(all)", "handled", []),
    ]
    assert report.outcomes[1].lines[0] > 5
    assert report.outcomes[1].seconds.keys() == {"add", "again", "remove"}
    assert difference(before, camera.snapshot()) == ()


def test_refusal_is_told_with_its_reason(tmp_path):
    project = shutil.copytree(FIXTURES / "poetry", tmp_path / "poetry")
    settings = next(project.rglob("settings.py"))
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("MIDDLEWARE = [", "MIDDLEWARE = names() or ["), encoding="utf-8")
    (report,) = examine(project, features=("waffle",))
    (outcome,) = report.outcomes
    assert (outcome.state, outcome.broken) == ("refused", [])
    assert [Path(problem["path"]).name for problem in outcome.problems] == ["settings.py"]
    assert outcome.problems[0]["line"]


def test_folder_without_a_project(tmp_path):
    (tmp_path / "notes").mkdir()
    (report,) = examine(tmp_path / "notes", features=("waffle",))
    assert [outcome.state for outcome in report.outcomes] == ["no project"]


def test_several_projects_are_reported_one_by_one(tmp_path):
    for name in ("one", "two"):
        shutil.copytree(FIXTURES / "poetry", tmp_path / "both" / name)
    reports = examine(tmp_path / "both", features=("just",))
    assert [report.name.partition(":")[2].split("/")[0] for report in reports] == ["one", "two"]
    assert {outcome.state for report in reports for outcome in report.outcomes} == {"handled"}


def spoil(step: str, act):
    """The real command, after which `act` spoils something whenever `step` is what was run."""

    def command() -> None:
        try:
            djroadmap()
        finally:
            if step in sys.argv and "--json" in sys.argv:
                sys.stdout.flush()
                act()

    return command


def scribble() -> None:
    with Path("README.md").open("a", encoding="utf-8") as file:
        file.write("scribble")


def crash() -> None:
    os._exit(9)


def unparseable() -> None:
    next(Path().rglob("settings.py")).write_text("(", encoding="utf-8")


@pytest.mark.parametrize(
    ("step", "act", "law"),
    [
        ("add", scribble, "touched without saying so: README.md"),
        ("add", scribble, "the second add changes: ~ README.md"),
        ("remove", scribble, "left after remove: ~ README.md"),
        ("remove", crash, "remove: remove waffle --yes --json ended with 9"),
        ("check", crash, "check finds fault"),
        ("add", unparseable, "settings.py does not parse"),
    ],
)
def test_broken_law_is_found(poetry, step, act, law):
    (report,) = examine(poetry, features=("waffle",), command=spoil(step, act))
    (outcome,) = report.outcomes
    assert outcome.state == "broken"
    assert any(law in line for line in outcome.broken), outcome.broken


def test_command_line(poetry, tmp_path, capsys):
    out = tmp_path / "out.json"
    code = main([str(poetry.parent), "--features", "just", "--workers", "1", "--json", str(out)])
    assert code == 0
    printed = capsys.readouterr().out
    assert "poetry" in printed
    assert "handled" in printed
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["projects"][0]["outcomes"][0]["state"] == "handled"
    assert {"feature": "just", "django": "all", "handled": 1}.items() <= found["summary"][0].items()


def test_empty_folder_is_a_usage_error(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "no folders here" in capsys.readouterr().err


def test_document_says_what_is_broken(poetry):
    reports = examine(poetry, features=("waffle",), command=spoil("remove", scribble))
    assert broken(reports)
    assert is_supported(reports[0])
    assert document(reports, 1.0)["summary"][0]["broken"] == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", b"("),
        ("a.toml", b"a = "),
        ("Pipfile", b"["),
        ("a.yml", b"a: [\n"),
        ("a.json", b"{"),
        ("a.cfg", b"a = 1\n"),
        ("requirements.txt", b"django==5.2waffle==5.0 x\n"),
    ],
)
def test_file_that_no_longer_parses(tmp_path, name, text):
    (tmp_path / name).write_bytes(text)
    assert complaint(tmp_path / name, None)
    assert complaint(tmp_path / name, text) == ""


def test_snapshot_sees_contents_modes_links_and_empty_folders(tmp_path):
    (tmp_path / "file").write_text("a", encoding="utf-8")
    (tmp_path / "link").symlink_to("file")
    camera = Camera(tmp_path)
    before = camera.snapshot()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("b", encoding="utf-8")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("nowhere")
    assert difference(before, camera.snapshot()) == ("+ empty", "~ file", "~ link")
    between = camera.snapshot()
    (tmp_path / "file").chmod(0o600)
    assert difference(between, camera.snapshot()) == ("~ file",)
