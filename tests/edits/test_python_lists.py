"""INSTALLED_APPS, MIDDLEWARE and other lists: where an element goes, how it is written, when it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.python_lists import InstalledApp, ListItem, Middleware, is_app
from djroadmap.errors import CannotRevert, Unrecognised
from tests.edits.laws import assert_laws
from tests.edits.pairs import assert_pair


def app(name="waffle", group="third-party"):
    return InstalledApp(path="config/settings.py", app=name, group=group)


def middleware(name="m.New", **places):
    return Middleware(path="config/settings.py", middleware=name, **places)


def item(value, name="X", **place):
    return ListItem(path="config/settings.py", name=name, value=value, **place)


SUM = """\
DJANGO_APPS = [
    "django.contrib.auth",
]
THIRD_PARTY_APPS = (
    "allauth",  # accounts
)
LOCAL_APPS = ["shop.core"]
INSTALLED_APPS = DJANGO_APPS + list(THIRD_PARTY_APPS) + LOCAL_APPS
"""

HEADED = """\
INSTALLED_APPS = [
    # Django
    "django.contrib.auth",

    # Third-party
    "allauth",
    # "rosetta",

    # Local
    "shop.core",
]
"""

APPS = {
    "third-party under its heading": (
        app(),
        HEADED,
        '    "allauth",\n',
        '    "allauth",\n    "waffle",\n',
    ),
    "local under its heading": (
        app("shop.x", "local"),
        HEADED,
        '    "shop.core",\n',
        '    "shop.core",\n    "shop.x",\n',
    ),
    "third-party before the local heading": (
        app(),
        HEADED.replace("# Third-party", "# must come after auth, see the wiki"),
        '    "allauth",\n',
        '    "allauth",\n    "waffle",\n',
    ),
    "third-party where local apps come first": (
        app(),
        'INSTALLED_APPS = [\n    # Local\n    "shop",\n]\n',
        '    "shop",\n',
        '    "shop",\n    "waffle",\n',
    ),
    "third-party": (
        app(),
        SUM,
        '    "allauth",  # accounts\n',
        '    "allauth",  # accounts\n    "waffle",\n',
    ),
    "local": (app("shop.x", "local"), SUM, '["shop.core"]', '["shop.core", "shop.x"]'),
    "django": (app("django.forms", "django"), SUM, '.auth",\n', '.auth",\n    "django.forms",\n'),
    "third-party without such a list": (
        app(),
        'DJANGO_APPS = ["d"]\nLOCAL_APPS = ["a"]\nINSTALLED_APPS = DJANGO_APPS + LOCAL_APPS',
        '["a"]',
        '["a", "waffle"]',
    ),
    "names that say nothing": (
        app(),
        'A = ["a"]\nB = ["b"]\nINSTALLED_APPS = A + B',
        '["b"]',
        '["b", "waffle"]',
    ),
    "name and literal": (
        app(),
        'DJANGO_APPS = ["d"]\nINSTALLED_APPS = DJANGO_APPS + ["a"]',
        '["a"]',
        '["a", "waffle"]',
    ),
    "django in names that say nothing": (
        app("d.x", "django"),
        'A = ["a"]\nB = ["b"]\nINSTALLED_APPS = A + B',
        '["a"]',
        '["a", "d.x"]',
    ),
    "vendor": (
        app(),
        'OUR_APPS = ["a"]\nVENDOR_APPS = ["v"]\nINSTALLED_APPS = VENDOR_APPS + OUR_APPS',
        '["v"]',
        '["v", "waffle"]',
    ),
    "single quotes": (
        app(),
        'INSTALLED_APPS = [\n    \'a\',\n]\nX = "x"\nY = "y"',
        "'a',\n",
        "'a',\n    'waffle',\n",
    ),
    "quotes of the file": (app(), "INSTALLED_APPS = []\nX = 'x'", "[]", "['waffle']"),
    "tabs and CRLF": (app(), 'INSTALLED_APPS = [\r\n\t"a"\r\n]\r\n', '"a"\r\n', '"a",\r\n\t"waffle"\r\n'),
    "no final newline": (app(), 'INSTALLED_APPS = ("a",)', '("a",)', '("a", "waffle")'),
    "latin letters": (app(), '# é\nINSTALLED_APPS = ["é", "a"]', '"a"]', '"a", "waffle"]'),
    "commented out": (
        app(),
        'INSTALLED_APPS = [\n    "a",\n    # "waffle",\n]',
        '"a",\n',
        '"a",\n    "waffle",\n',
    ),
    "class attribute": (
        app(),
        'class Base(Configuration):\n    INSTALLED_APPS = [\n        "a",\n    ]\n',
        '"a",\n',
        '"a",\n        "waffle",\n',
    ),
    "sum of imported lists": (
        app(),
        "from .apps import A, B\n\nINSTALLED_APPS = A + B  # c\n\nX = 1",
        "B  # c\n",
        'B  # c\nINSTALLED_APPS += ("waffle",)\n',
    ),
    "sum of imported lists at the end": (
        app(),
        "from .apps import A, B\r\nINSTALLED_APPS = A + B",
        "A + B",
        'A + B\r\nINSTALLED_APPS += ("waffle",)',
    ),
    "dataclass-like indentation": (app(), "if 1:\n  pass\nINSTALLED_APPS = [\n]", "[\n", '[\n  "waffle",\n'),
    "newer syntax": (app(), 'type X[T] = list[T]\nINSTALLED_APPS = ["a"]', '["a"]', '["a", "waffle"]'),
    "a call beside it": (app(), 'INSTALLED_APPS = ["a"] + plugins()', '["a"]', '["a", "waffle"]'),
}


@pytest.mark.parametrize("case", APPS)
def test_app(case):
    edit, text, old, new = APPS[case]
    assert text.count(old) == 1
    assert assert_laws(edit, text) == text.replace(old, new)


@pytest.mark.parametrize("case", APPS)
def test_apps_do_not_disturb_each_other(case):
    edit, text, *_ = APPS[case]
    assert_pair(edit, app("other.app", edit.group), text)


HELD = [
    'INSTALLED_APPS = ["waffle"]',
    'INSTALLED_APPS = ["waffle.apps.WaffleConfig"]',
    'INSTALLED_APPS = ["waffle.WaffleConfig"]',
    'INSTALLED_APPS = ["a"]\nif DEBUG:\n    INSTALLED_APPS += ["waffle"]',
    'INSTALLED_APPS = []\ntry:\n    import waffle\n    INSTALLED_APPS.append("waffle")\nexcept ImportError:\n    pass',
    'A = ["waffle"]\nINSTALLED_APPS = [*A]',
    'INSTALLED_APPS = ["waf" "fle"]',
    'NAME = "waffle"\nINSTALLED_APPS = [NAME]',
]


@pytest.mark.parametrize("text", HELD)
def test_app_is_there(text):
    assert app().holds(text)
    assert app().apply(text) == text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("waffle", "waffle.apps.WaffleConfig", True),
        ("a.events.apps.EventsConfig", "a.events", True),
        ("a.b", "a", False),
        ("allauth.account.apps.AccountConfig", "allauth", False),
        ("allauth.mfa", "allauth", False),
        ("waffles", "waffle", False),
        ("a.apps.OneConfig", "a.apps.TwoConfig", True),
    ],
)
def test_is_app(one, other, same):
    assert is_app(one, other) is same
    assert is_app(other, one) is same


NOT_HELD = [
    '# INSTALLED_APPS = ["waffle"]',
    'INSTALLED_APPS = ["waffle_x"]',
    'OTHER = ["waffle"]',
    "INSTALLED_APPS = [",
    "",
]


@pytest.mark.parametrize("text", NOT_HELD)
def test_app_is_not_there(text):
    assert not app().holds(text)
    assert not app().holds(None)


REFUSED = {
    "missing file": (None, None, "no such file"),
    "call": ("INSTALLED_APPS = get()", 1, "function call"),
    "alias of another file's list": (
        "from .x import APPS\nINSTALLED_APPS = APPS",
        1,
        "another name for APPS",
    ),
    "broken": ("INSTALLED_APPS = [\n", 1, "cannot be parsed"),
    "lost bytes": ('INSTALLED_APPS = ["a"]\n\n    ', 2, "written again"),
    "counted by number": ('INSTALLED_APPS = ["a"]\nINSTALLED_APPS.insert(3, "b")', 2, "position"),
    "conditional only": ('if X:\n    INSTALLED_APPS = ["a"]', 2, "condition"),
}


def pasted(text):
    with pytest.raises(Unrecognised) as caught:
        app().apply(text)
    (problem,) = caught.value.problems
    return problem.snippet


@pytest.mark.parametrize(
    "text",
    [
        "INSTALLED_APPS = [name for name in ['a']]",
        "import os\nINSTALLED_APPS = os.environ.get('X', 'a').split(',')",
        "INSTALLED_APPS, MIDDLEWARE = ['a'], ['b']",
        "if 1:\n    INSTALLED_APPS = ('a',)\nelse:\n    INSTALLED_APPS = ('b',)",
        "OTHER = ['a']\nINSTALLED_APPS = OTHER\nOTHER.append('b')",
    ],
)
def test_snippet_works_where_it_is_pasted(text):
    """At the end of the file, whatever the list turns out to be when it runs."""
    names = {}
    exec(f"{text}\n{pasted(text)}", names)
    assert "waffle" in names["INSTALLED_APPS"]
    assert "a" in names["INSTALLED_APPS"]


def test_snippet_for_a_function_is_an_element_of_what_it_returns():
    text = "class Base:\n    @property\n    def INSTALLED_APPS(self):\n        return ['a', {}]\n"
    snippet = pasted(text)
    names = {}
    exec(text.replace("{}", snippet), names)
    assert names["Base"]().INSTALLED_APPS == ["a", "waffle"]


@pytest.mark.parametrize("case", REFUSED)
def test_app_is_refused(case):
    text, line, why = REFUSED[case]
    with pytest.raises(Unrecognised, match=why) as caught:
        app().apply(text)
    (problem,) = caught.value.problems
    assert problem.path == "config/settings.py"
    assert problem.line == line
    assert problem.snippet == 'INSTALLED_APPS += ("waffle",)'


def test_commas_at_the_head_of_lines_are_refused():
    with pytest.raises(Unrecognised, match="commas"):
        middleware(after=("a",)).apply('MIDDLEWARE = [\n    "a"\n  , "b"\n]')


class TestRevert:
    def test_another_way_of_saying_it_goes_too(self):
        assert app().revert('INSTALLED_APPS = ["a", "waffle.apps.WaffleConfig"]') == 'INSTALLED_APPS = ["a"]'

    def test_what_others_added_stays(self):
        text = 'INSTALLED_APPS = [\n    "a",\n    "waffle",\n    "mine",  # mine\n]'
        assert app().revert(text) == 'INSTALLED_APPS = [\n    "a",\n    "mine",  # mine\n]'

    def test_what_is_gone_is_fine(self):
        assert app().revert('INSTALLED_APPS = ["a"]') == 'INSTALLED_APPS = ["a"]'
        assert app().revert(None) is None

    @pytest.mark.parametrize(
        "text",
        [
            'INSTALLED_APPS = ["a"]\nif X:\n    INSTALLED_APPS += ["waffle"]',
            'INSTALLED_APPS = []\nINSTALLED_APPS.append("waffle")',
        ],
    )
    def test_what_was_moved_is_named(self, text):
        with pytest.raises(CannotRevert, match="not in a plain list"):
            app().revert(text)

    def test_a_line_of_its_own_that_others_joined_stays(self):
        text = "from x import A\nINSTALLED_APPS = A + []\n"
        after = 'from x import A, B\nINSTALLED_APPS = A + B\nINSTALLED_APPS += ("waffle", "mine")\n'
        assert app().revert(after) == after.replace('("waffle", "mine")', '("mine",)')
        assert not app().holds(text)


STACK = """\
MIDDLEWARE = [
    "django.Security",
    # sessions first
    "django.Session",
    "django.Common",
    "django.Auth",  # users
    "django.Messages",
]
"""

PLACES = {
    "after": ({"after": ("django.Auth",)}, '"django.Auth",  # users\n', True),
    "after the last of several": (
        {"after": ("django.Session", "django.Auth", "absent")},
        '"django.Auth",  # users\n',
        True,
    ),
    "before": ({"before": ("django.Common",)}, '"django.Session",\n', True),
    "before, in front of its comment": ({"before": ("django.Session",)}, '"django.Security",\n', True),
    "between": (
        {"after": ("django.Auth",), "before": ("django.Messages",)},
        '"django.Auth",  # users\n',
        True,
    ),
    "last": ({"position": "last"}, '"django.Messages",\n', True),
    "first": ({"position": "first"}, "MIDDLEWARE = [\n", True),
    "no wish": ({}, '"django.Messages",\n', True),
}


@pytest.mark.parametrize("case", PLACES)
def test_middleware(case):
    places, line, _ = PLACES[case]
    edit = middleware(**places)
    assert assert_laws(edit, STACK) == STACK.replace(line, f'{line}    "m.New",\n')
    assert_pair(edit, middleware("m.Other", **places), STACK)
    assert_pair(edit, middleware("m.Other", position="last"), STACK)
    assert_pair(edit, middleware("m.Other", position="first"), STACK)


REFUSED_MIDDLEWARE = {
    "no anchor": ({"after": ("absent",)}, STACK, 1, "does not hold absent"),
    "no file": ({"after": ("absent",)}, None, None, "no such file"),
    "anchors the wrong way round": (
        {"after": ("django.Auth",), "before": ("django.Common",)},
        STACK,
        5,
        "nothing fits between",
    ),
    "anchor under a condition": (
        {"after": ("a",)},
        'MIDDLEWARE = ["b"]\nif X:\n    MIDDLEWARE += ["a"]',
        3,
        "not in a plain list",
    ),
    "anchor that was appended": (
        {"after": ("a",)},
        'MIDDLEWARE = ["b"]\nMIDDLEWARE.append("a")',
        2,
        "not in a plain list",
    ),
    "counted by number": (
        {"after": ("a",)},
        'MIDDLEWARE = ["a", "b"]\nMIDDLEWARE.insert(1, "c")',
        2,
        "position",
    ),
    "first behind something else": (
        {"position": "first"},
        'MIDDLEWARE = f() + ["a"]',
        1,
        "starts with something else",
    ),
    "alias": (
        {"position": "last"},
        "from x import COMMON\nMIDDLEWARE = COMMON",
        1,
        "another name for COMMON",
    ),
    "unset": ({"after": ("a",)}, 'MIDDLEWARE_CLASSES = ["a"]', None, "not set"),
}


@pytest.mark.parametrize("case", REFUSED_MIDDLEWARE)
def test_middleware_is_refused(case):
    places, text, line, why = REFUSED_MIDDLEWARE[case]
    with pytest.raises(Unrecognised, match=why) as caught:
        middleware(**places).apply(text)
    assert caught.value.problems[0].line == line


def test_middleware_goes_into_the_literal_of_its_neighbour():
    text = 'MIDDLEWARE = ["a"]\nif X:\n    MIDDLEWARE.append("x")\nMIDDLEWARE += ["b", "c"]\n'
    assert assert_laws(middleware(after=("b",)), text) == text.replace('"b", ', '"b", "m.New", ')
    assert assert_laws(middleware(position="last"), text) == text.replace('"c"]', '"c", "m.New"]')
    assert assert_laws(middleware(position="first"), text) == text.replace('["a"]', '["m.New", "a"]')


def test_middleware_in_odd_elements():
    text = 'MIDDLEWARE = ["a", ["b", "c"], X, "{}.d".format(Y)]\n'
    assert assert_laws(middleware(after=("c",)), text) == text.replace("], X", '], "m.New", X')


ITEMS = [
    (item('"b"'), "X = ['a']", "X = ['a', 'b']"),
    (item('"b"', position="first"), 'X = ["a"]', 'X = ["b", "a"]'),
    (item('("me", "me@x.org")'), "X = []", 'X = [("me", "me@x.org")]'),
    (item('str(BASE / "x")'), "X = (str(BASE / 'a'),)", "X = (str(BASE / 'a'), str(BASE / 'x'))"),
    (item('"b"'), "from y import X", 'from y import X\nX += ("b",)'),
    (item("b", position="last"), "X: tuple[str, ...] = ()", "X: tuple[str, ...] = (b,)"),
]


@pytest.mark.parametrize(("edit", "before", "after"), ITEMS)
def test_item(edit, before, after):
    assert assert_laws(edit, before) == after
    assert_pair(edit, item("other()", position=edit.position), before)


@pytest.mark.parametrize("text", ["X = ['b']", 'X = ["a"]\nX += ["b"]', "X = [\n  (\n   'b'\n  )\n]"])
def test_item_is_there_however_it_is_written(text):
    assert item('"b"').holds(text)


def test_item_is_not_there():
    assert not item('"b"').holds('X = ["a", ["b"]]')
    assert not item('("a", "b")').holds('X = ["a", "b"]')
    with pytest.raises(Unrecognised, match="not set") as caught:
        item('"b"').apply("Y = 1")
    assert caught.value.problems[0].snippet == 'X += ("b",)'


def test_item_that_is_no_expression_is_a_mistake():
    with pytest.raises(ValueError, match="not an expression"):
        item("b = ").holds("X = [1]")


def test_descriptions():
    assert app().describe() == '"waffle" in INSTALLED_APPS'
    assert middleware().describe() == '"m.New" in MIDDLEWARE'
    assert item('"b"').describe() == '"b" in X'
    assert middleware(after=("a",), before=("b",)).snippet() == '"m.New",  # behind a, before b'


LINE = st.sampled_from(['"a.b",', "'c',", "# comment", "", '"d", "e",  # f', '("g"),', "*h,", "x(\n1,\n),"])


@given(
    st.lists(LINE, max_size=5),
    st.sampled_from(["[]", "()"]),
    st.sampled_from(["    ", "\t", ""]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
def test_laws(lines, brackets, indent, end, last_comma, final):
    rows = "".join(f"{indent}{line}\n" for line in lines)
    if not last_comma and lines and "#" not in lines[-1] and brackets == "[]":
        rows = rows.removesuffix(",\n") + "\n" if rows.endswith(",\n") else rows
    text = f"# é\nINSTALLED_APPS = {brackets[0]}\n{rows}{brackets[1]}" + ("\nX = 1\n" if final else "")
    text = text.replace("\n", end)
    assert_laws(app(), text)
    assert_pair(app(), app("zz"), text)


ROWS = {
    "X = []": "X = [\n    1,\n]",
    "X: list[int] = []  # why": "X: list[int] = [\n    1,\n]  # why",
    "X = [2]": "X = [2, 1]",
    "X = [\n]": "X = [\n    1,\n]",
    "X = [ ]": "X = [1 ]",
    "X = ()": "X = (1,)",
    "X = [  # none\n]": "X = [  # none\n    1,\n]",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("text", ROWS)
def test_an_empty_list_is_opened_for_an_element_a_row(text: str, ending: str) -> None:
    after = assert_laws(item("1", rows=True), f"{text}\n".replace("\n", ending))
    assert after == f"{ROWS[text]}\n".replace("\n", ending)


def test_rows_do_not_know_each_other() -> None:
    for text in ("X = []\n", "X = [3]\n", "X = [\n    3,\n]\n", "X: list[int] = []  # why\n"):
        assert_pair(item("1", rows=True), item("2", rows=True), text)
        assert_pair(item("1", rows=True), item("2", rows=True, position="first"), text)
