"""The flags that every changing command has, declared once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What a changing command may and may not do."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the full diff and write nothing.")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; take the defaults.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
    patch: Annotated[
        Path | None,
        typer.Option(
            "--patch", metavar="FILE", help="Write a diff that `git apply` takes, and change nothing else."
        ),
    ] = None
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Also change files that have uncommitted changes.")
    ] = False
    partial: Annotated[
        bool, typer.Option("--partial", help="Do what is safe; turn the rest into a list of things to do.")
    ] = False
    verify: Annotated[
        bool,
        typer.Option(
            "--verify/--no-verify",
            help="Run the project's checks on a copy first; write nothing if they fail.",
        ),
    ] = False
    verify_tests: Annotated[
        bool,
        typer.Option("--verify-tests", help="Verify, and run the project's own tests as well."),
    ] = False
    run_commands: Annotated[
        bool,
        typer.Option(
            "--run-commands", help="Run the commands that refresh lock files, instead of listing them."
        ),
    ] = False

    @property
    def verifies(self) -> bool:
        """Are checks to be run before anything is written?"""
        return self.verify or self.verify_tests

    def with_(self, other: Flags) -> Flags:
        """What is said here or there: flags of several features are those of one run."""
        return Flags(
            **{spec.name: getattr(self, spec.name) or getattr(other, spec.name) for spec in fields(self)}
        )


PARAMETERS = tuple(
    inspect.Parameter(
        spec.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=spec.default,
        annotation=Flags.__annotations__[spec.name],
    )
    for spec in fields(Flags)
)


def with_flags(
    command: Callable[..., T], *, own: tuple[inspect.Parameter, ...] | None = None
) -> Callable[..., T]:
    """`command(ctx, flags, **own)` as Typer wants it: its own parameters, then the flags.

    `own` gives the command's own parameters where they are not in its signature (features' options).
    """
    declared = tuple(inspect.signature(command, eval_str=True).parameters.values())
    context = declared[0]
    mine = (
        own
        if own is not None
        else tuple(parameter for parameter in declared if parameter.name not in {context.name, "flags"})
    )

    def run(ctx: typer.Context, **values: Any) -> T:
        flags = Flags(**{parameter.name: values.pop(parameter.name) for parameter in PARAMETERS})
        ctx.obj.output.json = ctx.obj.output.json or flags.json
        return command(ctx, flags=flags, **values)

    positional = tuple(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in mine)
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    signature = inspect.Signature((context, *positional, *_parameters()))
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {
        parameter.name: parameter.annotation for parameter in signature.parameters.values()
    }
    run.__name__ = command.__name__
    run.__doc__ = command.__doc__
    return run


def _parameters() -> tuple[inspect.Parameter, ...]:
    """The flags with their annotations evaluated: this module's are strings."""
    hints = inspect.get_annotations(Flags, eval_str=True)
    return tuple(parameter.replace(annotation=hints[parameter.name]) for parameter in PARAMETERS)
