"""Folders for tests: built from a mapping, compared as a mapping."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def build(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write `files` below `root`; a path that ends in a slash is an empty folder, `-> x` a link to x."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str) and content.startswith("-> "):
            place.symlink_to(content[3:])
        else:
            place.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def snapshot(root: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything below `root`: kind, permission bits, and content or link target."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            place = Path(folder, name)
            path = place.relative_to(root).as_posix()
            mode = place.lstat().st_mode & 0o7777
            if place.is_symlink():
                found[path] = ("link", 0, os.fsencode(place.readlink()))
            elif place.is_dir():
                found[path] = ("folder", mode, b"")
            else:
                found[path] = ("file", mode, place.read_bytes())
    return found


@contextmanager
def closed(files: Mapping[str, str | bytes], folder: str) -> Iterator[Path]:
    """A project in which `folder` may not be entered, to whoever runs the tests: root becomes somebody else."""
    with tempfile.TemporaryDirectory(dir="/tmp") as above:
        root, user = build(Path(above, "project"), files), os.geteuid()
        Path(above).chmod(0o777)
        (root / folder).chmod(0)
        try:
            if user == 0:  # to whom permissions do not apply
                os.seteuid(65534)
            yield root
        finally:
            os.seteuid(user)
            (root / folder).chmod(0o755)
