"""The journal of a commit under way: what the project was, so that it can be put back byte for byte.

It is a folder in the project, in one of three states told by its name:

* `.djroadmap.journal.new`: being written; nothing of the project has been touched. Thrown away.
* `.djroadmap.journal`: armed. The project may be anything between old and new: it is put back.
* `.djroadmap.journal.done`: the commit (or putting back) is complete. Thrown away.

Everything in it is durable before it is armed, and renaming a folder is atomic, so a process may die at
any instant. A journal is also a file that a stranger's repository may contain, so its paths are checked
like a manifest's.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from djroadmap.errors import DjroadmapError, Moved, Refused

from .calls import write_new
from .paths import DONE, FRESH, JOURNAL, TEMPORARY, locate

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.edit import RelPath

    from .calls import Calls

INDEX = "journal.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file: digests of its content before and after (None: no file), and what it was like."""

    path: RelPath
    before: str | None
    after: str | None
    mode: int = 0
    owner: tuple[int, int] = (-1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What a commit does: files, folders it makes (parents first) and folders it drops (with their modes)."""

    entries: tuple[Entry, ...]
    created: tuple[RelPath, ...] = ()
    dropped: tuple[tuple[RelPath, int], ...] = ()


def digest(data: bytes | None) -> str | None:
    """How contents are told apart; None for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def temporary(path: str) -> str:
    """The sibling that the new content of `path` is written to."""
    folder, _, name = path.rpartition("/")
    sibling = f".{name}{TEMPORARY}"
    return f"{folder}/{sibling}" if folder else sibling


def arm(root: Path, calls: Calls, journal: Journal, originals: dict[RelPath, bytes]) -> None:
    """Write the journal and arm it: from here on, dying means that the old project is put back."""
    fresh = f"{root}/{FRESH}"
    calls.mkdir(fresh)
    calls.chmod(fresh, 0o700)
    for number, entry in enumerate(journal.entries):
        if entry.before is not None:
            write_new(calls, f"{fresh}/{number}", originals[entry.path], mode=0o600)
    write_new(calls, f"{fresh}/{INDEX}", _dump(journal), mode=0o600)
    calls.sync_folder(fresh)
    calls.replace(fresh, f"{root}/{JOURNAL}")
    calls.sync_folder(str(root))


def disarm(root: Path, calls: Calls) -> None:
    """The commit point: from here on, dying means that the project stays as it is now."""
    calls.replace(f"{root}/{JOURNAL}", f"{root}/{DONE}")
    calls.sync_folder(str(root))


def discard(root: Path, calls: Calls, name: str) -> None:
    """Throw a journal away that is not armed."""
    folder = root / name
    if folder.is_symlink() or folder.is_file():  # never ours
        calls.unlink(str(folder))
    elif folder.is_dir():
        for item in sorted(folder.iterdir()):
            calls.unlink(str(item))
        calls.rmdir(str(folder))


def settle(root: Path, calls: Calls) -> tuple[RelPath, ...] | None:
    """Bring the project to one side of the commit, whatever the state of the journal.

    Returns the paths that were put back, or None if no armed journal was found. Call with the lock held.
    Raises `OSError`; `Moved` if somebody changed one of the files since; `DjroadmapError` if the journal
    is not one. The journal then stays as it is.
    """
    restored = None
    armed = root / JOURNAL
    if os.path.lexists(armed):
        journal = load(armed)
        put_back(root, calls, journal, armed)
        disarm(root, calls)
        restored = tuple(entry.path for entry in journal.entries)
    # What is thrown away no longer matters to the project: on a read-only disk it may stay.
    for name in (FRESH, DONE):
        with suppress(OSError):
            discard(root, calls, name)
    return restored


def load(folder: Path) -> Journal:
    """The armed journal in `folder`. Raises `DjroadmapError` if it is damaged or not ours."""
    try:
        if folder.is_symlink():
            raise ValueError("a link")
        values = json.loads((folder / INDEX).read_bytes())
        return _parse(values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _not_ours(str(error)) from error


def put_back(root: Path, calls: Calls, journal: Journal, folder: Path) -> None:
    """Make the project what `journal` says it was. May be run again after dying half way.

    Originals are moved out of the journal, not copied, and new files go first: a full disk, the likely
    reason to be here, is no obstacle.
    """
    places = {entry.path: _place(root, entry.path) for entry in journal.entries}
    folders = {
        path: _place(root, path) for path in (*journal.created, *(path for path, _ in journal.dropped))
    }
    lost = [
        (entry, folder / str(number))
        for number, entry in enumerate(journal.entries)
        if _is_lost(entry, places[entry.path])
    ]
    for entry, original in lost:
        _check_original(original, entry)
    for entry in journal.entries:
        _take_away(calls, entry, places[entry.path])
    for path, mode in sorted(journal.dropped):
        _make_again(calls, folders[path], mode)
    for entry, original in lost:
        _move_back(calls, entry, original, places[entry.path])
    for path in sorted(journal.created, reverse=True):
        if folders[path].is_dir() and not any(folders[path].iterdir()):
            calls.rmdir(str(folders[path]))
    touched = {place.parent for place in (*places.values(), *folders.values())}
    for parent in sorted(touched):
        if parent.is_dir():
            calls.sync_folder(str(parent))


def _is_lost(entry: Entry, place: Path) -> bool:
    """Is the original no longer in its place? Raises `Moved` rather than overwrite what was written since."""
    try:
        now = digest(place.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        now = None
    if now not in {None, entry.before, entry.after}:
        message = (
            f"{entry.path}: was edited after djroadmap was interrupted, so the old version is not put back"
        )
        hint = f"the versions from before are in {JOURNAL}: sort the files out, then delete that folder"
        raise Moved(message, hint=hint)
    return entry.before is not None and now != entry.before


def _take_away(calls: Calls, entry: Entry, place: Path) -> None:
    sibling = temporary(str(place))
    if os.path.lexists(sibling):
        calls.unlink(sibling)
    if entry.before is None and place.exists():
        calls.unlink(str(place))


def _make_again(calls: Calls, folder: Path, mode: int) -> None:
    if not folder.is_dir():
        calls.mkdir(str(folder))
    if folder.stat().st_mode & 0o7777 != mode:
        calls.chmod(str(folder), mode)


def _move_back(calls: Calls, entry: Entry, original: Path, place: Path) -> None:
    for parent in reversed(place.parents):
        if not parent.exists():
            calls.mkdir(str(parent))
    finish(calls, str(original), entry)
    try:
        calls.replace(str(original), str(place))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # A folder of the project that is a volume of its own.
        sibling = temporary(str(place))
        write_new(calls, sibling, original.read_bytes(), mode=0o600)
        finish(calls, sibling, entry)
        calls.replace(sibling, str(place))


def finish(calls: Calls, sibling: str, entry: Entry) -> None:
    """Give a sibling the owner and the mode of the file that it is to replace."""
    status = os.stat(sibling)  # noqa: PTH116 - paths are text down here
    if entry.owner not in {(-1, -1), (status.st_uid, status.st_gid)}:
        calls.chown(sibling, *entry.owner)
    if status.st_mode & 0o777 != entry.mode:
        calls.chmod(sibling, entry.mode)


def _place(root: Path, path: RelPath) -> Path:
    """Where a journaled path is. Journals name real paths, so a link on the way was put there since."""
    try:
        real = locate(root, path)
    except Refused as error:
        raise _not_ours(str(error)) from error
    if real != root / path:
        raise _not_ours(f"{path} is reached through a link")
    return real


def _check_original(file: Path, entry: Entry) -> None:
    try:
        data = None if file.is_symlink() else file.read_bytes()
    except OSError as error:
        raise _not_ours(str(error)) from error
    if digest(data) != entry.before:
        raise _not_ours(f"the original of {entry.path} is damaged")


def _not_ours(why: str) -> DjroadmapError:
    message = f"{JOURNAL}: an interrupted run left this journal, and it cannot be used: {why}"
    return DjroadmapError(message, hint="compare the project with version control, then delete that folder")


def _dump(journal: Journal) -> bytes:
    values = {
        "schema": SCHEMA,
        "entries": [
            {"path": e.path, "before": e.before, "after": e.after, "mode": e.mode, "owner": list(e.owner)}
            for e in journal.entries
        ],
        "created": list(journal.created),
        "dropped": [list(pair) for pair in journal.dropped],
    }
    return json.dumps(values, indent=1).encode()


def _parse(values: Any) -> Journal:
    """Raises `ValueError`, `TypeError`, `KeyError` or `AttributeError` for anything but what `_dump` writes."""
    if values["schema"] != SCHEMA:
        raise ValueError("another version of djroadmap wrote it")
    return Journal(
        entries=tuple(
            Entry(
                path=_text(item["path"]),
                before=item["before"],
                after=item["after"],
                mode=int(item["mode"]) & 0o777,
                owner=(int(item["owner"][0]), int(item["owner"][1])),
            )
            for item in values["entries"]
        ),
        created=tuple(_text(path) for path in values["created"]),
        dropped=tuple((_text(path), int(mode) & 0o7777) for path, mode in values["dropped"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a path")
    return value
