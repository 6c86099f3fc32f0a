"""The configuration file: the one a project has already, and the text of a new one."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Refused
from djroadmap.planning import import_graph
from djroadmap.planning.contracts import derive
from djroadmap.planning.packages import join, neighbours
from djroadmap.templating import rendered

from .baseline import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grimp import ImportGraph

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project
    from djroadmap.planning.packages import Linted

NAME = ".importlinter"
FILES = ("setup.cfg", NAME, "pyproject.toml")
"""In the order in which import-linter looks for its section."""
MODULES = ("modules", "source_modules", "forbidden_modules", "protected_modules", "layers", "containers")


class Configuration(NamedTuple):
    """An import-linter configuration that a project has."""

    path: RelPath
    contracts: int
    named: frozenset[str]
    """Every module expression of its contracts."""


def existing(tree: Tree, folder: RelPath) -> Configuration | None:
    """The configuration that lint-imports would take in `folder`, if there is one. A broken one has no contracts."""
    for name in FILES:
        path = join(folder, name)
        text = _read(tree, path)
        if "importlinter" in text:
            contracts = _toml(text) if name.endswith(".toml") else _ini(text)
            if contracts is not None:
                options = [contract.get(key, "") for contract in contracts for key in MODULES]
                named = {word for option in options for word in _words(option)}
                return Configuration(path=path, contracts=len(contracts), named=frozenset(named))
    return None


def derived(project: Project, linted: Linted) -> Callable[[], str]:
    """The text of a new configuration. Calling it builds the import graph, once.

    The call raises `Refused` for files that lint-imports could not read either.
    """
    return cache(lambda: _text(project, linted))


def _text(project: Project, linted: Linted) -> str:
    contracts = derive(project, linted)
    external = any(contract.external for contract in contracts)
    roots, graph = _everything(project, linted, external=external)
    found = []
    for contract in contracts:
        ignored = violations(_copy(graph), contract)
        found.append({**contract._asdict(), "ignored": ignored})
    return rendered("import-linter", NAME, roots=tuple(sorted(roots)), external=external, contracts=found)()


def _everything(
    project: Project, linted: Linted, *, external: bool
) -> tuple[Mapping[str, RelPath], ImportGraph]:
    """The packages that what is linted reaches, and their graph: a way round through another package counts too."""
    roots = dict(linted.roots)
    candidates = neighbours(project, linted)
    while True:
        graph = import_graph.build(project.tree, roots, include_external_packages=True)
        reached = candidates.keys() & graph.modules - roots.keys()
        if not reached:
            break
        roots |= {name: candidates[name] for name in reached}
    if not external:
        graph = import_graph.build(project.tree, roots)
    return roots, graph


def _copy(graph: ImportGraph) -> ImportGraph:
    from copy import deepcopy  # noqa: PLC0415 - grimp's own way to copy a graph

    return deepcopy(graph)


def _read(tree: Tree, path: RelPath) -> str:
    try:
        return tree.read(path) or ""
    except Refused:
        return ""


def _ini(text: str) -> list[dict[str, Any]] | None:
    """The options of each contract; None if there is no section of import-linter's."""
    import configparser  # noqa: PLC0415 - only a project that mentions import-linter pays for it

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    if not parser.has_section("importlinter"):
        return None
    return [dict(parser[name]) for name in parser.sections() if name.startswith("importlinter:")]


def _toml(text: str) -> list[dict[str, Any]] | None:
    try:
        table = tomllib.loads(text).get("tool", {}).get("importlinter")
    except tomllib.TOMLDecodeError:
        return None
    return list(table.get("contracts", ())) if table else None


def _words(value: object) -> list[str]:
    """The module expressions in an option: a list, or lines; layers may hold several, with `|` or `:` between."""
    text = "\n".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return text.replace("|", " ").replace(" : ", " ").replace("(", " ").replace(")", " ").split()
