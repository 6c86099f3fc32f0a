"""What `check` tells GitHub, and what it does not tell anybody else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from djroadmap.cli.annotations import annotation
from djroadmap.manifest import PATH as MANIFEST
from tests.cli_runner import Cli, Result

ON = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": ""}
OFF = {"GITHUB_ACTIONS": ""}
COMMAND = re.compile(r"::error(?: (?P<properties>[^:]*))?::(?P<message>.*)")


def annotated(ran: Result) -> list[tuple[dict[str, str], str]]:
    """The properties and the message of each annotation, as GitHub reads them."""
    found = []
    for line in ran.err.splitlines():
        if match := COMMAND.fullmatch(line):
            pairs = (each.partition("=") for each in (match["properties"] or "").split(",") if each)
            found.append(({key: _unescaped(value) for key, _, value in pairs}, _unescaped(match["message"])))
    return found


def _unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def edit_away(cli: Cli) -> None:
    base = cli.project / "config/settings/base.py"
    base.write_text(base.read_text().replace('    "waffle",\n', ""))


def test_what_is_escaped() -> None:
    """The message keeps colons and commas; properties do not, since they end with them."""
    assert annotation("50% of a: b, c\r\n::error::d") == "::error::50%25 of a: b, c%0D%0A::error::d"
    assert (
        annotation("why", file="a,b:c%\r\n.py", line=3, title="x: y")
        == "::error file=a%2Cb%3Ac%25%0D%0A.py,line=3,title=x%3A y::why"
    )
    assert annotation("%0A") == "::error::%250A"
    assert annotation("why", file=None, line=None, title="x") == "::error title=x::why"


def test_what_was_edited_away_is_annotated(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    edit_away(cli)
    ran = cli("check", code=1, env=ON)
    assert annotated(ran) == [
        (
            {"file": "config/settings/base.py", "title": "djroadmap: waffle is partial"},
            '"waffle" in INSTALLED_APPS is gone; djroadmap add waffle puts it right; djroadmap upgrade waffle leaves out what is gone',
        )
    ]
    assert "waffle is partial\n" in ran.err, "people read the log as well"


def test_the_file_is_named_once(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    path = cli.project / "pyproject.toml"
    path.write_text(re.sub(r'(?m)^.*"django-waffle.*\n', "", path.read_text()))
    assert "pyproject.toml: django-waffle is gone\n" in cli("check", code=1).err
    assert "missing: django-waffle (pyproject.toml)\n" in cli("status").out


def test_a_document_stays_a_document(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    edit_away(cli)
    ran = cli("check", "--json", code=1, env=ON)
    assert ran.json["result"] == "drift"
    assert len(annotated(ran)) == 1


def test_nothing_is_annotated_elsewhere_or_if_all_is_well(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    well = cli("check", env=ON)
    assert "::" not in well.out + well.err
    edit_away(cli)
    for elsewhere in (OFF, {"GITHUB_ACTIONS": "false"}):
        assert "::error" not in cli("check", code=1, env=elsewhere).err
    assert "::error" not in cli("status", env=ON).err


def test_what_is_outdated_is_annotated_in_the_manifest(cli: Cli) -> None:
    cli("add", "just", "--yes")
    cli("add", "waffle", "--yes")
    manifest = cli.project / MANIFEST
    manifest.write_text(manifest.read_text().replace("version = 1\n", "version = 0\n"))
    lines = manifest.read_text().splitlines()
    found = annotated(cli("check", code=1, env=ON))
    assert [properties["title"] for properties, _ in found] == [
        "djroadmap: just is outdated",
        "djroadmap: waffle is outdated",
    ]
    for (properties, message), name in zip(found, ("just", "waffle"), strict=True):
        assert properties["file"] == MANIFEST
        assert lines[int(properties["line"]) - 1] == f'id = "{name}"'
        assert message.startswith("version 0 is installed, ")
        assert message.endswith(f"; djroadmap upgrade {name}")


def test_files_are_named_from_the_root_of_the_repository(cli: Cli, tmp_path: Path) -> None:
    """As GitHub wants it, wherever the project is in it; without git, from the workspace."""
    cli("add", "waffle", "--yes")
    edit_away(cli)
    backend = tmp_path / "repository" / "backend"
    shutil.copytree(cli.project, backend, ignore=shutil.ignore_patterns(".git"))
    inside = Cli(backend, tmp_path / "state")
    workspace = {**ON, "GITHUB_WORKSPACE": str(tmp_path / "repository")}
    for environment in (workspace, {**ON, "GITHUB_WORKSPACE": str(tmp_path / "elsewhere")}, ON):
        (properties, _), *_ = annotated(inside("check", code=1, env=environment))
        folder = "backend/" if environment is workspace else ""
        assert properties["file"] == f"{folder}config/settings/base.py"
    (tmp_path / "repository" / ".git").mkdir()
    (properties, _), *_ = annotated(inside("check", code=1, env=ON))
    assert properties["file"] == "backend/config/settings/base.py"


def test_a_manifest_cannot_give_commands(cli: Cli) -> None:
    """Branches of strangers are checked too."""
    (cli.project / MANIFEST).write_text(
        'schema = 1\n\n[[feature]]\nid = "waffle"\nversion = 1\nedits = [\n'
        '    { kind = "installed-app", path = "config/settings/base.py", app = "50%, a\\n::stop-commands::x" },\n'
        "]\n"
    )
    ran = cli("check", code=1, env=ON)
    ((_, said),) = annotated(ran)
    assert said.startswith('"50%, a ::stop-commands::x" in INSTALLED_APPS is gone; ')
    assert [line[:8] for line in ran.err.splitlines() if line.startswith("::")] == ["::error "]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 99\n", "another version"),
        ('schema = 1\n[[feature]]\nid = "waffle"\nversion = 1\nedits = [{ kind = "line", path = "../x", line = "y" }]\n',
         "not a path inside"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_annotated(cli: Cli, text: str, message: str) -> None:
    (cli.project / MANIFEST).write_text(text)
    ((properties, said),) = annotated(cli("check", code=3, env=ON))
    assert properties["title"] == "djroadmap: the project could not be checked"
    assert message in said


def test_no_project_is_annotated(tmp_path: Path) -> None:
    ((properties, said),) = annotated(Cli(tmp_path, tmp_path / "state")("check", code=3, env=ON))
    assert set(properties) == {"title"}
    assert "Django" in said
