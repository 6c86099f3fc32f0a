"""One run of a command: where the project is, what is recorded there, and how errors end."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from djroadmap.errors import DjroadmapError, NoProject, Refused

from .output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from djroadmap.adapters.disk import LocalDisk
    from djroadmap.adapters.history import History
    from djroadmap.catalog import Catalog
    from djroadmap.workflow.world import World


T = TypeVar("T")

SIGINT = 2
"""`signal.SIGINT`, without the module."""


class Session:
    """The global flags, and what is opened on first use."""

    def __init__(self, project: Path | None = None, manage: str | None = None) -> None:
        self.project = project
        self.manage = manage
        self.output = Output.standard()
        self.asked = False
        """Was anything asked in this run?"""
        self.answered: dict[str, set[str]] = {}
        """The options of features that were asked for and answered."""
        self._parts: dict[str, Any] = {}

    @property
    def root(self) -> Path:
        """The project's root. Raises `NoProject`."""
        from .whereabouts import root_of  # noqa: PLC0415

        return self._cached("root", lambda: root_of(self.start, self.manage))

    @property
    def start(self) -> Path:
        """Where the user stands, or points to. Raises `NoProject` if that folder has been deleted meanwhile."""
        if self.project is not None and self.project.is_absolute():
            return self.project
        try:
            here = Path.cwd()
        except OSError:
            raise NoProject(
                "the working directory is gone", hint="cd to the project, or give it with -C"
            ) from None
        return self.project or here

    def world(self) -> World:
        """The ports of this project; an interrupted run is put right first. Raises `NoProject`."""
        return self._cached("world", self._open)

    @property
    def catalog(self) -> Catalog:
        """Every feature there is. What plugins were to bring and is left out is said once."""
        return self._cached("catalog", self._load)

    @property
    def disk(self) -> LocalDisk:
        """The project's folder, for writing. Raises `NoProject`."""
        from djroadmap.adapters.disk import LocalDisk  # noqa: PLC0415

        return self._cached("disk", lambda: LocalDisk(self.root))

    @property
    def history(self) -> History:
        """The undo records of every project."""
        from djroadmap.adapters.history import History, state_dir  # noqa: PLC0415

        return self._cached("history", lambda: History(state_dir(os.environ)))

    def left_behind(self) -> dict[str, str | None]:
        """Digests of what runs left in files that had no uncommitted changes before: nobody's work but ours."""
        return self.history.left_behind(self.disk.root)

    def _open(self) -> World:
        from djroadmap.adapters.git import Git  # noqa: PLC0415
        from djroadmap.adapters.roots import DEPTH, manage_in, repository_root  # noqa: PLC0415
        from djroadmap.adapters.tree import DiskTree  # noqa: PLC0415
        from djroadmap.workflow.world import World  # noqa: PLC0415

        root = self.root
        manage = manage_in(root, self.start, self.manage)
        restored = self.disk.recover()
        if restored:
            count = f"{len(restored)} file{'s were' if len(restored) != 1 else ' was'}"
            self.output.warning(f"an earlier run was interrupted; {count} put back as before it")
        if not (root / "manage.py").exists() and repository_root(root) is None:
            # This may be any folder at all: whether there is a project in it is known before all of it is walked.
            from .whereabouts import must_hold_one  # noqa: PLC0415

            must_hold_one(DiskTree(root, depth=DEPTH), manage)
        return World(
            root=str(root),
            tree=DiskTree(root),
            disk=self.disk,
            git=Git(root),
            formatter=functools.partial(_formatter, root),
            catalog=self.catalog,
            manage=manage,
            versions=self._versions,
        )

    def _load(self) -> Catalog:
        from djroadmap.catalog import load  # noqa: PLC0415

        catalog = load()
        for one in catalog.broken:
            self.output.warning(f"{one}; {one.hint}")
        return catalog

    def _versions(self, path: str) -> Iterator[bytes]:
        """What stood in a file, as far as our own memory and git know."""
        from djroadmap.adapters.git import Git  # noqa: PLC0415

        yield from self.history.versions(self.disk.root, path)
        yield from Git(self.root).versions(path)

    def _cached(self, name: str, make: Callable[[], T]) -> T:
        if name not in self._parts:
            self._parts[name] = make()
        found: T = self._parts[name]
        return found


def _formatter(root: Path, style: Any, new: Sequence[str] = ()) -> Any:
    from djroadmap.adapters.formatter import RuffFormatter  # noqa: PLC0415 - only runs that write files need it

    return RuffFormatter(root, style, new=new)


class Stop(Exception):
    """Ends the run after everything has been said."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


def outcome(session: Session, command: Callable[[], None]) -> int:
    """The exit code of `command`, with errors for people: none ends with a traceback."""
    try:
        command()
    except Stop as stop:
        return stop.code
    except DjroadmapError as error:
        report(session, error)
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        number = interrupt.args[0] if interrupt.args else SIGINT
        try:
            session.output.error("interrupted; nothing was left half done")
        except OSError:  # the terminal is gone
            _nobody_reads(sys.stdout, sys.stderr)
        return 128 + int(number)
    except BrokenPipeError:
        _nobody_reads(sys.stdout)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug of ours to report
        _bug(session, error)
        return 4
    return 0


def _nobody_reads(*streams: IO[str]) -> None:
    """Python would complain once more when it flushes them at exit."""
    for stream in streams:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def report(session: Session, error: DjroadmapError, **context: Any) -> None:
    """Say what happened, where, and what to do; as a document under `--json`."""
    output = session.output
    problems = error.problems if isinstance(error, Refused) else ()
    if output.json:
        listed = [{"path": p.path, "line": p.line, "why": p.why, "snippet": p.snippet} for p in problems]
        output.document(
            {
                **context,
                "result": "refused",
                "problems": listed,
                "error": {"message": error.message, "hint": error.hint},
            }
        )
    if not problems:
        output.error(error.message, hint=error.hint)
        return
    for problem, before in zip(problems, (None, *problems), strict=False):
        if str(problem) != str(before):  # else the next text to paste is for the same
            output.error(str(problem))
        if problem.snippet:
            output.write(
                "\n".join(f"    {line}" for line in problem.snippet.splitlines()),
                stream=output.err,
                always=True,
            )
    if error.hint:
        output.write(f"  hint: {error.hint}", stream=output.err, always=True)


def _bug(session: Session, error: Exception) -> None:
    """A bug of ours: keep the traceback in a file to send, with versions."""
    import platform  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    from djroadmap import __version__  # noqa: PLC0415

    details = f"djroadmap {__version__}, Python {platform.python_version()}, {platform.system()}\n"
    details += f"{' '.join(sys.argv[1:])}\n\n"
    details += "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="djroadmap-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write(details)
        where = f"send {file.name} to https://github.com/djroadmap/djroadmap/issues"
    except OSError:
        session.output.write(details, stream=session.output.err, always=True)
        where = "send the lines above to https://github.com/djroadmap/djroadmap/issues"
    session.output.error(
        f"a bug in djroadmap {__version__}: {type(error).__name__}: {error}",
        hint=f"nothing was left half done; {where}",
    )
