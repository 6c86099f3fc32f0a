"""Projects with a cluster: the files that `add eks` writes into a layout, planned without the rest of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.detect import detect
from djroadmap.features.eks import FEATURE, Options
from djroadmap.features.terraform import FEATURE as TERRAFORM
from djroadmap.model.memory import MemoryTree
from tests.features.small import applied
from tests.memory import SKIPPED
from tests.projects import copy_layout

if TYPE_CHECKING:
    from pathlib import Path

    from djroadmap.model.project import Project

OURS = ("infrastructure/", "k8s/")


def write_tree(folder: Path, layout: str, **options: Any) -> Path:
    """`infrastructure` and `k8s` of a layout, in `folder`."""
    source = copy_layout(layout, folder / "project")
    files: dict[str, str | bytes] = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not SKIPPED & set(path.relative_to(source).parts)
    }
    before = _project(files)
    files |= applied(TERRAFORM.plan(before, TERRAFORM.defaults(before)), files)
    files |= applied(FEATURE.plan(_project(files), Options(**options)), files)
    for path, text in files.items():
        if path.startswith(OURS):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text if isinstance(text, str) else text.decode())
    return folder


def _project(files: dict[str, str | bytes]) -> Project:
    return detect(MemoryTree(files))
