"""What is left for a person after a run: one list, numbered, in the order in which it has to be done."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from djroadmap.errors import DjroadmapError
from djroadmap.workflow.stage import parents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Todo
    from djroadmap.workflow.prepared import Prepared

    from .flags import Flags
    from .session import Session

FEW = 4
"""So many features a commit names."""
INDENT = " " * 8
"""Before what is to be pasted: below the words, whatever the number."""


class Step(NamedTuple):
    """One thing to do: in words, and what to type or paste, if anything."""

    kind: Literal["todo", "command", "commit"]
    text: str
    paste: str = ""
    path: str = ""
    argv: tuple[str, ...] = ()
    """The words of a command, which `paste` has as they are typed."""
    cwd: str = ""


def line(argv: Sequence[str]) -> str:
    """A command as it is typed into a shell."""
    return shlex.join(argv)


def repeated(session: Session, flags: Flags, words: Sequence[str], *, dirty: bool) -> str:
    """The command line that does the same again without questions. `dirty`: files with uncommitted changes too."""
    place = ["-C", str(session.project)] if session.project is not None else []
    place += ["--manage", session.manage] if session.manage is not None else []
    patch = ["--patch", str(flags.patch)] if flags.patch is not None else []
    given = {
        "--dry-run": flags.dry_run,
        "--allow-dirty": flags.allow_dirty or dirty,
        "--partial": flags.partial,
        "--verify": flags.verify and not flags.verify_tests,
        "--verify-tests": flags.verify_tests,
        "--run-commands": flags.run_commands,
        "--yes": True,
    }
    return line(["djroadmap", *place, *words, *patch, *(flag for flag, on in given.items() if on)])


def show(session: Session, prepared: Prepared, *, planned: bool = False) -> None:
    """Print what is left for a person, numbered."""
    found = steps(session, prepared, planned=planned)
    if not found:
        return
    session.output.write()
    typed = any(step.kind != "todo" for step in found)
    when = "After it" if planned else "Next"
    session.output.write(f"{when}, for you to do{_elsewhere(session) if typed else ''}:")
    for number, step in enumerate(found, start=1):
        _print(session, f"{number}. ", step)
    _read_on(session, prepared)


def _elsewhere(session: Session) -> str:
    """Where commands are to be typed, if the user does not stand there."""
    with suppress(OSError):  # there is no such folder any more
        if Path.cwd() == session.root:
            return ""
    return f", in {session.root}"


def todos(session: Session, prepared: Prepared) -> None:
    """Print what only a person can do, with the text to paste, where nothing else was done."""
    for todo in prepared.todos:
        _print(session, "", _asked(todo))


def steps(session: Session, prepared: Prepared, *, planned: bool = False) -> tuple[Step, ...]:
    """Edits, then commands, the commit, then what belongs to the first deployment, and what comes after that."""
    found = [_asked(todo) for todo in prepared.todos if todo.when == "edit"]
    found += [
        Step("command", command.why, str(command), argv=command.argv, cwd=command.cwd)
        for command in prepared.commands
    ]
    if not (planned or prepared.conflicts) and session.world().git.is_repository:
        found += _commit(session, prepared)
    for when in ("deploy", "deployed"):
        found += [_asked(todo) for todo in prepared.todos if todo.when == when]
    return tuple(found)


def _asked(todo: Todo) -> Step:
    return Step("todo", todo.text, todo.snippet, todo.path)


def _print(session: Session, number: str, step: Step) -> None:
    """The words, and what to type as it is: that is never folded."""
    output = session.output
    mark = 2 if output.fancy else len("[todo] ")
    output.todo(number + output.fold(step.text, mark + len(number)))
    for each in step.paste.splitlines():
        output.write(f"{INDENT}{each}".rstrip())


def _read_on(session: Session, prepared: Prepared) -> None:
    """Where what was added is documented."""
    if prepared.action != "add":
        return
    features = session.catalog.features
    found = [features[name] for name in prepared.features if name in features and features[name].docs]
    width = max((len(feature.id) for feature in found), default=0)
    if found:
        session.output.write()
        session.output.write("Documentation:")
    for feature in found:
        session.output.write(f"  {feature.id:<{width}}  {feature.docs}")


def _listed(names: Sequence[str]) -> str:
    """As people list things, short enough for the first line of a commit."""
    if len(names) > FEW:
        names = (*names[: FEW - 1], f"{len(names) - FEW + 1} more features")
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)


def _commit(session: Session, prepared: Prepared) -> tuple[Step, ...]:
    """The commit, if there is anything for git in what was written."""
    names = _listed(prepared.features)
    message = {"add": f"Add {names}", "remove": f"Remove {names}", "upgrade": f"Upgrade {names}"}.get(
        prepared.action
    )
    if message is None:
        return (Step("command", "see where you stand", "git status", argv=("git", "status")),)
    ignored = session.world().git.is_ignored(prepared.paths)
    changed = _changed(session, prepared, ignored)
    if not changed:
        return ()
    add = "git add --force" if ignored else "git add"
    why = (
        f"commit it, {', '.join(sorted(ignored))} too, which .gitignore leaves out"
        if ignored
        else "commit it"
    )
    paths = changed if ignored else _by_folder(session, prepared, changed)
    paths = tuple(sorted({*paths, *_written(session, prepared, paths)}))
    return (Step("commit", why, f"{add} {line(paths)} && git commit -m {shlex.quote(message)}"),)


def _changed(session: Session, prepared: Prepared, ignored: Collection[RelPath]) -> tuple[RelPath, ...]:
    """What there is to add: `git add` fails for a file that came and went with no commit in between."""
    try:
        dirty = session.world().git.dirty(prepared.paths)
    except DjroadmapError:  # git cannot tell
        return prepared.paths
    return tuple(path for path in prepared.paths if path in dirty or path in ignored)


def _written(session: Session, prepared: Prepared, paths: Sequence[RelPath]) -> Iterator[RelPath]:
    """What the commands write, and what is left to edit, as far as git is to keep it; unless a folder has it."""
    tree = session.world().tree
    edited = [todo.path for todo in prepared.todos if todo.when == "edit" and todo.path]
    found = [path for path in dict.fromkeys(edited) if tree.exists(path)]
    found += [*prepared.written, *(path for command in prepared.commands for path in command.writes)]
    ignored = session.world().git.is_ignored(found) if found else ()
    for path in found:
        if path not in ignored and not any(path.startswith(f"{folder}/") for folder in paths):
            yield path


def _by_folder(session: Session, prepared: Prepared, paths: Sequence[RelPath]) -> tuple[RelPath, ...]:
    """The files that changed, `paths`; a folder stands for its files if several came and nothing else is in it."""
    created = {change.path for change in prepared.changes if change.before is None}
    others = {folder for path in {*session.world().tree.files()} - created for folder in parents(path)}
    found = []
    for path in paths:
        new = [folder for folder in parents(path) if path in created and folder not in others]
        several = [folder for folder in new if sum(one.startswith(f"{folder}/") for one in created) > 1]
        found.append(min(several, key=len, default=path))
    return tuple(dict.fromkeys(found))
