"""Which folders of a project are noise: version control, environments, caches, build output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

ALWAYS = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__", "site-packages", ".tox", ".nox", ".eggs",
        ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache", ".grimp_cache",
        ".terraform", ".terragrunt-cache", ".turbo", ".next", ".astro", ".idea", "htmlcov",
    }
)  # fmt: skip

UNLESS_PACKAGES = frozenset({"build", "dist", "venv", "wheels"})
"""Left out unless they hold an `__init__.py`: somebody may well call an app `build`."""


def pruned(name: str, entries: Container[str]) -> bool:
    """Is a folder called `name`, with `entries` directly in it, left out of a tree?

    A folder with a `pyvenv.cfg` is a virtual environment, whatever it is called.
    """
    if name in ALWAYS or name.endswith(".egg-info") or "pyvenv.cfg" in entries:
        return True
    return name in UNLESS_PACKAGES and "__init__.py" not in entries
