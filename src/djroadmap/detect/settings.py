"""The settings graph: every settings module of the project, its environment, and what it builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.project import Settings, SettingsModule

from .environments import environment_of, is_example, is_override
from .graph import FOLDERS, Graph
from .ignored import is_ignored
from .paths import dotted_name, find_module, module_file
from .sources import folder_of, join, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Environment

    from .entry import Entry
    from .sources import Sources


def settings_of(sources: Sources, entry: Entry, base: RelPath) -> Settings:
    """The graph from the first entry that exists. `modules` may be empty; `problems` then says why."""
    graph = Graph(sources, entry.roots)
    found = {module: path for module in entry.modules if (path := find_module(sources, entry.roots, module))}
    for module in entry.modules[: entry.from_manage]:
        if module not in found:
            graph.problems[
                f"{base + '/' if base else ''}manage.py: names {module}, which is not in the repository"
            ] = None
    starts = list(found.values()) or _guesses(sources, entry, base)
    for path in starts[:1]:
        graph.reach(path)
    starts = [*starts[:1], *_siblings(sources, graph, starts)]
    for path in starts:
        graph.reach(path)
    modules = tuple(_module(sources, graph, entry.roots, path) for path in graph.order(starts))
    named = entry.modules[0] if entry.modules else modules[0].module if modules else ""
    return Settings(
        entry=named,
        modules=_with_base(modules),
        other_entries=tuple(module for module in entry.modules if module != named),
        problems=tuple(graph.problems),
    )


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
    if inside and name == "__init__":
        return sources.holds(path, b"import")
    if inside and sources.holds(path, b"urlpatterns"):
        return False
    return (
        sources.holds(path, b"import *")
        or (inside and environment_of(path) != "other")
        or sources.holds(path, b"INSTALLED_APPS")
    )


def _guesses(sources: Sources, entry: Entry, base: RelPath) -> list[RelPath]:
    """Settings files where no entry point names one that exists: beside the missing one, or the only ones there are."""
    for module in entry.modules:
        parent = module.rpartition(".")[0]
        for root in entry.roots:
            folder = join(root, parent.replace(".", "/"))
            beside = [
                path
                for path in sources.beside(folder)
                if parent and path.endswith(".py") and _is_settings(sources, path)
            ]
            if beside:
                return sorted(beside, key=lambda path: (environment_of(path) != "base", path))
            if parent and (path := module_file(sources, root, parent)):
                return [path]
    below = [path for path in sources.under(base) if path.endswith(".py") and _is_settings(sources, path)]
    owners = [
        path
        for path in below
        if sources.holds(path, b"INSTALLED_APPS") and not {"tests", "docs"} & set(path.split("/"))
    ]
    return owners if len({folder_of(path) for path in owners}) == 1 else []


def _module(sources: Sources, graph: Graph, roots: Iterable[RelPath], path: RelPath) -> SettingsModule:
    node = graph.nodes[path]
    overridden = any(
        link.path == path and link.guarded for other in graph.nodes.values() for link in other.links
    )
    builds = any(
        not link.guarded and path not in {back.path for back in graph.nodes[link.path].links}
        for link in node.links
    )
    editable = not (
        is_example(path) or is_ignored(sources, path) or (overridden and is_override(path) and not builds)
    )
    return SettingsModule(
        module=dotted_name(sources, roots, path),
        path=path,
        environment=environment_of(path) if len(graph.nodes) > 1 else "base",
        imports=tuple(dotted_name(sources, roots, link.path) for link in node.links),
        names=node.names,
        editable=editable,
    )


def _with_base(modules: tuple[SettingsModule, ...]) -> tuple[SettingsModule, ...]:
    """The same, with exactly one base: the one called so, else the deepest that lists the apps."""
    owners = [module for module in reversed(modules) if "INSTALLED_APPS" in module.names and module.editable]
    built_upon = {name for module in modules for name in module.imports}
    called = [module for module in owners if module.environment == "base"]
    called += [
        module
        for module in reversed(modules)
        if module.environment == "base" and module.editable and module.module in built_upon
    ]
    base = next(iter([*called, *owners, *modules[-1:]]), None)

    def role(module: SettingsModule) -> Environment:
        if module is base:
            return "base"
        return "other" if module.environment == "base" else module.environment

    return tuple(module._replace(environment=role(module)) for module in modules)
