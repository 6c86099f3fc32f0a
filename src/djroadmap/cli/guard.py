"""Between Typer and a command: errors become exit codes."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from .output import Output
from .session import outcome
from .signals import as_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USAGE: Any = typer.BadParameter.__bases__[0]
"""Click's `UsageError`. Newer Typers have a Click of their own, under another name."""


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """`command(ctx, ...)` with errors for people: each ends with its exit code, none with a traceback."""

    @functools.wraps(command)
    def run(ctx: typer.Context, *args: Any, **kwargs: Any) -> None:
        with as_interrupts():
            code = outcome(ctx.obj, lambda: command(ctx, *args, **kwargs))
        if code:
            raise typer.Exit(code)

    return run


class Group(TyperGroup):
    """The whole command line. What Typer itself finds wrong with it is a document too under `--json`."""

    json = False

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """What is typed before the command."""
        self.json = "--json" in args
        with self._documented():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """The command, and what is typed behind it."""
        with self._documented():
            return super().invoke(ctx)

    @contextmanager
    def _documented(self) -> Iterator[None]:
        try:
            yield
        except USAGE as error:
            if self.json:
                hint = f"{error.ctx.command_path} --help" if error.ctx is not None else None
                said = {"message": error.format_message(), "hint": hint}
                Output.standard().document({"result": "refused", "problems": [], "error": said})
            raise
