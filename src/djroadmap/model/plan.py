"""What a feature wants to do: edits, commands to run afterwards, and what is left, for a person or for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from .edit import Edit, RelPath

When = Literal["lock", "install", "migrate", "after"]
Stage = Literal["edit", "deploy", "deployed"]


class Command(NamedTuple):
    """A command for this very project, and why it is to be run.

    `when` orders the commands: refresh the lock file, install, migrate, whatever else.
    """

    argv: tuple[str, ...]
    why: str
    when: When = "after"
    cwd: str = ""
    writes: tuple[RelPath, ...] = ()
    """Files that it writes and that belong into the commit."""
    takes_more: bool = False
    """Can the last word stand with those of others in one command?"""

    def __str__(self) -> str:
        import shlex  # noqa: PLC0415 - only what prints commands pays for it

        line = shlex.join(self.argv)
        return f"(cd {shlex.quote(self.cwd)} && {line})" if self.cwd else line


class Todo(NamedTuple):
    """Something that only a person can do, with the text to paste where there is one.

    `when` tells whether it comes before the commit, before the first deployment, or after that.
    """

    text: str
    snippet: str = ""
    path: str = ""
    when: Stage = "edit"
    settled_by: tuple[str, ...] = ()
    """Features that do it: nothing is left to do where one of them is, or comes along."""


class Plan(NamedTuple):
    """Edits in order, commands, to-dos, notes. Plans compose with `+`; equal parts are kept once."""

    edits: tuple[Edit, ...] = ()
    commands: tuple[Command, ...] = ()
    todos: tuple[Todo, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left as it is, and why, where nobody needs to do anything about it."""

    def __add__(self, other: Plan) -> Plan:  # type: ignore[override]
        return Plan(
            tuple(dict.fromkeys(self.edits + other.edits)),
            tuple(dict.fromkeys(self.commands + other.commands)),
            tuple(dict.fromkeys(self.todos + other.todos)),
            tuple(dict.fromkeys(self.notes + other.notes)),
        )
