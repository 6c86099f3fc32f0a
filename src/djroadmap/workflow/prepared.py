"""What a command is about to do, complete before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from djroadmap.model.staged import StagedTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.errors import Problem
    from djroadmap.model.change import Change
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Command, Todo
    from djroadmap.model.ports import Tree

    from .world import World

Action = Literal["add", "remove", "upgrade", "undo"]

ORDER = ("lock", "install", "migrate", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The whole run: what changes, what is left to do, and what forbids it."""

    action: Action
    features: tuple[str, ...]
    """What was asked for."""
    along: tuple[str, ...] = ()
    """Prerequisites that are added, or that go, along with it."""
    changes: tuple[Change, ...] = ()
    drop_empty: tuple[RelPath, ...] = ()
    """Folders to drop if they are left empty."""
    folders: tuple[tuple[RelPath, int], ...] = ()
    """Empty folders to make, with their modes (`undo` puts them back)."""
    commands: tuple[Command, ...] = ()
    checks: tuple[Command, ...] = ()
    """What `--verify` runs besides Django's own checks."""
    todos: tuple[Todo, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    skippable: bool = False
    """Can all problems be left to the user (`--partial`), and the rest be done?"""
    conflicts: tuple[Problem, ...] = ()
    """Where the files will hold conflicts, marked, that are the user's to resolve."""
    written: tuple[RelPath, ...] = ()
    """What commands have written, and what belongs into the commit as well."""
    left: tuple[str, ...] = ()
    """Features of which something is left to the user."""

    @property
    def title(self) -> str:
        """`add waffle`."""
        return f"{self.action} {' '.join(self.features)}"

    @property
    def paths(self) -> tuple[RelPath, ...]:
        """The files that change."""
        return tuple(change.path for change in self.changes)

    def over(self, tree: Tree) -> Tree:
        """The project as it will be, where `tree` is the project as it is."""
        after = {change.path: change.after for change in self.changes}
        return StagedTree(tree, after, dropped=self.drop_empty)

    def diff(self) -> str:
        """Everything as one unified diff that `git apply` takes."""
        return "".join(change.diff() for change in self.changes)

    def commit(self, world: World) -> None:
        """Write it, all or nothing. Raises `Moved`, `Locked`, `CommitFailed`, `Refused`."""
        if self.changes:
            world.disk.commit(self.changes, drop_empty=self.drop_empty, folders=self.folders)

    def with_(self, **changes: object) -> Prepared:
        """A copy with these fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def in_order(commands: Iterable[Command]) -> tuple[Command, ...]:
    """Commands in the order in which they are to be run, each once: by its words, whatever the reason.

    Those that differ in their last word and can take more are one command.
    """
    once: dict[tuple[tuple[str, ...], str], Command] = {}
    for command in commands:
        words = command.argv[:-1] if command.takes_more else command.argv
        known = once.setdefault((words, command.cwd), command)
        if command.takes_more and command.argv[-1] not in known.argv:
            once[words, command.cwd] = known._replace(argv=(*known.argv, command.argv[-1]))
    return tuple(sorted(once.values(), key=lambda command: ORDER.index(command.when)))
