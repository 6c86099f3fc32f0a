"""What breaks the rules of the architecture tests today, found as those tests will find it, without running them."""

from __future__ import annotations

import ast
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning import import_graph
from djroadmap.planning.packages import BUS, within
from djroadmap.syntax.reading import parse

from .placement import unplaced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .tested import Tested

RULES = ("circles", "allowed", "models", "strings", "packages", "contracts")
"""The rules by which the list is divided. What each means is said in the template `test_architecture.py`."""
SHARED = frozenset({"common", "core", "lib", "shared", "utils"})
IMPORTERS = frozenset({"import_module", "import_string", "__import__"})


class Import(NamedTuple):
    """One module of an app imports one of another app."""

    importer: str
    imported: str
    app: str
    other: str

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"


Violations = dict[str, frozenset[str]]


def violations(project: Project, tested: Tested) -> Violations:
    """The lines of each rule. Raises `Refused` for files that do not parse: the tests would fail on them."""
    imports = _imports(project, tested)
    found: dict[str, Iterable[object]] = {
        **_one_by_one(project, tested, imports),
        "circles": _circles(imports),
        "packages": _folders_without_init(project, tested),
        "contracts": unplaced(project, tested),
    }
    return {rule: frozenset(map(str, found[rule])) for rule in RULES}


def brought(project: Project, tested: Tested, apps: Collection[str], known: Violations) -> Violations:
    """What breaks a rule because these apps are there, and is not known. Raises `Refused`.

    New violations of the others are not excused along with it, nor is an app that no contract names: it has to be.
    """
    imports = [one for one in _imports(project, tested) if str(one) not in known.get("circles", ())]
    others = [one for one in imports if one.app not in apps and one.other not in apps]
    own = set(_circles(others))
    folders = [tested.seen_from_tests(tested.apps[app]) for app in apps]
    found: dict[str, Iterable[object]] = {
        **{
            rule: [one for one in lines if one.app in apps or one.other in apps]
            for rule, lines in _one_by_one(project, tested, _imports(project, tested)).items()
        },
        "circles": _circles([one for one in imports if one not in own]),
        "packages": [
            path
            for path in _folders_without_init(project, tested)
            if any(f"{path}/".startswith(f"{folder}/") for folder in folders)
        ],
    }
    return {rule: frozenset(map(str, lines)) - known.get(rule, frozenset()) for rule, lines in found.items()}


def _imports(project: Project, tested: Tested) -> list[Import]:
    graph = import_graph.build(project.tree, tested.roots)
    pairs = sorted(
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    )
    return list(_between_apps(tested, pairs))


def _one_by_one(project: Project, tested: Tested, imports: list[Import]) -> dict[str, list[Import]]:
    """The rules that each import breaks or keeps by itself."""
    strings = _strings(project, tested)
    return {
        "allowed": [one for one in imports if _is_not_allowed(one)],
        "models": [one for one in imports if _label(one.other) not in SHARED and _is_of_models(one)],
        "strings": [one for one in strings if _label(one.other) not in SHARED | {BUS}],
    }


def _is_not_allowed(one: Import) -> bool:
    app, other = _label(one.app), _label(one.other)
    if app == BUS:
        return other not in SHARED
    return app in SHARED and other not in SHARED | {BUS}


def _is_of_models(one: Import) -> bool:
    return within(one.imported, f"{one.other}.models")


def _label(app: str) -> str:
    return app.rpartition(".")[2]


def _between_apps(tested: Tested, pairs: Iterable[tuple[str, str]]) -> Iterator[Import]:
    for importer, imported in pairs:
        app, other = tested.app_of(importer), tested.app_of(imported)
        if app and other and app != other:
            yield Import(importer, imported, app, other)


def _circles(imports: list[Import]) -> list[Import]:
    """The imports without which no apps import each other in a circle: of each circle its thinnest part.

    Each is needed: put back by itself, it closes a circle.
    """
    left, taken = list(imports), []
    while steps := _circle(left):
        parts = [[one for one in left if (one.app, one.other) == step] for step in steps]
        thinnest = min(parts, key=lambda part: (len(part), part))
        taken += thinnest
        left = [one for one in left if one not in thinnest]
    for one in list(taken):
        if not _circle([*left, one]):
            taken.remove(one)
            left.append(one)
    return taken


def _circle(imports: Iterable[Import]) -> list[tuple[str, str]]:
    """One circle of apps, each with the next, if there is one."""
    others: dict[str, set[str]] = {}
    for one in sorted(imports):
        others.setdefault(one.app, set()).add(one.other)
    try:
        TopologicalSorter({app: sorted(found) for app, found in others.items()}).prepare()
    except CycleError as error:
        return list(pairwise(reversed(error.args[1])))
    return []


def _strings(project: Project, tested: Tested) -> Iterator[Import]:
    for path in project.tree.files():
        module = tested.module_at(path) if path.endswith(".py") else None
        if module is None or not any(name.encode() in (project.tree.raw(path) or b"") for name in IMPORTERS):
            continue
        named = _named_in_strings(project.tree.read(path) or "")
        yield from _between_apps(tested, ((module, name) for name in named))


@lru_cache(maxsize=1_000)
def _named_in_strings(text: str) -> tuple[str, ...]:
    try:
        tree = parse(text)
    except SyntaxError:
        return ()  # below an app, but in none of its packages
    return tuple(
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in IMPORTERS
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


def _folders_without_init(project: Project, tested: Tested) -> Iterator[RelPath]:
    """Below each app, the outermost folders that hold Python somewhere and are no packages, seen from the tests."""
    for folder in tested.apps.values():
        for path in project.tree.files():
            if path.endswith(".py") and path.startswith(f"{folder}/"):
                missing = _outermost(project, folder, path)
                if missing is not None:
                    yield tested.seen_from_tests(missing)


def _outermost(project: Project, app: RelPath, path: RelPath) -> RelPath | None:
    parts = path.removeprefix(f"{app}/").split("/")[:-1]
    for count in range(len(parts) + 1):
        here = "/".join([app, *parts[:count]])
        if parts[:count] and (parts[count - 1] == "node_modules" or not parts[count - 1].isidentifier()):
            return None
        if not project.tree.exists(f"{here}/__init__.py"):
            return here
    return None


def listed(violations: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The rules and their lines, in the order in which they are written."""
    return tuple((rule, tuple(sorted(violations.get(rule, ())))) for rule in RULES)
