"""Which apps no contract of import-linter names, read from its configuration as the tests will read it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.planning.contracts import derive
from djroadmap.planning.packages import is_bus, linted
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from djroadmap.model.project import Project

    from .tested import Tested

FILES = ("setup.cfg", ".importlinter", "pyproject.toml")
CONTRACT = regex(
    r"^\[+(?:importlinter:contract|tool\.importlinter\.contracts).*\n((?:(?!\[).*\n?)*)", re.MULTILINE
)
PROSE = regex(r"#|(?:id|name|type|broken_contract_guidance)\s*=|.*->")


def unplaced(project: Project, tested: Tested) -> Iterator[str]:
    """The apps that the test of contracts will miss; those that `add import-linter` could not place, if it is not
    there yet: so it does not matter which of the two comes first.
    """
    names = _configured(project, tested)
    if names is None:
        seen = linted(project)
        contracts = derive(project, seen) if seen else ()
        if not contracts:
            return
        names = {name for contract in contracts for name in contract.names}
    parents = {tested.app_of(app.rpartition(".")[0]) for app in tested.apps}
    yield from (
        app for app in tested.apps if not is_bus(app) and app not in parents and not _placed(app, names)
    )


def _configured(project: Project, tested: Tested) -> set[str] | None:
    homes = {posixpath.dirname(tested.roots[name.split(".", 1)[0]]) for name in tested.apps if tested.roots}
    paths = [posixpath.join(folder, name) for folder in sorted({tested.top, *homes}) for name in FILES]
    texts = [project.tree.read(path) or "" for path in paths if project.tree.exists(path)]
    bodies = [body for text in texts for body in CONTRACT.findall(text.replace("\r\n", "\n"))]
    return {name for body in bodies for name in _names(body)} if bodies else None


def _names(contract: str) -> Iterator[str]:
    lines = [line for line in contract.splitlines() if not PROSE.match(line.strip())]
    names = re.findall(r"[\w*]+(?:\.[\w*]+)*", "\n".join(lines))
    yield from names
    if "containers" in names:
        yield from (f"{container}.{layer}" for container in names for layer in names)


def _placed(app: str, names: Iterable[str]) -> bool:
    *parents, last = app.split(".")
    pattern = re.compile(r"\.".join([*(rf"(?:{parent}|\*)" for parent in parents), last]))
    return any(pattern.fullmatch(name) for name in names)
