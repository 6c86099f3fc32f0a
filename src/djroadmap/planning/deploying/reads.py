"""What settings read from the environment, and which of it they cannot do without."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Problem
from djroadmap.model.modules import find_module
from djroadmap.planning.containers import text_of
from djroadmap.planning.deploying.facts import Unknown
from djroadmap.planning.deploying.walk import Walk
from djroadmap.regex import regex
from djroadmap.syntax.evaluate import Frame
from djroadmap.syntax.execute import Execution
from djroadmap.syntax.paths import relative_module
from djroadmap.syntax.reading import UNKNOWN, constant
from djroadmap.syntax.sources import Sources
from djroadmap.syntax.values import PLAIN, Env, Names, options_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project, SettingsModule
    from djroadmap.planning.deploying.readers import Read

HIDING = regex(r"is imported, but not in the repository|is not followed|only running it could tell")
PYDANTIC = regex(r"(?m)^class \w+\([^)]*\bBaseSettings\b")


class Known(NamedTuple):
    """What is known of the settings that production runs with."""

    module: SettingsModule | None
    chain: tuple[RelPath, ...]
    """Its file, and those that it takes names from."""
    scope: dict[str, Any]
    """What its names hold at the end."""
    reads: tuple[Read, ...]
    assigned: dict[str, tuple[ast.expr, RelPath]]
    """The value that each setting is given last, and where."""

    def plain(self, name: str) -> Any:
        """The plain value of a setting, by default; `UNKNOWN` for any other."""
        found = plain(self.scope.get(name, UNKNOWN))
        if found is not UNKNOWN or name not in self.assigned:
            return found
        names = {key: known for key, value in self.scope.items() if (known := plain(value)) is not UNKNOWN}
        folded = constant(self.assigned[name][0], names)
        return folded if isinstance(folded, PLAIN) else UNKNOWN

    def where(self, name: str) -> str:
        """`path:line` of what sets a setting last; nothing if none does."""
        if name not in self.assigned:
            return ""
        node, path = self.assigned[name]
        return f"{path}:{node.lineno}"

    def variable(self, name: str) -> str:
        """The variable that a setting is read from; nothing if it is none."""
        options = options_of(self.scope.get(name, UNKNOWN))
        return next((one.name for one in options if isinstance(one, Env)), "")


def known_of(project: Project, module: SettingsModule | None, given: frozenset[str]) -> Known:
    """What `module` and the modules that it takes over hold. `given`: variables that are set before it is read."""
    if module is None:
        return Known(None, (), {}, (), {})
    sources = Sources(project.tree)
    run = Execution(sources, project.python_roots)
    scope = run.module(module.path)
    chain = tuple(_chain(project, sources, module.path))
    walk = Walk(given)
    for path in reversed(chain):
        if tree := sources.module(path):
            walk.prepare(tree)
    for path in reversed(chain):
        if tree := sources.module(path):
            walk.read(tree, Frame(run.module(path), path))
    classes = [value for value in scope.values() if isinstance(value, Names)]
    own = scope.get(project.settings.configuration)
    if isinstance(own, Names) and "INSTALLED_APPS" not in scope:
        scope = own.scope
    elif "INSTALLED_APPS" not in scope and len(classes) == 1:
        scope = classes[0].scope
    return Known(module, chain, scope, tuple(walk.found), walk.assigned)


def unclear(project: Project, known: Known) -> list[Unknown]:
    """What could hide variables: settings taken from where they cannot be read, or read by pydantic."""
    found = []
    for problem in project.settings.problems:
        where, _, why = problem.partition(": ")
        path, colon, line = where.rpartition(":")
        if colon and path in known.chain and HIDING.search(why):
            why = f"{why}, so that variables it reads are not known"
            found.append(Unknown("environment", Problem(path, int(line) if line.isdigit() else None, why)))
    for path in known.chain:
        text = text_of(project, path)
        if "BaseSettings" in text and (match := PYDANTIC.search(text)):
            why = "reads variables by fields of pydantic's BaseSettings, which are not followed"
            found.append(Unknown("environment", Problem(path, text.count("\n", 0, match.start()) + 1, why)))
    return found


def reads_of(sources: Sources, path: RelPath) -> tuple[Read, ...]:
    """What any other file reads. Raises nothing, whatever it holds."""
    tree = sources.module(path)
    walk = Walk(frozenset())
    if tree is not None:
        walk.prepare(tree)
        walk.read(tree, Frame({}, path))
    return tuple(walk.found)


def _chain(project: Project, sources: Sources, start: RelPath) -> Iterator[RelPath]:
    """The settings modules that are run, the last one first, and helpers beside them that read the environment."""
    by_name = {one.module: one.path for one in project.settings.modules}
    imports = {
        one.path: [by_name[name] for name in one.imports if name in by_name]
        for one in project.settings.modules
    }
    seen: dict[RelPath, None] = {}

    def visit(path: RelPath) -> None:
        if path in seen:
            return
        seen[path] = None
        for below in imports.get(path, ()):
            visit(below)
        for below in _helpers(project, sources, path):
            visit(below)

    visit(start)
    yield from seen


def _helpers(project: Project, sources: Sources, path: RelPath) -> Iterator[RelPath]:
    tree = sources.module(path)
    for node in tree.body if tree else ():
        if not isinstance(node, ast.ImportFrom):
            continue
        names = ["", *(alias.name for alias in node.names)]
        for name in names:
            module = ".".join(part for part in (node.module or "", name) if part)
            if node.level:
                target = relative_module(sources, path, node.level, module)
            else:
                target = find_module(sources, project.python_roots, module)
            if (
                target
                and target != path
                and any(sources.holds(target, word) for word in (b"environ", b"getenv"))
            ):
                yield target
