"""The commands, and how they are put together. Anything heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from djroadmap import __version__

from .guard import Group, guarded
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

FeatureArguments = Annotated[list[str] | None, typer.Argument(metavar="[FEATURE]...", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

EPILOG = (
    "Exit codes: 0 done or nothing to do, 1 drift or failed verification, 2 usage, "
    "3 refused and nothing written, 4 a bug, 130 interrupted (143 and 129 by SIGTERM and SIGHUP)."
)


def run() -> None:
    """Run the command line and exit."""
    build(sys.argv[1:])()


def build(argv: list[str]) -> typer.Typer:
    """The Typer application for this command line.

    Only the command that is typed is put together, since each flag costs time; all of them for help, completion
    and mistakes. Features become subcommands only when `add` is typed.
    """
    app = typer.Typer(
        name="djroadmap",
        cls=Group,
        help="Retrofit what a Django project's roadmap still promises.",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(start)
    typed = _typed(argv)
    for name, command in READING.items():
        if typed in {name, None}:
            app.command(name)(guarded(command))
    if typed in {"add", None}:
        _add_commands(app, full=typed == "add" or _completing())
    if typed in {*CHANGING, None}:
        from . import takingback  # noqa: PLC0415

        takingback.register(app, CHANGING if typed is None else (typed,))
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


def _typed(argv: list[str]) -> str | None:
    """The command on the command line, or None if there is none that we know."""
    words = iter(argv)
    for word in words:
        if word in {"-C", "--project", "--manage"}:
            next(words, None)
        elif not word.startswith("-"):
            return word if word in {*READING, *CHANGING, "add"} and not _completing() else None
    return None


def _add_commands(app: typer.Typer, *, full: bool) -> None:
    from . import adding  # noqa: PLC0415

    adding.register(app, full=full)


def _completing() -> bool:
    """Does the shell ask for completions?"""
    import os  # noqa: PLC0415

    return any(name.startswith("_DJROADMAP") for name in os.environ)


READING: dict[str, Callable[..., None]] = {"status": status, "list": list_, "info": info, "check": check}
CHANGING = ("remove", "upgrade", "undo")


def _session(ctx: typer.Context, *, json: bool) -> Session:
    session: Session = ctx.obj
    session.output.json = session.output.json or json
    return session
