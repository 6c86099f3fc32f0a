"""What URL patterns answer for: the route of one, and whether another would catch it."""

from __future__ import annotations

import ast
import re
from typing import Final

from djroadmap.regex import regex

from .reading import constant, dotted

CONVERTERS: Final = {"int": r"\d+", "slug": r"[-\w]+", "path": r".+", "uuid": r"[-0-9a-f]{36}"}

PROBE: Final = "djroadmap/"
"""A path nobody has, for patterns whose own route is not known."""

PLAIN: Final = regex(r"\^?((?:[-\w/]|\\[-./_])*)(\$|\\Z)?")
"""A regular expression that only one path matches."""


def route_of(pattern: ast.expr) -> str | None:
    """The path that a pattern is for, as `path()` has it; None if it is no pattern or not known.

    A regular expression that stands for one path is that path; another one keeps its `^`.
    """
    if _function(pattern) not in {"path", "re_path", "url"}:
        return None
    route = constant(_argument(pattern, 0, "route", "regex"))
    if not isinstance(route, str):
        return None
    plain = PLAIN.fullmatch(route) if _function(pattern) != "path" else None
    if plain and (plain[2] or _include(_argument(pattern, 1, "view"))):
        return re.sub(r"\\(.)", r"\1", plain[1])
    return route if plain is None else f"^{route.removeprefix('^')}"


def equivalent(one: ast.expr, other: ast.expr) -> bool:
    """Do two patterns lead the same route to the same view, whatever else they say?"""
    route = route_of(one)
    if route is None or route != route_of(other):
        return False
    first, second = (_argument(pattern, 1, "view") for pattern in (one, other))
    if first is None or second is None:
        return False
    return ast.dump(first) == ast.dump(second) or _view(first) == _view(second) is not None


def catches(node: ast.expr, route: str | None) -> bool:
    """May this pattern answer for `route`, so that nothing behind it would?

    So do patterns that are alike, and includes at the very root. What `i18n_patterns` hold is behind a
    language, unless the default one has no prefix.
    """
    if _function(node) == "i18n_patterns" and isinstance(node, ast.Call):
        bare = any(
            word.arg == "prefix_default_language" and constant(word.value) is False for word in node.keywords
        )
        return bare and any(catches(inner, route) for inner in node.args)
    name = _function(node)
    own = constant(_argument(node, 0, "route", "regex"))
    if name not in {"path", "re_path", "url"} or not isinstance(own, str):
        return False
    if _include(_argument(node, 1, "view")) is not None:
        return own in {"", "^"}
    wanted = route or PROBE
    if name != "path":
        return _matches(own, wanted)
    pieces = re.split(r"<(?:(\w+):)?\w+>", own)
    wild = [CONVERTERS.get(kind or "", r"[^/]+") for kind in pieces[1::2]]
    plain = [re.escape(piece) for piece in pieces[::2]]
    return _matches(rf"\A{plain[0]}{''.join(map(''.join, zip(wild, plain[1:], strict=True)))}\Z", wanted)


def _function(node: ast.expr | None) -> str:
    """The last name of what is called."""
    return (dotted(node.func) or "").rpartition(".")[2] if isinstance(node, ast.Call) else ""


def _argument(node: ast.expr | None, number: int, *names: str) -> ast.expr | None:
    if not isinstance(node, ast.Call):
        return None
    if len(node.args) > number:
        return node.args[number]
    return next((word.value for word in node.keywords if word.arg in names), None)


def _include(view: ast.expr | None) -> ast.expr | None:
    """What is included, if the view is an `include(...)`."""
    return _argument(view, 0, "arg") if _function(view) == "include" else None


def _view(node: ast.expr) -> str | None:
    """A view by its last name, however it is imported: `f`, `views.f`, `views.F.as_view()`, `include("x")`."""
    included = _include(node)
    if included is not None:
        return ast.dump(included)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "as_view":
        node = node.func.value
    name = dotted(node)
    return name and name.rpartition(".")[2]


def _matches(expression: str, route: str) -> bool:
    try:
        return re.search(expression, route) is not None
    except re.error:
        return False
