"""The versions that features write into users' projects, kept in manifests that update bots understand."""

from __future__ import annotations

import re
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


class Action(NamedTuple):
    """An action of GitHub's, and its version."""

    name: str
    commit: str
    version: str

    @property
    def pinned(self) -> str:
        """`actions/checkout@3d3c... # v7.0.1`."""
        return f"{self.name}@{self.commit} # {self.version}"

    @property
    def tagged(self) -> str:
        """`actions/checkout@v7`."""
        return f"{self.name}@{self.version.partition('.')[0]}"


@cache
def action(name: str) -> Action:
    """The version of an action (`action.yml` beside this file). Raises `KeyError` if it is not there."""
    text = (Path(__file__).parent / "action.yml").read_text(encoding="utf-8")
    found = {one[0]: Action(*one) for one in re.findall(r"uses: ([\w./-]+)@(\w+) # (\S+)", text)}
    return found[name]


@cache
def image(name: str) -> str:
    """An image with its version: `tufin/oasdiff:v1.28.0` (`Dockerfile` beside this file). Raises `KeyError`."""
    text = (Path(__file__).parent / "Dockerfile").read_text(encoding="utf-8")
    found = {one[0]: f"{one[0]}:{one[1]}" for one in re.findall(r"(?m)^FROM ([\w./-]+):(\S+)$", text)}
    return found[name]


@cache
def terraform_modules() -> dict[str, str]:
    """The version of every module of terraform-aws-modules, by name (`modules.tf` beside this file)."""
    text = (Path(__file__).parent / "modules.tf").read_text(encoding="utf-8")
    return dict(
        re.findall(r'source\s*= "terraform-aws-modules/([\w-]+)/aws"\n\s*version\s*= "([\d.]+)"', text)
    )


class Chart(NamedTuple):
    """A chart of Helm, and where it is."""

    name: str
    version: str
    repository: str


@cache
def charts() -> dict[str, Chart]:
    """The charts that clusters are given, by name (`Chart.yaml` beside this file)."""
    text = (Path(__file__).parent / "Chart.yaml").read_text(encoding="utf-8")
    found = re.findall(r"- name: (\S+)\n +version: (\S+)\n +repository: (\S+)", text)
    return {one[0]: Chart(*one) for one in found}


@cache
def tool(name: str) -> str:
    """The version of a tool that has a file for it: `terraform`, `terragrunt`. Raises `OSError` if it has none."""
    return (Path(__file__).parent / f".{name}-version").read_text(encoding="utf-8").strip()
