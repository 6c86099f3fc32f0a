"""The ways to add a feature: with as few options as will do, then with each other choice there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.feature import MISSING, specs_of

if TYPE_CHECKING:
    from djroadmap.model.feature import Feature


def ways(feature: Feature) -> tuple[str, ...]:
    """What is typed behind `add`: `graphql`, `graphql --library graphene`.

    An option without a default must have choices: nobody knows another value for it.
    """
    specs = specs_of(feature.options)
    chosen = {spec.flag: spec.option.choices[0] for spec in specs if spec.default is MISSING}
    others = (
        {**chosen, spec.flag: choice}
        for spec in specs
        for choice in spec.option.choices
        if choice not in {spec.default, chosen.get(spec.flag)}
    )
    return tuple(_typed(feature, options) for options in (chosen, *others))


def _typed(feature: Feature, options: dict[str, str]) -> str:
    return " ".join([feature.id, *(word for option in options.items() for word in option)])
