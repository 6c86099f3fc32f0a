"""What a justfile defines, imports included, read without running just. https://just.systems/man/en"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.ports import Tree

NAMES = ("justfile", ".justfile")
"""In any case, as just itself looks for them."""
VARIABLE = "djroadmap_run"
"""Marks a file of recipes as ours."""

STRING = regex(r"'[^'\n]*'|\"(?:\\.|[^\"\\\n])*\"|`[^`\n]*`")
IMPORT = regex(r"import\??\s+x?['\"]([^'\"\n]+)['\"]")
ALIAS = regex(r"(?:alias|mod\??)\s+([A-Za-z_][\w-]*)")
HEADER = regex(r"@?([A-Za-z_][\w-]*)(.*)")
EXPORTED = regex(r"export\s+COMPOSE_FILE\s*:=\s*['\"]([^'\"\n]+)['\"]")
SHELL = regex(r"set\s+shell\s*:=\s*\[\s*['\"]([^'\"\n]+)['\"]")


class Justfile:
    """The names that a justfile and its imports take, and what else of it matters to new recipes."""

    def __init__(self, path: RelPath) -> None:
        self.path = path
        self.bare: set[str] = set()
        """Recipes that can be called without arguments."""
        self.taken: set[str] = set()
        """Recipes, aliases and modules: names that cannot be used again."""
        self.compose_file = ""
        """The compose file that it exports to its recipes."""
        self.shell: tuple[str, RelPath, int] | None = None
        """The shell that it sets, and where."""

    @property
    def folder(self) -> RelPath:
        """Where its recipes run."""
        return posixpath.dirname(self.path)


def paths_in(tree: Tree, folder: RelPath) -> tuple[RelPath, ...]:
    """The justfiles in a folder. just itself accepts no more than one."""
    return tuple(path for path in tree.files() if posixpath.dirname(path) == folder and _is_justfile(path))


def read(tree: Tree, path: RelPath, *, ours: bool) -> Justfile:
    """What a justfile defines; with what our own file of recipes defines, or without it."""
    found = Justfile(path=path)
    _read(tree, path, found, ours=ours, seen=set())
    return found


def is_ours(text: str | None) -> bool:
    """Is this a file of recipes that djroadmap wrote?"""
    return text is not None and f"{VARIABLE} :=" in text


def _read(tree: Tree, path: RelPath, found: Justfile, *, ours: bool, seen: set[RelPath]) -> None:
    try:
        text = tree.read(path)
    except Refused:
        text = None
    if text is None or path in seen or (is_ours(text) and not ours):
        return
    seen.add(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if match := IMPORT.match(line):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
            _read(tree, target, found, ours=ours, seen=seen)
        elif match := EXPORTED.match(line):
            found.compose_file = match[1]
        elif match := SHELL.match(line):
            found.shell = (match[1], path, number)
        elif match := ALIAS.match(line):
            found.taken.add(match[1])
        else:
            _read_header(line, found)


def _read_header(line: str, found: Justfile) -> None:
    """The first line of a recipe: `name param default="x" *rest: dependencies`."""
    match = HEADER.match(STRING.sub("''", line))
    if match is None or match[2].lstrip().startswith(":=") or ":" not in match[2]:
        return
    parameters = re.sub(r"\s*=\s*", "=", match[2].partition(":")[0]).split()
    found.taken.add(match[1])
    if all("=" in parameter or parameter.startswith("*") for parameter in parameters):
        found.bare.add(match[1])


def _is_justfile(path: RelPath) -> bool:
    return posixpath.basename(path).lower() in NAMES
