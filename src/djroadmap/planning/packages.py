"""What of a project lint-imports can see: the folder it runs in, the packages there, the apps among them."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning import import_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import App, Project

BUS = "domain_events"
"""The event bus comes and goes as a feature of its own, so nothing here may depend on whether it is there."""

RUNNING = frozenset({"click", "grimp", "importlinter", "markdown_it", "mdurl", "pygments", "rich"})
TAKEN = sys.stdlib_module_names | RUNNING
"""Names under which lint-imports has something else imported already: it would look there, not in the project."""


class Linted(NamedTuple):
    """The part of a project that contracts can speak of. Modules are named as seen from `folder`."""

    folder: RelPath
    """Where lint-imports runs, and where its configuration is: it imports from its working directory."""
    roots: Mapping[str, RelPath]
    """Top-level packages that hold the apps, the settings and the URLs, with their folders."""
    modules: import_graph.Modules
    apps: tuple[str, ...]
    """Local apps, sorted; neither the bus nor packages that only hold other apps are among them."""
    configuration: tuple[str, ...]
    """The settings and URL modules."""
    unseen: tuple[App, ...]
    """Local apps that live elsewhere, or where a folder has no `__init__.py`."""


def linted(project: Project) -> Linted | None:
    """What can be linted here, or None if no local app is in a package. Reads no file."""
    homes = {app: found for app in project.apps.local if (found := home(app.name, app.path)) is not None}
    if not homes:
        return None
    counts = Counter(homes.values())
    folder = min(counts, key=lambda home: (-counts[home], home != project.base, home))
    configuration = _configuration(project, folder)
    names = [*(app.name for app, home in homes.items() if home == folder), *configuration]
    tops = {name.split(".", 1)[0] for name in names} - TAKEN
    roots = {top: join(folder, top) for top in sorted(tops) if top != BUS}
    modules = import_graph.modules(project.tree, roots)
    roots = {top: path for top, path in roots.items() if path in _folders(modules)}
    apps = {app.name for app, home in homes.items() if home == folder and app.name in modules}
    leaves = (app for app in apps if not is_bus(app) and not _holds_others(app, [*apps, *configuration]))
    return Linted(
        folder=folder,
        roots=roots,
        modules=modules,
        apps=tuple(sorted(leaves)),
        configuration=tuple(name for name in configuration if name in modules),
        unseen=tuple(app for app in project.apps.local if app.name not in apps and app.name != BUS),
    )


def neighbours(project: Project, linted: Linted) -> dict[str, RelPath]:
    """The other packages that lint-imports could see: they count once something linted imports them."""
    folders = {path.rpartition("/")[0] for path in project.tree.files() if path.endswith("/__init__.py")}
    return {
        name: path
        for path in sorted(folders)
        if path.rpartition("/")[0] == linted.folder
        and (name := path.rpartition("/")[2]).isidentifier()
        and name not in TAKEN | linted.roots.keys() | {BUS}
    }


def join(folder: RelPath, name: str) -> RelPath:
    """A path below a folder that may be the project's root."""
    return f"{folder}/{name}" if folder else name


def is_bus(app: str) -> bool:
    """Is this the event bus, wherever it lives?"""
    return app.rpartition(".")[2] == BUS


def within(module: str, package: str) -> bool:
    """Is `module` the package or somewhere in it?"""
    return module == package or module.startswith(f"{package}.")


def home(name: str, path: RelPath) -> RelPath | None:
    """The folder from which the package at `path` is imported as `name`."""
    tail = name.replace(".", "/")
    if path == tail:
        return ""
    return path.removesuffix(f"/{tail}") if path.endswith(f"/{tail}") else None


def _configuration(project: Project, folder: RelPath) -> tuple[str, ...]:
    """The settings and URL modules that lie in packages of `folder`."""
    found = [(module.module, module.path) for module in project.settings.modules if module.editable]
    if project.urlconf is not None:
        found.append((project.urlconf.module, project.urlconf.path))
    return tuple(
        dict.fromkeys(
            name
            for name, path in found
            if "." in name and home(name, path.removesuffix(".py").removesuffix("/__init__")) == folder
        )
    )


def _folders(modules: import_graph.Modules) -> set[RelPath]:
    """Every folder that holds one of the modules, and those above."""
    folders: set[RelPath] = set()
    for path in modules.files.values():
        folder = path
        while (folder := folder.rpartition("/")[0]) and folder not in folders:
            folders.add(folder)
    return folders


def _holds_others(app: str, names: list[str]) -> bool:
    return any(name != app and within(name, app) for name in names)
