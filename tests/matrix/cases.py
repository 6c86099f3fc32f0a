"""Which features meet which projects: everything in the catalogue, every layout, every variant of its bytes."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

from djroadmap.catalog import load
from djroadmap.model.feature import MISSING, specs_of
from tests.memory import Memory
from tests.projects import LAYOUTS, copy_layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from djroadmap.model.feature import Feature


def _ways(feature: Feature) -> Iterator[str]:
    """What is typed behind `add`: with as few options as will do, then with each other choice there is."""
    specs = specs_of(feature.options)
    chosen = {spec.flag: spec.option.choices[0] for spec in specs if spec.default is MISSING}
    yield _typed(feature, chosen)
    for spec in specs:
        for choice in spec.option.choices:
            if choice not in {spec.default, chosen.get(spec.flag)}:
                yield _typed(feature, {**chosen, spec.flag: choice})


def _typed(feature: Feature, options: dict[str, str]) -> str:
    return " ".join([feature.id, *(word for option in options.items() for word in option)])


WAYS = {feature.id: tuple(_ways(feature)) for feature in load().public()}
FEATURES = tuple(ways[0] for ways in WAYS.values())
"""Every feature, with as few options as will do."""
EVERY_WAY = tuple(way for ways in WAYS.values() for way in ways)
"""Every feature, with every choice of its options."""
NEWEST = max(name for name in LAYOUTS if name.startswith("startproject"))
DISTINCT = tuple(name for name in LAYOUTS if not name.startswith("startproject") or name == NEWEST)
"""The layouts without older versions of one: pairs of features meet the same shapes there."""
CONTAINED = ("turbo", "cookiecutter")
"""Where pairs meet of which one only deploys: it does not see how the layouts differ otherwise."""


def _meeting(*typed: str) -> tuple[str, ...]:
    features = [load().get(way.split(maxsplit=1)[0]) for way in typed]
    deploys = any(one.group == "Infrastructure" and one.id != "health-checks" for one in features)
    return CONTAINED if deploys else DISTINCT


PAIRS = tuple((*pair, layout) for pair in permutations(FEATURES, 2) for layout in _meeting(*pair))
"""Every two features, in both orders, on the layouts where they meet."""
TEXT = (
    ".py",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    ".md",
    ".html",
    ".env",
    "justfile",
    "Makefile",
    ".gitignore",
)


def as_is(data: bytes) -> bytes:
    """The file as it was generated."""
    return data


def crlf(data: bytes) -> bytes:
    """The file as a Windows checkout has it."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def no_final_newline(data: bytes) -> bytes:
    """The file as some editors leave it."""
    return data.rstrip(b"\r\n") if data.strip() else data


def byte_order_mark(data: bytes) -> bytes:
    """The file as Windows editors save it. Only Python and requirements are read so by everybody."""
    return b"\xef\xbb\xbf" + data if data else data


VARIANTS = {"as-is": as_is, "crlf": crlf, "no-final-newline": no_final_newline, "bom": byte_order_mark}
BYTES = [(way, variant) for way in EVERY_WAY for variant in VARIANTS if way in FEATURES or variant == "as-is"]
"""Every feature in files of every kind, and its other choices in files as they are."""
ONLY = {"bom": (".py", ".txt")}
"""The files that a variant changes, where it is not all text files."""


@cache
def layout_files(layout: str, folder: Path) -> dict[str, bytes]:
    """The files of a layout, read once a session."""
    return Memory.of(copy_layout(layout, folder / layout)).files


def project(layout: str, folder: Path, variant: str = "as-is") -> Memory:
    """A fresh project of this layout in memory, its text files rewritten as the variant says."""
    change = VARIANTS[variant]
    kinds = ONLY.get(variant, TEXT)
    files = {
        path: change(data) if path.endswith(kinds) else data
        for path, data in layout_files(layout, folder).items()
    }
    return Memory(files, load())


__all__ = ["BYTES", "EVERY_WAY", "FEATURES", "LAYOUTS", "PAIRS", "VARIANTS", "project"]
