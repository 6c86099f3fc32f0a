"""A feature: a pure function from a project and options to a plan, and what people need to know of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from .supported import OLDEST_DJANGO, is_too_old

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .plan import Command, Plan
    from .project import Project

GROUPS = (
    "Module boundaries",
    "Production patterns",
    "Observability",
    "Events and testing",
    "Type safety",
    "API",
    "Developer experience",
    "Infrastructure",
)


MISSING: Any = type("MISSING", (), {"__repr__": lambda _: "MISSING"})()
"""The default of an option that has none: it is asked for."""


class Option(NamedTuple):
    """What a flag says of itself; stands in `Annotated[type, Option(...)]` on a field of the options."""

    help: str
    choices: tuple[str, ...] = ()
    default_from: Callable[[Project], Any] | None = None
    """The default for this project, where it depends on the project."""
    decided: bool = False
    """Is that all that works in this project, so that there is nothing to ask?"""


class NoOptions(NamedTuple):
    """The options of a feature that has none.

    Options are named tuples: importing `dataclasses`, which imports `inspect`, would be a tenth of `status`.
    """


class OptionSpec(NamedTuple):
    """One declared option, read from its field: everything that flags, prompts, JSON and docs need."""

    name: str
    type: type
    multiple: bool
    default: Any
    option: Option

    @property
    def flag(self) -> str:
        """`--chart-dir`."""
        return "--" + self.name.replace("_", "-")


def specs_of(options: type[Any]) -> tuple[OptionSpec, ...]:
    """The options that a named tuple declares, in order. `MISSING` stands for "no default".

    Raises `TypeError` if a field carries no `Option`.
    """
    hints = get_type_hints(options, include_extras=True)
    defaults: Mapping[str, Any] = options._field_defaults
    found = []
    for name in options._fields:
        hint = hints[name]
        meta = (
            next((arg for arg in get_args(hint)[1:] if isinstance(arg, Option)), None)
            if get_origin(hint) is Annotated
            else None
        )
        if meta is None:
            msg = f"{options.__name__}.{name} has no Annotated[..., Option(...)]"
            raise TypeError(msg)
        inner = get_args(hint)[0]
        multiple = get_origin(inner) is tuple
        found.append(
            OptionSpec(
                name=name,
                type=get_args(inner)[0] if multiple else inner,
                multiple=multiple,
                default=defaults.get(name, MISSING),
                option=meta,
            )
        )
    return tuple(found)


class Missing(NamedTuple):
    """Something a partly present feature lacks, and where."""

    path: str
    what: str
    line: int | None = None

    @property
    def where(self) -> str:
        """`path:line`, or only the path."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


class Presence(NamedTuple):
    """What of a feature is there and what is not, when its edits alone cannot tell."""

    found: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    note: str = ""


class Growth(NamedTuple):
    """What has come to a project since a feature was added, and what would cover it."""

    missing: tuple[Missing, ...]
    """What is not covered yet: `shop.billing is in no contract`. Where that is a file of its own, its path is
    that of the file: one that was written once and is gone has not come since."""
    plan: Callable[[], Plan]
    """The edits that cover it, on top of those that are recorded. May be slow, and raise `Refused`."""


def _fits(_: Project) -> None:
    return None


def _nothing(_project: Project, _options: Any) -> tuple[Command, ...]:
    return ()


class Feature(NamedTuple):
    """One entry of the catalogue. See `docs/plugins.md` for how to write one."""

    id: str
    title: str
    summary: str
    """One sentence for `list` and the checklist."""
    group: str
    version: int
    docs: str
    """Address of the upstream documentation."""
    plan: Callable[[Project, Any], Plan]
    options: type[Any] = NoOptions
    """A named tuple whose fields are `Annotated[type, Option(...)]`."""
    supports: Callable[[Project], str | None] = _fits
    """The reason why the feature does not apply to a project, or None if it does. Cheap."""
    presence: Callable[[Project], Presence | None] | None = None
    """Overrides what the edits say of whether the feature is there; None leaves it to them. Cheap: `status` asks
    every feature, and most are not there, so one that would plan much first looks for a trace of itself."""
    growth: Callable[[Project, Any], Growth | None] | None = None
    """What has come to a project that has the feature, and that it does not cover yet: a new app, a new event. None
    if there is nothing. Cheap, since `status` asks for it; only its `plan` may take long."""
    requires: tuple[str, ...] = ()
    """The features it needs, whatever its options."""
    requires_for: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({})
    """What it needs besides, by an option and its value: `{"target": {"ecs": ("ecs",), "eks": ("eks",)}}`. Data, not
    a function: the catalogue is checked with it, and `status` reads it of every feature."""
    conflicts: tuple[str, ...] = ()
    checks: Callable[[Project, Any], Sequence[Command]] = _nothing
    """Commands that prove the feature works, for `--verify`."""
    farewell: Callable[[Project, Any], Sequence[Command]] = _nothing
    """Commands that belong before it is removed, e.g. to drop its tables."""
    guard: Callable[[Project], Sequence[Any]] | None = None
    """Problems (`errors.Problem`) that forbid taking it away now, e.g. code that still uses it. Not asked where the
    project had the package before: it stays."""
    internal: bool = False
    """Shared by other features: never listed, gone with its last user."""
    bridges: tuple[str, ...] = ()
    """What of an internal feature joins others: it comes by itself as soon as these are installed and it applies, in
    whatever order they came, and goes with any of them or with what it needs."""
    links: Mapping[str, str] = MappingProxyType({})
    """Further reading: title to address."""
    api: int = 0
    """The `djroadmap.API_VERSION` that a third-party feature is written for; those of djroadmap's own say none."""

    def needs(self, chosen: Mapping[str, Any]) -> tuple[str, ...]:
        """The features it needs with these options, as the manifest holds them; one that is missing has its default."""
        found = list(self.requires)
        for option, needed in self.requires_for.items():
            value = chosen.get(option, self.options._field_defaults.get(option))
            found.extend(needed.get(str(value), ()))
        return tuple(dict.fromkeys(found))

    @property
    def may_need(self) -> tuple[str, ...]:
        """All that it needs with one option or another."""
        others = (
            name for needed in self.requires_for.values() for names in needed.values() for name in names
        )
        return tuple(dict.fromkeys((*self.requires, *others)))

    def defaults(self, project: Project, **given: Any) -> Any:
        """The options with what is `given`, and what nobody says otherwise, what depends on the project included.

        Raises `TypeError` if there is one that is not given and has no default.
        """
        specs = () if self.options is NoOptions else specs_of(self.options)
        found = {
            spec.name: spec.option.default_from(project)
            for spec in specs
            if spec.option.default_from is not None and spec.name not in given
        }
        return self.options(**found, **given)

    def unfit(self, project: Project) -> str | None:
        """The reason why the feature cannot go into this project, or None: a Django too old, or its own."""
        if is_too_old(project.django):
            oldest = ".".join(map(str, OLDEST_DJANGO))
            return f"it needs Django {oldest} or newer, and this project has {project.django}"
        return self.supports(project)
