"""What Python edits share: expressions compared by their trees, and refusals that name the path."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.syntax.parts import Member, Unclear
from djroadmap.syntax.sequence import CommaFirst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.syntax.shapes import ListShape


@contextmanager
def refusing(path: str, snippet: str) -> Iterator[None]:
    """Turn what is not clear into `Unrecognised` for this path."""
    try:
        yield
    except Unclear as error:
        raise Unrecognised(path=path, line=error.line, why=error.why, snippet=snippet) from error
    except SyntaxError as error:
        raise Unrecognised(
            path=path, line=error.lineno, why=f"cannot be parsed ({error.msg})", snippet=snippet
        ) from error
    except CommaFirst as error:
        why = "the commas of this list do not stand right behind its elements"
        raise Unrecognised(path=path, line=None, why=why, snippet=snippet) from error


@contextmanager
def reverting(path: str, snippet: str = "") -> Iterator[None]:
    """Turn what is not clear into `CannotRevert` for this path."""
    try:
        with refusing(path, snippet):
            yield
    except Unrecognised as error:
        (problem,) = error.problems
        raise CannotRevert(path=path, line=problem.line, why=problem.why, snippet=snippet) from error


@lru_cache(maxsize=512)
def expression(code: str) -> ast.expr:
    """The tree of one expression. Raises `ValueError` if it is none, which is a mistake of the feature."""
    try:
        return ast.parse(f"({code}\n)", mode="eval").body
    except SyntaxError as error:
        msg = f"not an expression: {code}"
        raise ValueError(msg) from error


@lru_cache(maxsize=512)
def statement(code: str) -> ast.stmt:
    """The tree of one statement. Raises `ValueError` if it is none, which is a mistake of the feature."""
    try:
        (node,) = ast.parse(code).body
    except (SyntaxError, ValueError) as error:
        msg = f"not one statement: {code}"
        raise ValueError(msg) from error
    return node


def same(one: ast.AST, other: ast.AST) -> bool:
    """Do two trees say the same, whatever the quotes, the layout and the comments?"""
    return type(one) is type(other) and ast.dump(one) == ast.dump(other)


def elements(shape: ListShape) -> list[Member]:
    """The elements of a list as they are written, nested lists whole."""
    found = []
    for part in shape.parts:
        if part.node is not None:
            found += [
                Member(None, part.node.elts[n].lineno, part, n, part.node.elts[n])
                for n in range(part.low, part.high)
            ]
        elif part.item is not None:
            found.append(Member(None, part.item.lineno, part, 0, part.item))
    return found
