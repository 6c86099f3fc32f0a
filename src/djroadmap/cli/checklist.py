"""The checklist of bare `add`: what fits the project, what does not and why, and what has to be decided."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from djroadmap.model.feature import specs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.catalog import Catalog
    from djroadmap.model.feature import Feature, OptionSpec
    from djroadmap.model.project import Project
    from djroadmap.workflow.status import FeatureStatus

NARROW = 60
"""Columns below which what is said of a feature stands in lines below its name."""
NARROWEST = 20
"""Columns below which nothing is folded any more."""
MARGIN = 5
"""The columns that questionary and the mark take before a name."""


def may_be_chosen(status: FeatureStatus) -> bool:
    """Can it be added, or completed?"""
    return status.state in {"available", "partial"}


def choose_features(found: Sequence[FeatureStatus], catalog: Catalog) -> list[str]:
    """Ask which of the features are to be added; those that cannot be are there with the reason.

    Raises `KeyboardInterrupt` if the user leaves.
    """
    import questionary  # noqa: PLC0415 - 100 ms
    from prompt_toolkit.output import create_output  # noqa: PLC0415 - as above
    from prompt_toolkit.styles import Style  # noqa: PLC0415 - as above

    # Where it is drawn: the variable COLUMNS may tell of another terminal.
    columns = max(create_output().get_size().columns, NARROWEST)
    width = max(len(status.feature.id) for status in found)
    choices: list[Any] = []
    group = ""
    for status in found:
        if status.feature.group != group:
            group = status.feature.group
            choices.append(questionary.Separator(group))
        if may_be_chosen(status):
            title = _row(status.feature.id, width, _said(status), columns)[0]
            more = _described(status, catalog, columns)
            choices.append(questionary.Choice(title, value=status.feature.id, description=more))
            continue
        mark = "✔" if status.state in {"installed", "outdated"} else "–"
        first, *others = _row(status.feature.id, width, _said(status), columns)
        choices.append(questionary.Separator(f"{mark} {first}"))
        choices.extend(questionary.Separator(f"  {line}") for line in others)

    return list(
        questionary.checkbox(
            "What shall be added?",
            choices=choices,
            instruction="(space: choose, enter: go on, ctrl-c: leave)",
            validate=lambda names: excluded(names, catalog),
            style=Style([("separator", "noinherit"), ("highlighted", "bold"), ("selected", "bold")]),
        ).unsafe_ask()
    )


def _said(status: FeatureStatus) -> str:
    """In few words: what it is, that it is there, or why it cannot be."""
    title = status.feature.title
    if status.state == "partial":
        count = len(status.missing)
        return f"{title}; partly there, {count} thing{'s' if count != 1 else ''} missing"
    if status.state == "outdated":
        return f"there, and out of date: djroadmap upgrade {status.feature.id}"
    if status.state == "installed":
        return f"already there: {status.reason}" if status.reason else "already there"
    return f"not here: {status.reason}" if status.state == "unavailable" else title


def _row(name: str, width: int, text: str, columns: int) -> list[str]:
    """A name and what is said of it, folded below itself; below the name where there is no room beside it."""
    if columns < NARROW:
        return [name, *textwrap.wrap(text, columns - MARGIN - 1, initial_indent="  ", subsequent_indent="  ")]
    lines = textwrap.wrap(text, columns - MARGIN - width - 3) or [""]
    return [f"{name:<{width}}  {lines[0]}", *(f"{' ' * width}  {line}" for line in lines[1:])]


def _described(status: FeatureStatus, catalog: Catalog, columns: int) -> str:
    """What stands below the list for the feature that is pointed at."""
    feature = status.feature
    said = [feature.summary]
    said += [f"{one.what} is missing ({one.where})" for one in status.missing[:3]]
    if needed := brings(feature, catalog):
        said.append(f"Brings {needed}.")
    folded = [textwrap.wrap(text, columns - 4) for text in said[1:]]
    first = textwrap.wrap(said[0], columns - 4, initial_indent=" " * len("Description: "))
    return "\n  ".join(line.strip() for lines in (first, *folded) for line in lines)


def brings(feature: Feature, catalog: Catalog) -> str:
    """What comes with it, as far as it does not hang on a decision: `health-checks, terraform; ecs or eks`."""

    def public(names: frozenset[str]) -> list[str]:
        return sorted(name for name in names - {feature.id} if not catalog.features[name].internal)

    always = frozenset().union(*(catalog.closure(name) for name in feature.requires))
    parts = [", ".join(public(always))] if public(always) else []
    parts += [
        " or ".join(", ".join(names) for names in needed.values()) for needed in feature.requires_for.values()
    ]
    return " and ".join(parts)


def excluded(names: Sequence[str], catalog: Catalog) -> bool | str:
    """True, or which of the chosen features exclude each other."""
    for name in names:
        for other in catalog.features[name].conflicts:
            if other in names:
                return f"{name} and {other} exclude each other: choose one of them"
    return True


def ask_options(feature: Feature, project: Project, chosen: Sequence[str]) -> dict[str, Any]:
    """The answers where there is something to decide; what suits this project is suggested.

    All else has a default that does. Raises `KeyboardInterrupt` if the user leaves.
    """
    from . import prompts  # noqa: PLC0415 - only what asks needs it

    return {
        spec.name: prompts.ask_option(spec, *suggested(feature, spec, project, chosen))
        for spec in asked(feature)
    }


def asked(feature: Feature) -> Iterator[OptionSpec]:
    """The options that are a choice, and for the person to make."""
    specs = specs_of(feature.options)
    return (spec for spec in specs if len(spec.option.choices) > 1 and not spec.option.decided)


def suggested(feature: Feature, spec: OptionSpec, project: Project, chosen: Sequence[str]) -> tuple[Any, str]:
    """The answer that is preselected, and why: what was chosen with it, what the project has, or the usual."""
    needed = feature.requires_for.get(spec.name, {})
    fitting = [value for value, names in needed.items() if not set(names).isdisjoint(chosen)]
    if len(fitting) == 1:
        return fitting[0], "chosen with it"
    found = spec.option.default_from(project) if spec.option.default_from else spec.default
    return found, "the usual" if found == spec.default else "suits this project"
