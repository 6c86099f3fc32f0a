"""`kill -9` during `add`, then any command: the tree is whole, old or new, with nothing stray."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli_runner import Cli, git

KILLS = 16
"""Spread over the second half of the run, where the writing is; `tests/faults` dies at every single call."""


def files(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def started(cli: Cli) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "djroadmap",
            "-C",
            str(cli.project),
            "add",
            "waffle",
            "--yes",
            "--allow-dirty",
        ],
        env={**os.environ, "DJROADMAP_STATE_DIR": str(cli.state)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_the_tree_is_whole_after_a_kill_at_any_moment(flat: Cli) -> None:
    old = files(flat.project)
    begun = time.monotonic()
    assert started(flat).wait() == 0
    lasted = time.monotonic() - begun
    new = files(flat.project)
    assert new != old
    flat("remove", "waffle", "--yes")
    assert files(flat.project) == old
    for number in range(KILLS):
        process = started(flat)
        time.sleep(lasted * (0.5 + 0.55 * number / KILLS))
        process.send_signal(signal.SIGKILL)
        process.wait()
        flat("status")
        found = files(flat.project)
        assert found in (old, new), sorted(found)
        if found == new:
            flat("remove", "waffle", "--yes", "--allow-dirty")
    assert git(flat.project, "status", "--porcelain") == ""
