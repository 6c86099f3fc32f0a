"""Comments that say an element stays first, or last."""

from __future__ import annotations

import ast

import pytest

from djroadmap.syntax.ends import open_end, open_start


def literal(text: str) -> ast.List:
    (node,) = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List))
    return node


@pytest.mark.parametrize(
    "comment",
    [
        "must be last",
        "Should be the last one in the list",
        "keep at the end",
        "has to stay at the very bottom",
        "Always last!",
        "ä: needs to come last",
    ],
)
def test_last(comment: str) -> None:
    for text in (
        f'X = [\n    "é",\n    "b",  # {comment}\n]\n',
        f'X = [\n    "a",\n    # {comment}\n    "b",\n]\n',
    ):
        assert open_end(text, literal(text), 2) == 1
        assert open_start(text, literal(text)) == 0


@pytest.mark.parametrize(
    "comment",
    [
        "last resort",
        "must come after the first one. The last comment.",
        "the last one",
        "should be removed",
        "must be first",
        "must not blast",
    ],
)
def test_not_last(comment: str) -> None:
    text = f'X = [\n    "a",\n    "b",  # {comment}\n]\n'
    assert open_end(text, literal(text), 2) == 2


def test_several_last_ones() -> None:
    text = 'X = [\n    "a",\n    "b",  # must be last\n    "c",  # keep last, too\n]\n'
    assert open_end(text, literal(text), 3) == 1
    assert open_end(text, literal(text), 2) == 1
    assert open_end(text, literal(text), 1) == 1


def test_a_comment_behind_several_elements_is_about_none() -> None:
    text = 'X = [\n    "a", "b",  # must be last\n]\n'
    assert open_end(text, literal(text), 2) == 2


def test_a_comment_on_the_bracket_is_about_none() -> None:
    text = 'X = [  # must be last\n    "a",\n]\n'
    assert open_end(text, literal(text), 1) == 1


def test_first() -> None:
    text = 'X = [\n    "a",  # must be first\n    # Should be at the top.\n    "b",\n    "c",\n]\n'
    assert open_start(text, literal(text)) == 2
    assert open_end(text, literal(text), 3) == 3
