"""Who still uses waffle: imports, names in strings, migrations, template tags."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused
from djroadmap.regex import regex
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

LOADED = regex(r"\{%-?\s*load\s[^%]*\bwaffle_tags\b")
IMPORTED = regex(r"\s*(?:from|import)\s+waffle\b")
TEMPLATES = (".html", ".htm", ".txt", ".xml", ".svg", ".mjml", ".jinja", ".jinja2", ".j2")
OURS = ("waffle.middleware.WaffleMiddleware", "waffle.apps.")
"""Names in strings that are part of what is removed."""


def usage(tree: Tree, *, but: RelPath) -> tuple[Problem, ...]:
    """A problem for every line that uses waffle, in the order of the paths; `but` is our own file."""
    found: list[Problem] = []
    for path in tree.files():
        if path == but or not path.endswith((".py", *TEMPLATES)) or b"waffle" not in (tree.raw(path) or b""):
            continue
        try:
            text = tree.read(path) or ""
        except Refused as refused:
            found += refused.problems
            continue
        lines = _in_python(text) if path.endswith(".py") else _in_template(text)
        found += [Problem(path=path, line=line, why=why) for line, why in sorted(dict(lines).items())]
    return tuple(found)


def _in_python(text: str) -> Iterator[tuple[int, str]]:
    try:
        module = parse(text)
    except SyntaxError:
        yield from _in_broken_python(text)
        return
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names) if any(_is_waffle(alias.name) for alias in names):
                yield node.lineno, "still imports waffle"
            case ast.ImportFrom(module=str(name), level=0) if _is_waffle(name):
                yield node.lineno, "still imports waffle"
            case ast.Tuple(elts=[ast.Constant(value="waffle"), ast.Constant(value=str(migration))]):
                yield node.lineno, f'still depends on the migration "{migration}" of waffle'
            case ast.Constant(value=str(name)) if re.fullmatch(
                r"waffle(\.\w+)+", name
            ) and not name.startswith(OURS):
                yield node.lineno, f'still names "{name}"'


def _in_broken_python(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if IMPORTED.match(line):
            yield number, "still imports waffle"


def _in_template(text: str) -> Iterator[tuple[int, str]]:
    for match in LOADED.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, "still loads waffle_tags"


def _is_waffle(module: str) -> bool:
    return module == "waffle" or module.startswith("waffle.")
