"""Which project is meant: where the user stands, what `--manage` names, and what the manifest remembers."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from djroadmap import manifest as manifests
from djroadmap.adapters.paths import is_file
from djroadmap.adapters.roots import find_root, manage_in
from djroadmap.errors import ManifestError

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.ports import Tree

MARKS = (manifests.PATH,)


def root_of(start: Path, manage: str | None) -> Path:
    """The project's root, as a real path. Raises `NoProject`.

    A manifest that was made for one of several projects in a folder is not for the others: who stands in one of
    those, or names it, gets a root of its own.
    """
    root = find_root(start, marks=MARKS, manage=manage)
    remembered = _remembered(root)
    if remembered is None:
        return root
    ours = root / remembered
    if manage is not None:
        named = root / (manage_in(root, start, manage) or manage)
        if named == ours or not is_file(named):
            return root
        start = named.parent
        if (nearer := find_root(start, marks=MARKS)) != root:
            return nearer
    own = find_root(start)
    return root if own == root or root not in own.parents or own in ours.parents else own


def must_hold_one(tree: Tree, manage: str | None) -> None:
    """Raises `NoProject` or `UsageError` if there is no Django project in `tree`, or not one alone."""
    from djroadmap.detect.layout import find_manage  # noqa: PLC0415
    from djroadmap.syntax.sources import Sources  # noqa: PLC0415

    if not tree.exists(manifests.PATH):
        find_manage(Sources(tree), manage)


def _remembered(root: Path) -> str | None:
    """The manage.py that the manifest in `root` remembers; None as well if it cannot be read, which others say."""
    with suppress(OSError, UnicodeDecodeError, ManifestError):
        return manifests.load((root / manifests.PATH).read_text(encoding="utf-8")).manage
    return None
