"""The settings graph: every settings module of the project, its environment, and what it builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.modules import dotted_name, find_module, module_file
from djroadmap.model.project import Settings, SettingsModule
from djroadmap.syntax.ignored import is_ignored
from djroadmap.syntax.sources import folder_of, join, name_of

from .environments import environment_of, is_example, is_override
from .graph import FOLDERS, Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Environment
    from djroadmap.syntax.sources import Sources

    from .entry import Entry


def settings_of(sources: Sources, entry: Entry, base: RelPath) -> Settings:
    """The graph from the first entry that exists. `modules` may be empty; `problems` then says why."""
    graph = Graph(sources, entry.roots)
    found = {module: path for module in entry.modules if (path := find_module(sources, entry.roots, module))}
    for module in entry.modules[: entry.from_manage]:
        if module not in found:
            graph.problems[f"{entry.where}: names {module}, which is not in the repository"] = None
    named = [module for module in entry.modules[: entry.from_manage] if module in found]
    near = _near(sources, entry) if entry.from_manage and not named else []
    starts = list(dict.fromkeys([*near, *found.values()])) or _guesses(sources, entry, base)
    for path in starts[:1]:
        graph.reach(path)
    reached = frozenset(graph.nodes)
    starts = [*starts[:1], *_siblings(sources, graph, starts)]
    for path in starts:
        graph.reach(path)
    modules = _with_base(
        tuple(_module(sources, graph, entry.roots, path) for path in graph.order(starts)), reached
    )
    main = next(iter(entry.modules), "") or _main(modules)
    return Settings(
        entry=main,
        modules=modules,
        other_entries=tuple(module for module in entry.modules if module != main),
        problems=(*graph.problems, *_taken_from_others(graph)),
    )


def _taken_from_others(graph: Graph) -> Iterator[str]:
    """What other people's modules may hold, where settings are taken over from some and the files lack them."""
    bound = frozenset(name for node in graph.nodes.values() for name in node.names)
    missing = [name for name in ("INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF") if name not in bound]
    for where, module in graph.foreign.items() if missing else ():
        yield f"{where}: {module} is not in the repository, and {', '.join(missing)} may be set in it"


def _main(modules: tuple[SettingsModule, ...]) -> str:
    """The module to name where no entry point names one: the one for production, else the base."""
    for environment in ("production", "base"):
        for module in modules:
            if module.environment == environment:
                return module.module
    return ""


def _siblings(sources: Sources, graph: Graph, starts: list[RelPath]) -> list[RelPath]:
    """Further entry points, and settings files that stand beside them and build on the same ones."""
    found = dict.fromkeys(starts[1:])
    for folder in dict.fromkeys(folder_of(path) for path in [*graph.nodes, *starts]):
        for path in sources.beside(folder):
            if path.endswith(".py") and path not in graph.nodes and _is_settings(sources, path):
                found[path] = None
    return sorted(found, key=lambda path: (environment_of(path) != "production", path))


def _is_settings(sources: Sources, path: RelPath) -> bool:
    name = name_of(path).removesuffix(".py")
    if not name.isidentifier() or is_example(path):
        return False
    inside = bool(FOLDERS.search(name_of(folder_of(path))))
    if not inside and "settings" not in name:
        return False
    if inside and name == "__init__":  # not one that only makes the package, or hands on the Celery app
        return any(sources.holds(path, needle) for needle in (b"import *", b"INSTALLED_APPS", b"include("))
    if inside and sources.holds(path, b"urlpatterns"):
        return False
    return (
        sources.holds(path, b"import *")
        or (inside and environment_of(path) != "other")
        or sources.holds(path, b"INSTALLED_APPS")
    )


def _near(sources: Sources, entry: Entry) -> list[RelPath]:
    """Settings files where a module that is not there would be: in a folder of its name, or beside it."""
    for module in entry.modules:
        parent = module.rpartition(".")[0]
        for root in entry.roots:
            for package in (module, parent):
                if package and (found := _settings_in(sources, join(root, package.replace(".", "/")))):
                    return found
            path = module_file(sources, root, parent) if parent else None
            if path and _is_settings(sources, path):
                return [path]
    return []


def _settings_in(sources: Sources, folder: RelPath) -> list[RelPath]:
    found = [path for path in sources.beside(folder) if path.endswith(".py") and _is_settings(sources, path)]
    return sorted(found, key=lambda path: (environment_of(path) != "base", path))


def _guesses(sources: Sources, entry: Entry, base: RelPath) -> list[RelPath]:
    """Settings files where no entry point names one that exists: near the missing one, or the only ones there are."""
    if near := _near(sources, entry):
        return near
    below = [path for path in sources.under(base) if path.endswith(".py") and _is_settings(sources, path)]
    owners = [
        path
        for path in below
        if sources.holds(path, b"INSTALLED_APPS") and not {"tests", "docs"} & set(path.split("/"))
    ]
    return owners if len({folder_of(path) for path in owners}) == 1 else []


def _module(sources: Sources, graph: Graph, roots: Iterable[RelPath], path: RelPath) -> SettingsModule:
    node = graph.nodes[path]
    links = [link for other in graph.nodes.values() for link in other.links if link.path == path]
    overridden = any(link.guarded for link in links)
    example = is_example(path) and (not links or overridden)  # one that is always taken in is no mere example
    builds = any(
        not link.guarded and path not in {back.path for back in graph.nodes[link.path].links}
        for link in node.links
    )
    editable = not (example or is_ignored(sources, path) or (overridden and is_override(path) and not builds))
    return SettingsModule(
        module=dotted_name(sources, roots, path),
        path=path,
        environment=environment_of(path) if len(graph.nodes) > 1 else "base",
        imports=tuple(dotted_name(sources, roots, link.path) for link in node.links),
        names=node.names,
        editable=editable,
    )


def _with_base(
    modules: tuple[SettingsModule, ...], reached: frozenset[RelPath]
) -> tuple[SettingsModule, ...]:
    """The same, with exactly one base, and nothing deeper than it that is for one environment only.

    The base is what the entry reaches: the module called so, else the deepest that lists the apps.
    """
    base = _base_of([module for module in modules if module.path in reached]) or _base_of(modules)
    base = base or next(iter(modules[-1:]), None)
    if base is None:
        return modules

    def role(module: SettingsModule) -> Environment:
        if module is base:
            return "base"
        return "other" if module.environment == "base" else module.environment

    at = modules.index(base)
    special = [module for module in modules[at + 1 :] if module.editable and role(module) != "other"]
    order = (*modules[:at], *special, *(module for module in modules[at:] if module not in special))
    return tuple(module._replace(environment=role(module)) for module in order)


def _base_of(modules: Sequence[SettingsModule]) -> SettingsModule | None:
    owners = [module for module in reversed(modules) if "INSTALLED_APPS" in module.names and module.editable]
    built_upon = {name for module in modules for name in module.imports}
    homes = {folder_of(module.path) for module in owners}
    called = [module for module in owners if module.environment == "base"]
    called += [
        module
        for module in reversed(modules)
        if module.environment == "base"
        and module.editable
        and module.module in built_upon
        and (not homes or folder_of(module.path) in homes)
    ]
    return next(iter([*called, *owners]), None)
