from __future__ import annotations

import pytest

from djroadmap.model.supported import is_too_old


@pytest.mark.parametrize(
    "django",
    [
        "3.2.25",
        "==3.2.25",
        "===4.1",
        "== 4.1.*",
        "~=4.1.0",
        "~=3.2",
        "^3.2",
        "~3.2",
        "<4.2",
        "<4.2.0",
        "<4",
        "<=4.1",
        ">=2.2.0,<2.3.0",
        ">=2.2, <4",
        "1.10.5",
        "4.1",
        "3",
    ],
)
def test_too_old(django):
    assert is_too_old(django)


@pytest.mark.parametrize(
    "django",
    [
        None,
        "",
        "4.2",
        "4.2.30",
        "==4.2.*",
        "6.1",
        "10.0",
        ">=2.2",
        ">=3.2,!=4.0",
        "<5",
        "<4.2.8",
        "<=4.2",
        "~=4.1",
        "^4.1",
        "~=5.0",
        "~=4.2.1",
        ">=6.0,<6.1",
        "4",
        "5",
        "main",
    ],
)
def test_new_enough_or_not_known(django):
    assert not is_too_old(django)


@pytest.mark.parametrize("python", ["3.10", "3.6.4", "==3.10.*", "~=3.10.2", ">=3.8,<3.11"])
def test_another_oldest_version(python):
    assert is_too_old(python, (3, 11))


@pytest.mark.parametrize("python", [None, ">=3.9", "~=3.10", "^3.10", "3.11", "==3.14.*", ">=3.10,<3.12"])
def test_new_enough_for_another(python):
    assert not is_too_old(python, (3, 11))
