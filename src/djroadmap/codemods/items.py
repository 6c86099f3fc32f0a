"""Elements put into and taken out of one list or tuple literal, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.syntax import sequence
from djroadmap.syntax.nodes import sequence_of
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import Offsets

from .lists import unit_of
from .source import check

if TYPE_CHECKING:
    import ast


def insert(text: str, node: ast.List | ast.Tuple, code: str) -> str:
    """`text` with `code` as the last element of the literal. Raises `Unclear`."""
    check(text)
    seq = _sequence(text, node)
    return sequence.insert(seq, len(seq.items), code, unit=unit_of(text))


def remove(text: str, node: ast.List | ast.Tuple, number: int) -> str:
    """`text` without element `number` of the literal. Raises `Unclear`."""
    check(text)
    return sequence.remove(_sequence(text, node), number)


def _sequence(text: str, node: ast.List | ast.Tuple) -> sequence.Sequence:
    try:
        return sequence_of(Offsets.of(text), node)
    except ValueError as error:
        raise Unclear(node.lineno, f"the text of this literal cannot be followed ({error})") from error
