"""A run that is told to end (a job that was cancelled, a terminal that was closed) ends as by ctrl-C."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from djroadmap.adapters.shell import ENDING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Meanwhile such a signal raises `KeyboardInterrupt(number)`. One that is ignored (`nohup`) stays so.

    Python itself would end at once, with commands still running and copies left behind.
    """
    if threading.current_thread() is not threading.main_thread():  # where Python handles signals
        yield
        return
    kept: dict[int, Any] = {one: signal.getsignal(one) for one in ENDING}
    for one in [one for one, handler in kept.items() if handler is signal.SIG_DFL]:
        signal.signal(one, _interrupt)
    try:
        yield
    finally:
        for one, handler in kept.items():
            if signal.getsignal(one) is _interrupt:
                signal.signal(one, handler)


def _interrupt(number: int, _frame: object) -> NoReturn:
    # A closed terminal and its shell both tell, and a second one would come while things are put right.
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt(number)
