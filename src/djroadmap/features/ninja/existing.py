"""APIs of Django Ninja that are in a project already."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted, parse

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

MAKERS = (b"NinjaAPI", b"NinjaExtraAPI")
TESTS = regex(r"(?:^|/)(?:tests?/|test_[^/]*$|tests\.py$|conftest\.py$)")


class Existing(NamedTuple):
    """An instance of `NinjaAPI`."""

    path: RelPath
    name: str
    """The variable that holds it."""
    handlers: bool
    """Does its file say what errors look like?"""
    exempt: bool
    """Does its file speak of views outside of transactions?"""


def existing(tree: Tree, *, but: RelPath) -> Existing | None:
    """The first API that is bound to a name at module level, in a file other than `but`."""
    for path in tree.files():
        if not path.endswith(".py") or path == but or TESTS.search(path):
            continue
        raw = tree.raw(path) or b""
        if not any(maker in raw for maker in MAKERS):
            continue
        try:
            module = parse(tree.read(path) or "")
        except (Refused, SyntaxError):
            continue
        if name := _instance(module):
            return Existing(
                path, name, handlers=b"exception_handler" in raw, exempt=b"non_atomic_requests" in raw
            )
    return None


def _instance(module: ast.Module) -> str | None:
    """The name that an API is bound to: made by `NinjaAPI`, or by a class of the file that builds on it."""
    makers = {maker.decode() for maker in MAKERS}
    for node in module.body:
        if isinstance(node, ast.ClassDef) and any(_last(base) in makers for base in node.bases):
            makers.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _last(node.value.func) in makers and isinstance(targets[0], ast.Name):
                return targets[0].id
    return None


def _last(node: ast.expr) -> str:
    return (dotted(node) or "").rpartition(".")[2]
