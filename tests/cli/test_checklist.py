"""The checklist of bare `add`, as a person sees it: what fits, why the rest does not, one run for all, the repeat."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pyte
import pytest

from djroadmap.catalog import Catalog, load
from djroadmap.cli.checklist import asked, brings, excluded, suggested
from djroadmap.detect import detect
from djroadmap.model.feature import GROUPS, specs_of
from djroadmap.model.memory import MemoryTree
from tests.cli.test_terminal import at_terminal
from tests.cli_runner import Cli, git

if TYPE_CHECKING:
    from pathlib import Path

ASKED = "What shall be added?"
DOWN = "\x1b[B"
FITS = "waffle dead-letter-queue guid event-bus event-contracts fake-event-bus graphql just health-checks"
"""What can be chosen in the flat project, from top to bottom."""


def keys(*wanted: str) -> str:
    """What is typed to choose these: space on each on the way down, then enter."""
    return "".join((" " if name in wanted else "") + DOWN for name in FITS.split()) + "\r"


def listed(cli: Cli, columns: int) -> str:
    """The list, with what was last drawn of it, for whoever only looks."""
    seen: list[str] = []
    code, screen = at_terminal(cli, ["add"], [(ASKED, "\x03")], size=(90, columns))
    assert code == 130, screen
    terminal = pyte.Screen(columns, 90)
    stream = pyte.Stream(terminal)
    for start in range(0, len(screen), 10):  # the list is erased when it is left
        stream.feed(screen[start : start + 10])
        seen.append("\n".join(line.rstrip() for line in terminal.display))
    return max(seen, key=lambda text: len(text.strip()))


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_what_fits_and_why_the_rest_does_not(flat: Cli, columns: int) -> None:
    screen = listed(flat, columns)
    words = " ".join(screen.split())
    assert "– delay-on-commit not here: it has no Celery application" in words
    assert "– oasdiff not here: it has no API with an OpenAPI schema: djroadmap add ninja first" in words
    assert "– helm not here: it has no Dockerfile, so there is no image to run" in words
    places = [screen.index(f"   {group}") for group in GROUPS]
    assert places == sorted(places), "grouped, in the order of the roadmap"
    assert [name for name in FITS.split() if f"○ {name}" in screen] == FITS.split()
    summary = load().get("waffle").summary
    assert summary in words, "what it is that one points at"
    if columns >= 80:  # narrower, only the names fit
        assert "○ waffle Feature flags with django-waffle" in words


def test_one_preview_one_question_and_the_command_that_does_it_again(flat: Cli, tmp_path: Path) -> None:
    answers = [
        (ASKED, keys("waffle", "graphql", "just")),
        ("GraphQL library", DOWN + "\r"),
        ("Write these changes?", "y"),
    ]
    twin = Cli(tmp_path / "twin", tmp_path / "state of twin")
    git(tmp_path, "clone", "-q", str(flat.project), str(twin.project))
    code, screen = at_terminal(flat, ["add"], answers, size=(50, 400))
    assert code == 0, screen
    assert "added waffle, graphql, just (" in screen
    words = shlex.split(screen.rpartition("the same without questions: ")[2])
    assert words == [
        "djroadmap", "-C", str(flat.project), "add", "waffle", "graphql", "--library", "graphene", "just", "--yes",
    ]  # fmt: skip
    twin(*words[3:])
    assert everything(twin.project) == everything(flat.project)


@pytest.mark.parametrize("flags", [("--dry-run",), ("--patch", "{folder}/waffle.patch")])
def test_it_is_said_too_where_nothing_is_written(flat: Cli, tmp_path: Path, flags: tuple[str, ...]) -> None:
    flags = tuple(flag.format(folder=tmp_path) for flag in flags)
    code, screen = at_terminal(flat, ["add", *flags], [(ASKED, keys("waffle"))], size=(50, 400))
    assert code == 0, screen
    words = shlex.split(screen.rpartition("the same without questions: ")[2])
    assert words == ["djroadmap", "-C", str(flat.project), "add", "waffle", *flags, "--yes"]
    assert git(flat.project, "status", "--porcelain") == ""


def everything(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


@pytest.mark.parametrize(("typed", "code"), [("\r", 0), ("\x1b\r", 0), ("\x03", 130), (" \x03", 130)])
def test_whoever_leaves_or_chooses_nothing_changes_nothing(flat: Cli, typed: str, code: int) -> None:
    ended, screen = at_terminal(flat, ["add"], [(ASKED, typed)])
    assert ended == code, screen
    assert ("nothing was chosen" in screen) is (code == 0)
    assert git(flat.project, "status", "--porcelain") == ""


def test_what_is_there_is_shown_so_and_what_is_half_there_is_completed(flat: Cli) -> None:
    flat("add", "waffle", "--yes")
    flat("add", "just", "--yes")
    settings = flat.project / "mysite/settings.py"
    whole = settings.read_text()
    settings.write_text(
        "".join(line for line in whole.splitlines(keepends=True) if "WaffleMiddleware" not in line)
    )
    git(flat.project, "add", "-A")
    git(flat.project, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-q", "-m", "Half")
    code, screen = at_terminal(flat, ["add"], [(ASKED, " \r"), ("Write these changes?", "y")], size=(50, 100))
    assert code == 0, screen
    assert "partly there, 1 thing missing" in screen
    assert "✔ just" in screen
    assert settings.read_text() == whole


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {}])
def test_without_a_terminal_nobody_is_asked(flat: Cli, env: dict[str, str]) -> None:
    ran = flat("add", code=2, env=env)
    assert "djroadmap add FEATURE" in ran.err
    assert "\x1b[" not in ran.out + ran.err


def test_what_comes_along_is_named() -> None:
    catalog = load()
    assert brings(catalog.get("helm"), catalog) == "health-checks"
    assert brings(catalog.get("ecs"), catalog) == "health-checks, terraform"
    assert brings(catalog.get("aws"), catalog).endswith("ecs or eks")
    assert brings(catalog.get("waffle"), catalog) == ""


def test_what_was_chosen_with_it_is_suggested() -> None:
    files = {"manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"}
    files |= {"shop/__init__.py": "", "shop/settings.py": "INSTALLED_APPS = []\n"}
    project = detect(MemoryTree(files), root="shop")
    aws = load().get("aws")
    target = specs_of(aws.options)[0]
    assert suggested(aws, target, project, ["aws"])[0] == "ecs"
    assert suggested(aws, target, project, ["aws", "eks"]) == ("eks", "chosen with it")
    assert suggested(aws, target, project, ["aws", "ecs", "eks"])[0] == "ecs", "no telling which"


def test_what_the_template_is_for_is_not_asked() -> None:
    catalog = load()
    assert [spec.name for spec in asked(catalog.get("template-updates"))] == []
    assert [spec.name for spec in asked(catalog.get("aws"))][:1] == ["target"]


def test_what_excludes_each_other_is_said_before_anything_is_planned() -> None:
    catalog = load()
    one = catalog.get("waffle")._replace(conflicts=("guid",))
    other = Catalog({**catalog.features, "waffle": one})
    assert excluded(["waffle", "just"], other) is True
    assert excluded(["guid", "waffle"], other) == "waffle and guid exclude each other: choose one of them"
