"""Several features in one run, and the one list of what is left for a person."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

import pytest

from tests.cli_runner import Cli, git


def numbered(out: str) -> list[str]:
    """The words of the list, in order."""
    found = re.findall(r"(?m)^\S+ (\d+)\. (.*)$", out)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    return [text for _, text in found]


def test_several_features_each_with_its_options_are_one_run(cli: Cli) -> None:
    ran = cli("add", "waffle", "graphql", "--library", "graphene", "just", "--yes", "--json")
    assert ran.json["features"] == ["waffle", "graphql", "just"]
    listed = {one["id"]: one for one in cli("status", "--json").json["features"]}
    assert listed["graphql"]["options"] == {"library": "graphene"}
    cli("undo", "--yes")
    assert git(cli.project, "status", "--porcelain") == "", "one run, so one step back"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("waffle", "grahpql", "--yes"), 2, "grahpql"),
        (("waffle", "--library", "graphene", "--yes"), 2, "No such option"),
        (("waffle", "just", "waffle", "--yes"), 2, "waffle is named twice"),
        (("waffle", "zero-downtime", "--yes"), 3, "zero-downtime does not apply"),
    ],
)
def test_one_that_is_wrong_stops_all(flat: Cli, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in flat("add", *words, code=code).err
    assert git(flat.project, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("event-contracts",), "event-bus comes along with event-contracts"),
        (("waffle", "event-contracts"), "event-bus comes along"),
    ],
)
def test_what_comes_along_is_not_put_down_to_what_does_not_need_it(
    flat: Cli, words: tuple[str, ...], said: str
) -> None:
    assert f"{said}\n" in flat("add", *words, "--dry-run").out


@pytest.mark.parametrize("words", [("waffle", "--dry-run", "just"), ("waffle", "just", "--dry-run")])
def test_flags_count_for_all_wherever_they_stand(flat: Cli, words: tuple[str, ...]) -> None:
    assert flat("add", *words, "--json").json["result"] == "planned"
    assert git(flat.project, "status", "--porcelain") == ""


def test_why_a_file_is_left_alone_is_said_once(flat: Cli) -> None:
    settings = flat.project / "mysite/settings.py"
    settings.write_text(settings.read_text() + "X = (\n")
    said = flat("add", "waffle", "--yes", "--allow-dirty", code=3).err
    assert said.count("mysite/settings.py:") == said.count("cannot be parsed") == 1
    assert '    INSTALLED_APPS += ("waffle",)\n' in said
    assert "    WAFFLE_FLAG_DEFAULT = False\n" in said


def test_commands_are_to_be_typed_where_they_make_sense(flat: Cli) -> None:
    argv = [*flat.argv, "-C", str(flat.project), "add", "waffle", "--yes", "--dry-run"]
    below, there = (
        subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True).stdout
        for folder in (flat.project / "mysite", flat.project)
    )
    assert f"After it, for you to do, in {flat.project.resolve()}:\n" in below
    assert "After it, for you to do:\n" in there


def commit_of(cli: Cli, *arguments: str) -> str:
    """The line that commits what a command has written; "" if there is none."""
    steps = cli(*arguments, "--yes", "--json").json["next"]
    return next((step["command"] for step in steps if step["kind"] == "commit"), "")


def test_what_came_and_went_with_no_commit_in_between_is_not_committed(flat: Cli) -> None:
    flat("add", "waffle", "--yes")
    assert commit_of(flat, "remove", "waffle") == ""
    flat("add", "waffle", "just", "--yes")
    line = commit_of(flat, "remove", "waffle")
    assert line.startswith("git add .djroadmap.toml requirements.txt && "), "the rest is as it was"
    environ = {"GIT_AUTHOR_NAME": "S", "GIT_AUTHOR_EMAIL": "s@example.com"}
    environ |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in environ.items()}
    subprocess.run(["sh", "-c", line], cwd=flat.project, env={**os.environ, **environ}, check=True)


def test_what_is_left_is_one_list_in_the_order_in_which_it_is_done(cli: Cli) -> None:
    out = cli("add", "helm", "waffle", "dead-letter-queue", "oasdiff", "--yes").out
    found = numbered(out)
    assert len(found) == len(set(found)), "nothing twice"
    order = [
        found.index(text)
        for text in (
            "refresh uv.lock",
            "install it into the image",
            "create the tables of waffle",
            "create the table of dead letters",
            "write the schema that CI compares",
            "commit it",
        )
    ]
    assert order == sorted(order)
    edits, deployment = found[: order[0]], found[order[-1] + 1 :]
    assert any("errors of handlers" in text for text in edits)
    assert any(text.startswith("fill in image.repository") for text in deployment)
    commands = "docker compose -f docker-compose.local.yml run --rm django python manage.py migrate waffle\n"
    assert f"\n        {commands}" in out, "a command has a line of its own"


def test_the_commit_has_what_the_commands_write(cli: Cli) -> None:
    document = cli("add", "waffle", "oasdiff", "--yes", "--json").json
    commands = [step["command"] for step in document["next"] if step["kind"] == "command"]
    assert commands == [one["command"] for one in document["commands"]]
    (commit,) = (step["command"] for step in document["next"] if step["kind"] == "commit")
    assert " uv.lock " in commit
    (cli.project / "openapi/drf.yaml").write_text("openapi: 3.0.3\n")
    (cli.project / "uv.lock").write_text((cli.project / "uv.lock").read_text() + "\n")
    for line in commit.split(" && "):
        git(cli.project, "-c", "user.name=S", "-c", "user.email=s@example.com", *_words(line))
    assert git(cli.project, "status", "--porcelain") == ""


def test_the_commit_has_what_is_left_to_edit(cli: Cli) -> None:
    document = cli("add", "event-contracts", "dead-letter-queue", "--yes", "--json").json
    todos = {step["path"] for step in document["next"] if step["kind"] == "todo" and step["path"]}
    untouched = {path for path in todos if path not in {file["path"] for file in document["files"]}}
    assert any((cli.project / path).is_file() for path in untouched), "or this tests nothing"
    (commit,) = (step["command"] for step in document["next"] if step["kind"] == "commit")
    for path in untouched:
        assert (f" {path} " in commit) == (cli.project / path).is_file()


def _words(line: str) -> list[str]:
    return shlex.split(line)[1:]


def test_what_another_feature_does_is_not_left_to_do(cli: Cli) -> None:
    probes = "point liveness probes"
    assert probes in cli("add", "health-checks", "--dry-run").out
    assert probes not in cli("add", "helm", "--dry-run").out
    assert probes not in cli("add", "health-checks", "helm", "--dry-run").out


def test_nothing_is_to_be_committed_before_it_is_written(cli: Cli) -> None:
    document = cli("add", "waffle", "--dry-run", "--json").json
    assert [step["kind"] for step in document["next"]] == ["command"] * len(document["commands"])


def test_what_is_installed_one_by_one_is_one_command(flat: Cli) -> None:
    (flat.project / "requirements.txt").unlink()
    git(flat.project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-qam", "No file")
    commands = flat("add", "waffle", "guid", "just", "--dry-run", "--json").json["commands"]
    (install,) = (one["argv"] for one in commands if "install" in one["argv"])
    assert install[:4] == ["python", "-m", "pip", "install"]
    assert [word.partition("==")[0] for word in install[4:]] == ["django-waffle", "django-guid", "rust-just"]
