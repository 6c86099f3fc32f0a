from __future__ import annotations

import json

import pytest
from hypothesis import given, settings, strategies as st

from djroadmap.edits.json_keys import JsonKey
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

PATH = "schemas.json"
EDIT = JsonKey(path=PATH, name="m", value='{"type": "object", "b": [1, null]}')
DATA = {"a": {"x": 1}, "z": None}

TEXTS = {
    "empty": "{}",
    "empty, final newline": "{}\n",
    "two spaces": json.dumps(DATA, indent=2) + "\n",
    "four spaces": json.dumps(DATA, indent=4),
    "tabs": json.dumps(DATA, indent="\t") + "\n",
    "one line": json.dumps(DATA),
    "not sorted": json.dumps({"z": 1, "a": {"y": 1, "x": 2}}, indent=2) + "\n",
    "sorted outside only": json.dumps({"a": {"y": 1, "x": 2}}, indent=2) + "\n",
    "not ascii": json.dumps({"ä": "ö"}, indent=2, ensure_ascii=False) + "\n",
    "escaped": json.dumps({"ä": "ö"}, indent=2) + "\n",
    "crlf": json.dumps(DATA, indent=2).replace("\n", "\r\n") + "\r\n",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@texts
def test_laws(text):
    assert_laws(EDIT, text)


@texts
def test_pairs(text):
    assert_pair(EDIT, JsonKey(path=PATH, name="k", value="null"), text)


def test_a_key_goes_to_its_place():
    assert EDIT.with_(value="1").apply(TEXTS["two spaces"]) == (
        '{\n  "a": {\n    "x": 1\n  },\n  "m": 1,\n  "z": null\n}\n'
    )
    assert list(json.loads(EDIT.apply(TEXTS["not sorted"]))) == ["z", "a", "m"]
    assert EDIT.with_(value="1").apply("{}\n") == '{\n  "m": 1\n}\n'


@pytest.mark.parametrize(
    "text", ['{"m": {"b": [1, null], "type": "object"}}', '{\n"m":{"b":[1,null],"type":"object"}}']
)
def test_a_key_that_is_there_is_left(text):
    assert EDIT.holds(text)
    assert EDIT.apply(text) == text


@pytest.mark.parametrize("text", [None, "", "{}", "[]", "no", '{"a": {"m": 1}}', '{"M": 1}'])
def test_nothing_to_revert(text):
    assert not EDIT.kept(text)
    assert EDIT.revert(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "schemas.json: there is no such file"),
        (
            "{\n,}",
            "schemas.json:2: is no JSON (Expecting property name enclosed in double quotes: line 2 column 1 (char 2))",
        ),
        ("[]", "schemas.json:1: is no JSON object"),
        ('{"a":1}', "schemas.json:1: is not laid out as a program would do it"),
        ('{\n  "a": 1, "b": 2\n}\n', "schemas.json:1: is not laid out as a program would do it"),
        ('{\n  "a": 1,\n  "a": 2\n}\n', "schemas.json:1: is not laid out as a program would do it"),
        ('{\n  "a": 1,\n  "m": 2\n}\n', 'schemas.json:3: "m" is there already, with another value'),
    ],
)
def test_refused(text, message):
    with pytest.raises(Unrecognised) as error:
        EDIT.apply(text)
    assert str(error.value) == message
    assert error.value.problems[0].snippet.startswith('"m": {')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n  "m": 2\n}\n', 'schemas.json:2: "m" was changed since djroadmap wrote it, so it is kept'),
        ('{"m":2}', "schemas.json:1: is not laid out as a program would do it, so it is kept"),
    ],
)
def test_what_was_changed_is_kept(text, message):
    assert EDIT.kept(text)
    with pytest.raises(CannotRevert) as error:
        EDIT.revert(text)
    assert str(error.value) == message


def test_descriptions():
    assert EDIT.describe() == '"m" in schemas.json'


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=80)
@given(
    st.dictionaries(st.text(max_size=3).filter(lambda key: key != "m"), values, max_size=4),
    st.sampled_from([None, 1, 2, 4, "\t"]),
    st.booleans(),
    st.sampled_from(["", "\n"]),
)
def test_laws_on_any_object(data, indent, escaped, end):
    assert_laws(EDIT, json.dumps(data, indent=indent, ensure_ascii=escaped) + end)
