"""Is import-linter there, put in by hand or by djroadmap, and what does it lack? Reads a few files, no graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.model.feature import Missing, Presence
from djroadmap.planning.contracts import derive
from djroadmap.planning.packages import join, linted

from .configuration import NAME, existing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project
    from djroadmap.planning.packages import Linted

    from .configuration import Configuration

COMMAND = "lint-imports"
TOOL = "import-linter"


def presence(project: Project) -> Presence:
    """Contracts, the dependency, and CI or a hook that enforces them; each of those that is there or not."""
    seen = linted(project)
    own = configuration(project, seen)
    found: list[str] = []
    missing: list[Missing] = []
    if own is not None and own.contracts:
        found.append(f"contracts in {own.path}")
        missing += [
            Missing(path=own.path, what=f"{app} is in no contract") for app in unplaced(project, seen, own)
        ]
    else:
        path = own.path if own else join(seen.folder if seen else project.base, NAME)
        missing.append(Missing(path=path, what="contracts"))
    for path, there in _dependency(project):
        _sort(found, missing, path, f"{TOOL} among the dependencies", there=there)
    for path, there in _enforced(project):
        _sort(found, missing, path, f"{COMMAND} in CI or in a hook", there=there)
    if not found:
        return Presence()
    note = f"own configuration in {own.path}" if own else ""
    return Presence(found=tuple(found), missing=tuple(missing), note=note)


def configuration(project: Project, seen: Linted | None) -> Configuration | None:
    """The configuration that the project has, wherever lint-imports may be run here."""
    folders = dict.fromkeys([*((seen.folder,) if seen else ()), project.base, ""])
    return next((own for folder in folders if (own := existing(project.tree, folder)) is not None), None)


def unplaced(project: Project, seen: Linted | None, own: Configuration) -> tuple[str, ...]:
    """Apps that no contract names, though one could."""
    if seen is None:
        return ()
    could = {name for contract in derive(project, seen) for name in contract.names}
    return tuple(
        app
        for app in seen.apps
        if app in could and not any(_names(expression, app) for expression in own.named)
    )


def mentions(project: Project, path: RelPath) -> bool:
    """Does this file run import-linter already?"""
    try:
        text = project.tree.read(path) or ""
    except Refused:
        return False
    return COMMAND in text or TOOL in text


def enforcers(project: Project) -> tuple[RelPath, ...]:
    """The files that could run import-linter without anybody thinking of it."""
    return (*(ci.path for ci in project.ci), *(hooks.path for hooks in project.hooks))


def _sort(found: list[str], missing: list[Missing], path: RelPath, what: str, *, there: bool) -> None:
    if there:
        found.append(what)
    else:
        missing.append(Missing(path=path, what=what))


def _names(expression: str, app: str) -> bool:
    """Does the expression name this very app? A wildcard at its end places whatever comes, so it places nothing."""
    wanted, parts = app.split("."), expression.split(".")
    if len(parts) == 1 < len(wanted):  # a layer within a container
        return parts[0] == wanted[-1]
    if len(parts) != len(wanted) or parts[-1] != wanted[-1]:
        return False
    return all(part in {"*", word} for part, word in zip(parts, wanted, strict=True))


def _dependency(project: Project) -> Iterator[tuple[RelPath, bool]]:
    """Where import-linter should be named and whether it is; nothing if the project has no place for dependencies."""
    dependencies = project.dependencies
    path = dependencies.pyproject or next((file.path for file in dependencies.files), None)
    if path is not None or dependencies.has(TOOL):
        yield path or "", dependencies.has(TOOL)


def _enforced(project: Project) -> Iterator[tuple[RelPath, bool]]:
    """The file that should run it and whether one does; nothing if there is neither CI nor a hook."""
    paths = enforcers(project)
    if paths:
        yield paths[0], any(mentions(project, path) for path in paths)
