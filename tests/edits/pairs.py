"""Two edits of one file do not know each other: the law of removal, as one assertion."""

from __future__ import annotations

from djroadmap.model.edit import Edit

from .laws import assert_laws


def assert_pair(first: Edit, second: Edit, text: str | None) -> None:
    """Every order of adding and removing two edits leads to what only one, or none, leads to."""
    for one, other in ((first, second), (second, first)):
        assert_laws(one, text)
        alone = other.bind(text).apply(text)
        bound = one.bind(text)
        both = bound.apply(text)
        late = other.bind(both)
        assert not other.holds(both), "the edits are not independent"
        both = late.apply(both)
        assert one.holds(both)
        assert bound.revert(both) == alone, "without the first is not the second alone"
        assert late.revert(both) == bound.apply(text), "without the second is not the first alone"
        assert late.revert(bound.revert(both)) == text
        assert bound.revert(late.revert(both)) == text
