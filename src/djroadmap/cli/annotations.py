"""What GitHub shows beside the lines of a pull request: `::error file=...,line=...::...` on standard error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.manifest import PATH as MANIFEST, line_of

if TYPE_CHECKING:
    from djroadmap.errors import DjroadmapError
    from djroadmap.workflow.status import FeatureStatus

    from .session import Session


def drifted(session: Session, one: FeatureStatus, said: list[str], remedy: str) -> None:
    """Annotate a feature that has drifted: what is said of each thing that is missing, or of the feature."""
    title = f"djroadmap: {one.feature.id} is {one.state}"
    for missing, text in zip(one.missing, said, strict=True):
        _write(session, f"{text}; {remedy}", path=missing.path, line=missing.line, title=title)
    if not one.missing:
        line = _line_of(one.feature.id, session.root / MANIFEST)
        _write(session, f"{one.reason}; {remedy}", path=MANIFEST, line=line, title=title)


def refused(session: Session, error: DjroadmapError) -> None:
    """Annotate what kept the check from being made."""
    title = "djroadmap: the project could not be checked"
    hint = f"; {error.hint}" if error.hint else ""
    problems = error.problems if isinstance(error, Refused) else ()
    for problem in problems:
        _write(session, problem.why + hint, path=problem.path, line=problem.line, title=title)
    if not problems:
        _write(session, error.message + hint, title=title)


def annotation(message: str, **properties: object) -> str:
    """One command of a workflow, in one line whatever is in it; properties that are None are left out.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and, for what is escaped,
    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    given = ",".join(
        f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None
    )
    return f"::error{' ' if given else ''}{given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _write(
    session: Session, message: str, *, title: str, path: str | None = None, line: int | None = None
) -> None:
    file = None if path is None else _in_repository(session.root, path)
    session.output.write(
        annotation(message, file=file, line=line, title=title), stream=session.output.err, always=True
    )


def _in_repository(root: Path, path: str) -> str:
    """The path as GitHub knows it: from the root of the repository, which the project may be a folder of."""
    repository = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if repository is None:
        workspace = Path(os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or root))
        repository = workspace if workspace in (root, *root.parents) else root
    whole = root / path
    return whole.relative_to(repository).as_posix() if repository in whole.parents else path


def _line_of(feature: str, manifest: Path) -> int | None:
    """The line of the manifest where a feature begins."""
    try:
        return line_of(manifest.read_text(encoding="utf-8"), feature)
    except (OSError, UnicodeDecodeError):
        return None
