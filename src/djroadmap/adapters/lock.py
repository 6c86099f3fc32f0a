"""One djroadmap at a time in a project: a lock that the kernel drops when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from djroadmap.errors import Locked

if TYPE_CHECKING:
    from pathlib import Path

HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})


def acquire(root: Path) -> int:
    """Lock the folder `root` itself and return the descriptor that holds the lock; close it to let go.

    The lock is on the folder, so no lock file is left anywhere. Where folders cannot be locked (Windows,
    some network file systems) a file in the temporary folder stands for the project. Raises `Locked` at
    once if another process holds it.
    """
    fd = _open_folder(root)
    if fd is not None:
        try:
            if _lock(fd):
                return fd
        except BlockingIOError as error:
            os.close(fd)
            raise _locked(root) from error
        os.close(fd)
    fd = os.open(_stand_in(root), os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        _lock(fd)
    except BlockingIOError as error:
        os.close(fd)
        raise _locked(root) from error
    return fd


def _locked(root: Path) -> Locked:
    message = f"{root}: another djroadmap is changing this project right now"
    return Locked(message, hint="wait until it has finished, then run this again")


def _open_folder(root: Path) -> int | None:
    try:
        return os.open(root, os.O_RDONLY)
    except OSError:
        return None


def _lock(fd: int) -> bool:
    """Take the lock on `fd`; False if it is of a kind that cannot be locked. Raises `BlockingIOError` if held."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - there only

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            raise BlockingIOError(error.errno, "held by another process") from error
        return False
    return True


def _stand_in(root: Path) -> str:
    import hashlib  # noqa: PLC0415 - only where folders cannot be locked
    import tempfile  # noqa: PLC0415

    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
    return f"{tempfile.gettempdir()}/djroadmap-{name}.lock"
