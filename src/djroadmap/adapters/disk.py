"""Writing to the project: every change of a commit or none, whatever happens (law 5)."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import CommitFailed, DjroadmapError
from djroadmap.model.change import Change

from .calls import OsCalls, write_new
from .lock import acquire
from .paths import DONE, FRESH, JOURNAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath

    from .calls import Calls
    from .lock import Held
    from .targets import Job, Target

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
RETRIES = 5
"""How many impatient ctrl-Cs putting back survives; after that, the next run finishes it."""


class Inverse(NamedTuple):
    """What takes a commit back: the arguments of another one."""

    changes: tuple[Change, ...]
    drop_empty: tuple[RelPath, ...] = ()
    folders: tuple[tuple[RelPath, int], ...] = ()


class LocalDisk:
    """The project's folder, for writing. Implements `ports.Disk`.

    Every system call that changes anything goes through `calls`. `commit` journals the originals first
    (see `journal`), so a process that dies at any instant leaves either nothing to do or a journal from
    which `recover` puts the old project back.
    """

    __slots__ = ("_calls", "_depth", "_held", "root")

    def __init__(self, root: Path, *, calls: Calls | None = None) -> None:
        self.root = Path(os.path.realpath(root))
        self._calls = calls or OsCalls()
        self._held: Held | None = None
        self._depth = 0

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other djroadmap from changing the project; may be nested. Raises `Locked` at once."""
        if not self._depth:
            try:
                self._held = acquire(self.root)
            except OSError as error:
                message = f"{self.root}: cannot be locked: {_reason(error)}"
                raise CommitFailed(message) from error
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth and self._held is not None:
                self._held.release()

    def recover(self) -> tuple[RelPath, ...]:
        """Finish what an interrupted run left, and return the files that were put back. For every command's start.

        Costs three look-ups and no lock if there is nothing. Raises `Locked` if the run is not interrupted
        but alive, `Moved` if a file was edited since, `DjroadmapError` if the old project cannot be put back.
        """
        if not any(os.path.lexists(self.root / name) for name in (JOURNAL, FRESH, DONE)):
            return ()
        from . import journal  # noqa: PLC0415 - hashing and JSON, only for runs that write or clean up

        with self.lock():
            try:
                return journal.settle(self.root, self._calls) or ()
            except OSError as error:
                message = f"{JOURNAL}: an interrupted run could not be taken back: {_reason(error)}"
                raise DjroadmapError(
                    message, hint="when that is mended, run any djroadmap command"
                ) from error

    def commit(
        self,
        changes: Sequence[Change],
        *,
        drop_empty: Sequence[RelPath] = (),
        folders: Sequence[tuple[RelPath, int]] = (),
    ) -> None:
        """Write every change or none.

        Folders for new files are made. Those of `drop_empty` go if the commit leaves them empty (compiled
        Python apart); `folders`, with their modes, are made if they are missing. A file keeps its mode and
        owner, and a link stays a link: its target is written.

        Raises `Refused` or `Moved` before anything is written, `Locked`, `CommitFailed` when everything has
        been put back. After `KeyboardInterrupt` everything has been put back as well; one that comes after
        the commit point is too late and is swallowed: the commit stands.
        """
        wanted = [change for change in changes if change.before != change.after]
        if not (wanted or drop_empty or folders):
            return
        from . import journal, targets  # noqa: PLC0415

        with self.lock():
            self.recover()
            if os.path.lexists(self.root / DONE):  # it would pass for the mark that this commit is complete
                message = f"{DONE}: cannot be removed, and is in the way"
                raise CommitFailed(message, hint="delete it, then run this again")
            job = targets.prepare(self.root, wanted, drop_empty, folders)
            if not (job.targets or job.journal.dropped or job.journal.created):
                return
            try:
                self._write(job)
            except BaseException as error:
                if not self._committed():
                    self._roll_back(error)
                    raise
                if not isinstance(error, (OSError, KeyboardInterrupt)):
                    raise
            with suppress(OSError, KeyboardInterrupt):
                journal.discard(self.root, self._calls, DONE)

    def inverse(
        self,
        changes: Sequence[Change],
        *,
        drop_empty: Sequence[RelPath] = (),
        folders: Sequence[tuple[RelPath, int]] = (),
    ) -> Inverse:
        """What will take back a commit of these; ask before committing. Raises as `commit` does before it writes."""
        from . import targets  # noqa: PLC0415

        wanted = [change for change in changes if change.before != change.after]
        job = targets.prepare(self.root, wanted, drop_empty, folders)
        return Inverse(
            changes=tuple(
                Change(
                    path=target.change.path,
                    before=target.change.after,
                    after=target.change.before,
                    mode=target.entry.mode if target.change.after is None else None,
                )
                for target in job.targets
            ),
            drop_empty=job.journal.created,
            folders=job.journal.dropped,
        )

    def new_folders(self, paths: Sequence[RelPath]) -> tuple[RelPath, ...]:
        """The folders that writing files at `paths` would make, parents first. Raises `Refused`."""
        from . import targets  # noqa: PLC0415

        return targets.missing_folders(self.root, paths)

    def _write(self, job: Job) -> None:
        """From the old project to the new one. The last step is the commit point."""
        from . import journal  # noqa: PLC0415

        originals = {t.entry.path: t.change.before for t in job.targets if t.change.before is not None}
        with _naming(JOURNAL):
            journal.arm(self.root, self._calls, job.journal, originals)
        touched = {(self.root / path).parent for path in job.journal.created}
        for path in job.journal.created:
            with _naming(path):
                self._calls.mkdir(f"{self.root}/{path}")
                if path in job.modes:
                    self._calls.chmod(f"{self.root}/{path}", job.modes[path])
        writing = [target for target in job.targets if target.change.after is not None]
        for target in writing:
            with _naming(target.change.path):
                self._write_sibling(target)
        for target in job.targets:
            with _naming(target.change.path):
                if target.change.after is None:
                    self._calls.unlink(str(target.place))
                else:
                    self._calls.replace(journal.temporary(str(target.place)), str(target.place))
            touched.add(target.place.parent)
        touched.update(self._drop(job))
        for folder in sorted(touched):
            if folder.is_dir():
                with _naming(str(folder)):
                    self._calls.sync_folder(str(folder))
        with _naming(JOURNAL):
            journal.disarm(self.root, self._calls)

    def _write_sibling(self, target: Target) -> None:
        from . import journal  # noqa: PLC0415

        change, sibling = target.change, journal.temporary(str(target.place))
        # What replaces a private file is never readable by others, not even for a moment.
        private = change.before is not None or change.mode is not None
        write_new(self._calls, sibling, change.after or b"", mode=0o600 if private else 0o666)
        if private:
            journal.finish(self._calls, sibling, target.entry)

    def _drop(self, job: Job) -> Iterator[Path]:
        for cache in job.caches:
            for file in sorted(cache.iterdir()):
                self._calls.unlink(str(file))
            self._calls.rmdir(str(cache))
        for path, _ in reversed(job.journal.dropped):
            folder = self.root / path
            with _naming(path):
                if not any(folder.iterdir()):  # somebody may have put a file there just now
                    self._calls.rmdir(str(folder))
            yield folder.parent

    def _committed(self) -> bool:
        """Asked of the disk, since an interrupt may come between a rename and taking note of it."""
        return os.path.lexists(self.root / DONE) and not os.path.lexists(self.root / JOURNAL)

    def _roll_back(self, error: BaseException) -> None:
        """Put everything back. Raises `CommitFailed` if `error` is an `OSError`, or if putting back fails too."""
        from . import journal  # noqa: PLC0415

        for attempt in range(RETRIES):
            try:
                journal.settle(self.root, self._calls)
                break
            except KeyboardInterrupt:
                if attempt == RETRIES - 1:
                    raise
            except (OSError, DjroadmapError) as second:
                message = f"{_blame(error)}, and not everything could be put back yet: {_reason(second)}"
                hint = "when that is mended, run any djroadmap command: it puts the rest back first"
                raise CommitFailed(message, hint=hint) from error
        if isinstance(error, OSError):
            message = f"{_blame(error)}; everything was put back"
            hint = "free some space, then run it again" if error.errno in FULL else ""
            raise CommitFailed(message, hint=hint) from error


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let an `OSError` say which file it is about: that of a write knows only a descriptor."""
    try:
        yield
    except OSError as error:
        error.filename = path
        raise


def _blame(error: BaseException) -> str:
    if not isinstance(error, OSError):
        return f"{JOURNAL}: interrupted"
    return f"{error.filename or JOURNAL}: could not be written: {_reason(error)}"


def _reason(error: BaseException) -> str:
    text = (isinstance(error, OSError) and error.strerror) or str(error)
    return text[:1].lower() + text[1:]
