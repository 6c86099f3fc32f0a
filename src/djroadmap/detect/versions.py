"""Which Python and which Django the project asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.syntax.sources import dig, join, name_of, section

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Dependencies
    from djroadmap.syntax.sources import Sources

PINNED = regex(r"={2,3}\s*([0-9][\w.]*)$")
# These are compiled when a project needs them, which few do.
LOCKED = r"(?i)name = \"django\"\s+version = \"([^\"]+)\""
PIPFILE_LOCKED = r"(?is)\"django\": \{.*?\"version\": \"==([^\"]+)\""
COMPILED = r"(?im)^django==([^\s;\\]+)"
IMAGE = r"(?im)^FROM\s+(?:--platform=\S+\s+)?\S*?python:?(\d\.\d+)"
SETUP = r"python_requires\s*=\s*[\"']?([^\"'\n,]+(?:,[^\"'\n]+)?)"


def django_of(sources: Sources, dependencies: Dependencies) -> str | None:
    """The version if it is pinned or locked, else the specifier as written; None if Django is not named."""
    written = dependencies.names.get("django")
    if written is None:
        return None
    if pinned := PINNED.fullmatch(written):
        return pinned[1]
    if dependencies.lock:
        text = sources.text(dependencies.lock) or ""
        pattern = PIPFILE_LOCKED if dependencies.lock.endswith("Pipfile.lock") else LOCKED
        if locked := re.search(pattern, text):
            return locked[1]
    return _compiled(sources, dependencies) or written or None


def _compiled(sources: Sources, dependencies: Dependencies) -> str | None:
    """The version that a compiled requirements file pins."""
    for file in dependencies.files:
        if file.compiled and (found := re.search(COMPILED, sources.text(file.path) or "")):
            return found[1]
    return None


def python_of(
    sources: Sources, base: RelPath, dependencies: Dependencies, dockerfiles: tuple[RelPath, ...]
) -> str | None:
    """The specifier or version the project asks for; what its own metadata says goes before what its images say."""
    if dependencies.pyproject:
        table = sources.table(dependencies.pyproject)
        for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
            if isinstance(found := dig(table, *keys), str):
                return found
    for folder in dict.fromkeys((base, "")):
        for name in ("Pipfile", "setup.cfg", "setup.py", ".python-version", "runtime.txt"):
            path = join(folder, name)
            if sources.exists(path) and (written := _written(sources, path)):
                return written
    for path in dockerfiles:
        if image := re.search(IMAGE, sources.text(path) or ""):
            return image[1]
    return None


def _written(sources: Sources, path: RelPath) -> str | None:
    if name_of(path) == "Pipfile":
        requires = section(sources.table(path), "requires")
        found = requires.get("python_full_version") or requires.get("python_version")
        return found if isinstance(found, str) else None
    text = sources.text(path) or ""
    if name_of(path).startswith("setup"):
        match = re.search(SETUP, text)
        return match[1].strip() if match else None
    first = text.strip().partition("\n")[0].strip().removeprefix("python-")
    return first if re.match(r"\d", first) else None
