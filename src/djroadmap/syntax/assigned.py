"""Settings as they are assigned: at module level, or as attributes of a django-configurations class."""

from __future__ import annotations

import ast
from typing import NamedTuple

from .reading import dotted, parse, statements


class Assignment(NamedTuple):
    """One `NAME = value`."""

    node: ast.Assign | ast.AnnAssign
    value: ast.expr
    conditional: bool


class Scope(NamedTuple):
    """Where the settings of a file live: the module, or the class that is the base configuration."""

    body: list[ast.stmt]
    owner: ast.ClassDef | None


def scope_of(module: ast.Module) -> Scope:
    """The module; a class if it is a Configuration and the module itself sets no more than paths and helpers."""
    for node in module.body:
        if isinstance(node, ast.ClassDef) and any(
            (dotted(base) or "").endswith("Configuration") for base in node.bases
        ):
            return Scope(node.body, node)
    return Scope(module.body, None)


def assignments(body: list[ast.stmt], name: str) -> list[Assignment]:
    """Everything that sets `name` by itself, in order."""
    found = []
    for node, conditional in statements(body):
        match node:
            case ast.Assign(targets=targets, value=value) if any(
                dotted(target) == name for target in targets
            ):
                found.append(Assignment(node, value, conditional))
            case ast.AnnAssign(target=target, value=ast.expr() as value) if dotted(target) == name:
                found.append(Assignment(node, value, conditional))
    return found


def setting(text: str, name: str) -> list[Assignment]:
    """Everything that sets `name` in a settings file. Raises `SyntaxError`."""
    module = parse(text)
    scope = scope_of(module)
    return assignments(scope.body, name) or assignments(module.body, name)


def certain(found: list[Assignment]) -> Assignment | None:
    """The last assignment that always counts."""
    return next((one for one in reversed(found) if not one.conditional), None)


def imported(module: ast.Module, name: str) -> int | None:
    """The line in which an import at module level gives `name` a meaning."""
    for node, _ in statements(module.body):
        if isinstance(node, ast.Import | ast.ImportFrom) and any(
            (alias.asname or alias.name) == name for alias in node.names
        ):
            return node.lineno
    return None


def uses(module: ast.Module, name: str) -> list[int]:
    """The lines that read `name`."""
    return sorted(
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    )
