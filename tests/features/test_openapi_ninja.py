"""oasdiff and ninja together: what is compared, the recipes, and which may go without the other."""

from __future__ import annotations

from itertools import permutations

import pytest

from djroadmap.workflow.remove import prepare_remove
from tests.features.small import SMALL
from tests.memory import Memory

NAMES = ("ninja", "oasdiff", "just")
SETTINGS = str(SMALL["shop/settings.py"])
CONTENTTYPES = '    "django.contrib.contenttypes",\n'
SESSIONS = '    "django.contrib.sessions",\n'
REST = '    "rest_framework",\n    "drf_spectacular",\n'
JUSTFILE = b"up:\n    docker compose up\n"
MAKEFILE = b"up:\n\tdocker compose up\n"


def project(apps: str = "", **files: bytes) -> Memory:
    settings = SETTINGS.replace(CONTENTTYPES, CONTENTTYPES + SESSIONS + apps)
    texts = {**SMALL, "shop/settings.py": settings}
    return Memory({**{path: str(text).encode() for path, text in texts.items()}, **files})


def recipes(one: Memory) -> list[str]:
    """The recipes for schemas, wherever they are."""
    lines = (
        b"".join(one.files.get(name, b"") + b"\n" for name in ("justfile", "Makefile")).decode().splitlines()
    )
    return sorted({line.split()[0].split(":")[0] for line in lines if line.startswith("openapi")})


def test_ninja_makes_it_apply_and_is_needed_by_it() -> None:
    one = project()
    before = dict(one.files)
    assert "djroadmap add ninja first" in (one.supports("oasdiff") or "")
    one.add("ninja")
    with_ninja = dict(one.files)
    assert one.supports("oasdiff") is None
    one.add("oasdiff")
    assert not [path for path in one.files if path.endswith("test_openapi_schemas.py")]
    [problem] = prepare_remove(one.world, ("ninja",)).problems
    assert "oasdiff would be left with nothing to do" in problem.why
    assert problem.snippet == "djroadmap remove oasdiff ninja"
    other = one.copy()
    other.remove("oasdiff")
    assert other.files == with_ninja
    one.remove("oasdiff", "ninja")
    assert one.files == before


def test_both_at_once() -> None:
    one = project()
    one.add("ninja", "oasdiff")
    assert {"openapi/ninja.json", "openapi/breaking.sh"} <= set(one.files)


@pytest.mark.parametrize("order", tuple(permutations(NAMES)))
@pytest.mark.parametrize(
    "runner", [{}, {"justfile": JUSTFILE}, {"Makefile": MAKEFILE}], ids=["none", "just", "make"]
)
def test_recipes_are_there_as_long_as_what_they_are_for(
    order: tuple[str, ...], runner: dict[str, bytes]
) -> None:
    one = project(REST, **runner)
    before = dict(one.files)
    one.add(order[0])
    one.add(order[1])
    one.add(order[2])
    assert recipes(one) == ["openapi", "openapi-breaking", "openapi-ninja"]
    for gone in order:
        without, never = one.copy(), project(REST, **runner)
        without.remove(gone)
        for name in order:
            if name != gone:
                never.add(name)
        assert without.files == never.files, gone
    for name in order:
        one.remove(name)
    assert one.files == before
