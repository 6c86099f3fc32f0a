from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.toml_arrays import Dependency, TomlItem
from djroadmap.edits.toml_document import look_up, parse_key, read_toml, write_key, write_value
from djroadmap.edits.toml_keys import TomlKey, TomlWords
from djroadmap.edits.toml_tables import TomlTable
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = "pyproject.toml"
WAFFLE = Dependency(path=PATH, table="project.dependencies", requirement="django-waffle==5.0.0")
GRIMP = Dependency(path=PATH, table="dependency-groups.dev", requirement="grimp==3.9")
LINTER = Dependency(
    path=PATH, table="dependency-groups.dev", requirement="import-linter==2.7; python_version > '3'"
)
PLUGIN = TomlItem(path=PATH, table="tool.mypy", name="plugins", value="strawberry.ext.mypy_plugin")
OTHER = TomlItem(path=PATH, table="tool.mypy", name="plugins", value="a.first")
KEY = TomlKey(path=PATH, table="tool.djlint", name="profile", value="django")
NUMBER = TomlKey(path=PATH, table="tool.djlint", name="indent", value=2)
WORDS = TomlWords(path=PATH, table="tool.djlint", name="custom_blocks", words=("flag", "switch", "sample"))
MORE = TomlWords(path=PATH, table="tool.djlint", name="custom_blocks", words=("graph",))
TABLE = TomlTable(
    path=PATH, table="tool.importlinter", body='root_package = "acme"\n\n[tool.importlinter.x]\ny = 1'
)
AOT = TomlTable(path=PATH, table="[[tool.mypy.overrides]]", body='module = "waffle.*"\nignore_errors = true')
EDITS = {
    "dependency": WAFFLE,
    "group": GRIMP,
    "marker": LINTER,
    "item": PLUGIN,
    "key": KEY,
    "number": NUMBER,
    "words": WORDS,
    "table": TABLE,
    "array of tables": AOT,
}

TURBO = """\
# ==== mypy ====
[tool.mypy]
python_version = "3.13"
plugins = [
    "mypy_django_plugin.main",
    "mypy_drf_plugin.main",
]

[[tool.mypy.overrides]]
# Django migrations should not produce any errors:
module = "*.migrations.*"
ignore_errors = true

# ==== djLint ====
[tool.djlint]
blank_line_after_tag = "load,extends"
# TODO: remove T002 when fixed
ignore = "H006,H030"

[tool.djlint.css]
indent_size = 2

[dependency-groups]
dev = [
    "coverage==7.12.0",
    "pytest==9.0.2",  # tests
    # for docs
    "sphinx==9.0.4",
]

[project]
name = "acme_shop"
requires-python = "==3.13.*"
dependencies = [
    "argon2-cffi==25.1.0",
    "django==5.2.9",
    "redis==7.1.0",
]
"""
TEXTS = {
    "no file": None,
    "blank": "\n",
    "only comments": "# nothing\n# yet",
    "turbo": TURBO,
    "crlf": TURBO.replace("\n", "\r\n"),
    "crlf without final newline": TURBO.replace("\n", "\r\n")[:-2],
    "no final newline": "[project]\ndependencies = ['Django>=5']",
    "one line": '[project]\ndependencies = ["django", "redis"] # two\n[dependency-groups]\ndev = ["b", "a"]\n',
    "spaces": "[project]\ndependencies = [ 'django', ]\n\n[tool.mypy]\nplugins = [ 'a', 'b' ]\n[tool.djlint]\nx=1\n",
    "no trailing comma": "[project]\ndependencies = [\n\t'django',\n\t'redis' # last\n]\n",
    "unsorted": "[dependency-groups]\ntest = ['x']\ndev = [\n  'pytest',\n  'mypy',\n  {include-group = 'test'},\n]\n",
    "as uv sorts": '[project]\ndependencies = [\n    "redis",\n    "uvicorn-worker",\n    "uvicorn[standard]",\n]\n',
    "groups first": "[dependency-groups]\ndev = [{include-group='test'}, 'pytest']\ntest = ['x']\n",
    "dotted": "[tool]\nmypy.plugins = ['b']\ndjlint.custom_blocks='element, slot'\ndjlint.x=1\n\n[project]\nname='x'\n",
    "all dotted": 'project.name = "x"\nproject.dependencies = [\n"django"]\ntool.djlint.x = 1\ntool.mypy.x = 1\n',
    "trailing blank lines": "[tool.djlint]\nx = 1\n\n\n",
    "indented": "[tool]\n  [tool.djlint]\n  x = 1\n  y = 2\n  [tool.mypy]\n  strict = true\n",
    "strings": """\
a = \"\"\"x"] # no\"\"\"
b = '''[project]
'''
c = "\\"#"
"d.e" = '#'

[tool."x.y"]
z = 1979-05-27 07:32:00 # d
""",
}
# What was there before, but empty, is remembered by the edit that fills it.
EMPTY = {
    "empty": "",
    "empty arrays": "[project]\ndependencies = []\n\n[dependency-groups]\ndev = [ ]\n\n[tool.mypy]\nplugins = [\n]\n",
    "empty array with comment": "[project]\ndependencies = [\n  # none\n]\n[dependency-groups]\ndev = [ # none\n]\n",
    "empty tables": "[project]\n[dependency-groups]\n\n[tool.mypy]\n# nothing\n\n[tool.djlint]",
    "empty words": "[tool.djlint]\ncustom_blocks = ''\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
edits = pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)


@edits
@pytest.mark.parametrize("text", [*TEXTS.values(), *EMPTY.values()], ids=[*TEXTS, *EMPTY])
def test_laws(edit, text):
    after = assert_laws(edit, text)
    tomllib.loads(after)


@texts
def test_pairs(text):
    assert_pair(GRIMP, LINTER, text)
    assert_pair(WAFFLE, Dependency(path=PATH, table="project.dependencies", requirement="aaa==1"), text)
    assert_pair(PLUGIN, OTHER, text)
    assert_pair(KEY, NUMBER, text)
    assert_pair(WORDS, MORE, text)
    assert_pair(TABLE, AOT, text)


TOP = TomlKey(path=PATH, table="", name="top", value=[1, True])


@texts
@edits
def test_pairs_of_all_kinds(edit, text):
    for other in (WAFFLE, WORDS, AOT, TOP):
        if edit is not other:
            assert_pair(edit, other, text)


@pytest.mark.parametrize(
    ("edit", "text", "expected"),
    [
        (GRIMP, TURBO, '    "coverage==7.12.0",\n    "grimp==3.9",\n    "pytest==9.0.2",  # tests\n'),
        (WAFFLE, TURBO, '    "django==5.2.9",\n    "django-waffle==5.0.0",\n    "redis==7.1.0",\n]\n'),
        (PLUGIN, TURBO, '    "mypy_drf_plugin.main",\n    "strawberry.ext.mypy_plugin",\n]\n'),
        (WAFFLE, TEXTS["one line"], '["django", "django-waffle", "redis"] # two'),
        (GRIMP, TEXTS["one line"], 'dev = ["b", "a", "grimp"]\n'),
        (WAFFLE, TEXTS["no final newline"], "['Django>=5', 'django-waffle>=5']"),
        (WAFFLE, TEXTS["as uv sorts"], '[\n    "django-waffle",\n    "redis",\n'),
        (GRIMP, TEXTS["unsorted"], "  'mypy',\n  'grimp',\n  {include-group"),
        (GRIMP, TEXTS["groups first"], "[{include-group='test'}, 'grimp', 'pytest']"),
        (GRIMP, None, '[dependency-groups]\ndev = [\n    "grimp==3.9",\n]\n'),
        (GRIMP, "[dependency-groups]\ntest = ['x']\n", "test = ['x']\ndev = ['grimp==3.9']\n"),
        (GRIMP, "[a]\nb = [\n  'x',\n]\n", "\n\n[dependency-groups]\ndev = [\n  'grimp==3.9',\n]\n"),
        (PLUGIN, None, '[tool.mypy]\nplugins = ["strawberry.ext.mypy_plugin"]\n'),
        (KEY, TURBO, 'ignore = "H006,H030"\nprofile = "django"\n\n[tool.djlint.css]\n'),
        (KEY, TEXTS["spaces"], "[tool.djlint]\nx=1\nprofile='django'\n"),
        (KEY, TEXTS["dotted"], "djlint.x=1\ndjlint.profile='django'\n\n[project]"),
        (KEY, TEXTS["indented"], '  y = 2\n  profile = "django"\n  [tool.mypy]'),
        (WORDS, TEXTS["dotted"], "djlint.custom_blocks='element, slot, flag, switch, sample'\n"),
        (WORDS, '[tool.djlint]\ncustom_blocks = "a,flag"\n', 'custom_blocks = "a,flag,switch,sample"\n'),
        (
            AOT,
            TURBO,
            '"redis==7.1.0",\n]\n\n[[tool.mypy.overrides]]\nmodule = "waffle.*"\nignore_errors = true\n',
        ),
        (
            TomlKey(path=PATH, table="", name="top", value="x"),
            "# c\n\n# t\n[t]\n",
            '# c\n\ntop = "x"\n\n# t\n[t]\n',
        ),
    ],
)
def test_where_and_how(edit, text, expected):
    assert expected in (edit.apply(text) or "")


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (WAFFLE, "project.dependencies = ['Django.Waffle[x]>=3 ; python_version > \"3\"']\n"),
        (GRIMP, "[dependency-groups]\ndev = [{include-group = 'Arch_Tests'}]\narch-tests = ['grimp']\n"),
        (GRIMP, "[dependency-groups]\ndev = [{include-group = 'dev'}, 'grimp']\n"),
        (PLUGIN, "tool = {mypy = {plugins = ['strawberry.ext.mypy_plugin']}}\n"),
        (KEY, "[tool]\ndjlint.profile = 'django'\n"),
        (WORDS, "[tool.djlint]\ncustom_blocks = 'x, sample ,flag,switch'\n"),
        (TABLE, "[tool.importlinter]\nroot_package = 'acme'\nmore = 1\nx.y = 1\n"),
        (AOT, "[tool.mypy]\noverrides = [{ignore_errors = true, module = 'waffle.*'}]\n"),
    ],
)
def test_what_is_there_is_left(edit, text):
    assert edit.holds(text)
    assert edit.apply(text) == text


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (WAFFLE, "[project]\ndependencies = ['django-waffle2', 'x']\n# 'django-waffle'\n"),
        (WAFFLE, "[project.optional-dependencies]\ndependencies = ['django-waffle']\n"),
        (PLUGIN, "[tool.mypy]\n# plugins = ['strawberry.ext.mypy_plugin']\n"),
        (KEY, "[tool.djlint2]\nprofile = 'django'\n"),
        (NUMBER, "[tool.djlint]\nindent = 2.0\n"),
        (TomlKey(path=PATH, table="a", name="b", value=1), "[a]\nb = true\n"),
        (WORDS, "[tool.djlint]\ncustom_blocks = 'flags,switch,sample'\n"),
        (AOT, "[[tool.mypy.overrides]]\nmodule = 'waffle'\nignore_errors = true\n"),
        (TABLE, "[tool.import-linter]\nroot_package = 'acme'\n"),
        (KEY, "not toml"),
    ],
)
def test_what_only_looks_alike_does_not_count(edit, text):
    assert not edit.holds(text)


INLINE = "[tool]\ndjlint = {x = 1}\n"


@pytest.mark.parametrize(
    ("edit", "text", "message"),
    [
        (KEY, "a = 1\nb =\n", "pyproject.toml:2: does not read as TOML (invalid value)"),
        (KEY, "a = 1\n\na = 2\n", "pyproject.toml:3: does not read as TOML (cannot overwrite a value)"),
        (KEY, INLINE, "pyproject.toml:2: tool.djlint is not written as a table of its own"),
        (
            KEY,
            "[[tool.djlint]]\nx = 1\n",
            "pyproject.toml:1: tool.djlint is not written as a table of its own",
        ),
        (
            KEY,
            "[tool.djlint]\n\nprofile = 'jinja'\n",
            "pyproject.toml:3: tool.djlint.profile has another value",
        ),
        (NUMBER, "[tool.djlint]\nindent = true\n", "pyproject.toml:2: tool.djlint.indent has another value"),
        (
            WAFFLE,
            "[project]\ndependencies = 'x'\n",
            "pyproject.toml:2: project.dependencies is not written as an array",
        ),
        (
            WAFFLE,
            "[project.dependencies]\nx = 1\n",
            "pyproject.toml: project.dependencies is not written as an array",
        ),
        (
            WAFFLE,
            "[project]\ndynamic = ['version', 'dependencies']\n",
            "pyproject.toml: dependencies are dynamic, so they are kept somewhere else",
        ),
        (
            Dependency(path=PATH, table="project.dependencies", requirement="psycopg[c,pool]==3"),
            "[project]\ndependencies = ['psycopg[c]']\n",
            "pyproject.toml:2: names psycopg without c, pool",
        ),
        (
            WAFFLE,
            "[project]\ndependencies = [\n  'a'\n  , 'z'\n]\n",
            "pyproject.toml: is written in a way that djroadmap cannot change safely",
        ),
        (
            PLUGIN,
            "[tool]\nmypy = {plugins = ['x']}\n",
            "pyproject.toml: tool.mypy.plugins is not written as an array",
        ),
        (
            WORDS,
            "[tool.djlint]\ncustom_blocks = '''x'''\n",
            "pyproject.toml:2: tool.djlint.custom_blocks is not written as a plain string",
        ),
        (
            WORDS,
            "[tool.djlint]\ncustom_blocks = ['x']\n",
            "pyproject.toml:2: tool.djlint.custom_blocks is not written as a plain string",
        ),
        (
            TABLE,
            "\n[tool.importlinter]\nx = 1\n",
            "pyproject.toml:2: tool.importlinter is there already, with other content",
        ),
        (
            AOT,
            "[tool.mypy]\noverrides = []\n",
            "pyproject.toml: is written in a way that djroadmap cannot change safely",
        ),
    ],
)
def test_refused(edit, text, message):
    with pytest.raises(Unrecognised) as error:
        edit.apply(text)
    assert str(error.value) == message
    assert not edit.holds(text)


def test_a_dependency_goes_whatever_its_version_is_by_now():
    bumped = WAFFLE.apply(TURBO).replace("waffle==5.0.0", "waffle==6.1")
    assert WAFFLE.kept(bumped)
    assert WAFFLE.revert(bumped) == TURBO
    with pytest.raises(
        CannotRevert, match=r"toml:2: project.dependencies names django-waffle more than once"
    ):
        WAFFLE.revert("[project]\ndependencies = ['django-waffle<5', 'django-waffle>=5']\n")
    included = "[dependency-groups]\ndev = [{include-group = 'x'}]\nx = ['grimp']\n"
    assert GRIMP.revert(included) == included


@pytest.mark.parametrize(
    ("edit", "text", "line"),
    [
        (KEY, "[tool.djlint]\nprofile = 'jinja'\n", 2),
        (TABLE, TABLE.apply("a = 1\n").replace("acme", "acme2"), 3),
        (TABLE, TABLE.apply("a = 1\n") + "mine = 1\n", 3),
        (AOT, AOT.apply(TURBO).replace("ignore_errors = true\n", "ignore_errors = false\n"), 9),
        (KEY, "tool = {djlint = {profile = 'django'}}\n", None),
        (WAFFLE, "[project]\ndependencies = [\n  'a'\n  , 'django-waffle'\n]\n", 2),
    ],
)
def test_what_was_changed_is_kept(edit, text, line):
    assert edit.kept(text)
    with pytest.raises(CannotRevert) as error:
        edit.revert(text)
    assert (error.value.problems[0].path, error.value.problems[0].line) == (PATH, line)


@edits
def test_what_cannot_be_read_is_kept(edit):
    with pytest.raises(
        CannotRevert, match=r"toml:2: does not read as TOML .*, so what djroadmap wrote is kept"
    ):
        edit.revert("a = 1\nb =\n")
    assert not edit.kept("a = 1\nb =\n")


def test_words_in_a_string_of_several_lines_are_kept():
    with pytest.raises(CannotRevert, match=r"toml:2: .* is not written as a plain string"):
        MORE.revert("[tool.djlint]\ncustom_blocks = '''a,graph'''\n")


@pytest.mark.parametrize(
    ("edit", "text", "expected"),
    [
        (
            GRIMP,
            "[dependency-groups]\ndev = [\n    # mine\n    'grimp',\n]\n",
            "[dependency-groups]\ndev = [\n    # mine\n]\n",
        ),
        (GRIMP, "[dependency-groups]\ndev = ['mine', 'grimp']\n", "[dependency-groups]\ndev = ['mine']\n"),
        (KEY, "[tool.djlint]\n# mine\nprofile = 'django'\n", "[tool.djlint]\n# mine\n"),
        (KEY, "[tool.djlint]\nprofile = 'django'\nmine = 1\n", "[tool.djlint]\nmine = 1\n"),
        (
            WORDS,
            "[tool.djlint]\ncustom_blocks = 'flag,mine,switch'\n",
            "[tool.djlint]\ncustom_blocks = 'mine'\n",
        ),
        (TABLE, "[a]\n\n" + TABLE.apply(None) + "\n[b]\n", "[a]\n\n[b]\n"),
    ],
)
def test_what_the_user_wrote_since_stays(edit, text, expected):
    assert edit.revert(text) == expected


@edits
@pytest.mark.parametrize("text", [None, "", "[x]\ny = 1\n"])
def test_nothing_to_revert(edit, text):
    assert edit.revert(text) == text


def test_words_that_were_there_stay():
    text = "[tool.djlint]\ncustom_blocks = 'switch'\n"
    bound = WORDS.bind(text)
    assert bound.added == ("flag", "sample")
    assert bound.revert(bound.apply(text)) == text
    assert bound.key == WORDS.key


POETRY = """\
[tool.poetry.dependencies]
python = '^3.13'
celery = "^5.3"
Django = {version = '^5.2', extras = ['x']}
"""
PIPFILE = """\
[[source]]
url = "x"

[packages]
django = "*"
celery = "*"

[dev-packages]

[requires]
python_version = "3.13"
"""


@pytest.mark.parametrize(
    ("path", "table", "text", "expected"),
    [
        (PATH, "tool.poetry.dependencies", POETRY, "extras = ['x']}\ndjango-waffle = '^5.0'\n"),
        (
            PATH,
            "tool.poetry.group.dev.dependencies",
            POETRY,
            "\n\n[tool.poetry.group.dev.dependencies]\ndjango-waffle = '^5.0'\n",
        ),
        ("Pipfile", "packages", PIPFILE, 'celery = "*"\ndjango-waffle = "*"\n\n[dev'),
        ("Pipfile", "dev-packages", PIPFILE, '[dev-packages]\ndjango-waffle = "*"\n\n[req'),
    ],
)
def test_tables_of_dependencies(path, table, text, expected):
    edit = TomlKey(path=path, table=table, name="django-waffle", value="==5.0.0")
    assert expected in assert_laws(edit, text)
    if "dev-packages" not in table:
        assert_pair(edit, TomlKey(path=path, table=table, name="aaa", value="==1"), text)
    bumped = edit.apply(text).replace("5.0.0", "6.1").replace("django-waffle", "Django_Waffle")
    assert edit.holds(bumped)
    assert edit.bind(text).revert(bumped) == text


def test_a_condition_is_no_pin():
    edit = Dependency(path=PATH, table="project.dependencies", requirement="packaging>=24,<26")
    assert '    "packaging>=24,<26",\n    "redis' in assert_laws(edit, TURBO)


def test_odd_groups_are_passed_over():
    assert not GRIMP.holds(
        "[dependency-groups]\ndev = [{set-phasers-to = 'stun'}, {include-group = 'none'}]\n"
    )


def test_poetry_2_has_parentheses():
    text = '[project]\ndependencies = [\n    "django (>=5.2,<6.0)",\n    "redis (>=7)"\n]\n'
    assert '    "django-waffle (>=5.0)",\n' in assert_laws(WAFFLE, text)


def test_descriptions():
    assert WAFFLE.describe() == "django-waffle in pyproject.toml"
    assert WAFFLE.describe_inside() == "django-waffle"
    assert PLUGIN.describe() == '"strawberry.ext.mypy_plugin" in tool.mypy.plugins of pyproject.toml'
    assert PLUGIN.describe_inside() == '"strawberry.ext.mypy_plugin" in tool.mypy.plugins'
    assert KEY.describe() == "tool.djlint.profile in pyproject.toml"
    assert WORDS.describe() == "tool.djlint.custom_blocks in pyproject.toml"
    assert TABLE.describe() == "[tool.importlinter] in pyproject.toml"
    assert AOT.describe() == "[[tool.mypy.overrides]] in pyproject.toml"
    assert TomlKey(path="Pipfile", table="packages", name="grimp", value="*").describe() == "grimp in Pipfile"


def test_what_is_no_requirement_and_no_key():
    with pytest.raises(ValueError, match="not a requirement"):
        Dependency(path=PATH, table="project.dependencies", requirement="a b")
    for dotted in ("", "a.", "a b", "a..b"):
        with pytest.raises(ValueError, match="no TOML key"):
            parse_key(dotted)
    assert parse_key("tool.\"a.b\" . 'c'") == ("tool", "a.b", "c")


@given(
    st.recursive(
        st.integers() | st.booleans() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
    )
)
def test_values_are_written_so_that_they_read_back(value):
    assert tomllib.loads(f"x = {write_value(value)}") == {"x": value}
    assert tomllib.loads(f"x = {write_value(value, like=chr(39))}") == {"x": value}


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_keys_are_written_so_that_they_read_back(parts):
    assert look_up(tomllib.loads(f"{write_key(parts)} = 1"), parts) == 1
    assert parse_key(write_key(parts)) == tuple(parts)


value_text = st.sampled_from(
    [
        "1",
        "'a#]'",
        '"x\\"]"',
        "[]",
        "[1, [2, 'b,'], # c\n 3\n]",
        "{a = 1, b.c = '}'}",
        '"""a\n"]""""',
        "1979-05-27 07:32:00",
        "'''\n[x]\n'''",
    ]
)


@given(
    st.lists(st.tuples(st.sampled_from(["", "[t]\n", "[t.'u.v']\n", "# c\n", "\n"]), value_text), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_scanner_agrees_with_tomllib(parts, end):
    text, seen = "", set()
    for number, (before, value) in enumerate(parts):
        header = before if before not in seen or before in {"", "# c\n", "\n"} else ""
        seen.add(before)
        text += f"{header}k{number} = {value} # x\n"
    text = text.replace("\n", end)
    document = read_toml(text, path=PATH)
    for statement in document.statements:
        if not statement.is_header:
            found = tomllib.loads(f"x = {document.raw(statement.value)}")["x"]
            assert found == look_up(document.data, statement.path)
            if isinstance(found, list):
                assert found == [tomllib.loads(f"x = {document.raw(i)}")["x"] for i in statement.value.items]


def test_two_dependencies_in_an_array_that_was_empty():
    text = "[project]\ndependencies = []\n\n[dependency-groups]\ndev = [ ]\n"
    assert_pair(GRIMP, LINTER, text)
    assert_pair(WAFFLE, Dependency(path=PATH, table="project.dependencies", requirement="aaa==1"), text)
