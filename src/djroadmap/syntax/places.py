"""Paths in the project, as settings put them together: `Path(__file__).parent`, `os.path.join`, `BASE_DIR / "x"`."""

from __future__ import annotations

import posixpath
from typing import Any

from .reading import UNKNOWN
from .values import Place

SAME_PATH = frozenset(
    {
        "str",
        "Path",
        "PurePath",
        "fspath",
        "abspath",
        "realpath",
        "normpath",
        "resolve",
        "absolute",
        "expanduser",
    }
)


def path_call(last: str, owner: Any, arguments: list[Any]) -> Any:
    """What a call of the function or method `last` gives, if it is about paths; else `UNKNOWN`."""
    first = arguments[0] if arguments else owner
    if last in SAME_PATH:
        place = owner if isinstance(owner, Place) else first
        return (
            place
            if isinstance(place, Place) or (last in {"str", "Path"} and isinstance(place, str))
            else UNKNOWN
        )
    if last == "dirname" and isinstance(first, Place):
        return above(first, 1)
    if isinstance(owner, Place) and last in {"joinpath", "path", ""}:
        return below(owner, *arguments)
    if isinstance(owner, Place) and last not in {"join", "exists", "is_file", "is_dir", "read_text", "open"}:
        return below(owner, *arguments) if arguments else UNKNOWN  # environ.Path: root("apps")
    if last == "join" and isinstance(first, Place):
        return below(first, *arguments[1:])
    return UNKNOWN


def above(place: Place, levels: int) -> Any:
    """The folder `levels` above; `UNKNOWN` outside the project."""
    path = place.path
    for _ in range(levels):
        if not path:
            return UNKNOWN
        path = path.rpartition("/")[0]
    return Place(path)


def below(place: Place, *parts: Any) -> Any:
    """What lies below; `UNKNOWN` outside the project."""
    if not all(isinstance(part, str) for part in parts):
        return UNKNOWN
    path = posixpath.normpath(posixpath.join(place.path, *parts))
    if path.startswith(("/", "..")):
        return UNKNOWN
    return Place("" if path == "." else path)
