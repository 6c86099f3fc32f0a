"""`remove`, `upgrade` and `undo`: the commands that change what was added before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import Flags, with_flags
from .guard import guarded
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Names = Annotated[list[str], typer.Argument(metavar="FEATURE...")]
OptionalNames = Annotated[list[str] | None, typer.Argument(metavar="[FEATURE]...", show_default=False)]


def register(app: typer.Typer, names: Sequence[str]) -> None:
    """Add those of the commands that are named to the application."""
    for name in names:
        app.command(name)(guarded(with_flags(COMMANDS[name])))


def remove(ctx: typer.Context, features: Names, flags: Flags) -> None:
    """Take a feature away, as if it had never been there."""
    from djroadmap.workflow.remove import prepare_remove  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    session: Session = ctx.obj
    names = tuple(dict.fromkeys(features))
    change(
        session,
        flags,
        lambda: prepare_remove(session.world(), names, partial=flags.partial),
        repeat=("remove", *names),
    )


def upgrade(ctx: typer.Context, flags: Flags, features: OptionalNames = None) -> None:
    """Bring installed features to the version this djroadmap has, and cover what has come since."""
    from djroadmap.workflow.upgrade import prepare_upgrade  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    session: Session = ctx.obj
    names = tuple(dict.fromkeys(features or ()))
    change(
        session,
        flags,
        lambda: prepare_upgrade(session.world(), names, partial=flags.partial),
        repeat=("upgrade", *names),
    )


def undo(ctx: typer.Context, flags: Flags) -> None:
    """Take back the last add, remove or upgrade."""
    from djroadmap.workflow.undo import prepare_undo  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    session: Session = ctx.obj
    world = session.world()
    last = session.history.last(session.disk.root)
    if last is None:
        session.output.note("nothing to undo: no run of djroadmap is remembered for this project")
        if session.output.json:
            session.output.document(
                {"feature": None, "result": "unchanged", "files": [], "todos": [], "commands": [], "diff": ""}
            )
        return
    back = last.inverse
    change(
        session,
        flags,
        lambda: prepare_undo(
            world, title=last.title, changes=back.changes, drop_empty=back.drop_empty, folders=back.folders
        ),
        repeat=("undo",),
    )


COMMANDS: dict[str, Callable[..., None]] = {"remove": remove, "upgrade": upgrade, "undo": undo}
