"""The job of a CI file that runs the linters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.project import CIJob

LINTING = regex(r"pre-commit|lefthook|\bruff\b|\bflake8\b|\bblack\b|\bpylint\b")
LINTER_NAME = regex(r"lint|pre-?commit|style|quality|static|format", re.IGNORECASE)


def linter_of(jobs: Mapping[str, str], test_job: CIJob | None) -> str | None:
    """The job that runs the linters: by what it runs, else by its name."""
    others = {name: text for name, text in jobs.items() if test_job is None or name != test_job.name}
    running = [name for name, text in others.items() if LINTING.search(text)]
    named = [name for name in running if LINTER_NAME.search(name)]
    return next(iter([*named, *running]), None)
