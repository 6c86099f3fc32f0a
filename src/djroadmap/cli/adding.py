"""`add`: one subcommand per feature, built from its options, and the checklist without one."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from djroadmap.errors import UsageError
from djroadmap.model.feature import MISSING

from .flags import Flags, with_flags
from .guard import guarded
from .output import interactive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from djroadmap.model.feature import Feature, OptionSpec
    from djroadmap.workflow.world import Request

    from .session import Session


AND_MORE = {"allow_extra_args": True, "allow_interspersed_args": False}
"""What follows the options of a feature is another feature. Typer has no chains of commands."""


class Typed(NamedTuple):
    """One feature as it was typed: its name, the flags behind it, its options."""

    ctx: typer.Context
    feature: str
    flags: Flags
    values: dict[str, Any]


def register(app: typer.Typer, *, full: bool) -> None:
    """Add `add` to the application; with `full`, a subcommand for every feature. Several make one run."""
    group = typer.Typer(
        help="Add features, each with its options behind it; without one, choose from a checklist.",
        no_args_is_help=False,
        result_callback=_add_typed,
        subcommand_metavar="[FEATURE [OPTIONS]]...",
    )
    group.callback(invoke_without_command=True)(guarded(with_flags(choose)))
    if full:
        from djroadmap.catalog import load  # noqa: PLC0415

        catalog = load()
        for feature in catalog.public():
            made = group.command(
                feature.id, help=feature.summary, epilog=feature.docs, context_settings=AND_MORE
            )
            made(_command(feature))
        for name in {one.name for one in catalog.broken if one.name} - catalog.features.keys():
            anything = {**AND_MORE, "ignore_unknown_options": True}
            group.command(name, hidden=True, context_settings=anything)(_left_out(name))
    app.add_typer(group, name="add")


def choose(ctx: typer.Context, flags: Flags) -> None:
    """Add features, each with its options behind it; without one, choose from a checklist of what fits this project."""
    if ctx.invoked_subcommand is not None:
        _only_after_the_feature(flags)
        return
    if flags.yes or flags.json or not interactive():
        raise UsageError(
            "name the feature to add: djroadmap add FEATURE",
            hint="djroadmap status shows what fits this project",
        )
    from djroadmap.workflow.status import statuses  # noqa: PLC0415

    from . import checklist  # noqa: PLC0415

    session: Session = ctx.obj
    world = session.world()
    project = world.project()
    session.asked = True
    found = statuses(project, world.manifest(), world.catalog.public(), world.catalog)
    if not any(checklist.may_be_chosen(status) for status in found):
        session.output.note(
            "there is nothing to choose: djroadmap status shows what is there, and what does not fit"
        )
        return
    names = checklist.choose_features(found, world.catalog)
    if not names:
        session.output.note("nothing was chosen, so nothing was written")
        return
    typed = [
        Typed(ctx, name, flags, checklist.ask_options(world.catalog.get(name), project, names))
        for name in names
        if name not in world.manifest().features
    ]
    typed += [Typed(ctx, name, flags, {}) for name in names if name in world.manifest().features]
    _add(session, flags, typed)


def _add_typed(typed: list[Typed] | None, **_: Any) -> None:
    """Add what was typed, in one run. Ends the program with the exit code."""
    if not typed:
        return  # the checklist has done it
    flags = functools.reduce(Flags.with_, (one.flags for one in typed))
    guarded(lambda ctx: _add(ctx.obj, flags, typed))(typed[0].ctx)


def _only_after_the_feature(flags: Flags) -> None:
    """Flags between `add` and the feature would be dropped silently. Raises `UsageError`."""
    if flags != Flags():
        raise UsageError("flags go behind the feature: djroadmap add FEATURE --dry-run")


def _command(feature: Feature) -> Callable[..., list[Typed]]:
    """What is behind `add <feature>`: it and what is typed behind it, with a parameter for each declared option."""
    from djroadmap.model.feature import specs_of  # noqa: PLC0415

    def add(ctx: typer.Context, flags: Flags, **values: Any) -> list[Typed]:
        given = {name: value for name, value in values.items() if value is not None}
        return [Typed(ctx, feature.id, flags, given), *_behind(ctx)]

    return with_flags(add, own=tuple(_parameter(spec) for spec in specs_of(feature.options)))


def _behind(ctx: typer.Context) -> list[Typed]:
    """The features that are typed behind this one. Raises Typer's usage error for what is none."""
    group: Any = ctx.parent.command if ctx.parent is not None else None
    if group is None or not ctx.args:
        return []
    name, command, words = group.resolve_command(ctx.parent, list(ctx.args))
    with command.make_context(name, words, parent=ctx.parent) as another:
        found: list[Typed] = command.invoke(another)
        return found


def _left_out(name: str) -> Callable[..., list[Typed]]:
    """What is behind `add <feature>` for one that a broken plugin was to bring: adding it says why there is none."""

    def add(ctx: typer.Context) -> list[Typed]:
        return [Typed(ctx, name, Flags(), {})]

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

    None if nothing was given and everything is settled already (so that an installed feature keeps its options), or
    if it is outdated: then it is to be upgraded first, whatever was given.
    Raises `UsageError` naming the flag when an answer is missing and nobody can be asked.
    """
    from djroadmap.manifest import recorded_options  # noqa: PLC0415
    from djroadmap.model.feature import specs_of  # noqa: PLC0415

    specs = specs_of(feature.options)
    if not specs:
        return None
    installed = session.world().manifest().features.get(feature.id)
    if installed is not None and (not given or installed.version < feature.version):
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
            session.answered.setdefault(feature.id, set()).add(spec.name)
            values[spec.name] = prompts.ask_option(spec, None)
    return feature.options(**values)


def _add(session: Session, flags: Flags, typed: Sequence[Typed]) -> None:
    from djroadmap.workflow.add import prepare_add  # noqa: PLC0415
    from djroadmap.workflow.world import Request  # noqa: PLC0415

    from .changing import change  # noqa: PLC0415

    names = [one.feature for one in typed]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{double} is named twice", hint="give all its options once")
    requests = []
    for one in typed:
        feature = session.catalog.get(one.feature)
        requests.append(Request(feature.id, _options(session, flags, feature, one.values)))
    words = _repeat(session, typed, requests)
    change(
        session,
        flags,
        lambda: prepare_add(session.world(), requests, partial=flags.partial),
        repeat=words,
    )


def _repeat(session: Session, typed: Sequence[Typed], requests: Sequence[Request]) -> tuple[str, ...]:
    """The words that ask for the same: each feature with the options that were given or answered."""
    words = ["add"]
    for one, request in zip(typed, requests, strict=True):
        words.append(one.feature)
        values = request.options._asdict() if request.options is not None else {}
        named = one.values.keys() | session.answered.get(one.feature, set())
        for name, value in ((name, value) for name, value in values.items() if name in named):
            flag = "--" + name.replace("_", "-")
            if isinstance(value, bool):
                words += [flag] if value else []
            elif isinstance(value, tuple):
                words += [word for item in value for word in (flag, str(item))]
            elif value is not None:
                words += [flag, str(value)]
    return tuple(words)
