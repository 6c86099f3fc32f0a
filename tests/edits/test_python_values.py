"""Parts of the values under keys of dict settings."""

from __future__ import annotations

import pytest

from djroadmap.edits import SettingKeyItem, SettingText
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

ITEM = SettingKeyItem(path="s.py", name="X", keys=("a", "b"), item='"id"')
TEXT = SettingText(path="s.py", name="X", keys=("f", "format"), piece="[%(id)s] ", before="%(message)s")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("['one']", "['one', 'id']"),
        ("[]", '["id"]'),
        ("('one',)", "('one', 'id')"),
        ('[\n        "one",  # why\n    ]', '[\n        "one",  # why\n        "id",\n    ]'),
    ],
)
def test_an_element_of_a_list_under_keys(before: str, after: str, ending: str) -> None:
    text = 'é = 1\nX = {{"a": {{"b": {}}}}}\n'
    whole = text.format(before).replace("\n", ending)
    assert assert_laws(ITEM, whole) == text.format(after).replace("\n", ending)


def test_two_elements_do_not_know_each_other() -> None:
    other = SettingKeyItem(path="s.py", name="X", keys=("a", "b"), item='"other"')
    assert_pair(ITEM, other, 'X = {"a": {"b": ["one"]}}\n')


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"%(levelname)s %(message)s"', '"%(levelname)s [%(id)s] %(message)s"'),
        ("'%(message)s'", "'[%(id)s] %(message)s'"),
        ('("%(a)s "\n    "%(message)s ä")', '("%(a)s "\n    "[%(id)s] %(message)s ä")'),
        ('r"""%(message)s"""', 'r"""[%(id)s] %(message)s"""'),
    ],
)
def test_a_piece_of_a_string_under_keys(before: str, after: str, ending: str) -> None:
    text = 'é = 1\nX = {{"f": {{"format": {}}}}}  # why\n'
    whole = text.format(before).replace("\n", ending)
    assert assert_laws(TEXT, whole) == text.format(after).replace("\n", ending)


@pytest.mark.parametrize(
    "value",
    ['"no place"', '"%(message)s %(message)s"', 'f"%(message)s {x}"', "FORMAT", '"%(mess" "age)s"', "3"],
)
def test_strings_that_are_left_alone(value: str) -> None:
    with pytest.raises(Unrecognised) as refused:
        TEXT.apply(f'X = {{"f": {{"format": {value}}}}}\n')
    assert refused.value.problems[0].snippet == TEXT.describe()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "X = {}\n",
        'X = {"a": {"b": LIST}}\n',
        'X = {"a": {"b": [1] + [2]}}\n',
        "X = make()\n",
        'if Y:\n    X = {"a": {"b": []}}\n',
        "X = {\n",
    ],
)
def test_lists_that_are_left_alone(text: str | None) -> None:
    with pytest.raises(Unrecognised):
        ITEM.apply(text)


def test_what_was_doubled_cannot_be_taken_out() -> None:
    with pytest.raises(CannotRevert):
        TEXT.revert('X = {"f": {"format": "[%(id)s] [%(id)s] %(message)s"}}\n')
