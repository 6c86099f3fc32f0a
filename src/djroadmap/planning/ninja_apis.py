"""APIs of Django Ninja that modules of a project bind to a name. https://django-ninja.dev/reference/api/"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

MAKERS = ("NinjaAPI",)
TESTS = regex(r"(?:^|/)(?:tests?/|test_[^/]*$|tests\.py$|conftest\.py$)")


def ninja_apis(tree: Tree, *, makers: tuple[str, ...] = MAKERS) -> Iterator[tuple[RelPath, str]]:
    """The module and the name of each API that one of these classes makes, or a class of the module that builds on
    one. Tests are left out, and modules that cannot be read.
    """
    words = [maker.encode() for maker in makers]
    for path in tree.files():
        if not path.endswith(".py") or TESTS.search(path):
            continue
        raw = tree.raw(path) or b""
        if not any(word in raw for word in words):
            continue
        try:
            body = parse(tree.read(path) or "").body
        except (Refused, SyntaxError):
            continue
        yield from ((path, name) for name in _bound(body, set(makers)))


def _bound(body: list[ast.stmt], makers: set[str]) -> Iterator[str]:
    for statement in body:
        match statement:
            case ast.ClassDef(name=name, bases=bases) if any(_last(base) in makers for base in bases):
                makers.add(name)
            case (
                ast.Assign(targets=[ast.Name(id=name), *_], value=ast.Call(func=func))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func))
            ) if _last(func) in makers:
                yield name


def _last(node: ast.expr) -> str:
    return (dotted(node) or "").rpartition(".")[2]
