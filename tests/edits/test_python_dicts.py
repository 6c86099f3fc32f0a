"""Keys of dict settings: put in as the file has them, found however they are set, taken out without a trace."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, strategies as st

from djroadmap.codemods import dicts
from djroadmap.edits.python_dicts import SettingKey
from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.syntax.dicts import meaning
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import parse

from .laws import assert_laws
from .pairs import assert_pair


def edit(*keys: str, value: str = "1", name: str = "X") -> SettingKey:
    return SettingKey(path="settings.py", name=name, keys=keys, value=value)


LONG = '{"()": "django_guid.log_filters.CorrelationId"}'

WRITTEN = {
    "one line": (edit("n"), "X = {'a': 1}\n", "X = {'a': 1, 'n': 1}\n"),
    "one line, trailing comma": (edit("n"), "X = {'a': 1,}", "X = {'a': 1, 'n': 1,}"),
    "one line, blanks": (edit("n"), "X = { 'a': 1 }  # x\n", "X = { 'a': 1, 'n': 1 }  # x\n"),
    "empty": (edit("n"), "X = {}", 'X = {"n": 1}'),
    "empty over lines": (edit("n"), "X = {\n    # c\n}\n", 'X = {\n    # c\n    "n": 1,\n}\n'),
    "a line each": (edit("n"), 'X = {\n    "a": 1,\n}\n', 'X = {\n    "a": 1,\n    "n": 1,\n}\n'),
    "a line each, no trailing comma": (
        edit("n"),
        'X = {\n    "a": 1  # c\n}\n',
        'X = {\n    "a": 1,  # c\n    "n": 1\n}\n',
    ),
    "comments on commas": (
        edit("n"),
        'X = {\n    "a": 1,  # c\n    # d\n}\n',
        'X = {\n    "a": 1,  # c\n    "n": 1,\n    # d\n}\n',
    ),
    "annotated": (edit("n"), "X: dict[str, int] = {'a': 1}\n", "X: dict[str, int] = {'a': 1, 'n': 1}\n"),
    "nested": (edit("a", "n"), 'X = {"a": {"b": 1}}\n', 'X = {"a": {"b": 1, "n": 1}}\n'),
    "made, one line": (edit("n", "m"), 'X = {"a": 1}\n', 'X = {"a": 1, "n": {"m": 1}}\n'),
    "made, a line each": (
        edit("n", "m", "o"),
        'X = {\n\t"a": 1,\n}\n',
        'X = {\n\t"a": 1,\n\t"n": {\n\t\t"m": {\n\t\t\t"o": 1,\n\t\t},\n\t},\n}\n',
    ),
    "made inside a nested one": (
        edit("a", "n", "m"),
        'X = {\r\n  "a": {\r\n    "b": 1\r\n  }\r\n}',
        'X = {\r\n  "a": {\r\n    "b": 1,\r\n    "n": {\r\n      "m": 1,\r\n    }\r\n  }\r\n}',
    ),
    "empty, and stays": (edit("a", "n"), 'X = {\n    "a": {},\n}\n', 'X = {\n    "a": {"n": 1},\n}\n'),
    "empty over lines, and stays": (
        edit("a", "n"),
        'X = {\n    "a": {\n    },\n}\n',
        'X = {\n    "a": {\n        "n": 1,\n    },\n}\n',
    ),
    "call": (edit("n"), "X = dict(a=1)\n", "X = dict(a=1, n=1)\n"),
    "empty call": (edit("n"), "X = dict()\n", "X = dict(n=1)\n"),
    "call in a dict, a line each": (
        edit("a", "n", "m"),
        'X = {\n    "a": dict(\n        b=1,  # c\n    ),\n}\n',
        'X = {\n    "a": dict(\n        b=1,  # c\n        n={\n            "m": 1,\n        },\n    ),\n}\n',
    ),
    "class attribute": (
        edit("n"),
        'class Base(Configuration):\n    X = {\n        "a": 1,\n    }\n',
        'class Base(Configuration):\n    X = {\n        "a": 1,\n        "n": 1,\n    }\n',
    ),
    "a later write is followed": (
        edit("a", "n"),
        'X = {"a": {"b": 1}}\nX["a"] = {"c": 1}\n',
        'X = {"a": {"b": 1}}\nX["a"] = {"c": 1, "n": 1}\n',
    ),
    "only a write to it is here": (
        edit("default", "n", name="DATABASES"),
        'from .base import *\n\nDATABASES["default"] = {"a": 1}\n',
        'from .base import *\n\nDATABASES["default"] = {"a": 1, "n": 1}\n',
    ),
    "merged in later": (
        edit("a", "n"),
        'X = {}\nX.update({"a": {}})\nX |= {"b": 1}\n',
        'X = {}\nX.update({"a": {"n": 1}})\nX |= {"b": 1}\n',
    ),
    "merged in by keyword": (
        edit("a", "n"),
        "X = {}\nX.update(a={})\n",
        'X = {}\nX.update(a={"n": 1})\n',
    ),
    "writes elsewhere do not matter": (
        edit("n"),
        'X = {"a": 1}\nX["b"] = {}\nX.update(c=1)\nif DEBUG:\n    X["n"] = 2\n    del X["a"]\nY["n"] = 1\n',
        'X = {"a": 1, "n": 1}\nX["b"] = {}\nX.update(c=1)\nif DEBUG:\n    X["n"] = 2\n    del X["a"]\nY["n"] = 1\n',
    ),
    "taken in before the dict on the way": (
        edit("a", "n"),
        'X = {**base, "a": {"b": 1}}\n',
        'X = {**base, "a": {"b": 1, "n": 1}}\n',
    ),
    "a key under a name": (
        edit("a", "n"),
        'KEY = "a"\nX = {KEY: {"b": 1}}\n',
        'KEY = "a"\nX = {KEY: {"b": 1, "n": 1}}\n',
    ),
    "hugging brackets": (
        edit("a", "n"),
        'X = {"a": {\n    "b": 1,\n}}\n',
        'X = {"a": {\n    "b": 1,\n    "n": 1,\n}}\n',
    ),
    "latin letters": (edit("n"), "X = {'é': 'éé', 'a': 'é'}  # é", "X = {'é': 'éé', 'a': 'é', 'n': 1}  # é"),
    "too long for its line": (
        edit("f", "n", value=LONG),
        'X = {\n    "f": {"debug": {"()": "django.utils.log.RequireDebugFalse"}},\n    "g": 1,\n}\n',
        f"""\
X = {{
    "f": {{
        "debug": {{"()": "django.utils.log.RequireDebugFalse"}},
        "n": {LONG},
    }},
    "g": 1,
}}
""",
    ),
    "too long, everything on the line": (
        edit("f", "n", value=LONG),
        "if x:\r\n\tpass\r\nX = {'a': 1, 'f': {'b': 1}}\r\n",
        "if x:\r\n\tpass\r\nX = {\r\n\t'a': 1,\r\n\t'f': {'b': 1, 'n': LONG},\r\n}\r\n".replace(
            "LONG", LONG.replace('"', "'")
        ),
    ),
    "too long, made on the way": (
        edit("f", "n", value=LONG.replace("log_filters", "a" * 28)),
        "X = dict(a=(1))\n",
        f"""\
X = dict(
    a=(1),
    f={{"n": {{"()": "django_guid.{"a" * 28}.CorrelationId"}}}},
)
""",
    ),
    "too long already": (
        edit("n", value=LONG),
        f"X = {{'a': '{'x' * 120}'}}\n",
        f"X = {{'a': '{'x' * 120}', 'n': {{'()': 'django_guid.log_filters.CorrelationId'}}}}\n",
    ),
    "a long value": (
        edit(
            "n", value='{"aaaaaaaaaaaaaaaaaaaaaaaaaaa": [1, 2], "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": f(3)}'
        ),
        "X = {\n    'a': 1,\n}\n",
        """\
X = {
    'a': 1,
    'n': {
        'aaaaaaaaaaaaaaaaaaaaaaaaaaa': [1, 2],
        'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb': f(3),
    },
}
""",
    ),
    "a value over lines": (
        edit("n", value="[\n    'b',\n]"),
        'X = {\n  "a": 1,\n}\n',
        'X = {\n  "a": 1,\n  "n": [\n      "b",\n  ],\n}\n',
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_writes(name):
    wish, before, after = WRITTEN[name]
    assert assert_laws(wish, before) == after


HOLDS = {
    "in the literal": (edit("a", "b"), 'X = {"a": {"b": 1}}\n'),
    "in a call": (edit("a", "b"), "X = {'a': dict(b=1)}\n"),
    "written later": (edit("a", "b"), 'X = {}\nX["a"] = {}\nX["a"]["b"] = 1\n'),
    "written later, over another value": (edit("a", "b"), 'X = {"a": {"b": 2}}\nX["a"]["b"] = 1\n'),
    "written by setdefault": (edit("a", "b"), 'X = {}\nX.setdefault("a", {})["b"] = 1\n'),
    "merged in later": (edit("a", "b"), 'X = {}\nX |= {"a": {"b": 1}}\n'),
    "merged in by keyword": (edit("a", "b"), 'X = {}\nX["a"].update(b=1)\n'),
    "in another module, but written here": (edit("a"), 'from .base import *\nX["a"] = 1\n'),
    "with its keys in another order": (
        edit("a", value='{"b": 1, "c": [2]}'),
        'X = {"a": dict(c=[2], b=1)}\n',
    ),
    "in both branches": (edit("a"), 'if D:\n    X = {"a": 1}\nelse:\n    X = {"a": 1, "b": 2}\n'),
    "the last of two": (edit("a"), 'X = {"a": 2, "a": 1}\n'),
    "under a name": (edit("a"), 'KEY = "a"\nX = {KEY: 1}\n'),
    "class attribute, in one of two": (edit("a"), 'class Base:\n    Y = 1\n\nclass Dev:\n    X = {"a": 1}\n'),
    "class attribute": (edit("a"), 'class Base:\n    X = {"a": 1}\n\nclass Dev(Base):\n    X = {"a": 1}\n'),
    "though a condition changes it": (edit("a"), 'X = {"a": 1}\nif D:\n    X["a"] = 2\n'),
}


@pytest.mark.parametrize("name", HOLDS)
def test_untouched_where_it_holds(name):
    wish, text = HOLDS[name]
    assert wish.holds(text)
    assert wish.kept(text)
    assert wish.bind(text) == wish
    assert wish.apply(text) == text


REFUSED = {
    "no file": (edit("n"), None, None, "no such file"),
    "broken": (edit("n"), "X = {\n", 1, "cannot be parsed"),
    "not set": (edit("n"), "Y = {}\n", None, "not set in this file"),
    "only annotated": (edit("n"), "X: dict\n", None, "not set in this file"),
    "another value": (edit("n"), 'X = {\n    "n": 2,\n}\n', 2, 'X["n"] is set already'),
    "another value, written later": (edit("n"), 'X = {"n": 1}\nX["n"] = 2\n', 2, "is set already"),
    "no dict on the way": (edit("a", "n"), 'X = {\n    "a": "b",\n}\n', 2, 'X["a"] is not a dict literal'),
    "a name on the way": (edit("a", "n"), "X = {'a': A}\n", 1, 'X["a"] is not a dict literal'),
    "a call on the way": (edit("a", "n"), "X = {'a': f()}\n", 1, 'X["a"] is built by a function call'),
    "a call": (edit("n"), "X = f({})\n", 1, "X is built by a function call"),
    "a comprehension": (edit("n"), "X = {k: 1 for k in K}\n", 1, "X is not a dict literal"),
    "a choice": (edit("n"), "X = {} if D else {}\n", 1, "X is not a dict literal"),
    "both branches": (edit("n"), "if D:\n    X = {}\nelse:\n    X = {}\n", 2, "set under a condition"),
    "one branch": (edit("n"), "try:\n    X = {}\nexcept E:\n    pass\n", 2, "set under a condition"),
    "set again under a condition": (edit("n"), "X = {}\nif D:\n    X = {}\n", 3, "set under a condition"),
    "twice": (edit("n"), "X = {}\nX = {}\n", 2, "set more than once"),
    "two classes": (edit("n"), "class A:\n    X = {}\n\nclass B(A):\n    X = {}\n", 4, "more than one class"),
    "two names": (edit("n"), "X = Y = {}\n", 1, "together with another name"),
    "unpacked": (edit("n"), "X, Y = {}, {}\n", 1, "one of several results"),
    "imported": (edit("n"), "from .base import X\n", 1, "comes from another module"),
    "a function": (edit("n"), "def X():\n    pass\n", 1, "is a function"),
    "a loop variable": (edit("n"), "for X in Y:\n    pass\n", 1, "is a loop variable"),
    "takes in another": (edit("n"), "X = {'a': 1, **base}\n", 1, "takes in another dict"),
    "takes in another behind": (edit("a", "n"), "X = {'a': {}, **base}\n", 1, "takes in another dict"),
    "copies another": (edit("n"), "X = dict(base, a=1)\n", 1, "takes in another dict"),
    "unpacks in a call": (edit("n"), "X = dict(**base)\n", 1, "takes in another dict"),
    "a key of a name": (edit("n"), "X = {KEY: 1}\n", 1, "a key that is not a plain string"),
    "updated from elsewhere": (edit("n"), "X = {}\nX.update(base)\n", 2, "is updated from"),
    "updated from two": (edit("n"), "X = {}\nX.update(base, a=1)\n", 2, "is updated from"),
    "updated by unpacking": (edit("n"), "X = {}\nX |= {**base}\n", 2, "is updated from"),
    "replaced under a condition": (
        edit("a", "n"),
        'X = {"a": {}}\nif D:\n    X["a"] = {}\n',
        3,
        'X["a"] is replaced under a condition',
    ),
    "deleted": (edit("a", "n"), 'X = {"a": {}}\ndel X["a"]\n', 2, 'X["a"] is deleted'),
    "popped": (edit("n"), 'X = {"a": 1}\nX.pop("n", None)\n', 2, 'X["n"] is deleted'),
    "cleared": (edit("n"), "X = {}\nX.clear()\n", 2, "X is deleted"),
    "a call cannot have the key": (edit("a-b"), "X = dict(a=1)\n", 1, 'cannot hold the key "a-b"'),
    "a call cannot have a keyword": (edit("class"), "X = dict(a=1)\n", 1, 'cannot hold the key "class"'),
    "commas first": (edit("n"), "X = {\n    'a': 1\n    , 'b': 2\n    ,\n}\n", None, "commas"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    wish, text, line, why = REFUSED[name]
    assert not wish.holds(text)
    assert wish.bind(text) == wish
    with pytest.raises(Unrecognised) as refused:
        wish.apply(text)
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == ("settings.py", line)
    assert why in problem.why
    assert problem.snippet == f"{wish.describe()} = 1"


IGNORED = [
    'X["n"][0] = 1',
    "X[i] = 1",
    "X.pop()",
    "X.copy()",
    "Y.update(n=1)",
    '(X)["a"].update(base)',
    'X["n"]["m"] |= base',
    "X += 1",
    "Y, Z = f()",
    'def f(X):\n    X["n"] = 2',
]


@pytest.mark.parametrize("statement", IGNORED)
def test_what_does_not_concern_the_key(statement):
    text = f"X = {{}}\n{statement}\n"
    assert assert_laws(edit("n"), text) == text.replace("{}", '{"n": 1}', 1)


TEXTS = [
    "X = {}",
    "X = dict()\n",
    "X = {'a': 1}\n",
    "X = { 'a': 1 , }",
    "X = {\n}",
    "X = {\n    'a': 1,  # c\n    # d\n}\n",
    "X = {\n\t'a': 1,\n\t'b': {'c': 1},  # c\n\t'd': {\n\t\t'e': 1\n\t}\n}",
    "class Base:\r\n  X = {\r\n    'a': 1,\r\n    'b': {'c': {}}\r\n  }\r\n",
    "X = {'a': 'é', 'd': {\n  'e': 1,\n}}",
]
PATHS = [
    ("n",),
    ("m",),
    ("k", "n"),
    ("k", "m"),
    ("k", "l", "n"),
    ("k", "l", "m"),
    ("b", "n"),
    ("b", "m"),
    ("d", "n"),
]


@given(st.sampled_from(TEXTS), st.sampled_from(PATHS), st.sampled_from(PATHS))
def test_two_keys_do_not_know_each_other(text, one, other):
    if one != other and one[: len(other)] != other and other[: len(one)] != one:
        assert_pair(edit(*one), edit(*other, value="'v'"), text)


SHORT_AND_LONG = [
    (edit("n", value=LONG), edit("m")),
    (edit("f", "n", value=LONG), edit("f", "m")),
    (edit("f", "n", value=LONG), edit("k")),
    (edit("f", "n", value=LONG), edit("k", "m")),
]
ONE_LINERS = [
    "X = {'a': 1, 'f': {'b': (1,)}}\n",
    "class A:\r\n\tX = {\r\n\t\t'f': {'b': 'bbbbbbbbbbbbbb'},\r\n\t}",
    f"X = dict(a=1, f=dict(b='{'b' * 20}'))",
    f"Y = 1\nX = {{'f': {{'{'b' * 15}': ('{'c' * 15}',)}}}}",
]


@pytest.mark.parametrize("text", ONE_LINERS)
@pytest.mark.parametrize(("one", "other"), SHORT_AND_LONG)
def test_a_long_one_and_a_short_one_do_not_know_each_other(one, other, text):
    assert_pair(one, other, text)


def test_long_ones_open_the_same_dict_together():
    text = "X = {'a': 1, 'f': {'b': 1}}\n"
    first, second = edit("f", "n", value=LONG), edit("f", "m", value=LONG)
    bound = first.bind(text)
    late = second.bind(bound.apply(text))
    both = late.apply(bound.apply(text))
    assert bound.revert(both) == second.apply(text)
    assert late.revert(both) == first.apply(text)
    assert bound.revert(late.revert(both)) == text


def test_an_opened_dict_that_got_longer_stays_open():
    text = "X = {'a': 1, 'b': 'bbbbbbbbbbbbb'}\n"
    bound = edit("n", value=LONG).bind(text)
    after = bound.apply(text).replace("'a': 1,\n    'b': 'bbbbbbbbbbbbb'", f"'a': '{'x' * 70}'")
    assert bound.revert(after) == f"X = {{\n    'a': '{'x' * 70}',\n}}\n"


def test_what_is_opened_in_a_later_write_is_closed_again():
    text = "X['a'] = {'b': {'c': 1}}\n"
    assert_laws(edit("a", "b", "n", value=LONG), text)


def test_an_opened_dict_with_a_comment_in_it_stays_open():
    text = "X = {'a': 1, 'f': {'b': 1}}\n"
    bound = edit("f", "n", value=LONG).bind(text)
    after = bound.apply(text).replace("'a': 1,\n", "'a': 1,  # one\n")
    assert bound.revert(after) == "X = {\n    'a': 1,  # one\n    'f': {'b': 1},\n}\n"


def test_what_the_user_added_since_survives():
    text = 'X = {\n    "a": 1,\n}\n'
    bound = edit("n", "m").bind(text)
    after = bound.apply(text).replace('"m": 1,', '"m": 1,\n        "o": 2,')
    assert bound.revert(after) == 'X = {\n    "a": 1,\n    "n": {\n        "o": 2,\n    },\n}\n'
    after = bound.apply(text).replace('"m": 1,', '"m": 1,\n        # mine')
    assert bound.revert(after) == 'X = {\n    "a": 1,\n    "n": {\n        # mine\n    },\n}\n'


def test_what_was_made_in_a_later_write_goes_again():
    text = 'from .base import *\n\nX["a"] = {}\n'
    assert assert_laws(edit("a", "n"), text) == text.replace("{}", '{"n": 1}')
    assert assert_laws(edit("a", "n", "m"), text) == text.replace("{}", '{"n": {"m": 1}}')


NOT_REVERTED = {
    "tuned": ('X = {\n    "a": {\n        "n": 2,\n    },\n}\n', 3, "has been changed since"),
    "moved to a write": ('X = {"a": {}}\nX["a"]["n"] = 1\n', 2, "not set in the dict literal itself"),
    "moved to an update": ('X = {"a": {}}\nX["a"].update(n=1)\n', 2, "not set in the dict literal itself"),
    "commas first": ('X = {"a": {\n    "n": 1\n    , "b": 2}}\n', None, "commas"),
}


@pytest.mark.parametrize("name", NOT_REVERTED)
def test_does_not_revert(name):
    text, line, why = NOT_REVERTED[name]
    wish = edit("a", "n")
    assert wish.kept(text)
    with pytest.raises(CannotRevert) as refused:
        wish.revert(text)
    (problem,) = refused.value.problems
    assert problem.line == line
    assert why in problem.why


@pytest.mark.parametrize("text", [None, "X = {}\n", "X = {\n", "Y = {'n': 1}\n", "X = {'a': {'n': 1}}\n"])
def test_reverting_leaves_what_is_not_its_own(text):
    assert not edit("n").kept(text)
    assert edit("n").revert(text) == text


def test_a_value_that_changes_by_its_indentation_is_refused():
    with pytest.raises(Unrecognised, match="does not have a known shape"):
        edit("n", value='"""\na"""').apply('X = {\n    "a": 1,\n}\n')


def test_keys_are_needed():
    with pytest.raises(ValueError, match="no keys"):
        edit()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("{'a': 1, 'b': 2}", "dict(b=2, a=1)", True),
        ("[{'a': 1, 'b': 2}]", "[{'b': 2, 'a': 1}]", True),
        ("('a',)", "['a']", False),
        ("{'a': 1, 'a': 2}", "{'a': 2, 'a': 1}", False),
        ("{**a, 'b': 1}", "{'b': 1, **a}", False),
        ("{a: 1}", "{a: 1}", True),
        ("{1: 1}", "{True: 1}", False),
        ("f(a)", "f( a )", True),
    ],
)
def test_meaning(one, other, equal):
    left, right = (meaning(ast.parse(code, mode="eval").body) for code in (one, other))
    assert (left == right) is equal


def test_text_that_cannot_be_followed_is_not_touched():
    text = "X = dict(a for a in b)"
    with pytest.raises(Unclear, match="cannot be followed"):
        dicts.is_bare(text, parse(text).body[0].value)
