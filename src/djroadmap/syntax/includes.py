"""Which files `include(...)` of django-split-settings takes in."""

from __future__ import annotations

import ast
import fnmatch
import posixpath
from typing import TYPE_CHECKING

from .evaluate import Frame, evaluate
from .reading import dotted
from .sources import folder_of, join
from .values import Place, items_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath

    from .sources import Sources


def included(sources: Sources, frame: Frame, call: ast.Call, *, optional: bool = True) -> list[RelPath]:
    """The files that exist, in the order in which they are taken in, globs resolved and sorted.

    Without `optional`, those that only `optional("...")` names are left out.
    """
    found: dict[RelPath, None] = {}
    for pattern in patterns(call, frame, optional=optional):
        for path in matches(sources, folder_of(frame.path), pattern):
            found[path] = None
    return [path for path in found if path != frame.path]


def patterns(call: ast.Call, frame: Frame, *, optional: bool = True) -> Iterator[str]:
    """The patterns of the call; what only the environment knows stands as `*`."""
    for argument in call.args:
        node = argument.value if isinstance(argument, ast.Starred) else argument
        if not optional and _is_optional(node):
            continue
        if known := items_of(evaluate(node, frame)):
            yield from (text for item in known.entries if (text := text_of(item.value)))
        elif text := pattern_of(node, frame):
            yield text


def pattern_of(node: ast.expr, frame: Frame) -> str | None:
    """One pattern: a string, `optional("...")`, or a string put together at run time."""
    if isinstance(node, ast.Call) and _is_optional(node):
        return pattern_of(node.args[0], frame)
    value = evaluate(node, frame)
    if isinstance(value, Place):
        return "/" + value.path
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        return str(node.left.value).replace("%s", "*")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        template = text_of(evaluate(node.func.value, frame)) or ""
        return "*".join(
            part.partition("}")[2] if index else part for index, part in enumerate(template.split("{"))
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = pattern_of(node.left, frame), pattern_of(node.right, frame)
        return f"{left or '*'}{right or '*'}"
    return text_of(value)


def _is_optional(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not node.args:
        return False
    return (dotted(node.func) or "").rpartition(".")[2] == "optional"


def matches(sources: Sources, folder: RelPath, pattern: str) -> list[RelPath]:
    """The files that a pattern relative to `folder` names ("/x" is relative to the project's root)."""
    path = pattern[1:] if pattern.startswith("/") else join(folder, pattern)
    path = posixpath.normpath(path)
    if not any(char in path for char in "*?["):
        return [path] if sources.exists(path) else []
    depth = path.count("/")
    return [
        known
        for known in sources.under(folder_of(path.partition("*")[0]))
        if known.count("/") == depth and fnmatch.fnmatchcase(known, path)
    ]
