"""Between Typer and a command: errors become exit codes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import typer

from .session import outcome
from .signals import as_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """`command(ctx, ...)` with errors for people: each ends with its exit code, none with a traceback."""

    @functools.wraps(command)
    def run(ctx: typer.Context, *args: Any, **kwargs: Any) -> None:
        with as_interrupts():
            code = outcome(ctx.obj, lambda: command(ctx, *args, **kwargs))
        if code:
            raise typer.Exit(code)

    return run
