"""`kill -9` at random instants of a real process that commits (law 5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from djroadmap.adapters.disk import LocalDisk
from tests.adapters.trees import snapshot
from tests.faults.faulty import DROP, changes, project

KILLS = 60
LONGEST = 0.045
"""Seconds; a commit there and back takes about half of it."""


def test_kill_at_random_instants_leaves_the_old_or_the_new_project(tmp_path: Path):
    new = project(tmp_path / "new")
    old = snapshot(new)
    LocalDisk(new).commit(changes(new), drop_empty=DROP)
    wanted = (old, snapshot(new))

    repository = Path(__file__).parents[2]
    outcomes = []
    dice = random.Random(20)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim"],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": ""},
    ) as victim:
        assert victim.stdin
        assert victim.stdout
        for number in range(KILLS):
            root = project(tmp_path / str(number))
            victim.stdin.write(f"{root}\n")
            victim.stdin.flush()
            child = int(victim.stdout.readline())
            time.sleep(dice.uniform(0, LONGEST))
            os.kill(child, signal.SIGKILL)
            assert victim.stdout.readline() == "gone\n"
            journals = [item.name for item in root.iterdir() if "journal" in item.name]
            restored = LocalDisk(root).recover()
            now = snapshot(root)
            assert now in wanted, f"kill {number}, restored {restored}"
            outcomes.append(("restored" if restored else "as it was", *journals))
        victim.stdin.close()
        assert victim.wait(timeout=30) == 0
    assert len([outcome for outcome in outcomes if outcome[0] == "restored"]) >= 3, outcomes
    assert len(set(outcomes)) >= 3, "kills came always at the same stage"
