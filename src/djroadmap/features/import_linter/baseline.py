"""Today's violations: the imports to ignore so that every contract is kept from the first day."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from typing import TYPE_CHECKING

from djroadmap.planning.packages import within
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grimp import ImportGraph

    from djroadmap.planning.contracts import Contract

NAMEABLE = regex(r"\w+")


def violations(
    graph: ImportGraph, contract: Contract, *, new: frozenset[str] | None = None
) -> tuple[str, ...]:
    """The lines of `ignore_imports` that keep `contract`, sorted; only what `new` expressions of it bring, if given.

    While one module reaches another that it must not, the import through which that one is entered is to blame.
    It is taken out of `graph`.
    """
    blamed: set[tuple[str, str]] = set()
    for source, target in _pairs(graph, contract, new):
        while chain := graph.find_shortest_chain(source, target, as_packages=True):
            importer, imported = _entry(chain, target)
            graph.remove_import(importer=importer, imported=imported)
            blamed.add((importer, imported))
    return tuple(dict.fromkeys(f"{_named(a)} -> {_named(b)}" for a, b in sorted(blamed)))


def _pairs(graph: ImportGraph, contract: Contract, new: frozenset[str] | None) -> Iterable[tuple[str, str]]:
    if contract.modules:
        pairs: Iterable[tuple[str, str]] = permutations(contract.modules, 2)
    else:
        pairs = product(_resolved(graph, contract.sources), _resolved(graph, contract.forbidden))
    concerned = None if new is None else set(_resolved(graph, new))
    return [
        (a, b)
        for a, b in pairs
        if not within(a, b) and not within(b, a) and (concerned is None or not concerned.isdisjoint({a, b}))
    ]


def _resolved(graph: ImportGraph, expressions: Iterable[str]) -> list[str]:
    """What the expressions stand for in this graph, as import-linter resolves them."""
    found: set[str] = set()
    for expression in expressions:
        found |= (
            graph.find_matching_modules(expression) if "*" in expression else {expression} & graph.modules
        )
    return sorted(found)


def _entry(chain: tuple[str, ...], target: str) -> tuple[str, str]:
    """The last import of the chain that leads into the target from outside."""
    return next(
        (importer, imported)
        for importer, imported in reversed(list(pairwise(chain)))
        if within(imported, target) and not within(importer, target)
    )


def _named(module: str) -> str:
    """The module as import-linter can name it: a part such as `0001_pre-upgrade` only by the wildcard for any."""
    return ".".join(part if NAMEABLE.fullmatch(part) else "*" for part in module.split("."))
