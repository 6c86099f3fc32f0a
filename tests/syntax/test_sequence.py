"""What `insert` makes of each layout, and that `remove` is its inverse and commutes with other insertions."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given, strategies as st

from djroadmap.syntax.nodes import sequence_of
from djroadmap.syntax.reading import Offsets
from djroadmap.syntax.sequence import CommaFirst, Sequence, insert, remove, scan


def read(text: str) -> Sequence:
    node = ast.parse(text).body[-1].value
    return sequence_of(Offsets.of(text), node)


def add(text: str, code: str, index: int | None = None) -> str:
    seq = read(text)
    return insert(seq, len(seq.items) if index is None else index, code)


def drop(text: str, code: str) -> str:
    seq = read(text)
    (index,) = [n for n, (a, b) in enumerate(seq.items) if text[a:b] == code]
    return remove(seq, index)


APPENDED = [
    ("X = []", "X = [N]"),
    ("X = [ ]", "X = [N ]"),
    ("X = ()", "X = (N,)"),
    ("X = [\n]", "X = [\n    N,\n]"),
    ("X = (\n)", "X = (\n    N,\n)"),
    ("if x:\n\tX = [\n\t]", None),
    ("X = [  # c\n]", "X = [  # c\n    N,\n]"),
    ("X = [\n  # c\n  # d\n]", "X = [\n  # c\n  # d\n  N,\n]"),
    ("X = [\n\n]", "X = [\n    N,\n\n]"),
    ("X = [a]", "X = [a, N]"),
    ("X = [a,]", "X = [a, N,]"),
    ("X = [a, b]  # c", "X = [a, b, N]  # c"),
    ("X = (a,)", "X = (a, N)"),
    ("X = (a , )", "X = (a , N, )"),
    ("X = (a, )", "X = (a, N )"),
    ("X = (a, b)", "X = (a, b, N)"),
    ("X = (a, b,)", "X = (a, b, N,)"),
    ("X = a,", "X = a, N"),
    ("X = a, b", "X = a, b, N"),
    ("X = a, \\\n  b", "X = a, \\\n  b, N"),
    ("X = (a), (b)", "X = (a), (b), N"),
    ("X = [\n    a,\n]", "X = [\n    a,\n    N,\n]"),
    ("X = [\n    a\n]", "X = [\n    a,\n    N\n]"),
    ("X = [\n    a  # c\n]", "X = [\n    a,  # c\n    N\n]"),
    ("X = [\n    a,  # c\n]", "X = [\n    a,  # c\n    N,\n]"),
    ("X = [\n    a,  # c\n    # d\n]", "X = [\n    a,  # c\n    N,\n    # d\n]"),
    ("X = [\n    a,\n\n    # d\n]", "X = [\n    a,\n    N,\n\n    # d\n]"),
    ("X = [\n\ta,\n\tb\n]", "X = [\n\ta,\n\tb,\n\tN\n]"),
    ("X = [\r\n    a,\r\n]\r\n", "X = [\r\n    a,\r\n    N,\r\n]\r\n"),
    ("X = [\n    a, b,\n    c, d,\n]", "X = [\n    a, b,\n    c, d,\n    N,\n]"),
    ("X = [\n    a,\n    b]", "X = [\n    a,\n    b,\n    N]"),
    ("X = [\n    a,\n    b,]", "X = [\n    a,\n    b,\n    N,]"),
    ("X = [a,\n     b]", "X = [a,\n     b,\n     N]"),
    ("X = [a\n]", "X = [a,\n    N\n]"),
    ("X = (a,\n)", "X = (a,\n    N,\n)"),
    ("X = (\n    a,)", "X = (\n    a,\n    N,)"),
    ("X = [a, [b, c]]", "X = [a, [b, c], N]"),
    ("X = [\n    (\n        a  # c\n    ),\n]", "X = [\n    (\n        a  # c\n    ),\n    N,\n]"),
    ("X = [\n    (a),  # c\n    ((b))\n]", "X = [\n    (a),  # c\n    ((b)),\n    N\n]"),
    ("X = {'a': b}", "X = {'a': b, N}"),
    ("X = {**a, 'b': c,\n}", "X = {**a, 'b': c,\n    N,\n}"),
    ("X = {a}", "X = {a, N}"),
    ("X = ['é', b]", "X = ['é', b, N]"),
]


@pytest.mark.parametrize(("before", "after"), [case for case in APPENDED if case[1]])
def test_appends_and_takes_back(before, after):
    name = "N: 1" if read(before).bracket == "{" and ":" in before else "N"
    assert add(before, name) == after.replace("N", name)
    assert drop(after.replace("N", name), name) == before


FIRST = [
    ("X = [a]", "X = [N, a]"),
    ("X = [ a ]", "X = [ N, a ]"),
    ("X = [a,b]", "X = [N,a,b]"),
    ("X = (a,)", "X = (N, a)"),
    ("X = (a ,)", "X = (N, a ,)"),
    ("X = (a, )", "X = (N, a )"),
    ("X = a,", "X = N, a"),
    ("X = [\n    a,\n]", "X = [\n    N,\n    a,\n]"),
    ("X = [\n    a\n]", "X = [\n    N,\n    a\n]"),
    ("X = [  # c\n    # d\n    a,\n]", "X = [  # c\n    N,\n    # d\n    a,\n]"),
    ("X = [a,\n     b]", "X = [N, a,\n     b]"),
]


@pytest.mark.parametrize(("before", "after"), FIRST)
def test_puts_first_and_takes_back(before, after):
    assert add(before, "N", 0) == after
    assert drop(after, "N") == before


MIDDLE = [
    ("X = [a, b]", "X = [a, N, b]"),
    ("X = [a,b]", "X = [a,N,b]"),
    ("X = [a,  # c\n     b]", "X = [a,  # c\n     N,\n     b]"),
    ("X = [\n    a,  # c\n    # d\n    b,\n]", "X = [\n    a,  # c\n    N,\n    # d\n    b,\n]"),
    ("X = a, \\\n  b", "X = a, N, \\\n  b"),
    ("X = [\n    a, b,\n]", "X = [\n    a, N, b,\n]"),
]


@pytest.mark.parametrize(("before", "after"), MIDDLE)
def test_puts_between_and_takes_back(before, after):
    assert add(before, "N", 1) == after
    assert drop(after, "N") == before


REMOVED = [
    ("X = [N, a]", "X = [a]"),
    ("X = [N,  # n\n     a]", "X = [  # n\n     a]"),
    ("X = [\n    a,\n    N,  # n\n]", "X = [\n    a,\n]"),
    ("X = [\n    # n\n    N,\n]", "X = [\n    # n\n]"),
    ("X = [\n    N, a,\n]", "X = [\n    a,\n]"),
    ("X = [\n    a,\n    N\n    # z\n]", "X = [\n    a\n    # z\n]"),
    ("X = (a, N,)", "X = (a,)"),
    ("X = (\n    a,\n    N\n)", "X = (\n    a,\n)"),
    ("X = [a , N]", "X = [a ]"),
    ("X = [N,\n    a]", "X = [a]"),
]


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_removes_what_somebody_else_laid_out(before, after):
    assert drop(before, "N") == after


def test_further_lines_are_indented_with_the_file_line_ends():
    before = "X = [\r\n    a,\r\n]\r\n"
    assert add(before, "N(\n    1,\n)") == "X = [\r\n    a,\r\n    N(\r\n        1,\r\n    ),\r\n]\r\n"


def test_the_unit_is_for_where_no_neighbour_shows_one():
    seq = read("X = [\n]")
    assert insert(seq, 0, "N", unit="\t") == "X = [\n\tN,\n]"
    seq = read("X = [a\n]")
    assert insert(seq, 1, "N", unit="  ") == "X = [a,\n  N\n]"


@pytest.mark.parametrize("text", ["X = [a\n  , b\n  , c]", "X = [a  # c\n  , b]"])
def test_commas_at_the_head_of_lines_are_refused(text):
    with pytest.raises(CommaFirst):
        insert(read(text), 1, "N")
    with pytest.raises(CommaFirst):
        remove(read(text), 1)


def test_scan_refuses_what_is_not_a_gap():
    with pytest.raises(ValueError, match="between"):
        scan("[a b]", 1, 4, ((1, 2),), bracket="[")


GAP = st.sampled_from(["", " ", "\n    ", "\n    # c\n    ", "  # c\n    "])


@st.composite
def sequences(draw, end="\n"):
    opening, closing = draw(st.sampled_from(["[]", "()"]))
    names = draw(
        st.lists(st.sampled_from(["a", "bb", "'é'", "(c)", "[d,\n e]", "(\n  f  # f\n )"]), max_size=4)
    )
    text = "if x:\n  pass\nX = " + opening
    for number, name in enumerate(names):
        text += draw(GAP) + name
        if number < len(names) - 1 or draw(st.booleans()) or (opening == "(" and len(names) == 1):
            text += draw(st.sampled_from([",", ",", " ,"]))
    text += draw(GAP) + closing + draw(st.sampled_from(["", "\n", "  # z\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(sequences(), st.integers(0, 4), st.integers(0, 5))
def test_laws(text, one, other):
    count = len(read(text).items)
    one = min(one, count)
    first = add(text, "ONE", one)
    assert [ast.unparse(e) for e in ast.parse(first).body[-1].value.elts].index("ONE") == one
    assert drop(first, "ONE") == text
    assume(other <= count)
    # both positions are meant relative to the old elements, so the second moves behind the first
    both = add(first, "TWO", other + (other >= one))
    second = add(text, "TWO", other)
    assert drop(both, "ONE") == second
    assert drop(drop(both, "ONE"), "TWO") == text
    assert drop(both, "TWO") == first
