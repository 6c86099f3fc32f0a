"""Imports where ruff's isort leaves them: ordered, in their section, extended or on a line of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from djroadmap.edits.python_imports import Import
from djroadmap.errors import CannotRevert, Unrecognised
from tests.edits.laws import assert_laws
from tests.edits.pairs import assert_pair

RUFF = Path(sys.executable).with_name("ruff")


def imported(module, name="", alias="", path="shop/views.py", **more):
    return Import(path=path, module=module, name=name, alias=alias, **more)


def is_sorted(text, *, single_line=False):
    options = ["--config", f"lint.isort.force-single-line={str(single_line).lower()}"]
    options += ["--config", "lint.isort.known-first-party=['shop', 'config']"]
    command = [
        RUFF,
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "I",
        *options,
        "--stdin-filename",
        "shop/v.py",
        "-",
    ]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=False).returncode == 0


HEAD = """\
import os
from pathlib import Path

import environ
from django.urls import path

from shop.core import x

X = 1
"""

PLACES = {
    "stdlib": (imported("logging"), HEAD, "import os\n", "import logging\nimport os\n"),
    "stdlib from": (
        imported("datetime", "date"),
        HEAD,
        "from pathlib",
        "from datetime import date\nfrom pathlib",
    ),
    "last of its section": (
        imported("zoneinfo", "ZoneInfo"),
        HEAD,
        "Path\n",
        "Path\nfrom zoneinfo import ZoneInfo\n",
    ),
    "third party": (imported("waffle", "x", "y"), HEAD, "path\n", "path\nfrom waffle import x as y\n"),
    "third party plain": (imported("graphql"), HEAD, "environ\n", "environ\nimport graphql\n"),
    "first party by its path": (
        imported("shop.events", "bus"),
        HEAD,
        "x\n\nX",
        "x\nfrom shop.events import bus\n\nX",
    ),
    "first party by word": (
        imported("config.api", "api", section="first"),
        HEAD,
        "from shop",
        "from config.api import api\nfrom shop",
    ),
    "relative": (imported(".local", "y"), HEAD, "x\n\nX", "x\n\nfrom .local import y\n\nX"),
    "future": (
        imported("__future__", "annotations"),
        HEAD,
        "import os\n",
        "from __future__ import annotations\n\nimport os\n",
    ),
    "extended": (imported("django.urls", "include"), HEAD, "import path", "import include, path"),
    "constants, classes, functions": (
        imported("a", "Beta"),
        "from a import CONSTANT, Alpha, alpha\n",
        "Alpha, ",
        "Alpha, Beta, ",
    ),
    "numbers": (imported("a", "x10"), "from a import x9, x11\n", "x9, ", "x9, x10, "),
    "extended over lines": (
        imported("a", "c"),
        "from a import (\n    b,  # b\n    d,\n)\n",
        "# b\n",
        "# b\n    c,\n",
    ),
    "extended until too long": (
        imported("django.contrib.auth.models", "Permission"),
        "from django.contrib.auth.models import AbstractUser, AnonymousUser, Group\n",
        "import AbstractUser, AnonymousUser, Group\n",
        "import (\n    AbstractUser,\n    AnonymousUser,\n    Group,\n    Permission,\n)\n",
    ),
    "renamed ones stand alone": (
        imported("a", "c", "d"),
        "from a import b\n",
        "b\n",
        "b\nfrom a import c as d\n",
    ),
    "one a line": (
        imported("django.urls", "include"),
        "from django.urls import path\nfrom django.urls import re_path\n",
        "from django.urls import path\n",
        "from django.urls import include\nfrom django.urls import path\n",
    ),
    "one a line by word": (
        imported("django.urls", "include", single_line=True),
        "from django.urls import path\n",
        "from",
        "from django.urls import include\nfrom",
    ),
    "sorted by module": (
        imported("c"),
        "from a import b\nimport d\nfrom e import f\n",
        "import d\n",
        "import c\nimport d\n",
    ),
    "behind a docstring": (imported("os"), '"""Doc."""\n\nX = 1\n', "\n\nX", "\n\nimport os\n\nX"),
    "behind a docstring, close": (imported("os"), '"""Doc."""\nX = 1\n', "\nX", "\n\nimport os\n\nX"),
    "behind a docstring, before a class": (
        imported("os"),
        '"""Doc."""\n\nclass A:\n    pass\n',
        "\n\nc",
        "\n\nimport os\n\n\nc",
    ),
    "behind a docstring, far": (imported("os"), '"""Doc."""\n\n\nX = 1\n', "\n\nX", "\nimport os\n\nX"),
    "behind a docstring that is all": (imported("os"), '"""Doc."""', '"""Doc."""', '"""Doc."""\n\nimport os'),
    "behind comments": (imported("os"), "# Licence\n\nX = 1\n", "X", "import os\n\nX"),
    "behind a hash bang": (imported("os"), "#!/usr/bin/env python\nX = 1\n", "X", "import os\n\nX"),
    "first": (imported("os"), "X = 1\n", "X", "import os\n\nX"),
    "first before a function": (imported("os"), "@a\ndef f():\n    pass\n", "@a", "import os\n\n\n@a"),
    "future alone": (
        imported("os"),
        "from __future__ import annotations\n\nX = 1\n",
        "\n\nX",
        "\n\nimport os\n\nX",
    ),
    "behind a comment that leads the next": (
        imported("b"),
        "import a\n# about c\nimport c\n",
        "import a\n",
        "import a\nimport b\n",
    ),
    "first of its section, above its comment": (
        imported("a"),
        "import os\n\n# about c\nimport c\n",
        "# about c",
        "import a\n\n# about c",
    ),
    "CRLF": (imported("b"), "import a\r\n\r\nX = 1\r\n", "import a\r\n", "import a\r\nimport b\r\n"),
    "no final newline": (imported("b"), "import a", "import a", "import a\nimport b"),
    "star": (imported("a", "b"), "from a import *\n", "*\n", "*\nfrom a import b\n"),
    "guarded ones are not touched": (
        imported("b"),
        "import a\n\ntry:\n    import c\nexcept ImportError:\n    c = None\n",
        "import a\n",
        "import a\nimport b\n",
    ),
    "those for type checkers do not count": (
        imported("a", "B"),
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from a import B\n",
        "CHECKING\n\n",
        "CHECKING\n\nfrom a import B\n\n",
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_place(case):
    edit, text, old, new = PLACES[case]
    assert text.count(old) == 1
    assert assert_laws(edit, text) == text.replace(old, new)


@pytest.mark.parametrize(
    "case", [case for case, (_, text, *_) in PLACES.items() if "\n" in text and case != "CRLF"]
)
def test_the_place_is_the_same_whatever_lines_end_with(case):
    edit, text, old, new = PLACES[case]
    after = text.replace(old, new).replace("\n", "\r\n")
    assert assert_laws(edit, text.replace("\n", "\r\n")) == after


def test_lines_end_otherwise_than_when_it_was_added():
    text = "from a import b\nfrom a.c import d\n\nX = 1\n"
    edit = imported("config.api", "api", section="first")
    bound = edit.bind(text)
    after = bound.apply(text)
    assert after == "from a import b\nfrom a.c import d\n\nfrom config.api import api\n\nX = 1\n"
    assert bound.revert(after.replace("\n", "\r\n")) == text.replace("\n", "\r\n")


def test_a_line_that_ends_otherwise_came_since():
    text = "from a import b\r\nfrom a.c import d\r\n\r\nX = 1\r\n"
    bound = imported("config.api", "api", section="first").bind(text)
    after = bound.apply(text)
    assert bound.revert(f"# mine\n{after}") == f"# mine\n{text}"


@pytest.mark.parametrize(
    "case", [case for case in PLACES if "one a line" not in case and case != "sorted by module"]
)
def test_ruff_has_nothing_to_add(case):
    edit, text, *_ = PLACES[case]
    if not is_sorted(text):
        pytest.skip("not in order before")
    assert is_sorted(edit.apply(text)), edit.apply(text)


# What one of the two has to remember of the text the other cannot know.
ALONE = {
    "extended until too long",
    "behind a docstring, close",
    "behind a docstring, before a class",
    "behind a docstring, far",
}


@pytest.mark.parametrize("case", [case for case in PLACES if case not in ALONE])
def test_imports_do_not_disturb_each_other(case):
    edit, text, *_ = PLACES[case]
    single = edit.single_line
    assert_pair(edit, imported("decimal", "Decimal", single_line=single), text)
    assert_pair(edit, imported("zzz.yyy", single_line=single), text)
    if edit.name and edit.module != "__future__":
        assert_pair(edit, edit.with_(name="zebra", alias=""), text)


HELD = [
    (imported("os"), "import os.path"),
    (imported("os"), "import sys, os"),
    (imported("a.b"), "import a.b.c"),
    (imported("a", "b"), "from a import (\n    c,\n    b,\n)"),
    (imported("a", "b"), "try:\n    from a import b\nexcept ImportError:\n    b = None"),
    (imported(".a", "b"), "from .a import b"),
    (imported("a", "b", "c"), "from a import b as c"),
]


@pytest.mark.parametrize(("edit", "text"), HELD)
def test_holds(edit, text):
    assert edit.holds(text)
    assert edit.apply(text) == text
    assert edit.bind(text) is edit


NOT_HELD = [
    (imported("a", "b"), "from a import b as c"),
    (imported("a", "b"), "if X:\n    from a import b"),
    (imported("a", "b"), "if TYPE_CHECKING:\n    from a import b"),
    (imported("a", "b"), "def f():\n    from a import b"),
    (imported("a", "b"), "from a import *"),
    (imported("a"), "import a as b"),
    (imported("a.b"), "import a"),
    (imported("a"), "# import a"),
    (imported("a"), "import ["),
    (imported("a"), None),
]


@pytest.mark.parametrize(("edit", "text"), NOT_HELD)
def test_does_not_hold(edit, text):
    assert not edit.holds(text)


REFUSED = [
    (imported("django.urls", "path"), "from os import path", 1),
    (imported("a", "b"), "\nb = 1", 2),
    (imported("a", "b"), "b: int = 1", 1),
    (imported("a", "b"), "def b():\n    pass", 1),
    (imported("a", "b"), "class b:\n    pass", 1),
    (imported("a.c"), "from x import a", 1),
]


@pytest.mark.parametrize(("edit", "text", "line"), REFUSED)
def test_a_name_that_is_taken_is_refused(edit, text, line):
    with pytest.raises(Unrecognised, match="something else") as caught:
        edit.apply(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.snippet == edit.describe()


@pytest.mark.parametrize(("text", "why"), [(None, "no such file"), ("import [", "cannot be parsed")])
def test_files_that_cannot_be_edited(text, why):
    with pytest.raises(Unrecognised, match=why):
        imported("a").apply(text)


USED_BEFORE = [
    "if X:\n    import logging\n    Y = logging.INFO\n",
    "from .base import *\n\nX = logging.INFO\n",
    "for x in y:\n    import logging\nX = [logging.INFO, logging.DEBUG]\n",
]


@pytest.mark.parametrize("text", USED_BEFORE)
def test_goes_again_where_the_name_was_used_before(text):
    bound = imported("logging").bind(text)
    added = bound.apply(text)
    assert added != text
    assert bound.revert(added) == text
    assert type(bound).from_record(bound.record()) == bound
    with pytest.raises(CannotRevert, match="still used"):
        bound.revert(f"{added}Z = logging.ERROR\n")


USED = [
    (imported("logging"), "import logging\nX = logging.INFO", 2),
    (imported("a", "b"), "from a import b\n\n\ndef f():\n    return b", 5),
    (imported("a", "b", "c"), "from a import b as c\nX = c", 2),
    (imported("a", "b"), 'from a import b\n__all__ = ["b"]', 2),
    (imported("a.b"), "import a.b\nimport a.c\nX = a.b.d", 3),
]


@pytest.mark.parametrize(("edit", "text", "line"), USED)
def test_stays_while_it_is_used(edit, text, line):
    with pytest.raises(CannotRevert, match="still used") as caught:
        edit.revert(text)
    assert caught.value.problems[0].line == line


REVERTED = [
    (imported("a.b"), "import a.b\nimport a.c\nX = a.c.d", "import a.c\nX = a.c.d"),
    (imported("a", "b"), "from a import b, c\n", "from a import c\n"),
    (
        imported("a", "b"),
        "try:\n    from a import b\nexcept X:\n    pass",
        "try:\n    from a import b\nexcept X:\n    pass",
    ),
    (imported("a"), "x = 1\n", "x = 1\n"),
    (imported("a"), "import [", "import ["),
    (imported("a", "b"), "from a import b  # mine\nfrom c import d\n", "from c import d\n"),
    (imported("a", "b"), "import os\n\nfrom a import b\n\nX = 1\n", "import os\n\nX = 1\n"),
]


@pytest.mark.parametrize(("edit", "text", "after"), REVERTED)
def test_revert(edit, text, after):
    assert edit.revert(text) == after


def test_statements_that_share_a_line_stay():
    with pytest.raises(CannotRevert, match="shares its line"):
        imported("a").revert("import a; import b\n")


MODULES = st.sampled_from(
    [
        "import os",
        "import sys",
        "from a import b",
        "from a import c",
        "import a.d",
        "from django.urls import path",
        "from .x import y",
        "from shop import z",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(MODULES, unique=True, max_size=6), st.sampled_from(["", '"""Doc."""\n\n']), st.booleans())
def test_laws_and_order(lines, doc, single_line):
    text = doc + "\n".join(lines) + ("\n" if lines else "") + "\nX = 1\n"
    command = [
        RUFF,
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "I",
        "--fix",
        "-q",
        "--stdin-filename",
        "shop/v.py",
    ]
    options = ["--config", f"lint.isort.force-single-line={str(single_line).lower()}"]
    options += ["--config", "lint.isort.known-first-party=['shop', 'config']", "-"]
    text = subprocess.run(
        [*command, *options], input=text, capture_output=True, text=True, check=False
    ).stdout
    for edit in (
        imported("logging"),
        imported("a", "bb"),
        imported("shop.q", "r"),
        imported("django.urls", "include"),
    ):
        edit = edit.with_(single_line=single_line)  # noqa: PLW2901
        assert is_sorted(assert_laws(edit, text), single_line=single_line)
        if lines:
            assert_pair(edit, imported("zlib", single_line=single_line), text)
