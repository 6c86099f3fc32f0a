"""What happens at a real terminal: the questions, the answers, the command that repeats the run."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.cli_runner import Cli, git

DEADLINE = 60
KEY = r"\x1b\[.|[\s\S]"
"""What one key sends."""


def at_terminal(
    cli: Cli, arguments: list[str], answers: list[tuple[str, str]], *, size: tuple[int, int] = (50, 100)
) -> tuple[int, str]:
    """Run at a pseudo-terminal, typing each answer once its question is on the screen; exit code and screen.

    `size` is that of the terminal: lines and columns.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "djroadmap", "-C", str(cli.project), *arguments],
        env={
            **os.environ,
            "DJROADMAP_STATE_DIR": str(cli.state),
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        start_new_session=True,
    )
    os.close(theirs)
    screen, left, end = "", list(answers), time.monotonic() + DEADLINE
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 0.2)
        if ready:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            if not data:
                break
            screen += data.decode(errors="replace")
        if left and left[0][0] in screen:
            time.sleep(0.3)
            for key in re.findall(KEY, left.pop(0)[1]):
                os.write(ours, key.encode())
                time.sleep(0.02)  # a lone escape is told from an arrow by the time between them
        if not ready and process.poll() is not None:
            break
    code = process.wait(timeout=DEADLINE)
    os.close(ours)
    return code, screen


def test_yes_writes_and_names_the_command_without_questions(flat: Cli) -> None:
    code, screen = at_terminal(flat, ["add", "waffle"], [("Write these changes?", "y")])
    assert code == 0, screen
    assert f"djroadmap -C {flat.project} add waffle --yes" in screen
    assert "\x1b[32m+" in screen, "the diff is coloured"
    assert git(flat.project, "status", "--porcelain")


def test_no_writes_nothing(flat: Cli) -> None:
    code, screen = at_terminal(flat, ["add", "waffle"], [("Write these changes?", "n")])
    assert code == 0, screen
    assert "nothing was written" in screen
    assert git(flat.project, "status", "--porcelain") == ""


def test_leaving_the_question_is_130_and_writes_nothing(flat: Cli) -> None:
    code, screen = at_terminal(flat, ["add", "waffle"], [("Write these changes?", "\x03")])
    assert code == 130, screen
    assert git(flat.project, "status", "--porcelain") == ""


def test_a_dirty_file_is_asked_about_and_no_is_the_default(flat: Cli) -> None:
    settings = flat.project / "mysite/settings.py"
    settings.write_text(settings.read_text() + "# mine\n")
    code, screen = at_terminal(flat, ["add", "waffle"], [("Change these files all the same?", "\r")])
    assert code == 3, screen
    assert settings.read_text().endswith("# mine\n")
    assert "waffle" not in settings.read_text()


def test_the_checklist(flat: Cli) -> None:
    code, screen = at_terminal(
        flat, ["add"], [("What shall be added?", " \r"), ("Write these changes?", "y")]
    )
    assert code == 0, screen
    assert "Production patterns" in screen
    assert "added" in screen


def test_no_colour_where_it_is_not_wanted(flat: Cli, tmp_path: Path) -> None:
    result = flat("add", "waffle", "--dry-run", env={"NO_COLOR": "1"})
    assert "\x1b[" not in result.out
