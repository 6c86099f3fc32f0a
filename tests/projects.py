"""The one place tests take projects from: copies of the sample layouts, and environments that run them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
HOSTILE = FIXTURES / "hostile"
VARIANTS = FIXTURES / "variants"
CACHE = ROOT / ".cache"

OLDEST_PYTHON = (3, 12)
"""What every layout runs on (Django 6.0 and 6.1 need it)."""

LITTER = ("__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".import_linter_cache", ".venv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One layout: where its parts are, and what it runs on."""

    name: str
    django: str
    """The version of Django that its environment has."""
    package: str
    """The package or folder that holds the project's apps (its settings, for `startproject`)."""
    requirements: str = "requirements.txt"
    """The file of `fixtures/` with what the environment has besides Django; empty: nothing."""
    manage: str = "manage.py"
    settings: str = "config/settings/base.py"
    """The file that owns INSTALLED_APPS and MIDDLEWARE."""
    urls: str = "config/urls.py"
    tests: tuple[str, ...] = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    """How its own tests are run, after the interpreter."""
    ruff: bool = True
    """Whether it has a configuration of ruff."""
    runs: bool = True
    """Whether it can be run, or only be edited."""


def _startproject(django: str, requirements: str, *, runs: bool = True) -> Layout:
    return Layout(
        name=f"startproject-{django.rpartition('.')[0]}",
        django=django,
        package="mysite",
        requirements=requirements,
        settings="mysite/settings.py",
        urls="mysite/urls.py",
        tests=("manage.py", "test"),
        ruff=False,
        runs=runs,
    )


CATALOGUE = {
    layout.name: layout
    for layout in (
        Layout(name="turbo", django="5.2.19", package="bakery"),
        Layout(name="turbo_requirements", django="5.2.19", package="orchard"),
        Layout(name="turbo_minimal", django="5.2.19", package="tidepool"),
        Layout(name="cookiecutter", django="6.0.10", package="lending_desk"),
        Layout(name="cookiecutter_gitlab", django="6.0.10", package="field_notes"),
        Layout(
            name="poetry",
            django="5.2.19",
            package="src",
            manage="src/manage.py",
            settings="src/storefront/settings.py",
            urls="src/storefront/urls.py",
        ),
        _startproject("4.2.30", "", runs=False),
        _startproject("5.2.19", "requirements.txt"),
        _startproject("6.0.10", "requirements.txt"),
        _startproject("6.1.3", "requirements-plain.txt"),
    )
}

LAYOUTS: tuple[str, ...] = tuple(CATALOGUE)
RUNNABLE: tuple[str, ...] = tuple(name for name, layout in CATALOGUE.items() if layout.runs)


def missing(what: str) -> NoReturn:
    """Skip the test because `what` is not at hand; with DJROADMAP_REQUIRE_TOOLS=1, fail it."""
    if os.environ.get("DJROADMAP_REQUIRE_TOOLS") == "1":
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")


def copy_layout(name: str, target: Path, *, git: bool = False) -> Path:
    """A fresh copy of layout `name` in the folder `target`, which need not exist; returned.

    With `git` it is a repository with one commit, so that dirty files can be told.
    """
    ignored = shutil.ignore_patterns(*LITTER)
    shutil.copytree(_source(name), target, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    if git:
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "Generated")):
            _git(*arguments, cwd=target)
    return target


def variant(way: str) -> str:
    """The variant of the environments that a feature as it is typed needs: `graphql --library graphene` has
    `fixtures/variants/graphql-graphene.txt`. Nothing for those that get along with all others.
    """
    name = "-".join(way.split()[::2])
    return name if (VARIANTS / f"{name}.txt").exists() else ""


def environment(name: str, variant: str = "") -> Path:
    """The interpreter of a virtual environment that runs layout `name`; made at the first call, then kept.

    It has Django, what the layout imports, and what features bring along (fixtures/requirements*.txt); in a variant
    (fixtures/variants), other versions and packages of those.
    """
    layout = CATALOGUE[name]
    return _environment(layout.django, layout.requirements, variant)


def run(
    name: str,
    project: Path,
    *command: str,
    database: str = "",
    env: Mapping[str, str] | None = None,
    variant: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run Python with the arguments `command` in `project`, a copy of layout `name`, in its environment.

    The process sees none of the caller's variables, but `DATABASE_URL` (`database`), what `local.py` wants,
    and `env`. Nothing is raised when it fails: look at `returncode`; stderr is in `stdout`.
    """
    python = environment(name, variant)
    return subprocess.run(
        [str(python), *command],
        cwd=project,
        env=_variables(python, project, database, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@contextmanager
def running(
    name: str,
    project: Path,
    *command: str,
    output: Path,
    database: str,
    env: Mapping[str, str] | None = None,
    variant: str = "",
) -> Iterator[subprocess.Popen[bytes]]:
    """Python with the arguments `command` while the block runs, as with `run`; what it prints goes to `output`."""
    python = environment(name, variant)
    with output.open("wb") as file:
        process = subprocess.Popen(
            [str(python), *command],
            cwd=project,
            env=_variables(python, project, database, env),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _variables(python: Path, project: Path, database: str, env: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", str(project)),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "USE_DOCKER": "no",
        # Does not connect until it is used, so commands without a database work as well.
        "DATABASE_URL": database or "postgres://localhost/nowhere",
        **(env or {}),
    }


def _source(name: str) -> Path:
    return _made(name) if name.startswith("startproject-") else FIXTURES / CATALOGUE[name].name


def _made(name: str) -> Path:
    """A project as `django-admin startproject` and `startapp` make it, with the app installed."""
    layout = CATALOGUE[name]
    python = environment(name)
    folder = CACHE / "projects" / f"{name}-{layout.django}-{python.parent.parent.name}"
    with _locked(folder) as done:
        if not done:
            folder.mkdir(parents=True)
            for arguments in (("startproject", "mysite", "."), ("startapp", "shop")):
                admin = [str(python), "-m", "django", *arguments]
                subprocess.run(admin, cwd=folder, env=_quiet(), check=True, capture_output=True)
            settings = folder / layout.settings
            text = settings.read_text()
            # The same key everywhere, or golden diffs would differ from machine to machine.
            text = re.sub(r"'django-insecure-[^\n]*'", "'django-insecure-only-for-the-tests'", text)
            text = text.replace(
                "    'django.contrib.staticfiles',\n", "    'django.contrib.staticfiles',\n    'shop',\n"
            )
            settings.write_text(text)
    return folder


@cache
def _environment(django: str, requirements: str, variant: str) -> Path:
    base = _interpreter()
    pins = (FIXTURES / requirements).read_text() if requirements else ""
    if variant:
        pins = varied(pins, (VARIANTS / f"{variant}.txt").read_text())
    wanted = f"{pins}\nDjango=={django}\n"
    version = subprocess.run([base, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    folder = CACHE / "environments" / f"django{django}-python{version}-{digest}"
    python = folder / "bin" / "python"
    with _locked(folder) as done:
        if not done:
            subprocess.run([base, "-m", "venv", folder], env=_quiet(), check=True, capture_output=True)
            listing = folder / "wanted.txt"
            listing.write_text(wanted)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", listing]
            installed = subprocess.run(pip, env=_quiet(), check=False, capture_output=True, text=True)
            if installed.returncode:
                why = [line for line in installed.stderr.splitlines() if line.startswith("ERROR")][-1:]
                missing(f"the packages of {requirements or 'pip'} with Django {django}: {''.join(why)}")
    return python


def varied(pins: str, changes: str) -> str:
    """Pins with those of a variant in their places, or behind them; `no package` takes one out."""
    lines = [line for line in changes.splitlines() if line and not line.startswith("#")]
    dropped = {line.removeprefix("no ") for line in lines if line.startswith("no ")}
    new = [line for line in lines if not line.startswith("no ")]
    dropped |= {line.partition("==")[0] for line in new}
    kept = [line for line in pins.splitlines() if line.partition("==")[0] not in dropped]
    return "\n".join([*kept, *new, ""])


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock on `folder`, with True if it is complete; else it is empty, to be filled by the block.

    Filling that was interrupted is begun anew, and processes that wait get what the first one made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    complete = folder.with_name(f"{folder.name}.complete")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if complete.exists() and folder.exists():
            yield True
            return
        shutil.rmtree(folder, ignore_errors=True)
        yield False
        complete.touch()


@cache
def _interpreter() -> str:
    """The running Python if it is new enough, else the newest one found on PATH or with pyenv."""
    if sys.version_info >= OLDEST_PYTHON:
        # Not the virtual environment's: its packages and its life are not ours.
        return getattr(sys, "_base_executable", sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    folders = [*os.environ["PATH"].split(os.pathsep), *map(str, pyenv.glob("*/bin"))]
    found = {}
    for folder in folders:
        for path in Path(folder).glob("python3.[0-9]*"):
            if match := re.fullmatch(r"python3\.(\d+)", path.name):
                found.setdefault((3, int(match[1])), []).append(str(path))
    for version in sorted(found, reverse=True):
        for path in found[version]:
            # A shim of pyenv stands for a version that may not be there.
            tried = subprocess.run([path, "-c", "import venv, ssl"], check=False, capture_output=True)
            if version >= OLDEST_PYTHON and not tried.returncode:
                return path
    missing(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer")


def _git(*arguments: str, cwd: Path) -> None:
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    options = ("-c", "init.defaultBranch=main", "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false")
    variables = _quiet() | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *identity, *options, *arguments]
    subprocess.run(command, cwd=cwd, env=variables, check=True, capture_output=True)


def _quiet() -> dict[str, str]:
    """The caller's variables without what would change how Python, Django or git behave."""
    prefixes = ("PYTHON", "DJANGO", "PYTEST", "GIT_", "COV", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(prefixes)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}
