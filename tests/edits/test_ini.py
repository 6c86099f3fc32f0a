from __future__ import annotations

import configparser

import pytest
from hypothesis import given, settings, strategies as st

from djroadmap.edits.ini import IniItem, IniOption, IniSection, read_ini
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = "setup.cfg"
SECTION = IniSection(
    path=PATH, section="importlinter", body="root_package = acme\ncontract_types =\n    a: b\n    c: d"
)
OPTION = IniOption(path=PATH, section="mypy", name="strict", value="True")

ITEM = IniItem(path=PATH, section="mypy", name="files", value="m.py")

TEXTS = {
    "no file": None,
    "one section": "[flake8]\nmax-line-length = 99\n",
    "no final newline": "[flake8]\nmax-line-length = 99",
    "crlf": "[flake8]\r\nmax-line-length = 99\r\n\r\n[mypy]\r\nplugins = a\r\n",
    "the section": "[mypy]\nplugins =\n    a,\n    b\n\n# the next\n[other]\nx: 1\n",
    "the section, tight": "[mypy]\nplugins=a\n[other]\nx=1\n",
    "the section, empty": "[mypy]\n\n[other]\nx = 1\n",
    "the section, empty and last": "[other]\nx = 1\n\n[mypy]",
    "the section with a comment": "[mypy]\n# nothing yet\n",
    "comment at its end": "[mypy]\na = 1\n# b = 2\n\n[other]\n",
    "only comments": "# nothing yet\n; at all",
    "trailing blank lines": "[mypy]\na = 1\n\n\n",
    "continuation after a blank line": "[mypy]\na =\n  1\n\n  2\n[other]\n",
    "no values": "[mypy]\nflag\n",
    "indented": "  [mypy]\n  a = 1\n",
    "default": "[DEFAULT]\nstrict = 1\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@texts
@pytest.mark.parametrize("edit", [SECTION, OPTION], ids=["section", "option"])
def test_laws(edit, text):
    assert_laws(edit, text)


@texts
def test_pairs(text):
    assert_pair(OPTION, SECTION, text)
    assert_pair(SECTION, IniSection(path=PATH, section="importlinter:contract:1", body="name = x"), text)


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in TEXTS.items() if "empty" not in name]
)
def test_pairs_in_one_section(text):
    assert_pair(OPTION, IniOption(path=PATH, section="mypy", name="files", value="\na\nb"), text)


def test_an_empty_file_stays():
    for edit in (SECTION, OPTION):
        assert_laws(edit, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mypy]\na = 1\n\n[b]\n", "[mypy]\na = 1\nstrict = True\n\n[b]\n"),
        ("[mypy]\na=1\n", "[mypy]\na=1\nstrict=True\n"),
        ("[mypy]\na: 1\n", "[mypy]\na: 1\nstrict: True\n"),
        ("[mypy]\na =\n  1\n", "[mypy]\na =\n  1\nstrict = True\n"),
        ("[b]\nx=1\n", "[b]\nx=1\n\n[mypy]\nstrict=True\n"),
        (None, "[mypy]\nstrict = True\n"),
    ],
)
def test_where_and_how_an_option_is_written(text, expected):
    assert OPTION.apply(text) == expected


def test_a_value_of_several_lines():
    edit = IniOption(path=PATH, section="tool:pytest", name="testpaths", value="\ntests\nmore")
    assert edit.apply("[tool:pytest]\naddopts = -q\n") == (
        "[tool:pytest]\naddopts = -q\ntestpaths =\n    tests\n    more\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[mypy]\nstrict = True\n",
        "[mypy]\nSTRICT: True\n",
        "[mypy]\nstrict =\n  True\n",
        "[a]\n\n[mypy]\nx = 1\nstrict=True",
    ],
)
def test_an_option_that_is_there_is_left(text):
    assert OPTION.holds(text)
    assert OPTION.apply(text) == text


@pytest.mark.parametrize(
    "text", ["[mypy]\n# strict = True\n", "[mypy2]\nstrict = True\n", "[mypy]\nstricter = True\n"]
)
def test_an_option_that_only_looks_alike_does_not_count(text):
    assert not OPTION.kept(text)
    assert OPTION.revert(text) == text


def test_a_section_that_is_there_is_left():
    text = "[importlinter]\ncontract_types: a: b\n  c: d\nroot_package=acme\nmore = x\n"
    assert SECTION.holds(text)
    assert SECTION.apply(text) == text


@pytest.mark.parametrize(
    ("edit", "text", "message"),
    [
        (OPTION, "a = 1\n", "setup.cfg:1: does not read as an INI file (MissingSectionHeaderError)"),
        (
            OPTION,
            "[mypy]\na = 1\na = 2\n",
            "setup.cfg:3: does not read as an INI file (DuplicateOptionError)",
        ),
        (OPTION, "[a]\n[mypy]\n[a]\n", "setup.cfg:3: does not read as an INI file (DuplicateSectionError)"),
        (OPTION, "[mypy]\n\n= 1\n", "setup.cfg:3: does not read as an INI file (ParsingError)"),
        (OPTION, "[mypy]\n\nstrict = False\n", "setup.cfg:3: strict in [mypy] has another value"),
        (
            SECTION,
            "\n[importlinter]\nx = 1\n",
            "setup.cfg:2: [importlinter] is there already, with other options",
        ),
        (SECTION, "x\n", "setup.cfg:1: does not read as an INI file (MissingSectionHeaderError)"),
    ],
)
def test_refused(edit, text, message):
    with pytest.raises(Unrecognised) as error:
        edit.apply(text)
    assert str(error.value) == message
    assert not edit.holds(text)


@pytest.mark.parametrize(
    ("edit", "text", "line"),
    [
        (OPTION, "[mypy]\nstrict = False\n", 2),
        (SECTION, SECTION.apply(None) + "mine = 1\n", 1),
        (SECTION, "[a]\n\n" + SECTION.apply(None).replace("acme", "acme2"), 3),
    ],
)
def test_what_was_changed_is_kept(edit, text, line):
    assert edit.kept(text)
    with pytest.raises(CannotRevert) as error:
        edit.revert(text)
    assert error.value.problems[0].line == line


def test_what_the_user_wrote_since_stays():
    after = SECTION.apply("[a]\nx = 1\n")
    assert SECTION.revert(after + "\n[mine]\ny = 2\n") == "[a]\nx = 1\n\n[mine]\ny = 2\n"
    assert OPTION.revert("[mypy]\n# mine\nstrict = True\n") == "[mypy]\n# mine\n"
    assert OPTION.revert("[mypy]\nstrict = True\nmine = 1\n") == "[mypy]\nmine = 1\n"


@pytest.mark.parametrize("edit", [SECTION, OPTION], ids=["section", "option"])
@pytest.mark.parametrize("text", [None, "", "[a]\nx = 1\n", "[mypy]\nx = 1\n"])
def test_nothing_to_revert(edit, text):
    assert edit.revert(text) == text


LISTS = {
    "no such option": "[mypy]\na = 1\n\n[other]\nx = 1\n",
    "no other option": "[mypy]\n",
    "other delimiter": "[mypy]\na: 1",
    "empty": "[mypy]\nfiles =\nb = 1\n",
    "one on its line": "[mypy]\nfiles = a.py\n",
    "a later one on its line": "[mypy]\nfiles = z.py\n",
    "sorted": "[mypy]\nfiles =\n    a.py\n    k.py\n    z.py\nb = 1\n",
    "tabs": "[mypy]\nfiles =\n\ta.py\n\tz.py\n",
    "first": "[mypy]\nfiles =\n  n.py\n  z.py\n",
    "last": "[mypy]\nfiles =\n  a.py\n  b.py",
    "not sorted": "[mypy]\nfiles =\n  z.py\n  a.py\n\n[b]\n",
    "comments": "[mypy]\nfiles =\n  a.py\n  # the last ones\n  y.py\n  ; or not\n  z.py\n",
    "crlf": "[mypy]\r\nfiles =\r\n  a.py\r\n  z.py\r\n",
    "an option of that name elsewhere": "[a]\nfiles =\n  m.py\n[mypy]\nx = 1\n",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_laws_of_items(text):
    assert_laws(ITEM, text)


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in LISTS.items() if name != "empty"]
)
def test_pairs_of_items(text):
    assert_pair(ITEM, ITEM.with_(value="c.py"), text)
    assert_pair(ITEM, ITEM.with_(value="zz.py"), text)
    assert_pair(ITEM, IniSection(path=PATH, section="more", body="name = x"), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LISTS["no such option"], "[mypy]\na = 1\nfiles =\n    m.py\n\n[other]\nx = 1\n"),
        (LISTS["sorted"], "[mypy]\nfiles =\n    a.py\n    k.py\n    m.py\n    z.py\nb = 1\n"),
        (LISTS["first"], "[mypy]\nfiles =\n  m.py\n  n.py\n  z.py\n"),
        (LISTS["last"], "[mypy]\nfiles =\n  a.py\n  b.py\n  m.py"),
        (LISTS["not sorted"], "[mypy]\nfiles =\n  z.py\n  a.py\n  m.py\n\n[b]\n"),
        (
            LISTS["comments"],
            "[mypy]\nfiles =\n  a.py\n  m.py\n  # the last ones\n  y.py\n  ; or not\n  z.py\n",
        ),
        (LISTS["one on its line"], "[mypy]\nfiles = a.py\n    m.py\n"),
        (LISTS["other delimiter"], "[mypy]\na: 1\nfiles:\n    m.py"),
    ],
)
def test_where_an_item_goes(text, expected):
    assert ITEM.apply(text) == expected


@pytest.mark.parametrize("text", ["[mypy]\nfiles =\n  a.py\n  m.py\n", "[mypy]\nFILES: m.py\n"])
def test_an_item_that_is_there_is_left(text):
    assert ITEM.holds(text)
    assert ITEM.apply(text) == text


@pytest.mark.parametrize(
    "text", ["[mypy]\nfiles =\n  # m.py\n", "[mypy]\nfiles = m.pyi\n", "[mypy]\nfile = m.py\n"]
)
def test_an_item_that_only_looks_alike_does_not_count(text):
    assert not ITEM.kept(text)
    assert ITEM.revert(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "setup.cfg: there is no [mypy]"),
        ("[flake8]\n", "setup.cfg: there is no [mypy]"),
        ("[mypy]\n\nfiles\n", "setup.cfg:3: files in [mypy] is no list"),
        ("x\n", "setup.cfg:1: does not read as an INI file (MissingSectionHeaderError)"),
    ],
)
def test_items_refused(text, message):
    with pytest.raises(Unrecognised) as error:
        ITEM.apply(text)
    assert str(error.value) == message
    assert not ITEM.holds(text)


def test_an_item_that_was_moved_is_kept():
    with pytest.raises(CannotRevert) as error:
        ITEM.revert("[mypy]\n\nfiles = m.py\n")
    assert str(error.value) == "setup.cfg:3: m.py was moved since djroadmap wrote it, so it is kept"


def test_descriptions():
    assert ITEM.describe() == "m.py in mypy.files"
    assert OPTION.describe() == "mypy.strict in setup.cfg"
    assert SECTION.describe() == "[importlinter] in setup.cfg"


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["a = 1", "b: 2", "c =\n  1\n  2", "", "# x", "; y", "flag"]), max_size=5, unique=True
    ),
    st.lists(st.sampled_from(["[s]", "d = 1", "e=\n\t1", "", "# z"]), max_size=4, unique=True),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_laws_on_any_text(first, second, end, final):
    text = "\n".join(["[mypy]", "x = 1", *first, *second]).replace("\n", end) + (end if final else "")
    parser = configparser.RawConfigParser(allow_no_value=True)
    parser.read_string(text)
    assert set(read_ini(text, path="")) == set(parser.sections())
    assert_pair(OPTION, SECTION, text)
    assert_pair(OPTION, IniOption(path=PATH, section="mypy", name="files", value="\na\nb"), text)
