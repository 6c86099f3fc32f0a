"""The commands, and how they are put together. Anything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from djroadmap import __version__

from .flags import Flags, with_flags
from .session import Session, guarded

FeatureArguments = Annotated[list[str] | None, typer.Argument(metavar="[FEATURE]...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

EPILOG = (
    "Exit codes: 0 done or nothing to do, 1 drift or failed verification, 2 usage, "
    "3 refused and nothing written, 4 a bug, 130 interrupted."
)


def run() -> None:
    """Run the command line and exit."""
    build(sys.argv[1:])()


def build(argv: list[str]) -> typer.Typer:
    """The Typer application for this command line: features become subcommands only when `add` is typed."""
    app = typer.Typer(
        name="djroadmap",
        help="Retrofit what a Django project's roadmap still promises.",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(start)
    app.command()(guarded(status))
    app.command("list")(guarded(list_))
    app.command()(guarded(info))
    _add_commands(app, argv)
    app.command()(guarded(with_flags(remove)))
    app.command()(guarded(with_flags(upgrade)))
    app.command()(guarded(check))
    app.command()(guarded(with_flags(undo)))
    return app


def start(
    ctx: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            "--project", "-C", metavar="DIR", help="The project. Default: this folder, then its parents."
        ),
    ] = None,
    manage: Annotated[
        str | None,
        typer.Option(
            "--manage", metavar="PATH", help="Which manage.py, where there are several.", show_default=False
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Retrofit what a Django project's roadmap still promises."""
    if version:
        sys.stdout.write(f"djroadmap {__version__}\n")
        raise typer.Exit
    session = Session(project=project, manage=manage)
    session.output.quiet = quiet
    ctx.obj = session


def status(ctx: typer.Context, features: FeatureArguments = None, json: Json = False) -> None:
    """Show what this project has, half has, and could have."""
    from . import reports  # noqa: PLC0415

    reports.status(_session(ctx, json=json), features or [])


def list_(ctx: typer.Context, json: Json = False) -> None:
    """Show the catalogue, grouped."""
    from . import reports  # noqa: PLC0415

    reports.catalogue(_session(ctx, json=json))


def info(ctx: typer.Context, feature: str, json: Json = False) -> None:
    """Show what a feature does, its options, and the files it would touch here."""
    from . import reports  # noqa: PLC0415

    reports.info(_session(ctx, json=json), feature)


def check(ctx: typer.Context, json: Json = False) -> None:
    """For CI: exit 1 if an installed feature is partial, edited away or outdated."""
    from . import reports  # noqa: PLC0415

    reports.check(_session(ctx, json=json))


def remove(
    ctx: typer.Context, features: Annotated[list[str], typer.Argument(metavar="FEATURE...")], flags: Flags
) -> None:
    """Take a feature away, as if it had never been there."""
    from djroadmap.workflow.remove import prepare_remove  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    session: Session = ctx.obj
    names = tuple(dict.fromkeys(features))
    change(
        session,
        flags,
        lambda: prepare_remove(session.world(), names, partial=flags.partial),
        repeat=("djroadmap", "remove", *names),
    )


def upgrade(ctx: typer.Context, flags: Flags, features: FeatureArguments = None) -> None:
    """Bring installed features to the version this djroadmap has."""
    from djroadmap.workflow.upgrade import prepare_upgrade  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    session: Session = ctx.obj
    names = tuple(dict.fromkeys(features or ()))
    change(
        session,
        flags,
        lambda: prepare_upgrade(session.world(), names),
        repeat=("djroadmap", "upgrade", *names),
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
        repeat=("djroadmap", "undo"),
    )


def _add_commands(app: typer.Typer, argv: list[str]) -> None:
    """`add` with a subcommand per feature where one is about to be used or completed."""
    from . import adding  # noqa: PLC0415

    adding.register(app, full="add" in argv or any("COMPLETE" in name for name in _environment()))


def _environment() -> list[str]:
    import os  # noqa: PLC0415

    return [name for name in os.environ if name.startswith("_DJROADMAP")]


def _session(ctx: typer.Context, *, json: bool) -> Session:
    session: Session = ctx.obj
    session.output.json = session.output.json or json
    return session
