"""A process to be killed: forks children that commit back and forth in a project until they are shot.

Reads a project's root a line; answers with the child's process id, and `gone` once it has been reaped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from djroadmap.adapters import journal, targets  # noqa: F401 - loaded before the fork
from djroadmap.adapters.disk import LocalDisk
from tests.faults.faulty import DROP, changes


def commit_for_ever(root: Path) -> None:
    disk = LocalDisk(root)
    while True:
        there = changes(root)
        back = disk.inverse(there, drop_empty=DROP)
        disk.commit(there, drop_empty=DROP)
        disk.commit(back.changes, drop_empty=back.drop_empty, folders=back.folders)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                commit_for_ever(Path(line.strip()))
            finally:
                os._exit(1)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("gone" if os.WIFSIGNALED(status) else f"ended with {status}", flush=True)


if __name__ == "__main__":
    main()
