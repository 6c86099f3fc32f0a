"""The real command in a forked process: nothing is shared between runs but what is imported already."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TIMED_OUT = 124


class Ran(NamedTuple):
    """What one command line did."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on standard output; empty if there is none."""
        try:
            found = json.loads(self.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def run(argv: Sequence[str], *, cwd: Path, main: Callable[[], None], timeout: float = 120) -> Ran:
    """Run `main` with this command line in a child process, at most `timeout` seconds (then code 124)."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os._exit(_child(argv, cwd, main, out.fileno(), err.fileno()))
        code = _wait(child, started + timeout)
        seconds = time.perf_counter() - started
        return Ran(tuple(argv), code, _text(out), _text(err), seconds)


def warm() -> None:
    """Import what commands import late, so that no child pays for it."""
    import libcst.metadata
    import ruamel.yaml
    import tomlkit

    from djroadmap import edits
    from djroadmap.cli import adding, changing, main, takingback

    assert libcst.metadata, (ruamel.yaml, tomlkit, adding, changing, main, takingback)
    for kind in edits.NAMES:
        edits.of_kind(kind)


def _child(argv: Sequence[str], cwd: Path, main: Callable[[], None], out: int, err: int) -> int:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - to the end of the process
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["djroadmap", *argv]
    tempfile.tempdir = os.environ.get("DJROADMAP_STATE_DIR")  # reports of bugs go where they are found again
    os.chdir(cwd)
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - reported as a broken law
        traceback.print_exc()
        code = 4
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _wait(child: int, until: float) -> int:
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.perf_counter() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return TIMED_OUT
        time.sleep(0.002)


def _text(file: Any) -> str:
    file.seek(0)
    found: bytes = file.read()
    return found.decode("utf-8", "replace")
