"""What the pure part needs from the outside world: a tree to read, a disk to write, a shell, a formatter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .change import Change
    from .edit import RelPath


class Tree(Protocol):
    """A project's files as they are read: relative paths with forward slashes, sorted, noise left out.

    A tree never changes: what was found in it once is true of it, and kept by its identity.
    """

    def __hash__(self) -> int:
        """That of any object."""
        ...

    def files(self) -> Sequence[RelPath]:
        """Every file, sorted; `.git`, virtual environments, `node_modules` and build folders are left out."""
        ...

    def exists(self, path: RelPath) -> bool:
        """Is there a file (not a folder) at `path`?"""
        ...

    def has_folder(self, path: RelPath) -> bool:
        """Is there a folder at `path`, even an empty one?"""
        ...

    def raw(self, path: RelPath) -> bytes | None:
        """The file's bytes, or None if there is no file."""
        ...

    def read(self, path: RelPath) -> str | None:
        """The file's text (line endings kept, byte order mark dropped), or None if there is no file.

        Raises `Unrecognised` if it cannot be decoded.
        """
        ...


class Disk(Protocol):
    """Where changes go, all or none of them."""

    def commit(self, changes: Sequence[Change]) -> None:
        """Write every change or none. Raises `Moved`, `Locked`, `CommitFailed`, `Refused`."""
        ...


class Ran(Protocol):
    """What came of a command."""

    @property
    def returncode(self) -> int:
        """The exit code."""
        ...

    @property
    def output(self) -> str:
        """What it printed, both streams."""
        ...


class Shell(Protocol):
    """Runs commands; only `--verify` and `--run-commands` do."""

    def run(self, argv: Sequence[str], *, cwd: RelPath = "", env: Mapping[str, str] | None = None) -> Ran:
        """Run `argv` in the project's folder `cwd`; output holds both streams."""
        ...


class Formatter(Protocol):
    """Makes the text of a new Python file look as the project's own formatter would leave it."""

    def format(self, path: RelPath, text: str) -> str:
        """`text` as the project's formatter and import sorter write it; unchanged if it cannot be formatted."""
        ...
