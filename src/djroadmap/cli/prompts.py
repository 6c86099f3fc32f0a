"""Questions, asked only at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.feature import OptionSpec
    from djroadmap.workflow.status import FeatureStatus


def confirm(message: str, *, default: bool) -> bool:
    """Yes or no. Raises `KeyboardInterrupt` if the user leaves."""
    import questionary  # noqa: PLC0415 - 100 ms

    return bool(questionary.confirm(message, default=default).unsafe_ask())


def choose_features(found: Sequence[FeatureStatus]) -> list[str]:
    """A checklist of features, grouped, with reasons for what does not fit. Raises `KeyboardInterrupt`."""
    import questionary  # noqa: PLC0415

    choices: list[Any] = []
    group = ""
    for status in found:
        feature = status.feature
        if feature.group != group:
            group = feature.group
            choices.append(questionary.Separator(f"  {group}"))
        disabled = {"unavailable": status.reason, "installed": "already there"}.get(status.state)
        choices.append(
            questionary.Choice(f"{feature.id}: {feature.title}", value=feature.id, disabled=disabled)
        )
    return list(questionary.checkbox("What shall be added?", choices=choices).unsafe_ask())


def ask_option(spec: OptionSpec, default: Any) -> Any:
    """The value of one option. Raises `KeyboardInterrupt`."""
    import questionary  # noqa: PLC0415

    message = f"{spec.option.help.rstrip('.')} ({spec.flag})"
    if spec.option.choices:
        return questionary.select(message, choices=list(spec.option.choices), default=default).unsafe_ask()
    if spec.type is bool:
        return questionary.confirm(message, default=bool(default)).unsafe_ask()
    answer = questionary.text(message, default="" if default is None else str(default)).unsafe_ask()
    return tuple(answer.split()) if spec.multiple else spec.type(answer)
