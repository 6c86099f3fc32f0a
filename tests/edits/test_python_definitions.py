"""Functions and classes at the end of a module."""

from __future__ import annotations

import pytest

from djroadmap.edits import Definition, Import
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

FIXTURE = (
    '@pytest.fixture\ndef bus():\n    """The bus."""\n    with replaced() as bus:\n\n        yield bus\n'
)
EDIT = Definition(path="conftest.py", code=FIXTURE)
OTHER = Definition(path="conftest.py", code="class Other(Base):\n    x = 1  # one\n")
TEXTS = {
    "a function": "import pytest\n\n\ndef user():\n    pass\n",
    "no final newline": "import pytest\n\n\ndef user():\n    pass",
    "blank lines at the end": "import pytest\n\n\n\n",
    "a comment at the end": "import pytest\n\n# that is all\n",
    "windows": "import pytest\r\n\r\n\r\ndef user():\r\n    pass\r\n",
    "only a docstring": '"""Fixtures."""\n',
    "the name elsewhere": "def user():\n    bus = 1\n\n    def bus():\n        pass\n",
}


@pytest.mark.parametrize("case", TEXTS)
def test_laws(case: str) -> None:
    assert_laws(EDIT, TEXTS[case])
    assert_pair(EDIT, OTHER, TEXTS[case])


@pytest.mark.parametrize("text", ["", None])
def test_nothing_there(text: str | None) -> None:
    assert assert_laws(EDIT, text) == FIXTURE
    assert_pair(EDIT, OTHER, None)


def test_where_it_goes() -> None:
    assert assert_laws(EDIT, TEXTS["a function"]) == f"{TEXTS['a function']}\n\n{FIXTURE}"


def test_an_import_may_begin_the_file() -> None:
    edit = Import(path="conftest.py", module="pytest", create=True)
    assert assert_laws(edit, None) == "import pytest\n"
    assert assert_laws(edit, "") == "import pytest\n"
    both = EDIT.apply(edit.apply(None))
    assert both == f"import pytest\n\n\n{FIXTURE}"
    assert edit.revert(EDIT.revert(both)) is None


def test_what_stands_behind_it_stays() -> None:
    text = str(EDIT.apply(TEXTS["a function"])) + "\n\ndef mine():\n    pass\n"
    assert EDIT.revert(text) == TEXTS["a function"] + "\n\ndef mine():\n    pass\n"


def test_layout_and_comments_do_not_matter() -> None:
    text = TEXTS["a function"] + "\n" + FIXTURE.replace("    with", "    # really\n    with")
    assert EDIT.holds(text)
    assert EDIT.revert(text) == TEXTS["a function"]


@pytest.mark.parametrize(
    "text",
    [
        "def bus():\n    pass\n",
        "bus = 1\n",
        "from x import bus\n",
        "import bus.x\n",
        "if x:\n    def bus():\n        pass\n",
        f"{FIXTURE}\n\n{FIXTURE}",
        "def (:\n",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Unrecognised) as refused:
        EDIT.apply(text)
    assert refused.value.problems[0].snippet == FIXTURE


def test_an_edited_one_is_kept() -> None:
    text = str(EDIT.apply(TEXTS["a function"])).replace("yield bus", "yield bus.it")
    assert EDIT.kept(text)
    with pytest.raises(CannotRevert, match=r"conftest\.py:9: bus was edited"):
        EDIT.revert(text)


@pytest.mark.parametrize("code", ["x = 1\n", "def a():\n    pass\n\n\ndef b():\n    pass\n", "def (:"])
def test_only_one_definition(code: str) -> None:
    with pytest.raises((TypeError, ValueError), match="not one"):
        Definition(path="conftest.py", code=code)
