"""One tree of errors: each says what happened, where, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class DjroadmapError(Exception):
    """Base of everything djroadmap raises on purpose.

    `message` is lower case, path first; `hint` is the one thing to do next. `exit_code` is what the
    command line ends with (DESIGN section 3).
    """

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DjroadmapError):
    """The command line does not make sense."""

    exit_code = 2


class Interrupted(DjroadmapError):
    """The user stopped the run; what was begun has been rolled back."""

    exit_code = 130


class VerificationFailed(DjroadmapError):
    """The project's own checks failed on the result, so nothing was kept."""

    exit_code = 1


class NoProject(DjroadmapError):
    """There is no Django project where one was looked for."""


class Moved(DjroadmapError):
    """A file is no longer what the plan was made against."""


class Locked(DjroadmapError):
    """Another djroadmap is changing this project right now."""


class ManifestError(DjroadmapError):
    """The manifest cannot be read, or names something outside the project."""


class CommitFailed(DjroadmapError):
    """Writing failed half way; everything was put back."""


class PluginFailed(DjroadmapError):
    """The code of a plugin raised what it must not, or gave what is of no use: a bug of its authors."""

    exit_code = 4


class Problem(NamedTuple):
    """One thing that cannot be done safely: where, why, and what the user can paste instead."""

    path: str
    line: int | None
    why: str
    snippet: str = ""

    @property
    def where(self) -> str:
        """`path:line`, or only the path when no line is to blame."""
        return self.path if self.line is None else f"{self.path}:{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class Refused(DjroadmapError):
    """Nothing was written, for these reasons."""

    def __init__(self, problems: tuple[Problem, ...], *, hint: str = "") -> None:
        super().__init__("; ".join(str(problem) for problem in problems), hint=hint)
        self.problems = problems


class Unrecognised(Refused):
    """An edit met a shape it does not know, so it leaves the file alone."""

    def __init__(self, *, path: str, line: int | None, why: str, snippet: str = "") -> None:
        super().__init__((Problem(path=path, line=line, why=why, snippet=snippet),))


class CannotRevert(Refused):
    """What an edit wrote has been changed or is used since, so it stays."""

    def __init__(self, *, path: str, line: int | None, why: str, snippet: str = "") -> None:
        super().__init__((Problem(path=path, line=line, why=why, snippet=snippet),))
