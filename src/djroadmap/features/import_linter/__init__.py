"""import-linter: rules about which app may import which, kept by CI. https://import-linter.readthedocs.io"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.contracts import derive
from djroadmap.planning.dependencies import dev_dependency
from djroadmap.planning.packages import join, linted

from .configuration import NAME, derived
from .enforcement import enforcement, lint
from .growth import growth
from .presence import TOOL, configuration, presence

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project
    from djroadmap.planning.packages import Linted


def supports(project: Project) -> str | None:
    """Not without apps of the project's own to make rules about."""
    seen = linted(project)
    if seen is None or not seen.apps:
        return "it has no app of its own in a package, so there are no boundaries to keep"
    return None if derive(project, seen) else "its one app has no boundaries to keep"


def plan(project: Project, _options: NoOptions) -> Plan:
    """`.importlinter` with today's violations listed, the dependency, and what runs it: CI and a git hook."""
    seen = linted(project)
    if seen is None:
        return Plan()
    return (
        _contracts(project, seen)
        + dev_dependency(project, TOOL)
        + enforcement(project, seen.folder)
        + Plan(todos=tuple(_unseen(seen)))
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """`lint-imports` itself: every contract is kept from the first day."""
    seen = linted(project)
    return () if seen is None else (lint(project, seen.folder),)


def _contracts(project: Project, seen: Linted) -> Plan:
    """A new configuration; beside one that the project has already, only a proposal."""
    path = join(seen.folder, NAME)
    text = derived(project, seen)
    own = configuration(project, seen)
    if own is None or (own.path == path and project.tree.read(path) == text()):
        return Plan((edits.WholeFile(path=path, content=text),))
    why = f"import-linter is configured in {own.path} already: compare it with what today's imports suggest"
    return Plan(todos=(Todo(text=why, snippet=text(), path=own.path),))


def _unseen(seen: Linted) -> list[Todo]:
    where = f"{seen.folder}/" if seen.folder else "the root"
    why = f"is in no contract: import-linter sees packages with an __init__.py below {where}, under names of their own"
    return [Todo(text=f"{app.name} {why}", path=app.path) for app in seen.unseen]


FEATURE = Feature(
    id="import-linter",
    title="Module boundaries with import-linter",
    summary="Rules about which app may import which, derived from your real imports; new violations fail CI.",
    group="Module boundaries",
    version=1,
    docs="https://import-linter.readthedocs.io",
    plan=plan,
    supports=supports,
    presence=presence,
    growth=growth,
    checks=checks,
    links={"Contract types": "https://import-linter.readthedocs.io/en/stable/contract_types.html"},
)
