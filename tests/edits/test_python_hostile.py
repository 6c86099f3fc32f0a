"""What the edits make of the hostile files: edited byte for byte as expected, or left alone for the right reason."""

from __future__ import annotations

import json

import pytest

from djroadmap.edits.registry import KINDS
from djroadmap.errors import Refused
from djroadmap.model.text import decode, encode
from tests.edits.laws import assert_laws
from tests.projects import HOSTILE

CASES = {
    path.parent.name: case
    for path in sorted(HOSTILE.glob("*/expected.json"))
    if "edit" in (case := json.loads(path.read_text()))
}
PYTHON = {"installed-app", "middleware", "list-item", "import", "url", "setting", "setting-key", "code"}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["edit"]["kind"] in PYTHON])
def test_case(name):
    case = CASES[name]
    edit = KINDS[case["edit"]["kind"]].from_record(case["edit"])
    before = (HOSTILE / name / edit.path).read_bytes()
    if name == "undecodable":
        with pytest.raises(UnicodeDecodeError):
            decode(before)
        return
    text = decode(before)
    if case["result"] == "unchanged":
        assert edit.apply(text) == text
    elif case["result"] == "edited":
        after = assert_laws(edit, text)
        assert encode(after, like=before) == (HOSTILE / name / "expected").read_bytes()
    else:
        with pytest.raises(Refused) as caught:
            edit.apply(text)
        (problem,) = caught.value.problems
        assert problem.snippet
        if "line" in case:
            assert problem.line == case["line"], problem
