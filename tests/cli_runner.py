"""The real command in a process of its own, as a user runs it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


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
        variables = {**os.environ, "DJROADMAP_STATE_DIR": str(self.state), "COLUMNS": "100", **(env or {})}
        result = self._run(["-C", str(self.project), *arguments], variables)
        assert "src/djroadmap/" not in result.err, f"a traceback of ours\n{result.err}"
        assert code is None or result.code == code, f"{arguments}: {result.code}\n{result.out}\n{result.err}"
        return result

    def _run(self, arguments: list[str], env: dict[str, str]) -> Result:
        ran = subprocess.run(
            [*self.argv, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(ran.returncode, ran.stdout, ran.stderr)


class Warm(Cli):
    """The same, in a fork of a process that has loaded everything: for what is about the project, not the start.

    Starting is a third of what a command costs, and the rest of `tests/cli` does that often enough.
    """

    def _run(self, arguments: list[str], env: dict[str, str]) -> Result:
        with NamedTemporaryFile("r") as out, NamedTemporaryFile("r") as err:
            request = {"arguments": arguments, "env": env, "out": out.name, "err": err.name}
            server = _server()
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            code = int(server.stdout.readline())
            return Result(code, out.read(), err.read())


@cache
def _server() -> subprocess.Popen[str]:
    """The process that commands are forked from, one for each of the tests'; ended with it."""
    server = subprocess.Popen(
        [sys.executable, "-P", Path(__file__).with_name("warm.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def git(project: Path, *arguments: str) -> str:
    """What a git command prints."""
    return subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=True).stdout
