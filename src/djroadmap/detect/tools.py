"""Task runners and git hooks."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap.model.project import Hooks, TaskRunner
from djroadmap.regex import regex
from djroadmap.syntax.sources import folder_of, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

JUST_RECIPE = regex(r"^@?([A-Za-z_][\w-]*)(?:[ \t]+[^:\n]*?)?:(?!=)", re.MULTILINE)
JUST_ALIAS = regex(r"^alias\s+([A-Za-z_][\w-]*)\s*:=", re.MULTILINE)
JUST_IMPORT = regex(r"^import\??\s+[\"']([^\"']+)[\"']", re.MULTILINE)
JUST_KEYWORDS = frozenset({"export", "set", "alias", "import", "mod", "unexport"})
MAKE_RECIPE = regex(r"^([A-Za-z0-9_][\w.-]*(?:[ \t]+[A-Za-z0-9_][\w.-]*)*)[ \t]*::?(?![:=])", re.MULTILINE)
MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
LEFTHOOK = regex(r"\.?lefthook\.(?:ya?ml|toml|json)")


def runners_of(sources: Sources, base: RelPath) -> tuple[TaskRunner, ...]:
    """The justfile and the Makefile at the root or beside manage.py."""
    return tuple(runner for folder in dict.fromkeys(("", base)) for runner in _runners(sources, folder))


def _runners(sources: Sources, folder: RelPath) -> Iterator[TaskRunner]:
    names = {path.rpartition("/")[2]: path for path in sources.beside(folder)}
    for name, path in names.items():
        if name.lower() in {"justfile", ".justfile"}:
            imported = {
                target: just_recipes(sources.text(target) or "") for target in _imports(sources, path)
            }
            yield TaskRunner(
                kind="just", path=path, recipes=just_recipes(sources.text(path) or ""), imported=imported
            )
    for name in MAKEFILES:
        if name in names:
            yield TaskRunner(
                kind="make", path=names[name], recipes=_make_recipes(sources.text(names[name]) or "")
            )
            return


def just_recipes(text: str) -> tuple[str, ...]:
    """The recipes and aliases that the text of a justfile defines."""
    found = [match[1] for match in JUST_RECIPE.finditer(text) if match[1] not in JUST_KEYWORDS]
    return tuple(dict.fromkeys([*found, *(match[1] for match in JUST_ALIAS.finditer(text))]))


def _imports(sources: Sources, path: RelPath) -> Iterator[RelPath]:
    for match in JUST_IMPORT.finditer(sources.text(path) or ""):
        target = posixpath.normpath(join(folder_of(path), match[1]))
        if sources.exists(target):
            yield target


def _make_recipes(text: str) -> tuple[str, ...]:
    found = [name for match in MAKE_RECIPE.finditer(text) for name in match[1].split()]
    return tuple(dict.fromkeys(name for name in found if not name.startswith(".")))


def hooks_of(sources: Sources) -> tuple[Hooks, ...]:
    """Hook managers configured at the root."""
    found = []
    for path in sources.beside(""):
        if path in {".pre-commit-config.yaml", ".pre-commit-config.yml"}:
            found.append(Hooks(kind="pre-commit", path=path))
        elif LEFTHOOK.fullmatch(path) and path.endswith((".yml", ".yaml")):
            found.append(Hooks(kind="lefthook", path=path))
    return tuple(found)
