"""Where the API goes: a prefix of URLs that nothing else answers below, and a name for it in the URLs' module."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.model.modules import find_module
from djroadmap.syntax.reading import constant, dotted, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

PLACES = ("api/v1/", "api/ninja/", "ninja/")
"""The preferred one first."""
NAMES = ("api", "ninja_api")
MAKERS = ("path", "re_path", "url")
DEPTH = 4
"""How many includes deep is looked for what is mounted."""


def prefix_of(project: Project, *, module: str) -> str:
    """The first of `PLACES` that nothing but the API of `module` is mounted at, or below."""
    path = project.urlconf.path if project.urlconf else ""
    tree = _tree(project, path)
    ours = _imported_as(tree, module)
    others = [call for call in _patterns(tree) if not _is_ours(call, ours)]
    for place in PLACES:
        if not any(_takes(project, call, place, DEPTH) for call in others):
            return place
    return PLACES[-1]


def name_of(project: Project, *, module: str) -> str:
    """What the API is called in the URLs' module: another name where `api` means something else there."""
    tree = _tree(project, project.urlconf.path if project.urlconf else "")
    if ours := _imported_as(tree, module):
        return ours
    taken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            taken |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return next((name for name in NAMES if name not in taken), NAMES[-1])


def _imported_as(tree: ast.Module, module: str) -> str | None:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == module and node.level == 0:
            for alias in node.names:
                if alias.name == "api":
                    return alias.asname or alias.name
    return None


def _is_ours(call: ast.Call, name: str | None) -> bool:
    return name is not None and len(call.args) > 1 and dotted(call.args[1]) == f"{name}.urls"


def _tree(project: Project, path: RelPath) -> ast.Module:
    """The module at `path`; an empty one if it cannot be read."""
    try:
        return parse(project.tree.read(path) or "")
    except (Refused, SyntaxError):
        return parse("")


def _patterns(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that make patterns with a route that is known."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[ast.Constant(value=str()), _, *_]) if _last(node.func) in MAKERS:
                yield node


def _takes(project: Project, call: ast.Call, place: str, depth: int) -> bool:
    """Does this pattern, or what it includes, answer for something at `place`?"""
    route, view = str(constant(call.args[0])), call.args[1]
    if route.removeprefix("^").startswith(place):
        return True
    included = (
        view.args[0] if isinstance(view, ast.Call) and _last(view.func) == "include" and view.args else None
    )
    if included is None and _last(view) != "urls":
        return False
    rest = _behind(call, route, place)
    if not rest:
        return rest is not None
    module = constant(included) if included is not None and depth else None
    path = find_module(project.tree, project.python_roots, module) if isinstance(module, str) else None
    inner = _patterns(_tree(project, path)) if path else ()
    return any(_takes(project, one, rest, depth - 1) for one in inner)


def _behind(call: ast.Call, route: str, place: str) -> str | None:
    """What is left of `place` behind the route of an include; None if it is not on the way there."""
    pieces = re.split(r"(<[^>]+>)", route)
    plain = "".join("[^/]+" if piece.startswith("<") else re.escape(piece) for piece in pieces)
    try:
        match = re.match(plain if _last(call.func) == "path" else route, place)
    except re.error:
        return None
    return place[match.end() :] if match else None


def _last(node: ast.expr) -> str:
    return (dotted(node) or "").rpartition(".")[2]
