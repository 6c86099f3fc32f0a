"""The programs that tests run: where they are, or made at the first call and kept in `.cache`.

`python -m tests.infrastructure.tools` makes all of them at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.projects import CACHE, _interpreter, _locked, _quiet, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
DATA = HERE / "data"

UV = "uv==0.13.9"
"""Installs packages several times as fast as pip, which is used where it cannot."""

KINDS = {
    "zizmor": "tools",
    "check-jsonschema": "tools",
    "kubernetes-validate": "tools",
    "checkov": "checkov",
    "copier": "copier",
    "cruft": "cruft",
    "cookiecutter": "cruft",
}
"""The virtual environment of each program from PyPI."""


def tool(name: str) -> Path:
    """Where the program `name` is: zizmor, check-jsonschema, kubernetes-validate, checkov, copier, cruft, cookiecutter, or one on PATH.

    One that cannot be had skips the test, and fails it with DJROADMAP_REQUIRE_TOOLS=1.
    """
    if kind := KINDS.get(name):
        return interpreter(kind).with_name(name)
    found = shutil.which(name)
    return Path(found) if found else missing(name)


@cache
def interpreter(kind: str = "tools") -> Path:
    """The interpreter of a virtual environment with requirements-<kind>.txt, to run what is not a program.

    It is Python 3.12 or newer, whatever the tests run on: helm-sdkpy needs that.
    """
    base = _interpreter()
    listing = HERE / f"requirements-{kind}.txt"
    folder = CACHE / "tools" / f"{kind}-{_digest(listing.read_text(), _version(base))}"
    python = folder / "bin" / "python"
    with _locked(folder) as done:
        if not done:
            installed = _install(base, folder, listing)
            if installed.returncode:
                why = [line for line in installed.stderr.splitlines() if line.strip()][-1:]
                missing(f"the packages of {listing.name}: {''.join(why)}")
    return python


@cache
def node_modules() -> Path:
    """The folder `node_modules` with what package.json names; for programs that `node` runs."""
    tool("node")
    npm = tool("npm")
    listing = HERE / "package.json"
    folder = CACHE / "npm" / _digest(listing.read_text())
    with _locked(folder) as done:
        if not done:
            folder.mkdir(parents=True)
            shutil.copy(listing, folder)
            options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
            installed = subprocess.run(
                [npm, "install", *options], cwd=folder, check=False, capture_output=True
            )
            if installed.returncode:
                missing(f"the packages of {listing.name}: {installed.stderr.decode()[-300:]}")
    return folder / "node_modules"


def output(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program; nothing is raised when it fails. Its variables are those of the caller and `env`."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        check=False,
    )


def _install(base: str, folder: Path, listing: Path) -> subprocess.CompletedProcess[str]:
    """A virtual environment in `folder` with the packages of `listing`: by uv, or else by pip."""
    environment = _quiet()
    # Programs start faster from compiled modules.
    del environment["PYTHONDONTWRITEBYTECODE"]
    if index := environment.get("PIP_INDEX_URL"):
        environment.setdefault("UV_DEFAULT_INDEX", index)
    subprocess.run(
        [base, "-m", "venv", "--without-pip", folder], env=environment, check=True, capture_output=True
    )
    if uv := _uv(base):
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
        command += ["--python", folder / "bin" / "python", "-r", listing]
        installed = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if not installed.returncode:
            return installed
    subprocess.run([base, "-m", "venv", "--clear", folder], env=environment, check=True, capture_output=True)
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["-r", listing]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


@cache
def _uv(base: str) -> Path | None:
    folder = CACHE / "tools" / f"uv-{_digest(UV, _version(base))}"
    program = folder / "bin" / "uv"
    with _locked(folder) as done:
        if not done:
            subprocess.run([base, "-m", "venv", folder], env=_quiet(), check=True, capture_output=True)
            command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", UV]
            # Without it, what follows takes longer, but works.
            subprocess.run(command, env=_quiet(), check=False, capture_output=True)
    return program if program.exists() else None


@cache
def _version(base: str) -> str:
    return subprocess.run([base, "-V"], capture_output=True, text=True, check=True).stdout.strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


if __name__ == "__main__":
    for each in dict.fromkeys(KINDS.values()):
        print(interpreter(each))
    print(node_modules())
    from tests.infrastructure.terraform import _mirror

    print(_mirror())
