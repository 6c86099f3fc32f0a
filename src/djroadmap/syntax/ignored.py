"""Does git ignore a path? Enough of it for settings files: everything but the user's global file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex

from .sources import folder_of, join

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath

    from .sources import Sources

GLOB = regex(r"[*?\[\\]")
PARTS = regex(r"(\*\*/|/\*\*|\*|\?|\[[^]]*\])")
SETS = regex(r"\[[^]]*\]|/?\*\*/?")
LITERALS = regex(r"[^*?\[\]\\]+")


EXCLUDE = ".git/info/exclude"


def is_ignored(sources: Sources, path: RelPath) -> bool:
    """Do `.git/info/exclude` and the .gitignore files from the root down to `path` leave it out?

    The last pattern that fits decides.
    """
    ignored = _decided(sources.text(EXCLUDE), path, before=False)
    folders = [""]
    for segment in folder_of(path).split("/") if "/" in path else []:
        folders.append(join(folders[-1], segment))
    for folder in folders:
        if sources.exists(name := join(folder, ".gitignore")):
            below = path[len(folder) + 1 :] if folder else path
            ignored = _decided(sources.text(name), below, before=ignored)
    return ignored


def _decided(text: str | None, path: RelPath, *, before: bool) -> bool:
    """Is `path` ignored after the patterns in `text`, if it was `before`?"""
    ignored = before
    for line in (text or "").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and fits(pattern.removeprefix("!"), path):
            ignored = not pattern.startswith("!")
    return ignored


def fits(pattern: str, path: RelPath) -> bool:
    """Does a pattern fit a file, or a folder that holds it? `path` is relative to the .gitignore's folder."""
    anchored = "/" in pattern.rstrip("/")
    only_folders = pattern.endswith("/")
    body = pattern.strip("/")
    if not body:
        return False
    if not GLOB.search(body):  # nearly all patterns, and compiling each would cost more than the rest of it
        if anchored:
            return path.startswith(body + "/") or (path == body and not only_folders)
        parts = path.split("/")
        return body in (parts[:-1] if only_folders else parts)
    if any(literal not in path for literal in LITERALS.findall(SETS.sub("*", body))):
        return False
    whole = ("" if anchored else "(?:.*/)?") + _translated(body) + ("/.+" if only_folders else "(?:/.+)?")
    try:
        return re.fullmatch(whole, path) is not None
    except re.error:
        return False


def _translated(body: str) -> str:
    known = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        known.get(part) or (part.replace("[!", "[^") if part.startswith("[") else re.escape(part))
        for part in PARTS.split(body)
    )
