"""The real command in a process of its own, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Cli:
    """`djroadmap -C project ...` with a state folder of its own."""

    project: Path
    state: Path

    @property
    def argv(self) -> list[str]:
        """The command itself."""
        return [sys.executable, "-m", "djroadmap"]

    def __call__(self, *arguments: str, code: int | None = 0, env: dict[str, str] | None = None) -> Result:
        """Run; fail the test if it ends with another exit code (None: any)."""
        ran = subprocess.run(
            [*self.argv, "-C", str(self.project), *arguments],
            env={**os.environ, "DJROADMAP_STATE_DIR": str(self.state), "COLUMNS": "100", **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        result = Result(ran.returncode, ran.stdout, ran.stderr)
        assert "src/djroadmap/" not in ran.stderr, f"a traceback of ours\n{ran.stderr}"
        assert code is None or ran.returncode == code, (
            f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        )
        return result


def git(project: Path, *arguments: str) -> str:
    """What a git command prints."""
    return subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=True).stdout
