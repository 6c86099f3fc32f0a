"""The merge of three texts: what only one side changed is taken, what both changed is marked, no line is lost."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from djroadmap.workflow.merge import merge, put_in_place, unresolved

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.workflow.merge import Merged

BASE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=12).map(lambda lines: "".join(f"{x}\n" for x in lines))


def merged(base: str | None, yours: str, ours: str) -> Merged:
    return merge(base, yours, ours, was="a 1", now="a 2")


def test_changes_in_different_places_are_both_there() -> None:
    found = merged(BASE, BASE.replace("two", "2"), BASE.replace("six", "6"))
    assert found == (BASE.replace("two", "2").replace("six", "6"), ())


def test_what_one_side_takes_out_is_gone() -> None:
    found = merged(BASE, BASE.replace("two\n", ""), BASE.replace("six\n", "six\nand\n"))
    assert found.text == "one\nthree\nfour\nfive\nsix\nand\nseven\n"


def test_the_same_change_on_both_sides_is_made_once() -> None:
    assert merged(BASE, BASE.replace("two", "2"), BASE.replace("two", "2")).text == BASE.replace("two", "2")


def test_a_conflict_is_marked_as_git_marks_it() -> None:
    found = merged(BASE, BASE.replace("four", "mine"), BASE.replace("four", "theirs"))
    assert found.conflicts == (4,)
    assert found.text == (
        "one\ntwo\nthree\n<<<<<<< yours\nmine\n||||||| djroadmap a 1\nfour\n=======\ntheirs\n"
        ">>>>>>> djroadmap a 2\nfive\nsix\nseven\n"
    )
    assert unresolved(found.text) == (4,)
    assert unresolved(found.text.replace("<<<<<<< yours\n", "")) == (5,), "half resolved is not resolved"
    assert unresolved("Title\n=======\n") == ()


def test_what_both_sides_of_a_conflict_share_stands_outside() -> None:
    found = merged(BASE, BASE.replace("four", "a\nmine\nz"), BASE.replace("four", "a\ntheirs\nz"))
    assert "three\na\n<<<<<<< yours\nmine\n|||||||" in found.text
    assert found.text.endswith("theirs\n>>>>>>> djroadmap a 2\nz\nfive\nsix\nseven\n")


def test_without_a_base_all_that_differs_is_a_conflict() -> None:
    found = merged(None, BASE.replace("two\n", ""), BASE.replace("six", "6"))
    assert found.text == (
        "one\n<<<<<<< yours\n=======\ntwo\n>>>>>>> djroadmap a 2\nthree\nfour\nfive\n"
        "<<<<<<< yours\nsix\n=======\n6\n>>>>>>> djroadmap a 2\nseven\n"
    )
    assert found.conflicts == (2, 9)


def test_line_endings_are_those_of_the_user() -> None:
    crlf = BASE.replace("\n", "\r\n")
    assert merged(BASE, crlf, BASE.replace("six", "6")).text == crlf.replace("six", "6")
    mixed = "one\r\ntwo\nthree\r\nfour\nfive\nsix\nseven"
    assert merged(BASE, mixed, BASE.replace("six\n", "6\n")).text == mixed.replace("six\n", "6\r\n")
    assert merged(BASE, "", BASE).text == ""


def test_a_last_line_without_an_ending_gets_one_when_it_is_no_longer_last() -> None:
    assert merged("a\n", "a", "a\nb\n").text == "a\nb\n"
    assert merged("a\n", "b", "c\n").text.count("\n") == 7


@given(TEXTS, TEXTS)
def test_one_side_alone(base: str, changed: str) -> None:
    assert merged(base, base, changed) == (changed, ())
    assert merged(base, changed, base) == (changed, ())
    assert merged(base, changed, changed) == (changed, ())
    assert merged(None, changed, changed) == (changed, ())


@given(st.none() | TEXTS, TEXTS, TEXTS)
def test_no_line_of_the_users_is_lost(base: str | None, yours: str, ours: str) -> None:
    found = Counter(merged(base, yours, ours).text.splitlines())
    assert not Counter(yours.splitlines()) - Counter((base or "").splitlines()) - found


@given(st.none() | TEXTS, TEXTS, TEXTS)
def test_each_side_can_be_read_from_a_conflict(base: str | None, yours: str, ours: str) -> None:
    found = merged(base, yours, ours)
    assert len(found.conflicts) == found.text.count("<<<<<<< yours")
    assert bool(unresolved(found.text)) == bool(found.conflicts)
    if base is None:
        assert _side(found.text, "<<<<<<<") == yours
        assert _side(found.text, "=======") == ours


def _side(text: str, wanted: str) -> str:
    lines, side = [], ""
    for line in text.splitlines(keepends=True):
        if line[:7] in {"<<<<<<<", "|||||||", "=======", ">>>>>>>"}:
            side = "" if line[:7] == ">>>>>>>" else line[:7]
        elif side in {"", wanted}:
            lines.append(line)
    return "".join(lines)


@pytest.mark.parametrize(
    ("yours", "ours"),
    [
        (BASE.replace("two", "2"), BASE.replace("six", "6")),
        (BASE.replace("two\n", ""), BASE.replace("six\n", "six\nand\n")),
        (f"zero\n{BASE}", f"{BASE}eight\n"),
        (BASE.replace("four", "mine"), BASE.replace("four", "theirs")),
        (BASE.replace("four\n", ""), BASE.replace("four", "theirs")),
        (BASE.replace("one\ntwo\n", ""), BASE.replace("six\nseven\n", "")),
    ],
)
def test_as_git_does_it(yours: str, ours: str, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("yours", "base", "ours")]
    for file, text in zip(files, (yours, BASE, ours), strict=True):
        file.write_text(text)
    names = ["-L", "yours", "-L", "djroadmap a 1", "-L", "djroadmap a 2"]
    argv = ["git", "merge-file", "-p", "--diff3", *names, *map(str, files)]
    assert (
        merged(BASE, yours, ours).text
        == subprocess.run(argv, capture_output=True, check=False).stdout.decode()
    )


def test_a_line_is_replaced_where_it_stands() -> None:
    assert put_in_place("a\nold\nb\n", "a\nb\n", "a\nb\nnew\n") == "a\nnew\nb\n"
    assert put_in_place("a\r\nold\r\nb", "a\r\nb", "a\r\nb\r\nnew") == "a\r\nnew\r\nb"
    assert put_in_place("x\n\nold\n\ny\n", "x\n\ny\n", "x\n\ny\n\nnew\n") == "x\n\nnew\n\ny\n"
    assert put_in_place("x = [old]\n", "x = []\n", "x = [new]\n") is None
