"""Questions, asked only at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from djroadmap.model.feature import OptionSpec


def confirm(message: str, *, default: bool) -> bool:
    """Yes or no. Raises `KeyboardInterrupt` if the user leaves."""
    import questionary  # noqa: PLC0415 - 100 ms

    return bool(questionary.confirm(message, default=default).unsafe_ask())


def ask_option(spec: OptionSpec, default: Any, why: str = "") -> Any:
    """The value of one option, `default` suggested for the reason `why`. Raises `KeyboardInterrupt`."""
    import questionary  # noqa: PLC0415

    message = f"{spec.option.help.rstrip('.')} ({spec.flag})"
    if spec.option.choices:
        choices = [
            questionary.Choice(f"{value} ({why})" if why and value == default else value, value=value)
            for value in spec.option.choices
        ]
        return questionary.select(message, choices=choices, default=default).unsafe_ask()
    if spec.type is bool:
        return questionary.confirm(message, default=bool(default)).unsafe_ask()
    answer = questionary.text(message, default="" if default is None else str(default)).unsafe_ask()
    return tuple(answer.split()) if spec.multiple else spec.type(answer)
