"""The sentences a user would type next, after every outcome."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from djroadmap.workflow.stage import parents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.workflow.prepared import Prepared

    from .session import Session


def line(argv: Sequence[str]) -> str:
    """A command as it is typed into a shell."""
    return shlex.join(argv)


def show(session: Session, prepared: Prepared, *, planned: bool = False) -> None:
    """What is left for a person: to-dos with their snippets, commands in order, the commit."""
    output = session.output
    commands = [(str(command), command.why) for command in prepared.commands]
    if not (planned or prepared.conflicts) and session.world().git.is_repository:
        commands.append(_commit_line(session, prepared))
    if not commands and not prepared.todos:
        return
    output.write()
    output.write("Next, for you to do:" if not planned else "After it, for you to do:")
    todos(session, prepared)
    width = min(max((len(text) for text, _ in commands), default=0), 72)
    for text, why in commands:
        output.todo(f"{text:<{width}}  {output.style('# ' + why, '2')}")


def todos(session: Session, prepared: Prepared) -> None:
    """What only a person can do, with the text to paste."""
    for todo in prepared.todos:
        session.output.todo(todo.text)
        for snippet in todo.snippet.splitlines():
            session.output.write(f"      {snippet}")


def _commit_line(session: Session, prepared: Prepared) -> tuple[str, str]:
    names = " and ".join(prepared.features)
    message = {"add": f"Add {names}", "remove": f"Remove {names}", "upgrade": f"Upgrade {names}"}.get(
        prepared.action
    )
    if message is None:
        return "git status", "see where you stand"
    ignored = session.world().git.is_ignored(prepared.paths)
    add = "git add --force" if ignored else "git add"
    why = (
        f"commit it, {', '.join(sorted(ignored))} too, which .gitignore leaves out"
        if ignored
        else "commit it"
    )
    paths = prepared.paths if ignored else _by_folder(session, prepared)
    return f"{add} {line(paths)} && git commit -m {shlex.quote(message)}", why


def _by_folder(session: Session, prepared: Prepared) -> tuple[RelPath, ...]:
    """The files that changed; a folder stands for its files if several came and nothing else is in it."""
    created = {change.path for change in prepared.changes if change.before is None}
    others = {folder for path in {*session.world().tree.files()} - created for folder in parents(path)}
    found = []
    for path in prepared.paths:
        new = [folder for folder in parents(path) if path in created and folder not in others]
        several = [folder for folder in new if sum(one.startswith(f"{folder}/") for one in created) > 1]
        found.append(min(several, key=len, default=path))
    return tuple(dict.fromkeys(found))
