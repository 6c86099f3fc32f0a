"""`status` as it is typed most often, answered before Typer is imported: that would double the time."""

from __future__ import annotations

from pathlib import Path


def quick(argv: list[str]) -> int | None:
    """The exit code of `[-C DIR] status [FEATURE...] [--json]`; None for anything else, which is Typer's.

    Whatever is not exactly that, mistakes included, goes the usual way, so the two cannot differ in what they take.
    """
    words, project, names, json = list(argv), None, [], False
    if len(words) > 2 and words[0] in {"-C", "--project"} and not words[1].startswith("-"):
        project = Path(words[1])
        words = words[2:]
    if words[:1] != ["status"]:
        return None
    for word in words[1:]:
        if word == "--json":
            json = True
        elif word.startswith("-"):
            return None
        else:
            names.append(word)
    from . import reports  # noqa: PLC0415
    from .session import Session, outcome  # noqa: PLC0415

    session = Session(project=project)
    session.output.json = json
    return outcome(session, lambda: reports.status(session, names))
