from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from djroadmap.edits.requirements import Requirement
from djroadmap.edits.specifiers import Named, parse_requirement, styled, styled_constraint
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = "requirements/base.txt"
WAFFLE = Requirement(
    path=PATH, name="django-waffle", specifier="==5.0.0", comment="https://github.com/x/waffle"
)
GRIMP = Requirement(path=PATH, name="grimp", specifier="==3.9", comment="https://github.com/x/grimp")
STRUCTLOG = Requirement(
    path=PATH, name="structlog", specifier="==25.5.0", comment="https://github.com/x/structlog"
)
AAA = Requirement(path=PATH, name="aaa", specifier="==1", extras=("b",), marker="python_version < '3.14'")

TURBO = """\
python-slugify==8.0.4  # https://github.com/un33k/python-slugify
Pillow==12.0.0 # pyup: != 11.2.0  # https://github.com/python-pillow/Pillow
flower==2.0.1  # https://github.com/mher/flower

# Django
# ------------------------------------------------------------------------------
django==5.2.9  # pyup: < 6.0 # https://www.djangoproject.com/
django-environ==0.12.0  # https://github.com/joke2k/django-environ
django-allauth[mfa]==65.13.1  # https://github.com/pennersr/django-allauth
crispy-bootstrap5==2025.6  # https://github.com/django-crispy-forms/crispy-bootstrap5
# Django REST Framework
djangorestframework==3.16.1  # https://github.com/encode/django-rest-framework
django-cors-headers==4.9.0  # https://github.com/adamchainz/django-cors-headers
"""
LOCAL = """\
-r base.txt

Werkzeug[watchdog]==3.1.4 # https://github.com/pallets/werkzeug

# Testing
# ------------------------------------------------------------------------------
mypy==1.19.0  # https://github.com/python/mypy
pytest==9.0.2  # https://github.com/pytest-dev/pytest

# Code quality
# ------------------------------------------------------------------------------
ruff==0.14.8  # https://github.com/astral-sh/ruff
coverage==7.12.0  # https://github.com/nedbat/coveragepy

# Django
# ------------------------------------------------------------------------------
factory-boy==3.3.2  # https://github.com/FactoryBoy/factory_boy

django-debug-toolbar==6.1.0  # https://github.com/django-commons/django-debug-toolbar
pytest-django==4.11.1  # https://github.com/pytest-dev/pytest-django
"""
TEXTS = {
    "no file": None,
    "blank": "\n\n",
    "include without final newline": "-r base.txt",
    "only comments": "# nothing yet\n",
    "only a heading": "# Django\n# ------\n",
    "turbo": TURBO,
    "turbo local": LOCAL,
    "crlf without final newline": TURBO.replace("\n", "\r\n")[:-2],
    "sorted": "Django==5.2\ncelery==5.6\nredis==7\n",
    "really sorted": "celery==5.6\nDjango==5.2\nredis==7",
    "sorted with remarks": "amqp==5\n# needed for kombu\nbilliard==4\ncelery==5\n",
    "described one by one": "# web\nDjango==5.2\n# queue\ncelery==5.6\n",
    "unpinned": "Django\ncelery\nredis==7\n",
    "lower bounds": "Django>=5.2,<6\ncelery>=5",
    "all kinds": """\
--index-url https://x.y/simple
-c constraints.txt
-e ./local
Django==5.2 ; python_version >= '3.12'
git+https://github.com/a/b.git@main#egg=b-c
foo @ https://x.y/foo-1.0.zip  # why
bar == 1 \\
    ; sys_platform == 'x'
""",
    "paragraphs": "django==5\ndjango-environ==0.12\n\nredis==7\ncelery==5\n\nzeep==1\n",
    "trailing blank lines": "django==5\n\n\n",
    "latin": "# é\ndjango==5  # ü\n",
    "tabs": "\tdjango==5\t# x\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@texts
@pytest.mark.parametrize("edit", [WAFFLE, GRIMP, STRUCTLOG], ids=lambda edit: edit.name)
def test_laws(edit, text):
    assert_laws(edit, text)


@texts
def test_pairs(text):
    assert_pair(WAFFLE, GRIMP, text)
    assert_pair(GRIMP, STRUCTLOG, text)
    assert_pair(WAFFLE, Requirement(path=PATH, name="django-guid", specifier="==3.5.2"), text)
    assert_pair(WAFFLE, AAA, text)


def test_an_empty_file_stays():
    assert_laws(WAFFLE, "")


def put(text: str, edit: Requirement) -> tuple[str, str, str]:
    """The line before the new one, the new one, and the one behind."""
    after = (edit.apply(text) or "").split("\n")
    (index,) = (i for i, line in enumerate(after) if line.startswith(edit.name))
    before = after[index - 1] if index else ""
    return before.partition("=")[0], after[index], after[index + 1].partition("=")[0]


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        (
            TURBO,
            WAFFLE,
            (
                "crispy-bootstrap5",
                "django-waffle==5.0.0  # https://github.com/x/waffle",
                "# Django REST Framework",
            ),
        ),
        (TURBO, STRUCTLOG, ("flower", "structlog==25.5.0  # https://github.com/x/structlog", "")),
        (
            LOCAL,
            WAFFLE,
            ("django-debug-toolbar", "django-waffle==5.0.0  # https://github.com/x/waffle", "pytest-django"),
        ),
        (LOCAL, GRIMP, ("coverage", "grimp==3.9  # https://github.com/x/grimp", "")),
        (LOCAL, STRUCTLOG, ("", "structlog==25.5.0  # https://github.com/x/structlog", "Werkzeug[watchdog]")),
        (TEXTS["sorted"], WAFFLE, ("redis", "django-waffle==5.0.0", "")),
        (TEXTS["really sorted"], WAFFLE, ("Django", "django-waffle==5.0.0", "redis")),
        (
            TEXTS["sorted with remarks"],
            Requirement(path=PATH, name="bar"),
            ("amqp", "bar", "# needed for kombu"),
        ),
        (TEXTS["described one by one"], GRIMP, ("celery", "grimp==3.9", "")),
        (TEXTS["unpinned"], GRIMP, ("redis", "grimp", "")),
        (TEXTS["paragraphs"], WAFFLE, ("django-environ", "django-waffle==5.0.0", "")),
        (TEXTS["paragraphs"], GRIMP, ("", "grimp==3.9", "zeep")),
        (TEXTS["paragraphs"].replace("zeep==1", "zeep==1\naiohttp==3"), GRIMP, ("aiohttp", "grimp==3.9", "")),
    ],
)
def test_where_and_how(text, edit, expected):
    assert put(text, edit) == expected


def test_lower_bounds_where_the_neighbours_have_them():
    assert GRIMP.apply("celery>=5\nDjango>=5.2,<6") == "celery>=5\nDjango>=5.2,<6\ngrimp>=3.9"


def test_two_lines_where_the_file_has_no_final_newline():
    assert WAFFLE.apply("-r base.txt") == "-r base.txt\ndjango-waffle==5.0.0"
    assert WAFFLE.apply("-r base.txt\r\nx==1") == "-r base.txt\r\ndjango-waffle==5.0.0\r\nx==1"


@pytest.mark.parametrize(
    "line",
    [
        "django-waffle",
        "Django_Waffle==4.0  # old",
        "django.waffle[x]>=4 ; python_version > '3'",
        "-e git+https://github.com/django-waffle/django-waffle.git#egg=django-waffle",
        "django-waffle @ https://x.y/z.zip",
        "  django-waffle==5 \\\n    --no-binary",
    ],
)
def test_a_requirement_of_that_name_is_left(line):
    text = f"-r base.txt\n{line}\n"
    assert WAFFLE.holds(text)
    assert WAFFLE.apply(text) == text


@pytest.mark.parametrize(
    "line", ["# django-waffle==5", "django-waffle-extra==1", "./django-waffle", "-r django-waffle.txt"]
)
def test_a_line_that_only_looks_alike_does_not_count(line):
    assert not WAFFLE.kept(f"{line}\n")


PIP_COMPILE = """\
#
# This file is autogenerated by pip-compile with Python 3.13
# by the following command:
#
#    pip-compile --output-file=requirements.txt requirements.in
#
django==5.2
"""
UV = """\
# This file was autogenerated by uv via the following command:
#    uv pip compile requirements/base.in -o requirements/base.txt
django==5.2
    # via -r requirements/base.in
"""
UV_EXPORT = """\
# This file was autogenerated by uv via the following command:
#    uv export --frozen
django==5.2
"""
REFUSED = [
    (PIP_COMPILE, "is compiled from requirements.in: add it there, then run pip-compile --output-file=req"),
    (
        UV,
        "is compiled from requirements/base.in: add it there, then run uv pip compile requirements/base.in -o",
    ),
    (UV_EXPORT, "is compiled from its source: add it there, then run uv export --frozen"),
    (
        "# This file is @generated by PDM.\n",
        "is compiled by PDM, so the file it is compiled from has to change",
    ),
    ("django==5.2 \\\n    --hash=sha256:abc\n", "pins hashes, which only the tool that wrote it can compute"),
    (
        "asgiref==3\n    # via django\ndjango==5\n    # via -r x.in\n",
        "looks compiled (it says what each line is",
    ),
    ("{% if x %}\ndjango==5\n{% endif %}\n", "is a template"),
    ("django=={{ version }}\n", "is a template"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_refused(text, why):
    with pytest.raises(Unrecognised) as error:
        WAFFLE.apply(text)
    assert error.value.problems[0].why.startswith(why)
    assert error.value.problems[0].snippet == "django-waffle==5.0.0"


def test_a_missing_extra_is_refused_and_a_present_one_enough():
    edit = Requirement(path=PATH, name="uvicorn", specifier="==0.40", extras=("standard",))
    assert edit.holds("uvicorn[Standard,x]==0.30\n")
    assert not edit.holds("uvicorn==0.30\n")
    with pytest.raises(Unrecognised, match=r"base\.txt:2: names uvicorn without standard"):
        edit.apply("x\nuvicorn==0.30\n")


def test_a_requirement_goes_whatever_its_version_is_by_now():
    assert WAFFLE.revert("a==1\ndjango-waffle==6.1  # bumped\nb==1\n") == "a==1\nb==1\n"
    assert WAFFLE.revert("a==1\n") == "a==1\n"
    assert WAFFLE.revert(None) is None
    with pytest.raises(CannotRevert, match=r"base\.txt:2: names django-waffle more than once"):
        WAFFLE.revert("django-waffle==5 ; python_version < '3'\ndjango-waffle==6\n")


def test_description():
    assert WAFFLE.describe() == "django-waffle in requirements/base.txt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Foo.Bar[B,a_c] >=1,<2 ; x", Named("foo-bar", frozenset({"b", "a-c"}), ">=1,<2", " ")),
        ("foo", Named("foo", frozenset(), "")),
        ("foo (>=1)", Named("foo", frozenset(), "(>=1)", " ")),
        ("foo bar", None),
        ("./foo", None),
        ("https://x.y/foo.zip", None),
        ("", None),
    ],
)
def test_parse_requirement(text, expected):
    assert parse_requirement(text) == expected


@pytest.mark.parametrize(
    ("specifier", "others", "expected"),
    [
        ("==5.0", [], "==5.0"),
        ("==5.0", ["a==1", "b>=1"], "==5.0"),
        ("==5.0", ["a~=1"], "~=5.0"),
        ("==5.0", ["a>=1,<2", "b (>=1)", "c==1"], ">=5"),
        ("==5.0.0", ["a~=25.3", "b~=1.2.3", "c~=2.0"], "~=5.0"),
        ("==5.0.0", ["a~=25.3", "b~=1.2.3"], "~=5.0.0"),
        ("==5.0", ["a~=1.2.3"], "~=5.0.0"),
        ("==5.0.0", ["a>=25.3.*"], ">=5.0"),
        ("==5.0.0", ["a==25.3"], "==5.0.0"),
        ("==5.0rc1", ["a~=25.3.1"], "~=5.0rc1"),
        ("==5.0.0", ["a ~=25.3", "b ~=1.0", "c~=1.0"], " ~=5.0"),
        ("==5.0.0", ["a == 25", "b == 1.0", "c==1"], " == 5.0.0"),
        ("==5.0.0", ["a == 25", "c==1"], "==5.0.0"),
        ("==5.0", ["a", "b", "c==1"], ""),
        ("==5.0", ["a @ https://x", "b!=1"], "==5.0"),
        (">=5", ["a==1"], ">=5"),
        ("", ["a==1"], ""),
        ("==5.*", ["a>=1"], "==5.*"),
    ],
)
def test_styled(specifier, others, expected):
    assert styled(specifier, [named for one in others if (named := parse_requirement(one))]) == expected


@pytest.mark.parametrize(
    ("constraint", "others", "expected"),
    [
        ("==5.0", [], "==5.0"),
        ("==5.0", ["^1.0", {"version": "^2"}, "1.0"], "^5.0"),
        ("==5.0", ["*", "*", "==1"], "*"),
        ("==5.0", ["1.0", "2.0", "^1"], "5.0"),
        ("^5.0", ["*"], "*"),
        ("^5.0", [], "^5.0.0"),
        ("^5.0.0", ["^5.2", "^3.11", {"version": "^2.1.3"}], "^5.0"),
        ("^5.0.0", ["5.2.1", "3.11.4", "^2.1"], "5.0.0"),
        ("^5.0.0", ["~=5.2"], "~=5.0"),
        (">=5.0", ["*"], ">=5.0"),
        ("==5.0", [{"git": "x"}, {"path": "y"}], "==5.0"),
    ],
)
def test_styled_constraint(constraint, others, expected):
    assert styled_constraint(constraint, others) == expected


some_line = st.sampled_from(
    [
        "django==5",
        "django-x==1  # https://a.b",
        "celery",
        "zeep>=1",
        "-r base.txt",
        "# Django",
        "# ---",
        "# Testing",
        "",
        "  ",
        "amqp==1",
    ]
)


@given(st.lists(some_line, min_size=1, max_size=9), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_laws_on_any_text(lines, end, final):
    text = end.join(lines) + (end if final else "")
    if text:
        assert_pair(WAFFLE, GRIMP, text)
        assert_pair(GRIMP, STRUCTLOG, text)


RUN = "b==1\na==2\n"
TOOLS = "# Development\npytest==9\nipython==9\n"
LINTER = Requirement(path=PATH, name="import-linter", specifier="==2")


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (LINTER, f"{RUN}\n{TOOLS}", f"{RUN}\n{TOOLS}import-linter==2\n"),
        (AAA, f"# Run\n{RUN}\n{TOOLS}", f"# Run\n{RUN}aaa[b]==1; python_version < '3.14'\n\n{TOOLS}"),
        (AAA, f"# Run\n{RUN}\n# Dev tools\npytest==9\n", None),
        (
            LINTER,
            f"# Run\n{RUN}\n# Devices\nx==9\na==1\n",
            f"# Run\n{RUN}\n# Devices\nx==9\na==1\nimport-linter==2\n",
        ),
        (AAA, TOOLS, f"{TOOLS}aaa[b]==1; python_version < '3.14'\n"),
    ],
)
def test_tools_go_under_their_heading_and_nothing_else_does(
    edit: Requirement, before: str, after: str | None
) -> None:
    result = assert_laws(edit, before)
    assert result == (after or before.replace("a==2\n", "a==2\naaa[b]==1; python_version < '3.14'\n"))


def test_a_tool_and_a_library_do_not_know_each_other() -> None:
    assert_pair(LINTER, AAA, f"# Run\n{RUN}\n{TOOLS}")
