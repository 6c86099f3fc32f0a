"""Running the project's commands: only what was shown first, and never left running."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .paths import real_path, refusal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

    from djroadmap.model.edit import RelPath

NOT_FOUND, TIMED_OUT = 127, 124
"""What shells and `timeout` return for these."""
GRACE = 5.0
"""Seconds that a command has to end by itself once it was told to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of a command; implements `ports.Ran`."""

    returncode: int
    output: str


class LocalShell:
    """Runs commands in the project. Implements `ports.Shell`."""

    __slots__ = ("_environ", "_grace", "root")

    def __init__(self, root: Path, *, environ: Mapping[str, str] | None = None, grace: float = GRACE) -> None:
        self.root = Path(os.path.realpath(root))
        self._grace = grace
        self._environ = os.environ if environ is None else environ

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: RelPath = "",
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Finished:
        """Run `argv` below the project with nothing on stdin, `env` added to the environment.

        Output holds both streams in the order they came. A program that does not exist returns 127, one
        that takes longer than `timeout` seconds 124, and one that a signal ended minus its number: none
        of these raises. On `KeyboardInterrupt` the command and all it started are ended first. Raises
        `Refused` if `cwd` is not a folder of the project.
        """
        import subprocess  # noqa: PLC0415 - 16 ms, only for runs that start something

        folder = self._folder(cwd)
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=folder,
                env={**self._environ, "PWD": str(folder), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Finished(
                returncode=NOT_FOUND, output=f"{argv[0]}: {(error.strerror or str(error)).lower()}\n"
            )
        with process:
            try:
                output, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                output = _end(process, self._grace)
                note = f"\n{argv[0]}: took longer than {timeout:g} seconds and was ended\n"
                return Finished(returncode=TIMED_OUT, output=_text(output) + note)
            except BaseException:
                _end(process, self._grace)
                raise
        return Finished(returncode=process.returncode, output=_text(output))

    def _folder(self, cwd: RelPath) -> Path:
        if not cwd:
            return self.root
        folder = real_path(self.root, cwd)
        if folder is None or not folder.is_dir():
            raise refusal(cwd, "is not a folder of the project, so nothing is run there")
        return folder


def _end(process: subprocess.Popen[bytes], grace: float) -> bytes:
    """End the command and its children, politely at first, and return what they said."""
    import subprocess  # noqa: PLC0415 - loaded by now

    _signal(process, signal.SIGTERM)
    try:
        output, _ = process.communicate(timeout=grace)
    except subprocess.TimeoutExpired:
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        output, _ = process.communicate()
    return output


def _signal(process: subprocess.Popen[Any], number: int) -> None:
    if not hasattr(os, "killpg"):
        process.send_signal(number)
        return
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:  # all of them have ended by themselves
        return


def _text(output: bytes) -> str:
    return output.decode(errors="replace")
