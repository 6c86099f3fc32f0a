from __future__ import annotations

import ast

import pytest

from djroadmap.codemods.downlevel import blanked, downlevel
from djroadmap.syntax.reading import Offsets, parse

NEWER = {
    "type alias": "type X[T = int] = list[T]\n",
    "type alias over lines": "type X[\n    T\n] = list[T]\n",
    "generic function": "def f[T: int](x: T) -> T:\n    return x\n",
    "generic function over lines": "def f[\n\n    T,  # é\n](x):\r\n    return x\n",
    "generic class": "class A[T = int](B):\n    pass\n",
    "nested quotes": "x = f'{a['é']}', 1\n",
    "nested quotes joined": "x = 'a' f'{a['b']}' 'c'\n",
    "f-string over lines": "x = [f'''\n{a['''é''']}\n''', 2]\n",
    "template string": "x = t'{a}'\n",
    "except": "try:\n    pass\nexcept A, B:\n    pass\n",
    "except over lines": "try:\n    pass\nexcept A, \\\n  B:\n    pass\n",
    "except star": "try:\n    pass\nexcept* A, B:\n    pass\n",
}


@pytest.mark.parametrize("name", NEWER)
def test_what_follows_keeps_its_place(name):
    text = NEWER[name] + "# é\nLAST = ['é', 'last']\n"
    tree = parse(text)
    assert Offsets.of(text).source(tree.body[-1].value.elts[1]) == "'last'"


@pytest.mark.parametrize("name", NEWER)
def test_everything_newer_is_blanked_where_nothing_newer_parses(name):
    """As on the oldest interpreter, whichever runs the tests."""
    text = NEWER[name] + "LAST = 1, 2\n"
    old = downlevel(text, readable=lambda _: False)
    tree = ast.parse(old, feature_version=(3, 11))
    assert Offsets.of(text).source(tree.body[-1].value.elts[1]) == "2"
    assert old.count("\n") == text.count("\n")


def test_older_source_is_left_alone():
    text = "x = f'{a}'\ndef f(x): pass\ntry:\n    pass\nexcept (A, B):\n    pass\n"
    assert downlevel(text) == text


def test_a_type_alias_still_binds_its_name():
    tree = ast.parse(downlevel("type X[T] = list[T]\n", readable=lambda _: False))
    assert ast.unparse(tree) == "X = list[T]"


def test_broken_source():
    with pytest.raises(SyntaxError) as error:
        downlevel("x = ]\n")
    assert (error.value.msg, error.value.lineno) == ("invalid syntax", None)
    with pytest.raises(SyntaxError) as error:
        downlevel("type A = int\nx = 1\n    y = 2\n")
    assert (error.value.msg, error.value.lineno) == ("invalid syntax", 3)


def test_blanked():
    assert blanked("[é\r\n T]", "", continued=True) == "  \\\r\n   "
    assert blanked("f'''\n'''", "(_") == "(_  \n   "
