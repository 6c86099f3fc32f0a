from __future__ import annotations

import pytest

from djroadmap.codemods.source import check
from djroadmap.syntax.parts import Unclear


@pytest.mark.parametrize("text", ["", "x = 1", "# é\r\nx = 1\r\n", "if x:\n\ty = 1\n", "type X = int\n"])
def test_fine(text):
    check(text)


def test_broken():
    with pytest.raises(SyntaxError):
        check("x = [\n")


def test_lost_in_a_round_trip():
    """LibCST forgets the blanks here: they end the file, without a line end."""
    with pytest.raises(Unclear, match="written again"):
        check("x = 1\n\n    ")
