"""`add`: one subcommand per feature, built from its options, and the checklist without one."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from djroadmap.errors import UsageError
from djroadmap.model.feature import MISSING

from .flags import Flags, with_flags
from .guard import guarded
from .output import interactive
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.model.feature import Feature, OptionSpec
    from djroadmap.workflow.world import Request


def register(app: typer.Typer, *, full: bool) -> None:
    """Add `add` to the application; with `full`, a subcommand for every feature."""
    group = typer.Typer(help="Add a feature; without one, choose from a checklist.", no_args_is_help=False)
    group.callback(invoke_without_command=True)(guarded(with_flags(choose)))
    if full:
        from djroadmap.catalog import load  # noqa: PLC0415

        catalog = load()
        for feature in catalog.public():
            group.command(feature.id, help=feature.summary, epilog=feature.docs)(guarded(_command(feature)))
        anything = {"ignore_unknown_options": True, "allow_extra_args": True}
        for name in {one.name for one in catalog.broken if one.name} - catalog.features.keys():
            group.command(name, hidden=True, context_settings=anything)(guarded(_left_out(name)))
    app.add_typer(group, name="add")


def choose(ctx: typer.Context, flags: Flags) -> None:
    """Add a feature; without one, choose from a checklist of what fits this project."""
    if ctx.invoked_subcommand is not None:
        _only_after_the_feature(flags)
        return
    if flags.yes or flags.json or not interactive():
        raise UsageError(
            "name the feature to add: djroadmap add FEATURE",
            hint="djroadmap status shows what fits this project",
        )
    from djroadmap.workflow.status import statuses  # noqa: PLC0415
    from djroadmap.workflow.world import Request  # noqa: PLC0415

    from . import prompts  # noqa: PLC0415

    session: Session = ctx.obj
    world = session.world()
    project = world.project()
    session.asked = True
    names = prompts.choose_features(
        statuses(project, world.manifest(), world.catalog.public(), world.catalog)
    )
    if not names:
        session.output.note("nothing was chosen")
        return
    _add(
        session,
        flags,
        tuple(
            Request(feature=name, options=_options(session, flags, world.catalog.get(name), {}))
            for name in names
        ),
    )


def _only_after_the_feature(flags: Flags) -> None:
    """Flags between `add` and the feature would be dropped silently. Raises `UsageError`."""
    if flags != Flags():
        raise UsageError("flags go behind the feature: djroadmap add FEATURE --dry-run")


def _command(feature: Feature) -> Callable[..., None]:
    """The function behind `add <feature>`, with a parameter for each declared option."""
    from djroadmap.model.feature import specs_of  # noqa: PLC0415

    specs = specs_of(feature.options)

    def add(ctx: typer.Context, flags: Flags, **values: Any) -> None:
        from djroadmap.workflow.world import Request  # noqa: PLC0415

        session: Session = ctx.obj
        given = {name: value for name, value in values.items() if value is not None}
        options = _options(session, flags, feature, given)
        _add(session, flags, (Request(feature=feature.id, options=options),))

    return with_flags(add, own=tuple(_parameter(spec) for spec in specs))


def _left_out(name: str) -> Callable[..., None]:
    """The function behind `add <feature>` for one that a broken plugin was to bring: it says why there is none."""

    def add(ctx: typer.Context) -> None:
        session: Session = ctx.obj
        session.catalog.get(name)

    return add


def _parameter(spec: OptionSpec) -> inspect.Parameter:
    """An option as a flag. Absent means None: the default may depend on the project."""
    kind: Any = spec.type
    if spec.option.choices:
        from typing import Literal  # noqa: PLC0415

        kind = Literal[spec.option.choices]
    if spec.multiple:
        kind = list[kind]
    info = typer.Option(spec.flag, help=f"{spec.option.help}{_shown(spec.default)}", show_default=False)
    return inspect.Parameter(
        spec.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, info]
    )


def _shown(default: Any) -> str:
    """The default as it is typed. Not in brackets, which Rich takes for markup."""
    if isinstance(default, tuple):
        default = ", ".join(map(str, default))
    return "" if default in (MISSING, None, False, "") else f" (default: {default})"


def _options(session: Session, flags: Flags, feature: Feature, given: dict[str, Any]) -> Any:
    """The options, from flags, then what is recorded, then defaults, then questions.

    None if nothing was given and everything is settled already (so that an installed feature keeps its options).
    Raises `UsageError` naming the flag when an answer is missing and nobody can be asked.
    """
    from djroadmap.manifest import recorded_options  # noqa: PLC0415
    from djroadmap.model.feature import specs_of  # noqa: PLC0415

    specs = specs_of(feature.options)
    if not specs:
        return None
    installed = session.world().manifest().features.get(feature.id)
    if installed is not None and not given:
        return None
    values = {**(recorded_options(installed, feature.options) if installed else {}), **given}
    for spec in specs:
        if spec.name in values:
            values[spec.name] = tuple(values[spec.name]) if spec.multiple else values[spec.name]
            continue
        default = (
            spec.option.default_from(session.world().project()) if spec.option.default_from else spec.default
        )
        if default is not MISSING:
            values[spec.name] = default
        elif flags.yes or not interactive():
            raise UsageError(
                f"{feature.id} needs {spec.flag}: {spec.option.help}",
                hint=f"djroadmap add {feature.id} {spec.flag} ...",
            )
        else:
            from . import prompts  # noqa: PLC0415

            session.asked = True
            values[spec.name] = prompts.ask_option(spec, None)
    return feature.options(**values)


def _add(session: Session, flags: Flags, requests: tuple[Request, ...]) -> None:
    from djroadmap.workflow.add import prepare_add  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    change(
        session,
        flags,
        lambda: prepare_add(session.world(), requests, partial=flags.partial),
        repeat=_repeat(requests),
    )


def _repeat(requests: tuple[Request, ...]) -> tuple[str, ...]:
    """The command line that asks for the same. Several features are several commands."""
    if len(requests) != 1:
        return ()
    words = ["djroadmap", "add", requests[0].feature]
    for name, value in (requests[0].options._asdict() if requests[0].options is not None else {}).items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words += [flag] if value else []
        elif isinstance(value, tuple):
            words += [word for item in value for word in (flag, str(item))]
        elif value is not None:
            words += [flag, str(value)]
    return tuple(words)
