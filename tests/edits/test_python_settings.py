"""Settings: under which banner, before what has to stay last, and taken back without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.python_settings import Setting
from djroadmap.errors import CannotRevert, Unrecognised
from tests.edits.laws import assert_laws
from tests.edits.pairs import assert_pair


def setting(name="FLAG", value="True", **more):
    return Setting(path="config/settings.py", name=name, value=value, **more)


FLAG = setting(section="waffle", link="https://waffle.example")
RULE = "# " + "-" * 78
HASHES = 30 * "#"
BLOCK = f"# waffle\n{RULE}\n# https://waffle.example\nFLAG = True\n"

BANNERS = f"""\
# GENERAL
{RULE}
DEBUG = True

# Celery
{RULE}
# https://celery.example
BROKER = {{
    "a": 1,
}}
"""

PLAIN = "# waffle\n# https://waffle.example\nFLAG = True\n"
END, INDENTED = "\n", "\n    "
SUBCLASS = "\n\nclass B(A):\n    pass\n"

PLACES = {
    "at the end": (BANNERS, f"{BANNERS}\n{BLOCK}"),
    "before what is the user's": (
        f"{BANNERS}\n# Your stuff...\n{RULE}\nX = 1\n",
        f"{BANNERS}\n{BLOCK}\n# Your stuff...\n{RULE}\nX = 1\n",
    ),
    "before that without a blank line": (
        f"{BANNERS}# Your stuff...\n{RULE}\n",
        f"{BANNERS}\n{BLOCK}# Your stuff...\n{RULE}\n",
    ),
    "before a last call": (
        f"{BANNERS}\n# Heroku\ndjango_heroku.settings(locals())\n",
        f"{BANNERS}\n{BLOCK}\n# Heroku\ndjango_heroku.settings(locals())\n",
    ),
    "before a last star import": (
        f"from .common import *\n{BANNERS}\nfrom .local import *\n",
        f"from .common import *\n{BANNERS}\n{BLOCK}\nfrom .local import *\n",
    ),
    "before a guarded star import": (
        f"{BANNERS}\ntry:\n    from .local import *\nexcept ImportError:\n    pass\n",
        f"{BANNERS}\n{BLOCK}\ntry:\n    from .local import *\nexcept ImportError:\n    pass\n",
    ),
    "before what the guard asks for": (
        f"{BANNERS}\nlocal = find()\nif local:\n    from .local import *\n",
        f"{BANNERS}\n{BLOCK}\nlocal = find()\nif local:\n    from .local import *\n",
    ),
    "behind what the guard does not ask for": (
        f"{BANNERS}\nlocal = find()\nif other:\n    from .local import *\n",
        f"{BANNERS}\nlocal = find()\n\n{BLOCK}if other:\n    from .local import *\n",
    ),
    "before other settings files": (
        f"{BANNERS}\ninclude('other.py', optional('local.py'))\n",
        f"{BANNERS}\n{BLOCK}\ninclude('other.py', optional('local.py'))\n",
    ),
    "above a line": (
        f"{BANNERS}\n# Do not edit below this line\nX = 1\n",
        f"{BANNERS}\n{BLOCK}\n# Do not edit below this line\nX = 1\n",
    ),
    "behind nothing but a star import": (
        "from .base import *\n",
        "from .base import *\n\n# waffle\n# https://waffle.example\nFLAG = True\n",
    ),
    "no banners": ("DEBUG = True\n", "DEBUG = True\n\n# waffle\n# https://waffle.example\nFLAG = True\n"),
    "two blank lines between sections": (
        "# One\n\nA = 1\n\n\n# Two\n\nB = 1\n",
        "# One\n\nA = 1\n\n\n# Two\n\nB = 1\n\n\n# waffle\n# https://waffle.example\nFLAG = True\n",
    ),
    "no final newline": ("DEBUG = True", "DEBUG = True\n\n# waffle\n# https://waffle.example\nFLAG = True"),
    "blank lines at the end": (
        "DEBUG = True\n\n\n",
        "DEBUG = True\n\n# waffle\n# https://waffle.example\nFLAG = True\n\n\n",
    ),
    "empty": ("", "# waffle\n# https://waffle.example\nFLAG = True\n"),
    "blank": ("\n\n", "# waffle\n# https://waffle.example\nFLAG = True\n\n\n"),
    "CRLF": (
        "DEBUG = True\r\n",
        "DEBUG = True\r\n\r\n# waffle\r\n# https://waffle.example\r\nFLAG = True\r\n",
    ),
    "boxes": (
        f"{HASHES}\n# ONE AND TWO              #\n{HASHES}\nX = 1\n",
        f"{HASHES}\n# ONE AND TWO              #\n{HASHES}\nX = 1\n\n{HASHES}\n{BLOCK.replace(RULE, HASHES)}",
    ),
    "loud titles": (
        f"# ONE\n{RULE}\nX = 1\n\n# TWO\n{RULE}\nY = 1\n",
        f"# ONE\n{RULE}\nX = 1\n\n# TWO\n{RULE}\nY = 1\n\n" + BLOCK.replace("# waffle", "# WAFFLE"),
    ),
    "section that is there": (
        f"{BANNERS}\n# Waffle\n{RULE}\nX = 1  # x\n\n# Z\n{RULE}\n",
        f"{BANNERS}\n# Waffle\n{RULE}\nX = 1  # x\n# https://waffle.example\nFLAG = True\n\n# Z\n{RULE}\n",
    ),
    "section that is there, and empty": (
        f"{BANNERS}\n# waffle\n{RULE}\n# Read the docs\n\n# Z\n{RULE}\n",
        f"{BANNERS}\n# waffle\n{RULE}\n# Read the docs\n# https://waffle.example\nFLAG = True\n\n# Z\n{RULE}\n",
    ),
    "section that is there, the last": (
        f"{BANNERS}\n# waffle\n{RULE}\n\nX = 1",
        f"{BANNERS}\n# waffle\n{RULE}\n\nX = 1\n# https://waffle.example\nFLAG = True",
    ),
    "class": (
        f"class A(Configuration):\n    X = 1\n{SUBCLASS}",
        f"class A(Configuration):\n    X = 1\n\n    {PLAIN.strip().replace(END, INDENTED)}\n{SUBCLASS}",
    ),
    "a list with banners": (
        f"X = [\n    1,\n# waffle\n{RULE}\n]\n",
        f"X = [\n    1,\n# waffle\n{RULE}\n]\n\n{PLAIN}",
    ),
    "a docstring that looks like a banner": (
        'X = """\n# Your stuff\n' + RULE + '\n"""\n',
        'X = """\n# Your stuff\n' + RULE + '\n"""\n\n' + PLAIN,
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_place(case):
    before, after = PLACES[case]
    assert assert_laws(FLAG, before) == after


@pytest.mark.parametrize("case", PLACES)
def test_settings_do_not_disturb_each_other(case):
    text = PLACES[case][0]
    assert_pair(FLAG, setting("SWITCH", section="waffle", comment="A switch,\nmore of it"), text)
    assert_pair(FLAG, setting("GUID", '{\n    "a": 1,\n}', section="guid", link="https://guid.example"), text)
    assert_pair(FLAG, setting("PLAIN"), text)


def test_settings_of_a_section_join_under_one_banner():
    switch = setting("SWITCH", "False", section="waffle", link="https://waffle.example", comment="Off")
    text = switch.apply(FLAG.apply(BANNERS))
    assert text == f"{BANNERS}\n{BLOCK}# https://waffle.example\n# Off\nSWITCH = False\n"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("X = 'x'", '{"a": "b"}', "{'a': 'b'}"),
        ('X = "x"', '{"a": "b"}', '{"a": "b"}'),
        ("X = 'x'", '"it\'s"', '"it\'s"'),
        ("X = 'x'", 'r"\\d"', 'r"\\d"'),
        ("X = 'x'", '"""a"""', '"""a"""'),
        ("X = 'x'", 'f("a", b"c")', "f('a', b'c')"),
    ],
)
def test_quotes(before, value, after):
    assert assert_laws(setting(value=value), before).endswith(f"FLAG = {after}")


@pytest.mark.parametrize("unit", ["    ", "\t"])
def test_what_a_string_holds_is_not_indented(unit):
    value = '{\n    "query": """\n    select\n\n        1\n""",\n    "b": f"""\n        {1}""",\n}'
    before = f"class Base(Configuration):\n{unit}DEBUG = True\n"
    edit = setting(value=value)
    after = edit.apply(before)
    found, wanted = {}, {}
    exec(f"Configuration = object\n{after}", found)
    exec(f"FLAG = {value}", wanted)
    assert wanted["FLAG"] == found["Base"].FLAG
    assert f'\n{unit}{unit}"query": """\n    select\n\n        1\n""",\n{unit}{unit}"b": f"""\n' in after
    assert edit.holds(after)
    assert edit.bind(before).revert(after) == before


def test_tabs():
    text = "if X:\n\tY = 1\n"
    assert assert_laws(setting(value="[\n    [\n        1,\n    ],\n]"), text).endswith(
        "FLAG = [\n\t[\n\t\t1,\n\t],\n]\n"
    )


HELD = [
    "FLAG = True",
    "FLAG: bool = (True)  # yes",
    "FLAG = False\nFLAG = True",
    "class A(Configuration):\n    FLAG = True",
]


@pytest.mark.parametrize("text", HELD)
def test_holds(text):
    assert FLAG.holds(text)
    assert FLAG.apply(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "FLAG = False",
        "if X:\n    FLAG = True",
        "FLAG = True\nFLAG = f()",
        "def f():\n    FLAG = True",
        "# FLAG = True",
        "x = [",
        None,
    ],
)
def test_does_not_hold(text):
    assert not FLAG.holds(text)


REFUSED = {
    "no file": (None, None, "no such file"),
    "another value": ("X = 1\nFLAG = False", 2, "another value"),
    "another value under a condition": ("if X:\n    FLAG = False", 2, "another value"),
    "imported": ("X = 1\nfrom company import Y as FLAG", 2, "is imported"),
    "imported under a condition": ("if X:\n    from company import FLAG", 2, "is imported"),
    "broken": ("X = [", 1, "cannot be parsed"),
    "generated": ("# Generated by x. DO NOT EDIT.\nX = 1", 1, "not to edit"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    text, line, why = REFUSED[case]
    with pytest.raises(Unrecognised, match=why) as caught:
        FLAG.apply(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.snippet == "FLAG = True"


class TestReplace:
    edit = setting("ENGINE", '"new"', replace=True)

    def test_remembers_the_old_value(self):
        text = "X = 1\nENGINE = (\n    'old'  # old\n)\n"
        assert assert_laws(self.edit, text) == "X = 1\nENGINE = (\n    'new'  # old\n)\n"
        assert self.edit.bind(text).old == "'old'"

    def test_old_value_over_lines(self):
        text = 'ENGINE = {\n    "a": 1,  # one\n}\n'
        assert assert_laws(self.edit, text) == 'ENGINE = "new"\n'

    def test_nothing_to_replace(self):
        assert assert_laws(self.edit, "X = 1\n") == 'X = 1\n\nENGINE = "new"\n'

    @pytest.mark.parametrize("text", ["ENGINE = 1\nENGINE = 2", "if X:\n    ENGINE = 1"])
    def test_more_than_one(self, text):
        with pytest.raises(Unrecognised, match="more than once"):
            self.edit.apply(text)

    def test_changed_since(self):
        bound = self.edit.bind("ENGINE = 1\n")
        with pytest.raises(CannotRevert, match="changed since"):
            bound.revert("ENGINE = 3\n")


class TestRevert:
    def test_keeps_what_was_tuned(self):
        text = f"{BANNERS}\n{BLOCK.replace('True', 'False')}"
        assert FLAG.kept(text)
        with pytest.raises(CannotRevert, match="changed since") as caught:
            FLAG.revert(text)
        assert caught.value.problems[0].line == 15

    def test_keeps_what_is_used(self):
        with pytest.raises(CannotRevert, match="still used") as caught:
            FLAG.revert("FLAG = True\nX = not FLAG\n")
        assert caught.value.problems[0].line == 2

    def test_keeps_what_shares_a_line(self):
        with pytest.raises(CannotRevert, match="shares its line"):
            FLAG.revert("X = 1; FLAG = True\n")
        with pytest.raises(CannotRevert, match="shares its line"):
            FLAG.revert("FLAG = True; X = 1\n")

    def test_keeps_what_only_a_condition_sets(self):
        with pytest.raises(CannotRevert, match="changed since"):
            FLAG.revert("if X:\n    FLAG = True\n")

    def test_what_is_gone_is_fine(self):
        assert FLAG.revert("X = 1\n") == "X = 1\n"
        assert FLAG.revert(None) is None

    def test_keeps_the_banner_over_what_the_user_put_there(self):
        text = f"{BANNERS}\n{BLOCK}MINE = 1\n"
        assert FLAG.revert(text) == f"{BANNERS}\n# waffle\n{RULE}\nMINE = 1\n"

    def test_keeps_a_comment_the_user_rewrote(self):
        text = f"{BANNERS}\n{BLOCK}".replace("https://waffle.example", "see the wiki")
        assert FLAG.revert(text) == f"{BANNERS}\n# waffle\n{RULE}\n# see the wiki\n"

    def test_takes_a_comment_on_the_line_along(self):
        assert (
            FLAG.revert(
                f"{BANNERS}\n{BLOCK}".replace("True\n# C", "").replace("FLAG = True", "FLAG = True  # mine")
            )
            == BANNERS
        )

    def test_broken_file(self):
        assert FLAG.revert("FLAG = [") == "FLAG = ["


def test_descriptions():
    assert FLAG.describe() == "FLAG = True"
    assert setting(value="{\n}").describe() == "FLAG = { ..."


ROW = st.sampled_from(
    [
        "A = 1",
        "# note",
        "",
        "",
        f"# Title\n{RULE}",
        "B = [\n    1,\n]",
        "if A:\n    C = 1",
        "# Your stuff...\n" + RULE,
        "f(locals())",
    ]
)


@given(st.lists(ROW, max_size=7), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_laws(rows, end, final):
    text = ("A = 0\n" + "\n".join(rows) + "\n" * final).replace("\n", end)
    assert_pair(FLAG, setting("SWITCH", section="waffle"), text)
    assert_pair(FLAG, setting("GUID", section="guid"), text)
