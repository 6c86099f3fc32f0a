"""The order of imports as isort and ruff have it: sections, then modules, then members."""

from __future__ import annotations

import ast
import re
import sys
from itertools import pairwise
from typing import Final, NamedTuple

from .reading import LINE_END, Offsets

FUTURE: Final = 0
STDLIB: Final = 1
THIRD: Final = 2
FIRST: Final = 3
LOCAL: Final = 4

Key = tuple[object, ...]
ImportStatement = ast.Import | ast.ImportFrom


class Wanted(NamedTuple):
    """One import: `import module [as alias]` or `from module import name [as alias]`."""

    module: str
    """With leading dots if relative."""
    name: str = ""
    alias: str = ""

    @property
    def code(self) -> str:
        """The statement."""
        renamed = f" as {self.alias}" if self.alias else ""
        return (
            f"from {self.module} import {self.name}{renamed}"
            if self.name
            else f"import {self.module}{renamed}"
        )

    @property
    def binds(self) -> str:
        """The name that it gives the module."""
        return self.alias or self.name or self.module.partition(".")[0]


class Layout(NamedTuple):
    """The first run of imports of a module, and the habits that it shows."""

    run: tuple[ImportStatement, ...]
    first_party: frozenset[str]
    by_module: bool
    """Are `import x` and `from x import y` mixed (force-sort-within-sections)?"""
    separated: bool
    """Does a blank line stand between sections?"""

    def section(self, module: str) -> int:
        """The section of a module, given with its leading dots."""
        top = module.partition(".")[0]
        if module.startswith("."):
            return LOCAL
        if top == "__future__":
            return FUTURE
        if top in sys.stdlib_module_names:
            return STDLIB
        return FIRST if top in self.first_party else THIRD

    def key(self, wanted: Wanted) -> Key:
        """What imports of a section are sorted by."""
        dots = len(wanted.module) - len(wanted.module.lstrip("."))
        module = (-dots, *natural(wanted.module.lstrip(".")))
        kind = bool(wanted.name)
        return (module, kind, member(wanted)) if self.by_module else (kind, module, member(wanted))


def layout_of(module: ast.Module, text: str, first_party: frozenset[str]) -> Layout:
    """What the imports at the top of a module look like. `first_party`: packages known to be the project's."""
    run = first_run(module)
    offsets = Offsets.of(text)
    plain = Layout(run, first_party, by_module=False, separated=True)
    blocks: list[list[ImportStatement]] = [[*run[:1]]]
    separated = True
    for one, two in pairwise(run):
        gap = text[offsets.span(one)[1] : offsets.starts[two.lineno - 1]]
        apart = any(not row.strip() for row in LINE_END.split(gap)[1:-1])
        # a blank line stands before a comment too, section or not
        blocks += [[]] if apart and "#" not in gap else []
        blocks[-1].append(two)
        separated &= apart or plain.section(module_of(one)) == plain.section(module_of(two))
    own: set[str] = set()
    foreign = False
    for block in blocks:
        found = {plain.section(module_of(node)) for node in block}
        if foreign and found <= {THIRD, FIRST}:
            # Two blocks that are neither stdlib nor relative: the second one is the project's own.
            own |= {
                module_of(node).partition(".")[0] for node in block if plain.section(module_of(node)) == THIRD
            }
        foreign |= found == {THIRD}
    mixed = any(
        isinstance(one, ast.ImportFrom)
        and isinstance(two, ast.Import)
        and plain.section(module_of(one)) == plain.section(module_of(two))
        for block in blocks
        for one, two in pairwise(block)
    )
    return Layout(run, first_party | own, by_module=mixed, separated=separated)


def first_run(module: ast.Module) -> tuple[ImportStatement, ...]:
    """The first imports of the module that stand together; nothing but `__future__` alone does not count as first."""
    runs: list[list[ImportStatement]] = []
    last: ast.stmt | None = None
    for node in module.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            if runs and last is runs[-1][-1]:
                runs[-1].append(node)
            else:
                runs.append([node])
        last = node
    return tuple(runs[0]) if runs else ()


def module_of(node: ImportStatement) -> str:
    """The module an import statement is sorted by, with its leading dots."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def imported_by(node: ImportStatement) -> list[Wanted]:
    """Each import of a statement."""
    if isinstance(node, ast.Import):
        return [Wanted(alias.name, "", alias.asname or "") for alias in node.names]
    return [Wanted(module_of(node), alias.name, alias.asname or "") for alias in node.names]


def wanted_of(node: ImportStatement) -> Wanted:
    """The first import of a statement, by which it is sorted."""
    return imported_by(node)[0]


def member(wanted: Wanted) -> Key:
    """What names are sorted by: `*`, CONSTANTS, Classes, functions; upper and lower case alike; numbers by value."""
    name = wanted.name
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (name != "*", kind, natural(name), wanted.alias)


def natural(name: str) -> Key:
    """A key under which `a2` comes before `a10`, whatever the case."""
    pieces = re.findall(r"\d+|\D", name.lower())
    return tuple((ord("0"), int(piece)) if piece.isdigit() else (ord(piece), 0) for piece in pieces)
