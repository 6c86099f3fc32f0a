"""Each shape of a list setting: what it holds, which literal is its base, or why it is left alone."""

from __future__ import annotations

import pytest

from djroadmap.syntax.shapes import UNCERTAIN, Unclear, find_list

NAME = "INSTALLED_APPS"

KNOWN = {
    "list": ('INSTALLED_APPS = ["a", "b"]', "ab", 1),
    "tuple": ('INSTALLED_APPS = ("a", "b")', "ab", 1),
    "bare tuple": ('INSTALLED_APPS = "a", "b"', "ab", 1),
    "annotated": ('INSTALLED_APPS: list[str] = ["a", "b"]', "ab", 1),
    "chained": ('APPS = INSTALLED_APPS = ["a"]', "a", 1),
    "sum of names": ('A = ["a"]\nB = ["b"]\nINSTALLED_APPS = A + B', "ab", 1),
    "alias": ('APPS = ["a"]\nINSTALLED_APPS = APPS', "a", 1),
    "sum with a call": ('INSTALLED_APPS = ["a"] + plugins()', "a", 1),
    "sum with an environment list": ('INSTALLED_APPS = ["a"] + env.list("X")', "a", 1),
    "sum with a comprehension": ('INSTALLED_APPS = ["a"] + [f"p.{x}" for x in P]', "a", 1),
    "list of": ('A = ("a",)\nINSTALLED_APPS = list(A) + ["b"]', "ab", 2),
    "starred": ('A = ["a"]\nINSTALLED_APPS = [*A, "b"]', "ab", 2),
    "starred call": ('INSTALLED_APPS = ["a", *plugins(), "b"]', "ab", 1),
    "augmented": ('INSTALLED_APPS = ["a", "b"]\nINSTALLED_APPS += ["c"]', "abc", 1),
    "augmented bare tuple": ('INSTALLED_APPS = ("a", "b")\nINSTALLED_APPS += "c",', "abc", 1),
    "appended, extended": (
        'INSTALLED_APPS = ["b"]\nINSTALLED_APPS.append("c")\nINSTALLED_APPS.extend(["d"])',
        "bcd",
        1,
    ),
    "inserted by content": (
        'INSTALLED_APPS = ["a"]\nINSTALLED_APPS.insert(INSTALLED_APPS.index("a"), "b")',
        "ab",
        1,
    ),
    "rebuilt": ('INSTALLED_APPS = ["b"]\nINSTALLED_APPS = ["a", *INSTALLED_APPS]', "ab", 1),
    "rebuilt by slices": (
        (
            'INSTALLED_APPS = ["a", "b"]\ni = INSTALLED_APPS.index("a") + 1\n'
            'INSTALLED_APPS = INSTALLED_APPS[:i] + ["c"] + INSTALLED_APPS[i:]'
        ),
        "abc",
        1,
    ),
    "deduplicated by a call": (
        'INSTALLED_APPS = ["a"]\nINSTALLED_APPS = list(dict.fromkeys(INSTALLED_APPS))',
        "a",
        1,
    ),
    "deduplicated in a loop": ('INSTALLED_APPS = ["a"]\nfor x in y:\n    INSTALLED_APPS.remove(x)', "a", 1),
    "filtered": ('INSTALLED_APPS = ["a"]\nINSTALLED_APPS = [x for x in INSTALLED_APPS if x != "b"]', "a", 1),
    "conditional addition": ('INSTALLED_APPS = ["a"]\nif DEBUG:\n    INSTALLED_APPS += ["b"]', "ab", 1),
    "conditional expression": ('INSTALLED_APPS = ["a"] + (["b"] if DEBUG else [])', "ab", 1),
    "both branches, then more": (
        'if X:\n    INSTALLED_APPS = ["a"]\nelse:\n    INSTALLED_APPS = ["b"]\nINSTALLED_APPS += ["c"]',
        "abc",
        5,
    ),
    "head list": (
        'INSTALLED_APPS = ["a"]\nif X:\n    INSTALLED_APPS.append("b")\nINSTALLED_APPS += ["c", "d"]',
        "abcd",
        4,
    ),
    "folded": ('X = "a"\nINSTALLED_APPS = ["{}.b".format(X), f"{X}.c", X, unknown]', ["a.b", "a.c", "a"], 2),
    "nested": ('INSTALLED_APPS = ["a", ["b", "c"]]', "abc", 1),
    "commented out": ('INSTALLED_APPS = [\n    "a",\n    # "b",\n]', "a", 1),
    "parameter of the same name": (
        'def f(INSTALLED_APPS):\n    INSTALLED_APPS = ["x"]\nINSTALLED_APPS = ["a"]',
        "a",
        3,
    ),
    "class attribute": ('class Base(Configuration):\n    INSTALLED_APPS = ["a"]', "a", 2),
    "class attribute, extended below": (
        (
            'class Base(Configuration):\n    INSTALLED_APPS = ["a"]\nclass Dev(Base):\n'
            '    INSTALLED_APPS = Base.INSTALLED_APPS + ["b"]'
        ),
        "a",
        2,
    ),
    "set anew": ('INSTALLED_APPS = f()\nINSTALLED_APPS = ["a"]', "a", 2),
    "with": ('with x:\n    INSTALLED_APPS = ["a"]', "a", 2),
    "newer syntax": ('type X = int\nINSTALLED_APPS = ["a"]', "a", 2),
}


@pytest.mark.parametrize("case", KNOWN)
def test_known(case):
    text, strings, line = KNOWN[case]
    shape = find_list(text, NAME)
    assert shape.strings() == list(strings)
    assert shape.base().line == line
    assert not shape.extendable()


LEFT_ALONE = {
    "absent": ("X = 1", None, "not set"),
    "star import": ("from .base import *", None, "not set"),
    "call": ("\nINSTALLED_APPS = get_apps()", 2, "function call"),
    "environment list": ('INSTALLED_APPS = env.list("X", default=["a"])', 1, "function call"),
    "comprehension": ("INSTALLED_APPS = [x for x in APPS]", 1, "comprehension"),
    "generator": ("INSTALLED_APPS = tuple(x for x in APPS)", 1, "comprehension"),
    "set": ('INSTALLED_APPS = {"a"}', 1, "not a list"),
    "string": ('INSTALLED_APPS = "a b"', 1, "not a list"),
    "several results": (
        'INSTALLED_APPS = ["a"]\nMIDDLEWARE = []\nINSTALLED_APPS, MIDDLEWARE = setup(INSTALLED_APPS, MIDDLEWARE)',
        3,
        "several results",
    ),
    "both branches": ('if X:\n    INSTALLED_APPS = ["a"]\nelse:\n    INSTALLED_APPS = ["b"]', 2, "condition"),
    "function": ("def INSTALLED_APPS():\n    pass", 1, "function"),
    "property": (
        "class Base(Configuration):\n    @property\n    def INSTALLED_APPS(self):\n        return []",
        3,
        "function",
    ),
    "loop variable": ("for INSTALLED_APPS in x:\n    pass", 1, "loop"),
    "removed": ('INSTALLED_APPS = ["a"]\ndel INSTALLED_APPS', None, "not set"),
    "other operator": ('INSTALLED_APPS = ["a"]\nINSTALLED_APPS *= 2', 2, "operator"),
    "two classes": (
        'class A:\n    INSTALLED_APPS = ["a"]\nclass B:\n    INSTALLED_APPS = ["b"]',
        4,
        "more than one class",
    ),
    "alias used elsewhere": (
        "APPS = []\nfor x in y:\n    APPS.append(x)\nINSTALLED_APPS = APPS",
        4,
        "another name",
    ),
    "cycle": ("A = INSTALLED_APPS\nINSTALLED_APPS = A", 1, "not a list"),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_left_alone(case):
    text, line, why = LEFT_ALONE[case]
    shape = find_list(text, NAME)
    with pytest.raises(Unclear, match=why) as caught:
        shape.base()
    assert caught.value.line == line
    assert not shape.extendable()


@pytest.mark.parametrize(
    "text",
    [
        "from .apps import A, B\nINSTALLED_APPS = A + B",
        "from .base import INSTALLED_APPS",
        "from .apps import A\nINSTALLED_APPS = list(A)",
    ],
)
def test_extendable(text):
    assert find_list(text, NAME).extendable()


@pytest.mark.parametrize(
    "text",
    [
        "from .apps import A\nINSTALLED_APPS = A",
        "if X:\n    from .base import INSTALLED_APPS",
        "INSTALLED_APPS = A + f()",
    ],
)
def test_not_extendable(text):
    assert not find_list(text, NAME).extendable()


def test_order_is_that_of_the_list_not_of_the_file():
    text = 'X = ["b"]\nX = ["a", *X, "c"]\nX = X + ["d"]\nX.insert(0, "_")'
    assert find_list(text, "X").strings() == ["_", "a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("change", "number", "fine"),
    [
        ('X.insert(1, "n")', 2, True),
        ('X.insert(1, "n")', 1, False),
        ('X.insert(0, "n")', 0, True),
        ('X.insert(-1, "n")', 0, True),
        ('X.insert(-1, "n")', 3, False),
        ('X[1:1] = ["n"]', 1, False),
        ("X.pop(1)", 0, False),
        ("del X[2]", 1, False),
        ('X.insert(X.index("a"), "n")', 0, True),
    ],
)
def test_positions(change, number, fine):
    shape = find_list(f'X = ["a", "b", "c"]\n{change}', "X")
    if fine:
        shape.check_position(shape.base(), number)
    else:
        with pytest.raises(Unclear, match="position"):
            shape.check_position(shape.base(), number)


def test_a_position_behind_something_unknown_is_uncertain():
    shape = find_list('X = [*f(), "a"]\nX.insert(1, "n")', "X")
    assert shape.place(shape.base(), 2) == UNCERTAIN
    with pytest.raises(Unclear):
        shape.check_position(shape.base(), 2)


def test_broken_files():
    with pytest.raises(SyntaxError):
        find_list("X = [", "X")
