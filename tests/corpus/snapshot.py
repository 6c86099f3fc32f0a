"""A tree as it is on disk: contents, modes, links, empty folders."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

SKIPPED = frozenset({".git"})
"""Git's own folder: asking it for the status of files may refresh its index."""


class Entry(NamedTuple):
    """One path: `content` is a digest, or where a link leads; empty for a folder."""

    kind: str
    mode: int
    content: str


class Camera:
    """Takes snapshots of one tree; a file is read again only if its inode says that it was touched."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: dict[str, tuple[tuple[int, ...], str]] = {}

    def snapshot(self) -> dict[str, Entry]:
        """Every path below the root, symbolic links not followed."""
        found: dict[str, Entry] = {}
        folders = [""]
        while folders:
            folder = folders.pop()
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    if entry.name in SKIPPED:
                        continue
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    found[path] = self._entry(entry, path)
                    if found[path].kind == "folder":
                        folders.append(path)
        return found

    def _entry(self, entry: os.DirEntry[str], path: str) -> Entry:
        stats = entry.stat(follow_symlinks=False)
        mode = stat.S_IMODE(stats.st_mode)
        if entry.is_symlink():
            return Entry("link", mode, str(Path(entry.path).readlink()))
        if entry.is_dir():
            return Entry("folder", mode, "")
        if not entry.is_file():
            return Entry("other", mode, "")
        # Nobody can set the time of an inode's change, so equal marks mean equal contents.
        marks = (stats.st_ino, stats.st_size, stats.st_mtime_ns, stats.st_ctime_ns)
        known = self._seen.get(path)
        if known is None or known[0] != marks:
            known = self._seen[path] = (marks, hashlib.sha256(Path(entry.path).read_bytes()).hexdigest())
        return Entry("file", mode, known[1])


def difference(before: dict[str, Entry], after: dict[str, Entry]) -> tuple[str, ...]:
    """What differs, one line a path: `+ new`, `- gone`, `~ changed`."""
    lines = [f"- {path}" for path in before.keys() - after.keys()]
    lines += [f"+ {path}" for path in after.keys() - before.keys()]
    lines += [f"~ {path}" for path in before.keys() & after.keys() if before[path] != after[path]]
    return tuple(sorted(lines, key=lambda line: line[2:]))
