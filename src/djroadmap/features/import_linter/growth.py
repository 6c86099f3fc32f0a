"""Apps that have come since: their places in the contracts, and the violations that come with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.feature import Growth, Missing
from djroadmap.model.plan import Plan
from djroadmap.planning import import_graph
from djroadmap.planning.contracts import Contract, derive
from djroadmap.planning.packages import join, linted, within
from djroadmap.templating import rendered

from .baseline import violations
from .configuration import NAME, existing
from .presence import unplaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grimp import ImportGraph

    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project
    from djroadmap.planning.packages import Linted

OPTIONS = {"modules": "modules", "source_modules": "sources", "forbidden_modules": "forbidden"}
"""The options of a contract that list modules, and what they are called in ours."""
Sections = dict[str, dict[str, list[str]]]


class _Grown(NamedTuple):
    """A contract, and what of it is new."""

    contract: Contract
    """As it is in the file, with what comes."""
    new: dict[str, list[str]]
    """By option; empty if the whole contract is new."""

    @property
    def section(self) -> str:
        """`importlinter:contract:kernel`."""
        return _section(self.contract)


def growth(project: Project, _options: NoOptions) -> Growth | None:
    """The apps that our contracts should name and do not; None without any, or beside a configuration of others."""
    seen = linted(project)
    if seen is None:
        return None
    path = join(seen.folder, NAME)
    own = existing(project.tree, seen.folder)
    apps = unplaced(project, seen, own) if own is not None and own.path == path else ()
    # Where no app is named at all, its owner has deleted the contracts that would.
    if not apps or len(apps) == len(seen.apps):
        return None
    sections = _read(project, path)
    if "root_packages" not in sections.get("importlinter", {}):  # not as we write it
        return None
    grown = list(_grown(project, seen, apps, sections))
    if not grown:
        return None
    named = {item for one in grown for item in one.contract.names}
    missing = [Missing(path=path, what=f"{app} is in no contract") for app in apps if app in named]
    return Growth(tuple(missing), lambda: _plan(project, seen, apps, sections, grown))


def _plan(
    project: Project, seen: Linted, apps: tuple[str, ...], sections: Sections, grown: list[_Grown]
) -> Plan:
    path = join(seen.folder, NAME)
    head = sections["importlinter"]
    roots = [
        root
        for root in seen.roots
        if root not in head.get("root_packages", ()) and any(within(app, root) for app in apps)
    ]
    found: list[Edit] = [
        edits.IniItem(path=path, section="importlinter", name="root_packages", value=root) for root in roots
    ]
    external = "include_external_packages"
    if external not in head and any(one.contract.external for one in grown):
        found.append(edits.IniOption(path=path, section="importlinter", name=external, value="True"))
    everything = {root: join(seen.folder, root) for root in (*head.get("root_packages", ()), *roots)}
    graph = import_graph.build(
        project.tree,
        everything,
        include_external_packages=external in head or any(one.contract.external for one in grown),
    )
    for one in grown:
        found += _edits(path, one, graph, sections)
    return Plan(tuple(found))


def _edits(path: RelPath, one: _Grown, graph: ImportGraph, sections: Sections) -> Iterator[Edit]:
    from copy import deepcopy  # noqa: PLC0415 - grimp's own way to copy a graph

    graph = deepcopy(graph)
    if not one.new:
        ignored = violations(graph, one.contract)
        text = rendered("import-linter", "contract", contract={**one.contract._asdict(), "ignored": ignored})
        yield edits.Block(path=path, text=text())
        return
    for line in sections[one.section].get("ignore_imports", ()):
        _without(graph, line)
    new = frozenset(item for items in one.new.values() for item in items)
    for option, items in one.new.items():
        for item in items:
            yield edits.IniItem(path=path, section=one.section, name=option, value=item)
    for line in violations(graph, one.contract, new=new):
        yield edits.IniItem(path=path, section=one.section, name="ignore_imports", value=line)


def _without(graph: ImportGraph, line: str) -> None:
    """Take the imports that a line of `ignore_imports` means out of the graph, as import-linter does."""
    from grimp.exceptions import InvalidImportExpression  # noqa: PLC0415 - only what derives contracts pays for it

    try:
        imports = graph.find_matching_direct_imports(line)
    except InvalidImportExpression:
        return
    for one in imports:
        graph.remove_import(importer=one["importer"], imported=one["imported"])


def _grown(project: Project, seen: Linted, apps: tuple[str, ...], sections: Sections) -> Iterator[_Grown]:
    """The contracts of ours in which the apps have a place; one that is new, or that was deleted, does not count."""
    before = {one.id: one for one in derive(project, seen._replace(apps=_without_new(seen, apps)))}
    for contract in derive(project, seen):
        there = sections.get(_section(contract))
        if there is None:
            if contract.id not in before:
                yield _Grown(contract, {})
            continue
        old = set(before[contract.id].names) if contract.id in before else set()
        new = {
            option: [item for item in getattr(contract, name) if item not in old]
            for option, name in OPTIONS.items()
        }
        new = {
            option: fresh
            for option, items in new.items()
            if (fresh := [item for item in items if item not in there.get(option, ())])
        }
        if new:
            lists: dict[str, Any] = {
                name: (*there.get(option, ()), *new.get(option, ())) for option, name in OPTIONS.items()
            }
            yield _Grown(contract._replace(**lists), new)


def _without_new(seen: Linted, apps: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(app for app in seen.apps if app not in apps)


def _section(contract: Contract) -> str:
    return f"importlinter:contract:{contract.id}"


def _read(project: Project, path: RelPath) -> Sections:
    """The sections of a file, with the lines of each option."""
    from djroadmap.edits.ini import read_ini  # noqa: PLC0415 - only where there are contracts of ours

    try:
        found = read_ini(project.tree.read(path) or "", path=path)
    except Refused:
        return {}
    return {
        section: {name: (value or "").split("\n") for name, value in options.items()}
        for section, options in found.items()
    }
