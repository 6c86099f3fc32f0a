"""Base classes: put first, and taken out again."""

from __future__ import annotations

import pytest

from djroadmap.edits import ClassBase
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

EDIT = ClassBase(path="base.py", name="Event", base="Metadata")
HEADS = {
    "class Event:\n": "class Event(Metadata):\n",
    "class Event():\n": "class Event(Metadata):\n",
    "class Event(ABC):  # noqa: B024\n": "class Event(Metadata, ABC):  # noqa: B024\n",
    "class Event(a.B, metaclass=Meta):\n": "class Event(Metadata, a.B, metaclass=Meta):\n",
    "class Event(metaclass=Meta):\n": "class Event(Metadata, metaclass=Meta):\n",
    "class Event(Generic[T], *more):\n": "class Event(Metadata, Generic[T], *more):\n",
    "class Event(\n    Base,  # why\n):\n": "class Event(\n    Metadata, Base,  # why\n):\n",
    "@decorated(at=(1, 2))\nclass Event:  # ä\n": "@decorated(at=(1, 2))\nclass Event(Metadata):  # ä\n",
    "class  Event :\n": "class  Event(Metadata) :\n",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("head", HEADS)
def test_a_base_comes_first(head: str, ending: str) -> None:
    before, behind = "é = 1\n\n\n", '    """Doc: (x)."""\n\n\nclass Other(Event):\n    pass\n'
    text = (before + head + behind).replace("\n", ending)
    assert assert_laws(EDIT, text) == (before + HEADS[head] + behind).replace("\n", ending)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_comment_that_says_nothing_any_more_goes_and_comes_back(ending: str) -> None:
    edit = EDIT.with_(unneeded="# noqa: B024")
    heads = {
        "class Event(ABC):  # noqa: B024\n": "class Event(Metadata, ABC):\n",
        "class Event(ABC): # noqa: B024 \n": "class Event(Metadata, ABC):\n",
        "class Event(ABC):  # noqa: B024, D101\n": "class Event(Metadata, ABC):  # noqa: B024, D101\n",
        "class Event:\n": "class Event(Metadata):\n",
        "class Event(\n    ABC,  # noqa: B024\n):\n": "class Event(\n    Metadata, ABC,  # noqa: B024\n):\n",
    }
    for head, changed in heads.items():
        text = f"{head}    x = 1  # noqa: B024\n".replace("\n", ending)
        assert assert_laws(edit, text) == f"{changed}    x = 1  # noqa: B024\n".replace("\n", ending)


def test_a_comment_does_not_come_back_behind_another() -> None:
    bound = EDIT.with_(unneeded="# noqa: B024").bind("class Event(A):  # noqa: B024\n    pass\n")
    after = "class Event(Metadata, A):  # mine\n    pass\n"
    assert bound.revert(after) == "class Event(A):  # mine\n    pass\n"


def test_two_bases_do_not_know_each_other() -> None:
    for head in ("class Event:\n", "class Event(ABC):\n", "class Event(metaclass=Meta):\n"):
        assert_pair(EDIT, ClassBase(path="base.py", name="Event", base="other.Mixin"), f"{head}    pass\n")


def test_a_base_that_was_moved_is_taken_out_where_it_is() -> None:
    bound = EDIT.bind("class Event(A):\n    pass\n")
    assert bound.revert("class Event(A, Metadata):\n    x = 1\n") == "class Event(A):\n    x = 1\n"
    assert bound.revert("class Event(A, Metadata, B):\n    x = 1\n") == "class Event(A, B):\n    x = 1\n"
    assert bound.revert("class Event(A):\n    pass\n") == "class Event(A):\n    pass\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no such file"),
        ("class Other:\n    pass\n", "no class Event"),
        ("if x:\n    class Event:\n        pass\n", "no class Event"),
        ("class Event:\n    pass\n\n\nclass Event:\n    pass\n", "two classes Event"),
        ("class Event(:\n", "parsed"),
    ],
)
def test_refused(text: str | None, why: str) -> None:
    with pytest.raises(Unrecognised, match=why) as refused:
        EDIT.apply(text)
    assert refused.value.problems[0].snippet == "class Event(Metadata, ...)"


def test_two_classes_cannot_be_reverted() -> None:
    text = "class Event(Metadata):\n    pass\n\n\nclass Event:\n    pass\n"
    with pytest.raises(CannotRevert):
        EDIT.revert(text)
