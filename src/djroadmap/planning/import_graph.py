"""The import graph of a project's own packages, built from their texts: what lint-imports will see.

grimp's `build_graph` finds packages by importing, reads the disk and writes a cache. This builds the same graph
(grimp 3.19, as import-linter 2.16 calls it) from a `Tree`, so planning stays pure.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused
from djroadmap.regex import regex
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grimp import ImportGraph

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

LINES = regex(r"\r\n|\r|\n")
COOKIE = regex(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""The line of a file that names its encoding (PEP 263)."""
HINT = "lint-imports stops at a file like that, so mend it or move it out of the package"


class Modules:
    """The modules below some packages, without what they import: cheap, for asking what exists."""

    def __init__(self, files: Mapping[str, RelPath], namespaces: frozenset[str]) -> None:
        self.files = files
        """Dotted name to file, for everything that is a file (packages are their `__init__.py`)."""
        self.namespaces = namespaces
        """Packages without an `__init__.py`, above or beside those that have one."""

    def __contains__(self, name: str) -> bool:
        return name in self.files or name in self.namespaces


def modules(tree: Tree, roots: Mapping[str, RelPath]) -> Modules:
    """The modules that grimp finds in `roots`, which maps top-level package names to their folders.

    A folder without `__init__.py` below one that has it is left out with all it holds, as grimp does.
    """
    listing = _listing(tree.files())
    files: dict[str, RelPath] = {}
    namespaces: set[str] = set()
    for root, folder in roots.items():
        found, plain = _walk(listing, folder)
        for path in found:
            name = _dotted(root, folder, path.removesuffix(".py")).removesuffix(".__init__")
            # grimp reads `a.py` rather than `a/__init__.py` where there are both
            if name not in files or not path.endswith("/__init__.py"):
                files[name] = path
        if tree.exists(f"{folder}.py") and root in files:
            files[root] = f"{folder}.py"
        above = [path for path in plain if any(file.startswith(f"{path}/") for file in found)]
        namespaces |= {_dotted(root, folder, path) for path in above}
    return Modules(files, frozenset(namespaces))


def build(
    tree: Tree, roots: Mapping[str, RelPath], *, include_external_packages: bool = False
) -> ImportGraph:
    """The graph of `roots` (top-level package name to folder), with every import wherever it stands in a file.

    Imports under `TYPE_CHECKING` count. Raises `Refused` with each file that cannot be decoded or parsed: lint-imports
    fails on it too.
    """
    import grimp  # noqa: PLC0415 - only what derives contracts pays for it

    found = modules(tree, roots)
    graph = grimp.ImportGraph()
    for name in sorted(found.namespaces):
        graph.add_module(name)
    problems: list[Problem] = []
    for name in sorted(found.files):
        graph.add_module(name)
        try:
            edges = _edges(tree, found, name, external=include_external_packages)
        except Refused as refusal:
            problems += refusal.problems
            continue
        for imported, line, contents in sorted(edges):
            graph.add_module(imported, is_squashed=imported.split(".", 1)[0] not in roots)
            graph.add_import(
                importer=name, imported=imported, line_number=line, line_contents=contents, is_lazy=False
            )
    if problems:
        raise Refused(tuple(problems), hint=HINT)
    return graph


def _check_encoding(path: RelPath, data: bytes) -> None:
    """Raises `Refused` for an encoding that Python knows by this name, but grimp does not: `utf--8`."""
    for number, line in enumerate(data.split(b"\n", 2)[:2], 1):
        if (match := COOKIE.match(line)) and re.search(rb"[-_.]{2}", match[1]):
            why = f"names the encoding {match[1].decode()}, which lint-imports does not know"
            raise Refused((Problem(path=path, line=number, why=why, snippet="# -*- coding: utf-8 -*-"),))


def _edges(tree: Tree, found: Modules, importer: str, *, external: bool) -> set[tuple[str, int, str]]:
    """What a module imports: the module's name, the line, and that line's text."""
    path = found.files[importer]
    _check_encoding(path, tree.raw(path) or b"")
    edges: set[tuple[str, int, str]] = set()
    for wanted, line, contents in _imports(path, tree.read(path) or ""):
        absolute = _absolute(importer, wanted, package=path.endswith("/__init__.py"))
        if absolute is None:
            why = f"{contents!r} climbs above the top-level package"
            raise Refused((Problem(path=path, line=line, why=why),))
        imported = _internal(absolute, found)
        if imported is not None:
            edges.add((imported, line, contents))
        elif external:
            edges.add((absolute.split(".", 1)[0], line, contents))
    return edges


def _dotted(root: str, folder: RelPath, path: RelPath) -> str:
    return root + path[len(folder) :].replace("/", ".")


class _Folder:
    """What of one folder matters: folders that hold Python somewhere below, and Python files."""

    def __init__(self) -> None:
        self.folders: set[str] = set()
        self.files: list[str] = []


def _listing(paths: Sequence[RelPath]) -> Mapping[RelPath, _Folder]:
    listing: defaultdict[RelPath, _Folder] = defaultdict(_Folder)
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name.endswith(".py"):
            listing[folder].files.append(name)
    for below in list(listing):
        folder = below
        while folder:
            folder, _, name = folder.rpartition("/")
            listing[folder].folders.add(name)
    return listing


def _walk(listing: Mapping[RelPath, _Folder], top: RelPath) -> tuple[list[RelPath], list[RelPath]]:
    """The Python files below `top` that grimp takes, and the folders without `__init__.py` above all that have one."""
    files: list[RelPath] = []
    plain: list[RelPath] = []
    portions: list[RelPath] = []
    todo = [top]
    while todo:
        path = todo.pop(0)
        here = listing.get(path)
        if here is None:
            continue
        if any(path.startswith(portion) for portion in portions):
            if "__init__.py" not in here.files:
                continue
        elif "__init__.py" in here.files:
            portions.append(path)
        else:
            plain.append(path)
        files += [f"{path}/{name}" for name in here.files if name.rfind(".") == name.find(".") > 0]
        todo = [f"{path}/{name}" for name in sorted(here.folders) if name.isidentifier()] + todo
    return files, plain


@lru_cache(maxsize=20_000)
def _imports(path: RelPath, text: str) -> tuple[tuple[str, int, str], ...]:
    """What a file imports: name (with leading dots if relative), line, and that line's text.

    Remembered, since the graph is built again when a package turns out to belong to it.
    """
    try:
        module = parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        snippet = f"python -m py_compile {path}"
        raise Refused((Problem(path=path, line=line, why="does not parse", snippet=snippet),)) from error
    if "import" not in text:
        return ()
    lines = LINES.split(text)
    return tuple(
        (_named(statement, alias.name), statement.lineno, lines[statement.lineno - 1].strip())
        for statement in _import_statements(module.body)
        for alias in statement.names
    )


def _import_statements(body: Sequence[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Every import statement, also inside functions, classes and branches. Expressions hold none: they are skipped."""
    todo = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        else:
            for block in ("body", "orelse", "finalbody", "handlers", "cases"):
                todo += getattr(node, block, ())


def _named(statement: ast.Import | ast.ImportFrom, name: str) -> str:
    if isinstance(statement, ast.Import):
        return name
    stem = f"{statement.module}." if statement.module else ""
    return f"{'.' * statement.level}{stem}{name}"


def _absolute(importer: str, wanted: str, *, package: bool) -> str | None:
    """The absolute name of what `importer` means by `wanted`; None if it climbs out of everything."""
    dots = len(wanted) - len(wanted.lstrip("."))
    if not dots:
        return wanted
    parts = importer.split(".")
    keep = len(parts) - dots + (1 if package else 0)
    return None if keep < 0 else f"{'.'.join(parts[:keep])}.{wanted[dots:]}"


def _internal(name: str, found: Modules) -> str | None:
    """The module that `from a import b` is about: `a.b` if there is such a module, else `a`, if it is ours."""
    if name in found:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in found else None
