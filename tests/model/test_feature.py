from __future__ import annotations

from typing import Annotated, NamedTuple

import pytest

from djroadmap.features.waffle import FEATURE as WAFFLE
from djroadmap.model.feature import MISSING, NoOptions, Option, OptionSpec, specs_of
from tests.features.small import SMALL, project

TARGET = Option("Where it runs", choices=("ecs", "eks"))
QUEUES = Option("A queue of its own")


class Options(NamedTuple):
    target: Annotated[str, TARGET]
    queues: Annotated[tuple[str, ...], QUEUES] = ("celery",)


class Suited(NamedTuple):
    target: Annotated[str, Option("Where it runs", default_from=lambda project: project.name)] = "ecs"
    queues: Annotated[tuple[str, ...], QUEUES] = ("celery",)


class Undeclared(NamedTuple):
    target: str = "ecs"


def test_no_options_are_none() -> None:
    assert specs_of(NoOptions) == ()
    assert NoOptions()._asdict() == {}


def test_options_are_read_from_the_fields() -> None:
    assert specs_of(Options) == (
        OptionSpec(name="target", type=str, multiple=False, default=MISSING, option=TARGET),
        OptionSpec(name="queues", type=str, multiple=True, default=("celery",), option=QUEUES),
    )
    assert [spec.flag for spec in specs_of(Options)] == ["--target", "--queues"]


def test_a_field_without_an_option_is_a_mistake() -> None:
    with pytest.raises(TypeError, match=r"Undeclared\.target has no Annotated"):
        specs_of(Undeclared)


def test_defaults_suit_the_project() -> None:
    here = project(SMALL)
    assert WAFFLE.defaults(here) == NoOptions()
    assert WAFFLE._replace(options=Suited).defaults(here) == Suited(target=here.name)


def test_an_option_without_a_default_is_not_guessed() -> None:
    with pytest.raises(TypeError, match="target"):
        WAFFLE._replace(options=Options).defaults(project(SMALL))
