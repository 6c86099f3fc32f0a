"""The command line contract: flags, documents, exit codes, and what is printed for people."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from djroadmap.manifest import PATH as MANIFEST
from tests.cli_runner import Cli, git


def clean(cli: Cli) -> bool:
    return git(cli.project, "status", "--porcelain") == ""


def test_version() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "djroadmap", "--version"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"djroadmap \d+\.\d+\.\d+\n", ran.stdout)


def test_help_names_every_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "djroadmap", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("status", "list", "info", "add", "remove", "upgrade", "check", "undo"):
        assert command in ran.stdout


def test_help_names_the_defaults_of_options() -> None:
    command = [sys.executable, "-m", "djroadmap", "add", "graphql", "--help"]
    shown = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"}
    )
    assert "(default: strawberry)" in shown.stdout


def test_nothing_typed_prints_help() -> None:
    ran = subprocess.run([sys.executable, "-m", "djroadmap"], capture_output=True, text=True, check=False)
    assert "Usage" in ran.stdout + ran.stderr


def test_list_is_grouped(cli: Cli) -> None:
    out = cli("list").out
    assert out.index("Module boundaries") < out.index("import-linter") < out.index("Production patterns")
    listed = cli("list", "--json").json
    assert listed["schema"] == 1
    assert {feature["id"] for feature in listed["features"]} >= {"waffle", "just", "import-linter"}


def test_status_is_one_document(cli: Cli) -> None:
    document = cli("status", "--json").json
    assert document["schema"] == 1
    assert set(document["project"]) >= {
        "root", "name", "layout", "template", "settings", "urlconf", "dependencies",
        "ci", "celery", "event_bus", "python", "django",
    }  # fmt: skip
    assert document["project"]["layout"] == "turbo"
    assert document["project"]["settings"]["base"] == "config.settings.base"
    assert document["project"]["settings"]["production"] == "config.settings.production"
    for feature in document["features"]:
        assert set(feature) == {
            "id",
            "title",
            "group",
            "state",
            "version",
            "options",
            "missing",
            "reason",
            "out",
            "requires",
        }
        assert feature["state"] in {"installed", "partial", "available", "unavailable", "outdated"}
    assert [feature["id"] for feature in cli("status", "waffle", "--json").json["features"]] == ["waffle"]


def test_status_for_people_says_what_to_type(cli: Cli) -> None:
    out = cli("status").out
    assert "waffle" in out
    assert "djroadmap add" in out
    assert "\x1b[" not in out, "no colours into a pipe"


def test_a_feature_that_is_named_twice_is_shown_once(cli: Cli) -> None:
    assert cli("status", "waffle", "just", "waffle", "--json").json["features"][0]["id"] == "waffle"
    assert len(cli("status", "waffle", "just", "waffle", "--json").json["features"]) == 2


def test_dry_run_writes_nothing(cli: Cli) -> None:
    out = cli("add", "waffle", "--dry-run").out
    assert "+++ b/config/settings/base.py" in out
    assert re.search(r"\d+ files? changed, \d+ created", out)
    assert clean(cli)
    document = cli("add", "waffle", "--dry-run", "--json").json
    assert document["result"] == "planned"
    assert document["diff"].startswith("diff --git")
    assert clean(cli)


def test_add_check_remove(cli: Cli) -> None:
    added = cli("add", "waffle", "--yes", "--json").json
    assert (added["feature"], added["result"]) == ("waffle", "changed")
    assert {"path": "config/settings/base.py", "action": "modify"} in added["files"]
    assert {"path": MANIFEST, "action": "create"} in added["files"]
    assert added["commands"]
    state = cli("status", "waffle", "--json").json["features"][0]
    assert (state["state"], state["version"]) == ("installed", 1)
    again = cli("add", "waffle", "--yes", "--json").json
    assert (again["result"], again["files"], again["diff"]) == ("unchanged", [], "")
    assert "already installed" in cli("add", "waffle", "--yes").out
    cli("check")
    removed = cli("remove", "waffle", "--yes", "--json").json
    assert removed["result"] == "changed"
    assert clean(cli)


def test_what_comes_next_is_printed(cli: Cli) -> None:
    out = cli("add", "waffle", "--yes").out
    assert "uv lock" in out
    assert "manage.py migrate waffle" in out
    assert "git add" in out
    assert "git commit -m 'Add waffle'" in out


def test_the_patch_is_taken_by_git(cli: Cli, tmp_path: Path) -> None:
    patch = tmp_path / "waffle.patch"
    cli("add", "waffle", "--patch", str(patch))
    assert clean(cli)
    git(cli.project, "apply", str(patch))
    patched = git(cli.project, "status", "--porcelain")
    assert cli("add", "waffle", "--yes", "--json").json["result"] == "unchanged"
    cli("remove", "waffle", "--yes", "--allow-dirty")
    assert patched
    assert clean(cli)


def test_without_a_terminal_nothing_is_asked_and_nothing_written(cli: Cli) -> None:
    assert "--yes" in cli("add", "waffle", code=2).err
    assert "FEATURE" in cli("add", code=2).err
    assert clean(cli)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nonsense", "--json"), "'nonsense'"),
        (("add", "waffle", "--json", "nonsense"), "'nonsense'"),
        (("add", "graphql", "--library", "nonsense", "--json"), "'--library'"),
        (("add", "--json", "waffle"), "flags go behind the feature"),
        (("status", "--nonsense", "--json"), "--nonsense"),
        (("nonsense", "--json"), "'nonsense'"),
        (("--nonsense", "status", "--json"), "--nonsense"),
    ],
)
def test_a_usage_error_is_one_document_too(flat: Cli, arguments: tuple[str, ...], said: str) -> None:
    found = flat(*arguments, code=2)
    assert (found.json["schema"], found.json["result"], found.json["problems"]) == (1, "refused", [])
    assert said in found.json["error"]["message"]
    assert said.strip("'-") in found.err


def test_a_mistyped_feature_is_a_usage_error(cli: Cli) -> None:
    assert "waffle" in cli("info", "wafle", code=2).err
    assert "waffle" in cli("remove", "wafle", "--yes", code=2).err
    assert cli("add", "wafle", "--yes", code=2).out == ""
    cli("add", "waffle", "--no-such-flag", code=2)


def test_a_dirty_file_is_refused_unless_allowed(cli: Cli) -> None:
    base = cli.project / "config/settings/base.py"
    base.write_text(base.read_text() + "# mine\n")
    refused = cli("add", "waffle", "--yes", code=3)
    assert "config/settings/base.py: has uncommitted changes" in refused.err
    assert "--allow-dirty" in refused.err
    document = cli("add", "waffle", "--yes", "--json", code=3).json
    assert document["result"] == "refused"
    assert document["problems"][0]["path"] == "config/settings/base.py"
    assert git(cli.project, "status", "--porcelain").split() == ["M", "config/settings/base.py"]
    cli("add", "waffle", "--yes", "--allow-dirty")
    cli("remove", "waffle", "--yes", "--allow-dirty")
    assert base.read_text().endswith("# mine\n")


def test_a_dirty_file_that_is_not_touched_does_not_matter(cli: Cli) -> None:
    readme = cli.project / "README.md"
    readme.write_text("mine\n")
    cli("add", "waffle", "--yes")


def test_two_features_before_one_commit(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    cli("add", "just", "--yes")
    cli("remove", "waffle", "--yes")
    cli("remove", "just", "--yes")
    assert clean(cli)


def test_our_own_change_on_top_of_theirs_stays_dirty(cli: Cli) -> None:
    base = cli.project / "config/settings/base.py"
    base.write_text(base.read_text() + "# mine\n")
    cli("add", "waffle", "--yes", "--allow-dirty")
    cli("remove", "waffle", "--yes", code=3)


def test_undo_takes_back_one_run_after_the_other(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    after_one = git(cli.project, "status", "--porcelain")
    cli("add", "just", "--yes")
    assert "took back add just" in cli("undo", "--yes").out
    assert git(cli.project, "status", "--porcelain") == after_one
    cli("undo", "--yes")
    assert clean(cli)
    assert "nothing to undo" in cli("undo", "--yes").out
    cli("add", "waffle", "--yes")
    cli("remove", "waffle", "--yes")
    assert clean(cli)
    cli("undo", "--yes")
    cli("check")
    assert (cli.project / MANIFEST).exists()


def test_undo_refuses_what_was_edited_since(cli: Cli) -> None:
    cli("add", "waffle", "--yes")
    base = cli.project / "config/settings/base.py"
    base.write_text(base.read_text() + "# mine\n")
    refused = cli("undo", "--yes", code=3)
    assert "config/settings/base.py" in refused.err
    assert base.read_text().endswith("# mine\n")


def test_check_finds_what_was_edited_away(cli: Cli) -> None:
    assert "nothing is installed" in cli("check").out
    cli("add", "waffle", "--yes")
    base = cli.project / "config/settings/base.py"
    base.write_text(base.read_text().replace('    "waffle",\n', ""))
    drifted = cli("check", code=1)
    said, what, remedy = drifted.err.splitlines()
    assert said.endswith("waffle is partial")
    assert what.endswith('config/settings/base.py: "waffle" in INSTALLED_APPS is gone')
    assert remedy.startswith("  hint: djroadmap add waffle puts it right;")
    document = cli("check", "--json", code=1).json
    assert document["features"][0]["state"] == "partial"
    mended = cli("add", "waffle", "--yes", "--allow-dirty").out
    assert "uv lock" not in mended, "the package is there"
    cli("check")
    pyproject = cli.project / "pyproject.toml"
    lines = pyproject.read_text().splitlines(keepends=True)
    pyproject.write_text("".join(line for line in lines if "django-waffle" not in line))
    assert "uv lock" in cli("add", "waffle", "--yes", "--allow-dirty").out


def test_check_names_what_people_know(cli: Cli) -> None:
    cli("add", "dead-letter-queue", "--yes")
    (cli.project / "bakery/domain_events/dispatch.py").unlink()
    drifted = cli("check", code=1)
    assert "dead-letter-queue is partial" in drifted.err
    assert "bakery/domain_events/dispatch.py" in drifted.err
    assert "event-pipeline" not in drifted.err
    assert [one["id"] for one in cli("check", "--json", code=1).json["features"]] == ["dead-letter-queue"]
    cli("add", "dead-letter-queue", "--yes", "--allow-dirty")
    cli("check")


def test_what_git_ignores_is_committed_by_force(cli: Cli) -> None:
    assert "git add .djroadmap.toml " in cli("add", "waffle", "--yes").out
    cli("undo", "--yes")
    with (cli.project / ".gitignore").open("a") as file:
        file.write("\n.*\n")
    out = cli("add", "waffle", "--yes").out
    assert "git add --force .djroadmap.toml " in out
    assert ".djroadmap.toml too, which .gitignore leaves out" in out


def test_a_folder_that_is_new_is_committed_as_a_whole(cli: Cli) -> None:
    """One that has other files too is not: they are nobody's business."""
    out = cli("add", "dead-letter-queue", "--yes").out
    (commit,) = [line for line in out.splitlines() if "git add" in line]
    words = commit.split(" && ")[0].split()
    assert "bakery/domain_events/management" in words
    assert "bakery/domain_events/dispatch.py" in words
    git(cli.project, *words[words.index("add") :])
    assert not [line for line in git(cli.project, "status", "--porcelain").splitlines() if line[1] != " "]


def test_removing_what_was_not_added_changes_nothing(cli: Cli) -> None:
    assert "not added by djroadmap" in cli("remove", "waffle", "--yes").out
    assert cli("remove", "waffle", "--yes", "--json").json["result"] == "unchanged"


def test_upgrade_says_that_nothing_is_newer(cli: Cli) -> None:
    assert "nothing is installed" in cli("upgrade").out
    cli("add", "waffle", "--yes")
    assert "waffle is up to date" in cli("upgrade").out
    assert cli("upgrade", "--json").json["result"] == "unchanged"


def test_info_says_what_it_would_touch(cli: Cli) -> None:
    out = cli("info", "waffle").out
    assert "config/settings/base.py" in out
    assert "https://" in out
    assert {"path": "config/settings/base.py", "action": "modify"} in cli("info", "waffle", "--json").json[
        "files"
    ]
    assert clean(cli)


def test_what_an_option_needs_is_said(cli: Cli) -> None:
    out = cli("info", "aws").out
    assert "Needs    terraform, health-checks\n" in out
    assert "Needs    eks with --target eks\n" in out
    needed = {
        "requires": ["terraform", "health-checks"],
        "requires_for": {"target": {"ecs": ["ecs"], "eks": ["eks"]}},
    }
    card = cli("info", "aws", "--json").json["feature"]
    assert {key: card[key] for key in needed} == needed
    (listed,) = [one for one in cli("list", "--json").json["features"] if one["id"] == "aws"]
    assert {key: listed[key] for key in needed} == needed
    (one,) = cli("status", "aws", "--json").json["features"]
    assert one["requires"] == ["terraform", "health-checks", "ecs"]


def test_the_other_option_is_refused_in_so_many_words(cli: Cli) -> None:
    document = cli("add", "aws", "--target", "eks", "--yes", "--json").json
    assert document["result"] == "changed"
    (one,) = cli("status", "aws", "--json").json["features"]
    assert (one["state"], one["options"]) == ("installed", {"target": "eks"})
    assert one["requires"] == ["terraform", "health-checks", "eks"]
    refused = cli("add", "aws", "--target", "ecs", "--yes", "--json", code=3).json
    assert (refused["result"], refused["files"]) == ("refused", [])
    (problem,) = refused["problems"]
    assert problem["why"] == "aws is installed with other options (target = eks); remove it first"
    assert "nothing to add" in cli("add", "aws", "--yes").out


def test_no_project_is_refused(tmp_path: Path) -> None:
    empty = Cli(tmp_path, tmp_path / "state")
    refused = empty("status", code=3)
    assert "hint:" in refused.err
    assert json.loads(empty("status", "--json", code=3).out)["result"] == "refused"
    assert Cli(tmp_path / "nowhere", tmp_path / "state")("status", code=3).err


def test_it_works_from_a_folder_inside_the_project(cli: Cli) -> None:
    inside = Cli(cli.project / "config" / "settings", cli.state)
    assert inside("status", "--json").json["project"]["root"] == str(cli.project.resolve())


def test_without_git_there_is_one_warning(flat: Cli) -> None:
    import shutil

    shutil.rmtree(flat.project / ".git")
    added = flat("add", "waffle", "--yes")
    assert added.err.count("not in git") == 1
    flat("remove", "waffle", "--yes")


def test_what_is_not_understood_is_refused_with_a_snippet_and_nothing_is_written(flat: Cli) -> None:
    settings = flat.project / "mysite/settings.py"
    settings.write_text(
        settings.read_text()
        .replace("INSTALLED_APPS = [", "INSTALLED_APPS = build([")
        .replace("]\n\nMIDD", "])\n\nMIDD", 1)
    )
    git(flat.project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-qam", "Odd")
    refused = flat("add", "waffle", "--yes", code=3)
    assert re.search(r"mysite/settings\.py:\d+: ", refused.err)
    assert "waffle" in refused.err
    document = flat("add", "waffle", "--yes", "--json", code=3).json
    assert document["result"] == "refused"
    problem = document["problems"][0]
    assert problem["path"] == "mysite/settings.py"
    assert problem["line"]
    assert problem["why"]
    assert "waffle" in problem["snippet"]
    assert clean(flat)
    partial = flat("add", "waffle", "--yes", "--partial", "--json").json
    assert partial["result"] == "changed"
    assert any("INSTALLED_APPS" in todo["text"] for todo in partial["todos"])
    flat("remove", "waffle", "--yes")
    assert clean(flat)


def test_a_broken_manifest_is_refused(flat: Cli) -> None:
    (flat.project / MANIFEST).write_text("schema = 99\n")
    assert "another version" in flat("status", code=3).err
    (flat.project / MANIFEST).write_text(
        'schema = 1\n[[feature]]\nid = "x"\nversion = 1\nedits = [{ kind = "line", path = "../x", line = "y" }]\n'
    )
    assert "not a path inside" in flat("remove", "waffle", "--yes", code=3).err


@pytest.mark.parametrize("more", [(), ("--library", "graphene")])
def test_an_option_that_there_is_not_in_a_manifest_is_refused(cli: Cli, more: tuple[str, ...]) -> None:
    cli("add", "graphql", "--yes")
    manifest = cli.project / MANIFEST
    manifest.write_text(manifest.read_text().replace("{ library =", "{ libary ="))
    manifest.write_text(manifest.read_text().replace('app = "strawberry_django"', 'app = "x"'))  # not whole
    cli("status")
    refused = cli("add", "graphql", *more, "--yes", "--allow-dirty", code=3)
    assert "graphql has no option 'libary'" in refused.err
    assert f"put back what {MANIFEST} said" in refused.err


def test_a_recorded_choice_that_there_is_not(cli: Cli) -> None:
    why = 'graphql has no choice library = "nope"; there are strawberry, graphene'
    cli("add", "waffle", "graphql", "--yes")
    manifest = cli.project / MANIFEST
    before = manifest.read_text()
    manifest.write_text(before.replace('library = "strawberry"', 'library = "nope"'))
    git(cli.project, "add", "-A")
    git(cli.project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-q", "-m", "All")
    line = before.splitlines().index('options = { library = "strawberry" }') + 1
    said = cli("check", code=1, env={"GITHUB_ACTIONS": "true"}).err
    assert f"{MANIFEST}:{line}: {why}\n" in said
    assert f"hint: put back what {MANIFEST} said, or djroadmap remove graphql and add it again" in said
    assert f"::error file={MANIFEST},line={line}," in said
    shown = cli("status").out
    assert f"wrong: {why} ({MANIFEST}:{line})" in shown
    assert "djroadmap check" in shown
    refused = cli("upgrade", "--yes", "--json", code=3).json["problems"]
    assert [(one["path"], one["line"], one["why"]) for one in refused] == [(MANIFEST, line, why)]
    assert "waffle is up to date" in cli("upgrade", "waffle", "--yes").out
    assert why in cli("add", "graphql", "--yes", code=3).err
    cli("remove", "graphql", "--yes")
    assert "graphql" not in manifest.read_text()
    cli("check")


def test_options_of_an_outdated_feature_are_those_of_its_version(cli: Cli) -> None:
    cli("add", "graphql", "--yes")
    manifest = cli.project / MANIFEST
    text = manifest.read_text().replace("{ library =", "{ schema_path =")
    manifest.write_text(text.replace('id = "graphql"\nversion = 1\n', 'id = "graphql"\nversion = 0\n'))
    refused = cli("add", "graphql", "--library", "graphene", "--yes", "--allow-dirty", code=3)
    assert "djroadmap upgrade graphql" in refused.err


def test_quiet_prints_errors_only(flat: Cli) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "djroadmap", "-q", "-C", str(flat.project), "add", "waffle", "--yes"],
        env={**os.environ, "DJROADMAP_STATE_DIR": str(flat.state)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [("add", "waffle", "--json", "--yes"), ("status", "--json"), ("list", "--json"), ("undo", "--json")],
)
def test_json_prints_one_document_and_nothing_else(flat: Cli, arguments: tuple[str, ...]) -> None:
    assert flat(*arguments).json["schema"] == 1


def test_the_quick_way_to_status_is_the_same_as_typers(cli: Cli) -> None:
    quick, usual = cli("status", "waffle"), cli("--manage", "manage.py", "status", "waffle")
    assert quick.out == usual.out
    assert cli("status", "--json").json == cli("--manage", "manage.py", "status", "--json").json
    assert "no feature called" in cli("status", "nonsense", code=2).err
    assert "Usage" in cli("status", "--help").out
    assert "No such option" in cli("status", "--nonsense", code=2).err


def test_status_pays_for_nothing_it_does_not_need(flat: Cli) -> None:
    """Before and after a feature is recorded: `make bench` measures what this keeps true."""
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "djroadmap", "-C", str(flat.project), "status"],
            env={**os.environ, "DJROADMAP_STATE_DIR": str(flat.state)},
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
        assert "djroadmap" in loaded
        assert not loaded & {"libcst", "jinja2", "ruamel", "tomlkit", "questionary", "grimp", "typer", "rich"}
        flat("add", "waffle", "--yes")
