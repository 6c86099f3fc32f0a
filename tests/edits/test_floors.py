"""The oldest version that is allowed, raised and lowered again."""

from __future__ import annotations

import pytest

from djroadmap.edits import VersionFloor
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws

EDIT = VersionFloor(path="base.txt", name="celery", floor="5.4")
TEXTS = {
    "celery==5.2.7\n": "celery==5.4.0\n",
    "Celery[redis, sqs]>=5.3.1,<6  # https://x/celery==1.0\n": "Celery[redis, sqs]>=5.4,<6  # https://x/celery==1.0\n",
    "redis==5.2\ncelery ~= 5.3.1 ; python_version < '3.13'\n": "redis==5.2\ncelery ~= 5.4.0 ; python_version < '3.13'\n",
    'dependencies = ["celery[redis]>=5.2.2,<6", "celery-types>=0.1"]\n': (
        'dependencies = ["celery[redis]>=5.4,<6", "celery-types>=0.1"]\n'
    ),
    'celery = "^5.2"\n': 'celery = "^5.4"\n',
    'celery = {extras = ["redis"], version = "==5.2.7"}\n': 'celery = {extras = ["redis"], version = "==5.4.0"}\n',
    "celery = { version = '5.2', extras = ['redis'] }\n": "celery = { version = '5.4', extras = ['redis'] }\n",
    'a = ["celery<6,>=4.4"]\r\n': 'a = ["celery<6,>=5.4"]\r\n',
}


@pytest.mark.parametrize("text", TEXTS)
def test_only_the_number_changes(text: str) -> None:
    assert assert_laws(EDIT, text) == TEXTS[text]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "celery\n",
        "celery>=5.4\n",
        "celery==5.10.1\n",
        'celery = "*"\n',
        "celery-types==0.1\n",
        "django-celery-beat==2.9\n",
    ],
)
def test_what_is_new_enough_or_another(text: str | None) -> None:
    assert EDIT.holds(text)
    assert EDIT.apply(text) == text


@pytest.mark.parametrize("text", ["celery>=5.2,<5.4\n", '"celery>=5.2,<5.3",\n'])
def test_refused(text: str) -> None:
    with pytest.raises(Unrecognised, match="excluded"):
        EDIT.apply(text)


def test_what_was_raised_further_stays() -> None:
    bound = EDIT.bind("celery==5.2.7\n")
    assert bound.kept("celery==5.6.1\n")
    assert bound.revert("celery==5.6.1\n") == "celery==5.6.1\n"
    assert bound.revert(None) is None
    with pytest.raises(CannotRevert):
        bound.revert("celery==5.4.0\ncelery>=5.4\n")


def test_what_it_is_called() -> None:
    assert EDIT.describe() == "celery 5.4 or newer"
