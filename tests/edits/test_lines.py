from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.lines import Block, Line
from djroadmap.edits.textlines import Lines
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = ".env.example"

TEXTS = {
    "no file": None,
    "empty": "",
    "blank": "\n",
    "blanks": "\n  \n\n",
    "one line": "A=1\n",
    "no final newline": "A=1\nB=2",
    "crlf": "A=1\r\nB=2\r\n",
    "crlf without final newline": "A=1\r\n\r\nB=2",
    "mixed endings": "A=1\r\nB=2\nC=3\r\n",
    "trailing blank lines": "A=1\n\n\n",
    "trailing spaces": "A=1  \n\t\nB=2\n   ",
    "only comments": "# nothing yet\n# at all",
    "old mac": "A=1\rB=2",
    "odd separators": "A=\u2028x\x0by\x0c\nB=é\n",
    "paragraphs": "# one\nA=1\n\n# two\nB=2\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
ANCHORED = {
    "first": "anchor\nrest\n",
    "last": "x\nanchor",
    "alone": "anchor",
    "crlf": "x\r\nanchor\r\ny\r\n",
    "set apart": "x\n\nanchor\n\ny\n",
    "with blanks around": "x\n\n\nanchor\n\n\ny\n",
    "indented": "x:\n\tanchor\n\ny\n",
    "with spaces on blank lines": "x\n  \nanchor\n\t\ny\n",
    "recipe": "x:\n    a\n\nanchor:\n    b\n\n    c\n\ny:\n    d\n",
}
anchored = pytest.mark.parametrize("text", ANCHORED.values(), ids=ANCHORED)


@texts
@pytest.mark.parametrize(
    "edit", [Line(path=PATH, line="X=1"), Block(path=PATH, text="# X\nX=1\n\nY=2\n")], ids=["line", "block"]
)
def test_laws_at_the_end(edit, text):
    assert_laws(edit, text)


@anchored
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("kind", [Line, Block])
def test_laws_beside_an_anchor(kind, side, text):
    assert_laws(kind(path=PATH, **{side: "anchor", "line" if kind is Line else "text": "X=1"}), text)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items() if text != ""])
def test_pairs_at_the_end(text):
    assert_pair(Line(path=PATH, line="X=1"), Line(path=PATH, line="Y=1"), text)
    assert_pair(Block(path=PATH, text="# X\nX=1"), Block(path=PATH, text="# Y\nY=1"), text)


@anchored
@pytest.mark.parametrize("first", ["before", "after", ""])
@pytest.mark.parametrize("second", ["before", "after", ""])
def test_pairs_beside_an_anchor(first, second, text):
    one, other = ({side: "anchor"} if side else {} for side in (first, second))
    assert_pair(Line(path=PATH, line="X=1", **one), Line(path=PATH, line="Y=1", **other), text)
    assert_pair(Block(path=PATH, text="X=1\nXX=1", **one), Block(path=PATH, text="Y=1", **other), text)


def test_an_empty_file_stays_when_what_was_added_goes():
    line = Line(path=PATH, line="X=1")
    bound = line.bind("")
    assert bound.apply("") == "X=1\n"
    assert bound.revert("X=1\n") == ""
    assert line.revert("X=1\n") is None
    assert bound.record() == {"kind": "line", "path": PATH, "line": "X=1", "blank": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", "A=1\nX=1"),
        ("A=1\n", "A=1\nX=1\n"),
        ("A=1\r\n", "A=1\r\nX=1\r\n"),
        ("A=1\r\nB=2", "A=1\r\nB=2\r\nX=1"),
        ("A=1\n\n", "A=1\nX=1\n\n"),
        (None, "X=1\n"),
    ],
)
def test_where_a_line_goes(text, expected):
    assert Line(path=PATH, line="X=1").apply(text) == expected


@pytest.mark.parametrize(
    ("edit", "text", "expected"),
    [
        (Block(path=PATH, text="X\n"), "a\n", "a\n\nX\n"),
        (Block(path=PATH, text="X\nY"), "a", "a\n\nX\nY"),
        (Block(path=PATH, text="X"), "a\n\n", "a\n\nX\n\n"),
        (Block(path=PATH, text="X", after="a"), "a\nb\n\nc\n", "a\nb\n\nX\n\nc\n"),
        (Block(path=PATH, text="X", before="b"), "z\n\na\nb\n", "z\n\nX\n\na\nb\n"),
        (
            Block(path=PATH, text="X", after="r:"),
            "r:\n  a\n\n  b\ns:\n  c\n",
            "r:\n  a\n\n  b\ns:\n  c\n\nX\n",
        ),
        (Block(path=PATH, text="X", after="r:"), "r:\n  a\n\n  b\n\ns:\n", "r:\n  a\n\n  b\n\nX\n\ns:\n"),
    ],
)
def test_where_a_block_goes(edit, text, expected):
    assert edit.apply(text) == expected


@pytest.mark.parametrize(
    ("line", "text"),
    [("/var/", "/var/\n"), ("/var/", "x\n/var/   \ny"), ("/var/", "x\r\n/var/\r\n"), ("  a", "  a")],
)
def test_a_line_that_is_there_is_left(line, text):
    edit = Line(path=".gitignore", line=line)
    assert edit.holds(text)
    assert edit.apply(text) == text


@pytest.mark.parametrize("text", ["# /var/\n", "!/var/\n", "/var/x\n", " /var/\n", "", None])
def test_a_line_that_only_looks_alike_does_not_count(text):
    assert not Line(path=".gitignore", line="/var/").holds(text)


def test_an_anchor_may_be_the_beginning_of_one_line():
    edit = Line(path=PATH, line="X=1", after="REDIS_URL=")
    assert edit.apply("REDIS_URL=redis://\nY=1\n") == "REDIS_URL=redis://\nX=1\nY=1\n"


@pytest.mark.parametrize("kind", [Line, Block])
@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a\n", None, 'there is no line "anchor"'),
        (None, None, 'there is no line "anchor"'),
        ("anchor\nb\nanchor\n", 3, 'the line "anchor" is there more than once'),
        ("anchor1\nanchor2\n", 2, 'the line "anchor" is there more than once'),
    ],
)
def test_refused_without_just_one_anchor(kind, text, line, why):
    with pytest.raises(Unrecognised) as error:
        kind(path=PATH, after="anchor", **{"line" if kind is Line else "text": "X=1"}).apply(text)
    (problem,) = error.value.problems
    assert (problem.path, problem.line, problem.why, problem.snippet) == (PATH, line, why, "X=1")


BLOCK = Block(path="justfile", text="# arch: Check imports.\narch:\n    lint-imports\n    echo done")
TUNED = "a:\n    b\n\n# arch: Check imports.\narch:\n    lint-imports --verbose\n    echo done\n"


def test_a_tuned_block_is_kept_and_named():
    assert not BLOCK.holds(TUNED)
    assert BLOCK.kept(TUNED)
    with pytest.raises(CannotRevert) as error:
        BLOCK.revert(TUNED)
    assert str(error.value) == "justfile:4: edited since djroadmap wrote it, so it is kept"
    with pytest.raises(Unrecognised, match=r"justfile:4: .* is there already, but not as"):
        BLOCK.apply(TUNED)


@pytest.mark.parametrize("text", [None, "", "a:\n    b\n", "# arch: Check imports.\n\nother\n"])
def test_nothing_to_revert(text):
    assert not BLOCK.kept(text)
    assert BLOCK.revert(text) == text
    assert Line(path=PATH, line="X=1").revert(text) == text


def test_what_the_user_wrote_since_stays():
    edit = Block(path=PATH, text="X=1")
    assert edit.revert("A=1\n\nX=1\nMINE=1\n\nB=1\n") == "A=1\nMINE=1\n\nB=1\n"
    assert edit.revert("X=1\n\nB=1\n") == "B=1\n"
    assert Line(path=PATH, line="X=1").revert("new\nX=1\nnewer") == "new\nnewer"


@pytest.mark.parametrize("line", ["", "  ", "a\nb"])
def test_what_is_no_line(line):
    with pytest.raises(ValueError, match="not one line"):
        Line(path=PATH, line=line)
    with pytest.raises(ValueError, match="an empty block"):
        Block(path=PATH, text=" \n")


def test_descriptions():
    assert Line(path=".gitignore", line="/var/").describe() == "/var/ in .gitignore"
    assert BLOCK.describe() == "# arch: Check imports. in justfile"


lines_of_text = st.lists(st.sampled_from(["a", "b", "", "  ", "\tc", "# d"]), max_size=8)
any_text = st.builds(
    lambda lines, end, final: end.join(lines) + (end if final and lines else ""),
    lines_of_text,
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


@given(any_text)
def test_lines_give_back_their_text(text):
    assert str(Lines(text)) == text


@given(any_text.filter(bool))
def test_laws_on_any_text(text):
    assert_pair(Line(path=PATH, line="X=1"), Line(path=PATH, line="Y=1"), text)
    assert_pair(Block(path=PATH, text="X=1\n\nXX=1"), Block(path=PATH, text="Y=1"), text)


@given(any_text.filter(lambda text: text.split().count("a") == 1), st.sampled_from(["before", "after"]))
def test_laws_beside_an_anchor_in_any_text(text, side):
    assert_pair(Line(path=PATH, line="X=1", **{side: "a"}), Line(path=PATH, line="Y=1", **{side: "a"}), text)
    assert_pair(
        Block(path=PATH, text="X=1\nXX=1", **{side: "a"}), Block(path=PATH, text="Y=1", **{side: "a"}), text
    )
