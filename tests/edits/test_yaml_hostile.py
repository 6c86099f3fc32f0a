"""What the YAML edits make of the hostile files: edited byte for byte as expected, or refused at the right line."""

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
    if (case := json.loads(path.read_text())).get("edit", {}).get("kind", "").startswith("yaml-")
}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    case = CASES[name]
    edit = KINDS[case["edit"]["kind"]].from_record(case["edit"])
    before = (HOSTILE / name / edit.path).read_bytes()
    text = decode(before)
    if case["result"] == "edited":
        after = assert_laws(edit, text)
        assert encode(after, like=before) == (HOSTILE / name / "expected").read_bytes()
    else:
        with pytest.raises(Refused) as caught:
            edit.apply(text)
        (problem,) = caught.value.problems
        assert problem.snippet
        assert problem.line == case.get("line", problem.line), problem
