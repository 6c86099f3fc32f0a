"""System calls that fail when told to, and the commit that the fault tests make."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djroadmap.adapters.calls import OsCalls
from djroadmap.model.change import Change
from tests.adapters.trees import build

if TYPE_CHECKING:
    from collections.abc import Callable


class Died(BaseException):
    """Stands for `kill -9`: nothing gets through any more."""


def disk_full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FaultyCalls:
    """The real calls, counted and logged; number `fail_at` fails, and with `forever` all after it."""

    def __init__(
        self,
        *,
        fail_at: int = 0,
        error: Callable[[], BaseException] = disk_full,
        after: bool = False,
        forever: bool = False,
    ) -> None:
        self.count = 0
        self.log: list[tuple[str, tuple[Any, ...]]] = []
        self._fail_at, self._error, self._after, self._forever = fail_at, error, after, forever
        self._real = OsCalls()

    @property
    def failed(self) -> bool:
        return 0 < self._fail_at <= self.count

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self._real, name)

        def call(*arguments: Any) -> Any:
            self.count += 1
            now = self.count == self._fail_at
            if self._forever and self.count > self._fail_at > 0:
                raise self._error()
            if now and not self._after:
                if name == "write":  # a torn one
                    os.write(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise self._error()
            self.log.append((name, arguments))
            # Durability is tested by the order of the log; waiting for the platter here is for nothing.
            result = None if name in {"fsync", "sync_folder"} else real(*arguments)
            if now:
                if name == "create":
                    os.close(result)
                raise self._error()
            return result

        return call


OLD = {
    "manage.py": "#!/usr/bin/env python\n",
    "config/settings.py": "A = 1\r\nB = 2\r\n",
    ".env": "SECRET=1\n",
    "old/gone/a.py": "a\n",
    "old/gone/b.py": b"\xff\xfe",
    "old/kept.txt": "kept\n",
    "untouched.txt": "x",
}


def project(root: Path) -> Path:
    """The project before."""
    build(root, OLD)
    (root / "manage.py").chmod(0o755)
    (root / ".env").chmod(0o600)
    (root / "old/gone").chmod(0o750)
    (root / "old/gone/a.py").chmod(0o640)
    return root


def changes(root: Path) -> list[Change]:
    """Modified, created and deleted files, in folders that are there, are new, and go."""

    def change(path: str, after: bytes | None, mode: int | None = None) -> Change:
        place = root / path
        return Change(
            path=path, before=place.read_bytes() if place.exists() else None, after=after, mode=mode
        )

    return [
        change("config/settings.py", b"A = 1\r\nB = 2\r\nC = 3\r\n"),
        change("manage.py", b"#!/usr/bin/env python\n# more\n"),
        change(".env", b""),
        change("new/deep/c.py", b"c\n" * 3000),
        change("new/run.sh", b"#!/bin/sh\n", 0o755),
        change("old/gone/a.py", None),
        change("old/gone/b.py", None),
        change(".djroadmap.toml", b"x = 1\n"),
    ]


DROP = ("old/gone", "old")
