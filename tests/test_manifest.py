"""The manifest: stable, readable, and not trusted."""

from __future__ import annotations

import tomllib
from typing import Annotated, NamedTuple

import pytest

from djroadmap.edits.files import WholeFile
from djroadmap.edits.lines import Line
from djroadmap.errors import ManifestError
from djroadmap.manifest import (
    HEADER,
    Installed,
    Manifest,
    Recorded,
    dump,
    line_of,
    load,
    recorded_options,
    safe_path,
    wrong_options,
)
from djroadmap.model.feature import Option

LINE = Line(path="a/.gitignore", line='*.log  # "quoted" \\ back\tslash ü \x7f')
FILE = WholeFile(path="just/dev.just", digest="0" * 64)


def manifest() -> Manifest:
    one = Installed(
        feature="one",
        version=3,
        edits=(Recorded(edit=LINE), Recorded(edit=FILE, owned=False)),
        options={"target": "ecs", "queues": ("a", "b"), "spot": True, "cpu": 256},
        folders=("just",),
    )
    two = Installed(feature="two", version=1, edits=(Recorded(edit=LINE),), automatic=True)
    return Manifest({"two": two, "one": one})


def test_what_is_written_is_read_back() -> None:
    text = dump(manifest())
    assert text is not None
    again = load(text)
    assert dump(again) == text
    assert again.features["one"].edits == manifest().features["one"].edits
    assert again.features["one"].options == {"target": "ecs", "queues": ["a", "b"], "spot": True, "cpu": 256}
    assert again.features["two"].automatic
    assert not again.features["one"].automatic


def test_it_is_sorted_and_says_what_it_is() -> None:
    text = dump(manifest())
    assert text is not None
    assert text.startswith(HEADER)
    assert text.index('id = "one"') < text.index('id = "two"')
    assert tomllib.loads(text)["schema"] == 1


def test_nothing_installed_means_no_file() -> None:
    assert dump(Manifest()) is None
    assert load(None) == Manifest()


def test_two_owners_and_one() -> None:
    assert manifest().owners(LINE) == ("two", "one")
    assert manifest().owners(FILE) == ()
    assert manifest().without("one").owners(LINE) == ("two",)
    assert manifest().keepers("just") == ("one",)
    assert manifest().record_of(LINE) == Recorded(edit=LINE)
    assert manifest().record_of(FILE) is None


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "",
        "./a",
        "C:/x",
        "a\\b",
        ".git/hooks/pre-commit",
        "a/.git/x",
        "a\0b",
    ],
)
def test_paths_that_leave_the_project_are_refused(path: str) -> None:
    with pytest.raises(ManifestError, match="not a path inside"):
        safe_path(path)


def test_what_was_left_to_the_user_is_nobodys() -> None:
    left = Recorded(edit=LINE, owned=False, todo=True)
    text = dump(Manifest({"one": Installed(feature="one", version=1, edits=(left,))}))
    assert text is not None
    assert text.count("todo = true") == 1
    assert "owned" not in text
    again = load(text)
    assert again.features["one"].edits == (left,)
    assert again.owners(LINE) == ()
    assert again.record_of(LINE) is None


def test_what_another_feature_makes_is_no_longer_left_to_the_user() -> None:
    left = Installed(
        feature="one", version=1, edits=(Recorded(edit=LINE, owned=False, todo=True), Recorded(edit=FILE))
    )
    found = Manifest({"one": left})
    assert found.settled((Recorded(edit=LINE, owned=False), Recorded(edit=FILE))) == found
    assert found.settled((Recorded(edit=LINE),)).features["one"].edits == (
        Recorded(edit=LINE),
        Recorded(edit=FILE),
    )


def test_the_manage_py_that_was_named_is_remembered() -> None:
    remembering = manifest()._replace(manage="shop/manage.py")
    text = dump(remembering)
    assert text is not None
    assert text.count("manage.py") == 1
    assert load(text).manage == "shop/manage.py"
    assert remembering.without("one").with_(remembering.features["one"]).manage == "shop/manage.py"
    assert dump(remembering.without("one").without("two")) is None


@pytest.mark.parametrize("path", ["a", "a/b.py", ".github/workflows/ci.yml", "a..b", ".gitignore"])
def test_plain_paths_are_taken(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = ", "not valid TOML"),
        ("schema = 2\n", "another version"),
        ("", "another version"),
        ('schema = 1\n[[feature]]\nid = "x"\n', "not what djroadmap writes"),
        (
            'schema = 1\n[[feature]]\nid = "x"\nversion = 1\nedits = [{ path = "a" }]\n',
            "not what djroadmap writes",
        ),
        (
            'schema = 1\n[[feature]]\nid = "x"\nversion = 1\nedits = [{ kind = "nope", path = "a" }]\n',
            "unknown kind",
        ),
        (
            'schema = 1\n[[feature]]\nid = "x"\nversion = 1\nedits = [{ kind = "line", path = "../a", line = "b" }]\n',
            "inside",
        ),
        (
            'schema = 1\n[[feature]]\nid = "x"\nversion = 1\nedits = [{ kind = "line", path = "a", nope = 1 }]\n',
            "not what",
        ),
        ('schema = 1\n[[feature]]\nid = "x"\nversion = 1\nfolders = ["/"]\nedits = []\n', "inside"),
        ("schema = 1\nfeature = 3\n", "not what djroadmap writes"),
        ('schema = 1\nmanage = "../manage.py"\n', "inside"),
    ],
)
def test_what_is_not_ours_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        load(text)


class Sizes(NamedTuple):
    """One option of each kind."""

    size: Annotated[str, Option("How big", choices=("small", "big"))] = "small"
    count: Annotated[int, Option("How many")] = 1
    spot: Annotated[bool, Option("Cheap")] = False
    queue: Annotated[tuple[str, ...], Option("Which")] = ()


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, []),
        ({"size": "big", "count": 2, "spot": True, "queue": ["a", "b"]}, []),
        ({"size": "huge"}, ['has no choice size = "huge"; there are small, big']),
        ({"count": "x"}, ['cannot have count = "x", which is not of type int']),
        ({"spot": 1}, ["cannot have spot = 1, which is not of type bool"]),
        ({"queue": [1]}, ["cannot have queue = [1], which is not of type str"]),
        (
            {"sise": "big", "size": []},
            ["has no option 'sise'", "has no choice size = []; there are small, big"],
        ),
    ],
)
def test_recorded_options_that_mean_nothing(options: dict[str, object], wrong: list[str]) -> None:
    installed = Installed("a", 1, (), options)
    assert list(wrong_options(installed, Sizes)) == wrong
    if wrong:
        with pytest.raises(ManifestError, match=r"a (has|cannot)"):
            recorded_options(installed, Sizes)


def test_the_line_of_a_feature_and_of_its_options() -> None:
    text = dump(Manifest({"a": Installed("a", 1, ()), "b": Installed("b", 1, (), {"x": "id = 1"})}))
    assert text is not None
    lines = text.splitlines()
    assert line_of(text, "b") == lines.index('id = "b"') + 1
    assert line_of(text, "b", "options") == lines.index('options = { x = "id = 1" }') + 1
    assert (line_of(text, "a", "options"), line_of(text, "c")) == (None, None)
