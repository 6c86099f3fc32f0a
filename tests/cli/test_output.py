"""What a terminal shows of a diff, and what everything else gets."""

from __future__ import annotations

import io

import pytest

from djroadmap.cli.output import LONGEST, Output

DIFF = f"--- a/x\n+++ b/x\n+short\n+{'x' * LONGEST}\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_line_does_not_fill_the_terminal() -> None:
    shown = Terminal()
    Output(out=shown, err=io.StringIO()).diff(DIFF)
    lines = shown.getvalue().splitlines()
    assert lines[2] == "\x1b[32m+short\x1b[0m"
    assert lines[3] == f"\x1b[32m+{'x' * (LONGEST - 1)}... (1 more)\x1b[0m"


def test_a_pipe_gets_all_of_it() -> None:
    piped = io.StringIO()
    Output(out=piped, err=io.StringIO()).diff(DIFF)
    assert piped.getvalue() == DIFF
