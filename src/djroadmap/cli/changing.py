"""The one way a changing command runs: prepare, show, ask, write, say what is next."""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from djroadmap.errors import DjroadmapError, Problem, Refused, UsageError

from . import nextsteps
from .output import interactive
from .session import Stop, report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from djroadmap.model.edit import RelPath
    from djroadmap.workflow.prepared import Prepared

    from .flags import Flags
    from .session import Session
    from .verifying import Verifying


def change(
    session: Session, flags: Flags, prepare: Callable[[], Prepared], *, repeat: tuple[str, ...] = ()
) -> None:
    """Run a prepared change as the flags say. Ends with `Stop` for a refusal; see DESIGN section 3.

    `repeat` are the words after `djroadmap` that do the same, printed with all flags if anything was asked.
    """
    prepared = prepare()
    if prepared.problems:
        _refuse(session, prepared)
    if not prepared.changes:
        _unchanged(session, prepared)
        return
    if flags.patch is not None:
        _write_patch(session, flags.patch, prepared, _verified(session, flags, prepared))
        _say_how_to_repeat(session, flags, repeat)
        return
    _check_places(session, prepared)
    if flags.dry_run:
        _preview(session, prepared)
        _report(session, prepared, "planned", _verified(session, flags, prepared))
        nextsteps.show(session, prepared, planned=True)
        _say_how_to_repeat(session, flags, repeat)
        return
    uncommitted = _uncommitted(session, flags, prepared)  # before pages of diff, where it is seen
    _preview(session, prepared)
    _ask_about(session, prepared, uncommitted)
    verifying = _verifying(session, flags, prepared)
    if not _confirmed(session, flags, prepared):
        session.output.note("nothing was written")
        return
    verified = _verify(verifying, prepared)
    _commit(session, prepared)
    _done(session, prepared)
    prepared = _run_commands(session, flags, prepared)
    _report(session, prepared, "changed", verified)
    nextsteps.show(session, prepared)
    _say_how_to_repeat(session, flags, repeat, dirty=bool(uncommitted))


def _say_how_to_repeat(
    session: Session, flags: Flags, words: tuple[str, ...], *, dirty: bool = False
) -> None:
    if session.asked and words:
        again = nextsteps.repeated(session, flags, words, dirty=dirty)
        session.output.write()
        session.output.note(f"the same without questions: {again}")


def _document(prepared: Prepared, result: str) -> dict[str, Any]:
    return {
        "feature": prepared.features[0] if prepared.features else None,
        "features": [*prepared.features, *prepared.along],
        "result": result,
        "files": [{"path": change.path, "action": change.action} for change in prepared.changes],
        "todos": [{"text": todo.text, "snippet": todo.snippet, "path": todo.path} for todo in prepared.todos],
        "commands": [
            {"command": str(command), "argv": list(command.argv), "cwd": command.cwd, "why": command.why}
            for command in prepared.commands
        ],
        "notes": list(prepared.notes),
        "conflicts": [{"path": one.path, "line": one.line, "why": one.why} for one in prepared.conflicts],
        "diff": prepared.diff(),
    }


def _step(step: nextsteps.Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "text": step.text,
        "command" if step.kind != "todo" else "snippet": step.paste,
        **({"argv": list(step.argv), "cwd": step.cwd} if step.kind == "command" else {"path": step.path}),
    }


def _report(
    session: Session, prepared: Prepared, result: str, more: Mapping[str, Any] = MappingProxyType({})
) -> None:
    if session.output.json:
        left = (
            nextsteps.steps(session, prepared, planned=result != "changed") if result != "unchanged" else ()
        )
        steps = [_step(step) for step in left]
        session.output.document({**_document(prepared, result), "next": steps, **more})


def _refuse(session: Session, prepared: Prepared, hint: str = "") -> NoReturn:
    if not hint:
        more = "; --partial does the rest and lists these as things to do" if prepared.skippable else ""
        hint = f"nothing was written{more}"
    refused = Refused(prepared.problems, hint=hint)
    context = _document(prepared.with_(changes=(), commands=(), todos=()), "refused")
    report(session, refused, **context)
    raise Stop(refused.exit_code)


def _unchanged(session: Session, prepared: Prepared) -> None:
    for text in prepared.notes:
        session.output.note(text)
    for name in prepared.left:
        session.output.note(f"nothing was changed: what {name} still lacks is left for you to do")
    nextsteps.todos(session, prepared)
    if not (prepared.notes or prepared.left):
        session.output.note("nothing to do")
    _report(session, prepared, "unchanged")


def _write_patch(session: Session, file: Path, prepared: Prepared, verified: Mapping[str, Any]) -> None:
    for item in prepared.changes:
        if not item.is_text:
            raise Refused((Problem(path=item.path, line=None, why="is not UTF-8, so no patch can hold it"),))
    try:
        file.write_bytes(prepared.diff().encode())
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be written: {error.strerror}", hint="give --patch another file"
        ) from None
    _report(session, prepared, "planned", verified)
    session.output.done(f"wrote {file}; {_summary(prepared)} in it, nothing else changed")
    session.output.todo(f"git apply {file}")


def _preview(session: Session, prepared: Prepared) -> None:
    output = session.output
    output.diff(prepared.diff())
    output.write()
    output.write(_summary(prepared))
    if prepared.along:
        word = "go" if prepared.action == "remove" else "come"
        word += "" if len(prepared.along) > 1 else "es" if word == "go" else "s"
        # Of several, not all need it.
        whose = f" with {prepared.features[0]}" if len(prepared.features) == 1 else ""
        output.note(f"{', '.join(prepared.along)} {word} along{whose}")
    for text in prepared.notes:
        output.note(text)
    for problem in prepared.conflicts:
        output.warning(f"conflict in {problem}")


def _summary(prepared: Prepared) -> str:
    """`3 files changed, 1 created`."""
    counts = {"modify": 0, "create": 0, "delete": 0}
    for item in prepared.changes:
        counts[item.action] += 1
    parts = (
        [f"{counts['modify']} file{'s' if counts['modify'] != 1 else ''} changed"] if counts["modify"] else []
    )
    parts += [f"{counts['create']} created"] if counts["create"] else []
    parts += [f"{counts['delete']} deleted"] if counts["delete"] else []
    return ", ".join(parts)


def _check_places(session: Session, prepared: Prepared) -> None:
    """Refuse what the disk would refuse (read-only files, say) before pages of diff. Raises `Moved`."""
    try:
        session.disk.inverse(prepared.changes, drop_empty=prepared.drop_empty, folders=prepared.folders)
    except Refused as refused:
        _refuse(session, prepared.with_(problems=refused.problems, skippable=False))


def _uncommitted(session: Session, flags: Flags, prepared: Prepared) -> tuple[RelPath, ...]:
    """Files to be changed that have uncommitted changes, to be asked about; refused where nobody can be asked.

    Raises `DjroadmapError` if git cannot tell.
    """
    from djroadmap.workflow.dirty import dirty_paths  # noqa: PLC0415

    git = session.world().git
    if not git.is_repository:
        session.output.warning(f"{git.problem}, so only djroadmap undo and remove can take this back")
        return ()
    if flags.allow_dirty or prepared.action == "undo":
        return ()
    dirty = dirty_paths(session.world(), prepared, own=session.left_behind())
    if dirty and (flags.yes or session.output.json or not interactive()):
        _refuse_uncommitted(session, prepared, dirty)
    if dirty:
        session.output.warning(f"uncommitted changes in {', '.join(dirty)}")
    return dirty


def _ask_about(session: Session, prepared: Prepared, uncommitted: tuple[RelPath, ...]) -> None:
    if not uncommitted:
        return
    from . import prompts  # noqa: PLC0415

    session.asked = True
    session.output.warning(f"uncommitted changes in {', '.join(uncommitted)}")
    if not prompts.confirm("Change these files all the same?", default=False):
        _refuse_uncommitted(session, prepared, uncommitted)


def _refuse_uncommitted(session: Session, prepared: Prepared, paths: tuple[RelPath, ...]) -> NoReturn:
    problems = tuple(
        Problem(
            path=path,
            line=None,
            why="has uncommitted changes",
            snippet=nextsteps.line(("git", "stash", "push", "--", path)),
        )
        for path in paths
    )
    hint = "nothing was written; commit or stash them first, or pass --allow-dirty"
    _refuse(session, prepared.with_(problems=problems), hint)


def _confirmed(session: Session, flags: Flags, prepared: Prepared) -> bool:
    if flags.yes:
        return True
    if not interactive() or session.output.json:
        raise UsageError(
            "there is no terminal to ask whether to go on",
            hint="pass --yes to write, --dry-run to look, or --patch FILE",
        )
    from . import prompts  # noqa: PLC0415

    session.asked = True
    if prepared.conflicts:
        return prompts.confirm("Write these changes, with the conflicts for you to resolve?", default=False)
    if flags.verifies:
        return prompts.confirm("Run these commands, and write the changes if all of them pass?", default=True)
    return prompts.confirm("Write these changes?", default=True)


def _verified(session: Session, flags: Flags, prepared: Prepared) -> dict[str, Any]:
    """Verify where nothing is written into the project, so that only this is to be agreed to."""
    verifying = _verifying(session, flags, prepared)
    if verifying is not None:
        verifying.agree(flags)
    return _verify(verifying, prepared)


def _verifying(session: Session, flags: Flags, prepared: Prepared) -> Verifying | None:
    """The verification, if one is wanted, with what it will run shown; refused where nothing can be run."""
    if not flags.verifies:
        return None
    from .verifying import Verifying  # noqa: PLC0415

    try:
        verifying = Verifying(session, flags, prepared)
    except Refused as refused:
        _refuse(session, prepared.with_(problems=refused.problems), refused.hint)
    verifying.show()
    return verifying


def _verify(verifying: Verifying | None, prepared: Prepared) -> dict[str, Any]:
    """Run it. What to add to the document; ends with `Stop` if a check fails."""
    if verifying is None:
        return {}
    nothing = prepared.with_(changes=(), commands=(), todos=())
    verifying.run(_document(nothing, "refused"))
    return {"verification": verifying.document}


def _commit(session: Session, prepared: Prepared) -> None:
    """Write it, and remember how to take it back."""
    world, disk = session.world(), session.disk
    if prepared.action == "undo":
        prepared.commit(world)
        session.history.forget(disk.root)
        return
    from djroadmap.adapters.history import Record  # noqa: PLC0415

    with disk.lock():
        record = Record(
            title=prepared.title,
            time=time.time(),
            inverse=disk.inverse(prepared.changes, drop_empty=prepared.drop_empty),
            dirty=_not_ours(session, prepared),
        )
        prepared.commit(world)
        reason = session.history.save(disk.root, record)
    if reason is not None:
        session.output.warning(f"djroadmap undo will not know of this run: {reason}")


def _not_ours(session: Session, prepared: Prepared) -> tuple[RelPath, ...]:
    """Files that hold uncommitted work: all of them, where git cannot tell."""
    from djroadmap.workflow.dirty import dirty_paths  # noqa: PLC0415

    try:
        return dirty_paths(session.world(), prepared, own=session.left_behind())
    except DjroadmapError:
        return prepared.paths


def _done(session: Session, prepared: Prepared) -> None:
    done = {"add": "added", "remove": "removed", "undo": "took back", "upgrade": "upgraded"}[prepared.action]
    what = (
        " ".join(prepared.features)
        if prepared.action == "undo"
        else ", ".join((*prepared.features, *prepared.along))
    )
    session.output.done(f"{done} {what} ({_summary(prepared)})")
    if prepared.conflicts:
        count = len(prepared.conflicts)
        session.output.warning(f"{count} conflict{'s' if count != 1 else ''} to resolve")
    if prepared.left:
        names = f"{' and '.join(prepared.left)} {'is' if len(prepared.left) == 1 else 'are'}"
        session.output.warning(f"{names} only partly there: see what is left for you to do")


def _run_commands(session: Session, flags: Flags, prepared: Prepared) -> Prepared:
    if not flags.run_commands:
        return prepared
    from djroadmap.adapters.shell import LocalShell  # noqa: PLC0415

    shell = LocalShell(session.root)
    left, written = [], list(prepared.written)
    for command in prepared.commands:
        if command.when != "lock":
            left.append(command)
            continue
        session.output.note(f"running {command}")
        ran = shell.run(command.argv, cwd=command.cwd)
        if ran.returncode == 0:
            session.output.done(str(command))
            written.extend(command.writes)
        else:
            session.output.warning(f"{command} ended with {ran.returncode}:\n{ran.output.rstrip()}")
            left.append(command)
    return prepared.with_(commands=tuple(left), written=tuple(written))
