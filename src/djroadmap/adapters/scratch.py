"""A copy of the project with the changes in it, to run its checks on."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .shell import LocalShell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.change import Change

HEAVY = (
    "node_modules",
    ".git",
    ".venv",
    "venv",
    "env",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".terraform",
)


@contextmanager
def scratch_copy(root: Path, changes: Sequence[Change]) -> Iterator[tuple[LocalShell, str | None]]:
    """A shell in a copy of `root` with `changes` written, and the project's own interpreter if it has one.

    The tools of that interpreter's environment come first on the shell's PATH.

    The copy leaves out what is large and not source (`HEAVY`), and is gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="djroadmap-") as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns(*HEAVY))
        for change in changes:
            target = copy / change.path
            if change.after is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(change.after)
        python = interpreter(root)
        environ = dict(os.environ)
        if python is not None:
            folder_of_tools = os.path.dirname(python)  # noqa: PTH120 - of a link, not of what it leads to
            environ["PATH"] = os.pathsep.join((folder_of_tools, environ.get("PATH", os.defpath)))
            environ["VIRTUAL_ENV"] = os.path.dirname(folder_of_tools)  # noqa: PTH120
        yield LocalShell(copy, environ=environ), python


def interpreter(root: Path) -> str | None:
    """The Python of a virtual environment inside the project, or None."""
    leaf = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    return next(
        (str(path) for name in (".venv", "venv", "env") if (path := root / name / leaf).exists()), None
    )
