"""The laws every edit obeys, as one assertion."""

from __future__ import annotations

from djroadmap.edits.registry import KINDS
from djroadmap.model.edit import Edit


def assert_laws(edit: Edit, text: str | None) -> str | None:
    """Apply `edit` to `text` where it does not hold yet, check every law, and return the result."""
    assert not edit.holds(text), "the edit already holds, so nothing would be tested"
    bound = edit.bind(text)
    after = bound.apply(text)
    assert after != text
    assert bound.holds(after), f"does not hold after apply:\n{after}"
    assert edit.holds(after)
    assert bound.apply(after) == after, "apply is not idempotent"
    assert bound.revert(after) == text, "revert does not give back the text"
    record = bound.record()
    assert record["kind"] == edit.kind
    again = KINDS[record["kind"]].from_record(record)
    assert again.record() == record, "the record does not survive a round trip"
    assert again.key == edit.key == bound.key, "binding changed what the edit wishes"
    assert again.kept(after), "the recorded edit is not seen as kept"
    assert again.revert(after) == text, "the recorded edit does not give back the text"
    assert not again.kept(text)
    return after
