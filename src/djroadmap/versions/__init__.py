"""The versions that features write into users' projects, kept in manifests that update bots understand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple


class Pin(NamedTuple):
    """A distribution, its exact version, and where it lives."""

    name: str
    version: str
    link: str

    @property
    def requirement(self) -> str:
        """`django-waffle==5.0.0`."""
        return f"{self.name}=={self.version}"


@cache
def pins() -> dict[str, Pin]:
    """Every Python distribution that features may add, by name (`requirements.txt` beside this file)."""
    found = {}
    for line in (Path(__file__).parent / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if "==" not in line or line.startswith("#"):
            continue
        requirement, _, link = line.partition("#")
        name, _, version = requirement.strip().partition("==")
        found[name] = Pin(name, version, link.strip())
    return found


def pin(name: str) -> Pin:
    """The pin of a distribution. Raises `KeyError` if `requirements.txt` beside this file lacks it."""
    return pins()[name]
