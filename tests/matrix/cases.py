"""Which features meet which projects: everything in the catalogue, every layout, every variant of its bytes."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

from djroadmap.catalog import load
from tests.memory import Memory
from tests.projects import LAYOUTS, copy_layout

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = tuple(feature.id for feature in load().public())
PAIRS = tuple(permutations(FEATURES, 2))
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


__all__ = ["FEATURES", "LAYOUTS", "PAIRS", "VARIANTS", "project"]
