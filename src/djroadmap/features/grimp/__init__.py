"""grimp: tests of which app may know which, on the graph of imports. https://grimp.readthedocs.io"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature, Growth, Missing, Presence
from djroadmap.model.plan import Plan
from djroadmap.planning.dependencies import dev_dependency
from djroadmap.planning.files import new_file, package_files
from djroadmap.planning.tests import run_tests

from .listing import ID, LIST, everything, later, looked_at, own_apps
from .tested import tested

if TYPE_CHECKING:
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

    from .tested import Tested


def supports(project: Project) -> str | None:
    """Not without apps of the project's own to make rules about."""
    return (
        None
        if tested(project)
        else "it has no app of its own in a package, so there is nothing to keep apart"
    )


def plan(project: Project, _options: NoOptions) -> Plan:
    """The tests, the list of what breaks their rules today, and grimp for development."""
    seen = tested(project)
    if seen is None:
        return Plan()
    tests = seen.module.rpartition("/")[2]
    return (
        dev_dependency(project, ID)
        + _packages(project, seen)
        + new_file(f"{seen.folder}/imports.py", ID, "imports.py", tests=tests, depth=seen.depth)
        + new_file(seen.module, ID, "test_architecture.py")
        + Plan(
            (edits.WholeFile(path=f"{seen.folder}/{LIST}", content=cache(lambda: everything(project, seen))),)
        )
    )


def presence(project: Project) -> Presence:
    """The tests at their place and grimp among the dependencies; other uses of grimp are no part of this."""
    seen = tested(project)
    files = (seen.module, f"{seen.folder}/imports.py", f"{seen.folder}/{LIST}") if seen else ()
    found = tuple(path for path in files if project.tree.exists(path))
    if not found:
        return Presence()
    missing = [Missing(path=path, what=path) for path in files if path not in found]
    if not project.dependencies.has(ID) and not project.dependencies.has("import-linter"):
        path = project.dependencies.pyproject or next((file.path for file in project.dependencies.files), "")
        missing += [Missing(path=path, what=f"{ID} among the dependencies")] if path else []
    return Presence(found=found, missing=tuple(missing))


def growth(project: Project, _options: NoOptions) -> Growth | None:
    """Apps that have come since. The rules hold for them already; what they brought along is listed if asked for."""
    seen = tested(project)
    path = f"{seen.folder}/{LIST}" if seen else ""
    text = project.tree.read(path) if seen and project.tree.exists(path) else None
    looked = looked_at(text or "")
    new = [app for app in own_apps(seen) if app not in looked] if seen and looked is not None else []
    if seen is None or not new:
        return None
    return Growth((), lambda: Plan((edits.Block(path=path, text=later(project, seen, new, text or "")),)))


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    seen = tested(project)
    return () if seen is None else (run_tests(project, seen.folder, why="test the architecture"),)


def _packages(project: Project, seen: Tested) -> Plan:
    """Ours, and `tests` above it if that is new as well."""
    above = seen.folder.rpartition("/")[0]
    new = not project.tree.has_folder(above) or project.tree.exists(f"{above}/__init__.py")
    return (package_files(project, above) if new else Plan()) + package_files(project, seen.folder)


FEATURE = Feature(
    id=ID,
    title="Architecture tests with grimp",
    summary="Tests of which app may import which; today's violations are listed, new ones fail, the list only shrinks.",
    group="Module boundaries",
    version=1,
    docs="https://grimp.readthedocs.io",
    plan=plan,
    supports=supports,
    presence=presence,
    growth=growth,
    checks=checks,
    links={"What the graph can be asked": "https://grimp.readthedocs.io/en/stable/usage.html"},
)
