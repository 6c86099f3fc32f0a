"""Running the project's commands: only what was shown first, and never left running."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .paths import real_path, refusal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from typing import Self

    from djroadmap.model.edit import RelPath

NOT_FOUND, TIMED_OUT = 127, 124
"""What shells and `timeout` return for these."""
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What a run is told to end with: a job that was cancelled, a terminal that was closed."""
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
GRACE = 5.0
"""Seconds that a command has to end by itself once it was told to."""
TICK = 0.1
"""Seconds until an interrupt is noticed, at most."""


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
        with _Interrupts() as interrupts:
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
                late = ""
                try:
                    output = _output(process, timeout, interrupts)
                except subprocess.TimeoutExpired:
                    output = _end(process, self._grace, interrupts)
                    late = f"\n{argv[0]}: took longer than {timeout or 0:g} seconds and was ended\n"
                except BaseException:
                    _signal(process, KILL)
                    raise
            code = TIMED_OUT if late else process.returncode
            return Finished(returncode=code, output=_text(output) + late)

    def _folder(self, cwd: RelPath) -> Path:
        if not cwd:
            return self.root
        folder = real_path(self.root, cwd)
        if folder is None or not folder.is_dir():
            raise refusal(cwd, "is not a folder of the project, so nothing is run there")
        return folder


class _Interrupts:
    """Notes ctrl-C instead of raising `KeyboardInterrupt`, which is raised when this is left and the command has ended.

    Raised at once, it could come where nobody can end the command: in `Popen`, between fork and return. The signal is
    noted, not blocked, since a mask would be inherited by the command; a handler is not. The same with `ENDING`, if
    somebody handles them.
    """

    __slots__ = ("_handlers", "_noted")

    def __init__(self) -> None:
        self._noted: list[int] = []
        self._handlers: dict[int, Any] = {}

    @property
    def count(self) -> int:
        """How many have come."""
        return len(self._noted)

    def __enter__(self) -> Self:
        # Python handles signals in the main thread only. An ignored one is left so, for the command as well.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, *ENDING):
                if callable(signal.getsignal(number)):
                    self._handlers[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._noted:
            self._handlers[self._noted[0]](self._noted[0], None)

    def _note(self, number: int, _frame: object) -> None:
        # Who presses ctrl-C again is in a hurry. A closed terminal and its shell only say the same twice.
        if number == signal.SIGINT or not self._noted:
            self._noted.append(number)


def _output(
    process: subprocess.Popen[bytes], timeout: float | None, interrupts: _Interrupts, already: int = 0
) -> bytes:
    """What the command says until it ends. Raises `TimeoutExpired` if it takes too long, or if more interrupts than
    `already` have come.

    Looked at again and again: a signal just before a read that blocks would be noticed only when the read is over.
    """
    import subprocess  # noqa: PLC0415 - loaded by now

    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        rest = TICK if deadline is None else min(TICK, max(deadline - time.monotonic(), 0))
        try:
            return process.communicate(timeout=rest)[0]
        except subprocess.TimeoutExpired:
            if interrupts.count > already or rest < TICK:
                raise


def _end(process: subprocess.Popen[bytes], grace: float, interrupts: _Interrupts) -> bytes:
    """End the command and its children, politely at first, and return what they said.

    Whoever presses ctrl-C once more does not want to wait.
    """
    import subprocess  # noqa: PLC0415 - loaded by now

    for number, patience in ((signal.SIGTERM, grace), (KILL, None)):
        already = interrupts.count
        _signal(process, number)
        with suppress(subprocess.TimeoutExpired):
            return _output(process, patience, interrupts, already)
    return b""


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
