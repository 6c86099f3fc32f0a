"""Who imports what is about to go, however it is written."""

from __future__ import annotations

import pytest

from djroadmap.planning.usage import importers
from tests.features.small import SMALL, project

PACKAGE = {"shop/health.py": "", "shop/pages/__init__.py": "", "shop/pages/views.py": ""}


def found(path: str, text: str) -> list[str]:
    here = project(SMALL | PACKAGE | {path: text})
    return [
        f"{problem.path}:{problem.line}: {problem.why}" for problem in importers(here, "shop.health", but=".")
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/views.py", "import shop.health\n"),
        ("shop/views.py", "from shop import health\n"),
        ("shop/views.py", "from shop.health import ready\n"),
        ("shop/views.py", "from . import health\n"),
        ("shop/views.py", "from .health import ready\n"),
        ("shop/__init__.py", "from .health import ready\n"),
        ("shop/pages/views.py", "from .. import health as probes\n"),
        ("shop/pages/views.py", "from ..health import ready\n"),
        ("shop/pages/__init__.py", "from ..health import ready\n"),
    ],
)
def test_every_way_to_import_it_is_found(path: str, text: str) -> None:
    assert found(path, text) == [f"{path}:1: still imports shop.health"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/views.py", "from shop.pages import health\n"),
        ("shop/pages/views.py", "from . import health\n"),
        ("shop/pages/views.py", "from .health import ready\n"),
        ("shop/pages/views.py", "from ...health import ready\n"),
        ("shop/views.py", "import shop.healthy\n"),
        ("views.py", "from .health import ready\n"),
        ("shop/views.py", "from shop import (health\n"),
    ],
)
def test_others_are_not(path: str, text: str) -> None:
    assert found(path, text) == []
