"""What `undo` needs: how to take back the last commits, kept in the user's state folder."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djroadmap.model.change import Change

from .calls import OsCalls, write_new
from .disk import Inverse
from .journal import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from djroadmap.model.edit import RelPath

    from .calls import Calls

SCHEMA = 1
KEPT = 10
"""How many commits can be taken back, one `undo` after the other."""

Left = dict[str, "str | None"]
"""Digests of files by path; None for a file that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One commit that can be taken back. `title` is what the user typed: `add waffle`."""

    title: str
    time: float
    """Seconds since the epoch."""
    inverse: Inverse
    dirty: tuple[RelPath, ...] = ()
    """Files that held uncommitted work of the user's when the commit was made."""


def state_dir(
    environ: Mapping[str, str], *, platform: str = sys.platform, home: Path | None = None
) -> Path | None:
    """The folder for state that is neither settings nor cache, or None where there is no home.

    `DJROADMAP_STATE_DIR` wins; then what the platform calls it (XDG_STATE_HOME, if it is absolute as its
    specification demands).
    """
    if own := environ.get("DJROADMAP_STATE_DIR"):
        return Path(own)
    if home is None:
        try:
            home = Path.home()
        except RuntimeError:
            return None
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "djroadmap"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "djroadmap"
    base = Path(environ.get("XDG_STATE_HOME") or "")
    return (base if base.is_absolute() else home / ".local" / "state") / "djroadmap"


class History:
    """The commits of every project that can be taken back, the last one first.

    It is a convenience, never a condition: what cannot be read counts as nothing to undo, and what cannot
    be written makes `undo` unavailable. Keep `LocalDisk.lock` while committing and saving.
    """

    __slots__ = ("_calls", "_folder")

    def __init__(self, folder: Path | None, *, calls: Calls | None = None) -> None:
        self._folder = folder
        self._calls = calls or OsCalls()

    def save(self, root: Path, record: Record) -> str | None:
        """Put `record` on top. Returns why `undo` will not be able to take it back, or None if it will.

        Records below one that could not be saved are dropped where that is possible, as taking them back
        out of order would be wrong.
        """
        left, records = self._read(root)
        records.append(record)
        reason = self._store(root, _left(left, records[:-KEPT]), records[-KEPT:])
        if reason is not None:
            self._store(root, {}, [])
        return reason

    def last(self, root: Path) -> Record | None:
        """What to take back, or None if there is nothing (that can be read)."""
        _, records = self._read(root)
        return records[-1] if records else None

    def left_behind(self, root: Path) -> Left:
        """Digests of what commits left in files that held nobody's uncommitted work before, however many there were."""
        return _left(*self._read(root))

    def versions(self, root: Path, path: RelPath) -> list[bytes]:
        """What stood in a file before and after each of the commits that are remembered, the last one first."""
        _, records = self._read(root)
        changes = [change for record in reversed(records) for change in record.inverse.changes]
        sides = (side for change in changes if change.path == path for side in (change.before, change.after))
        return [side for side in sides if side is not None]

    def forget(self, root: Path) -> None:
        """Drop the last record: it has been taken back, or no longer can be."""
        left, records = self._read(root)
        self._store(root, left, records[:-1])

    def _file(self, root: Path) -> Path | None:
        if self._folder is None:
            return None
        import hashlib  # noqa: PLC0415 - 10 ms that `status` need not pay

        key = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:32]
        return self._folder / "undo" / f"{key}.json"

    def _read(self, root: Path) -> tuple[Left, list[Record]]:
        """What the forgotten commits left behind, and the remembered ones, the oldest first."""
        import json  # noqa: PLC0415 - as above

        file = self._file(root)
        if file is None:
            return {}, []
        try:
            values = json.loads(file.read_bytes())
            if values["schema"] != SCHEMA:
                return {}, []
            left = {
                _text(path): value if value is None else _text(value)
                for path, value in values.get("left", {}).items()
            }
            return left, [_parse(item) for item in values["records"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}, []

    def _store(self, root: Path, left: Left, records: list[Record]) -> str | None:
        import json  # noqa: PLC0415 - as above

        file = self._file(root)
        if file is None:
            return "there is no home folder to keep the old files in"
        values = {
            "schema": SCHEMA,
            "root": os.fsencode(os.path.realpath(root)).decode(errors="replace"),
            "left": left,
            "records": [_dump(record) for record in records],
        }
        sibling = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            if not records and not left:
                file.unlink(missing_ok=True)
                return None
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sibling.unlink(missing_ok=True)
            write_new(self._calls, str(sibling), json.dumps(values).encode(), mode=0o600)
            self._calls.replace(str(sibling), str(file))
            self._calls.sync_folder(str(file.parent))
        except OSError as error:
            _remove(sibling)
            return f"{file.parent}: {(error.strerror or str(error)).lower()}"
        return None


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:  # the folder is a file, or has become unreadable: nothing was written then
        return


def _left(earlier: Left, records: Iterable[Record]) -> Left:
    """What these commits left behind, after what earlier ones did."""
    left = dict(earlier)
    for record in records:
        for change in record.inverse.changes:
            if change.path in record.dirty:
                left.pop(change.path, None)
            else:
                left[change.path] = digest(change.before)
    return left


def _dump(record: Record) -> dict[str, Any]:
    return {
        "title": record.title,
        "dirty": list(record.dirty),
        "time": record.time,
        "changes": [
            {"path": c.path, "before": _pack(c.before), "after": _pack(c.after), "mode": c.mode}
            for c in record.inverse.changes
        ],
        "drop_empty": list(record.inverse.drop_empty),
        "folders": [list(pair) for pair in record.inverse.folders],
    }


def _parse(item: Any) -> Record:
    """Raises `ValueError`, `TypeError`, `KeyError` or `AttributeError` for anything but what `_dump` writes."""
    changes = tuple(
        Change(
            path=_text(change["path"]),
            before=_unpack(change["before"]),
            after=_unpack(change["after"]),
            mode=None if change["mode"] is None else int(change["mode"]) & 0o777,
        )
        for change in item["changes"]
    )
    inverse = Inverse(
        changes=changes,
        drop_empty=tuple(_text(path) for path in item["drop_empty"]),
        folders=tuple((_text(path), int(mode) & 0o7777) for path, mode in item["folders"]),
    )
    dirty = tuple(_text(path) for path in item["dirty"])
    return Record(title=_text(item["title"]), time=float(item["time"]), inverse=inverse, dirty=dirty)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        message = f"{value!r} is not text"
        raise TypeError(message)
    return value


def _pack(data: bytes | None) -> str | None:
    """Bytes for JSON; compressed, since most of a record is source text."""
    import base64  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    return None if data is None else base64.b85encode(zlib.compress(data)).decode()


def _unpack(value: str | None) -> bytes | None:
    import base64  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    if value is None:
        return None
    try:
        return zlib.decompress(base64.b85decode(value))
    except zlib.error as error:
        raise ValueError(str(error)) from error
