"""One djroadmap at a time in a project: a lock that the kernel drops when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Locked

if TYPE_CHECKING:
    from pathlib import Path

HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})


class Held(NamedTuple):
    """A lock that is held."""

    fd: int
    stand_in: str = ""
    """The file that was made to be locked, if the folder could not be."""

    def release(self) -> None:
        """Let go; a file that stood in goes, too."""
        if self.stand_in and sys.platform != "win32":  # while it is locked, or it might be another's by then
            _remove(self.stand_in)
        os.close(self.fd)
        if self.stand_in and sys.platform == "win32":  # where an open file cannot be removed, be it another's
            _remove(self.stand_in)


def acquire(root: Path) -> Held:
    """Lock the folder `root` itself.

    The lock is on the folder, so no lock file is left anywhere. Where folders cannot be locked (Windows,
    some network file systems) a file in the temporary folder stands for the project while it is locked; only a
    process that is killed leaves it behind, and the next run uses and removes it. Raises `Locked` at once if
    another process holds the lock.
    """
    fd = _open_folder(root)
    if fd is not None:
        try:
            if _lock(fd):
                return Held(fd)
        except BlockingIOError as error:
            os.close(fd)
            raise _locked(root) from error
        os.close(fd)
    name = _stand_in(root)
    while True:
        fd = os.open(name, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock(fd)
        except BlockingIOError as error:
            os.close(fd)
            raise _locked(root) from error
        if _is_file(fd, name):
            return Held(fd, name)
        os.close(fd)  # its last holder removed it after it was opened here: a lock that nobody else would see


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


def _is_file(fd: int, name: str) -> bool:
    """Is the open file the one called `name`?"""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(name))  # noqa: PTH116 - paths are text down here
    except FileNotFoundError:
        return False


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)  # noqa: PTH108 - paths are text down here


def _stand_in(root: Path) -> str:
    import hashlib  # noqa: PLC0415 - only where folders cannot be locked
    import tempfile  # noqa: PLC0415

    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
    return f"{tempfile.gettempdir()}/djroadmap-{name}.lock"
