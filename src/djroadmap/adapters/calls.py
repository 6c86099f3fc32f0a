"""The system calls that change a disk, behind a protocol, so that tests can make any of them fail."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import Protocol

UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EISDIR})


class Calls(Protocol):
    """What a commit does to the disk. Every method raises `OSError` as `os` does."""

    def create(self, path: str, mode: int) -> int:
        """Open a file that must not exist for writing; the umask applies to `mode`."""
        ...

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of `data` and say how much."""
        ...

    def fsync(self, fd: int) -> None:
        """Make the contents of an open file durable."""
        ...

    def chmod(self, path: str, mode: int) -> None:
        """Set permission bits, the umask set aside."""
        ...

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Give a file to its old owner."""
        ...

    def replace(self, source: str, target: str) -> None:
        """Rename, atomically, over whatever is there."""
        ...

    def unlink(self, path: str) -> None:
        """Remove a file."""
        ...

    def mkdir(self, path: str) -> None:
        """Make one folder, with the mode that the umask leaves."""
        ...

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, path: str) -> None:
        """Make the names in a folder durable, where the file system can."""
        ...


class OsCalls:
    """The real ones."""

    def create(self, path: str, mode: int) -> int:
        """Open with O_EXCL: neither an existing file nor a link is ever written through."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)

    def write(self, fd: int, data: memoryview) -> int:
        """See `Calls`."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """See `Calls`."""
        os.fsync(fd)

    def chmod(self, path: str, mode: int) -> None:
        """See `Calls`."""
        os.chmod(path, mode)  # noqa: PTH101 - paths are text down here

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Only root may give files away; nobody else has to, as what they write is theirs."""
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(path, uid, gid)

    def replace(self, source: str, target: str) -> None:
        """See `Calls`."""
        os.replace(source, target)  # noqa: PTH105 - paths are text down here

    def unlink(self, path: str) -> None:
        """See `Calls`."""
        os.unlink(path)  # noqa: PTH108 - paths are text down here

    def mkdir(self, path: str) -> None:
        """See `Calls`."""
        os.mkdir(path)  # noqa: PTH102 - paths are text down here

    def rmdir(self, path: str) -> None:
        """See `Calls`."""
        os.rmdir(path)  # noqa: PTH106 - paths are text down here

    def sync_folder(self, path: str) -> None:
        """Folders cannot be opened on Windows, nor synced on some network file systems: then nothing is."""
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            if error.errno in UNSUPPORTED:
                return
            raise
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
        finally:
            os.close(fd)


def write_new(calls: Calls, path: str, data: bytes, *, mode: int = 0o666) -> None:
    """Create `path` with `data`, durable when this returns (its name in the folder apart).

    Raises `OSError`; what was begun is then left for the caller to remove.
    """
    fd = calls.create(path, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[calls.write(fd, rest) :]
        calls.fsync(fd)
    finally:
        os.close(fd)
