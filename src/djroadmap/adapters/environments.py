"""The Python environments at hand, and what is installed in them. They are looked into, never run."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.regex import regex

from .paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

WINDOWS = sys.platform == "win32"
BIN, PYTHON = ("Scripts", "python.exe") if WINDOWS else ("bin", "python")
METADATA = (".dist-info", ".egg-info")
QUOTED = regex(r"'(/[^'\n]+)'")
"""A path in the finder with which setuptools makes editable packages importable."""


class Environment(NamedTuple):
    """A Python and what is installed for it."""

    home: str
    """Its folder, as an absolute path."""
    site: str
    """Its site-packages."""
    distributions: Mapping[str, str] = MappingProxyType({})
    """Normalised name to version, of all that is installed."""
    sources: tuple[str, ...] = ()
    """Folders elsewhere that it imports from: editable installs."""
    active: bool = False
    """Is it what `python` means in this shell?"""

    @property
    def programs(self) -> str:
        """The folder of its programs."""
        return os.path.join(self.home, BIN)  # noqa: PTH118 - text, like the rest

    @property
    def python(self) -> str:
        """Its interpreter."""
        return os.path.join(self.programs, PYTHON)  # noqa: PTH118


def environments(folders: Iterable[Path], environ: Mapping[str, str]) -> tuple[Environment, ...]:
    """Environments that have Django: the active ones first, then those that stand in one of the folders."""
    found: dict[str, Environment] = {}
    for home, active in (*_active(environ), *((home, False) for home in _below(folders))):
        if str(home) not in found and (environment := _read(home, active=active)):
            found[str(home)] = environment
    return tuple(found.values())


def _active(environ: Mapping[str, str]) -> Iterator[tuple[Path, bool]]:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            yield Path(environ[name]), True
    for name in ("python", "python3"):
        if program := shutil.which(name, path=environ.get("PATH", os.defpath)):
            yield Path(program).parent.parent, True


def _below(folders: Iterable[Path]) -> Iterator[Path]:
    """Virtual environments directly in the folders; those with the usual name first."""
    for folder in folders:
        try:
            names = sorted(os.listdir(folder), key=lambda name: (name not in {".venv", "venv"}, name))  # noqa: PTH208
        except OSError:
            continue
        yield from (folder / name for name in names if is_file(folder / name / "pyvenv.cfg"))


def _read(home: Path, *, active: bool) -> Environment | None:
    """What is in an environment; None if there is none, or it has no Django."""
    if not is_file(home / BIN / PYTHON):
        return None
    sites = [home / "Lib" / "site-packages"] if WINDOWS else sorted(home.glob("lib/python*/site-packages"))
    for site in sites:
        try:
            names = os.listdir(site)  # noqa: PTH208
        except OSError:
            continue
        distributions = dict(_distributions(names))
        if "django" in distributions:
            sources = tuple(_sources(site, names))
            return Environment(str(home), str(site), distributions, sources, active)
    return None


def _distributions(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        stem, ending = os.path.splitext(name)  # noqa: PTH122
        if ending in METADATA:
            project, _, rest = stem.partition("-")
            yield project.lower().replace("_", "-").replace(".", "-"), rest.partition("-")[0]


def _sources(site: Path, names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        editable = name.startswith("__editable__") and name.endswith(".py")
        if not (editable or name.endswith(".pth")):
            continue
        try:
            text = (site / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if editable:
            yield from (os.path.dirname(path) for path in QUOTED.findall(text))  # noqa: PTH120
        else:
            yield from (line for raw in text.splitlines() if os.path.isabs(line := raw.strip()))  # noqa: PTH117
