"""Frontend applications beside Django."""

from __future__ import annotations

import fnmatch
import json
from typing import TYPE_CHECKING, Any

from djroadmap.planning.containers import text_of
from djroadmap.planning.deploying.facts import Frontend
from djroadmap.regex import regex
from djroadmap.syntax.sources import folder_of
from djroadmap.syntax.yaml_outline import listed, read

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project
    from djroadmap.planning.deploying.dockerfiles import Dockerfile

BUNDLERS = frozenset(
    [
        "vite",
        "next",
        "nuxt",
        "astro",
        "react-scripts",
        "webpack",
        "parcel",
        "@angular/cli",
        "@sveltejs/kit",
        "@vue/cli-service",
        "rollup",
        "esbuild",
        "@remix-run/dev",
        "gatsby",
        "@rsbuild/core",
        "@rspack/cli",
    ]
)
LIBRARY = regex(r"(?:^|/)(?:packages|libs?)/")


def frontends_of(project: Project, file: Dockerfile | None) -> tuple[Frontend, ...]:
    """The packages of the repository that build to static files; those of the workspace, where there is one."""
    patterns = _workspace(project)
    found = []
    for path in project.tree.files():
        if path.rpartition("/")[2] != "package.json" or "/" not in path:
            continue
        folder = folder_of(path)
        if patterns and not any(fnmatch.fnmatchcase(folder, pattern) for pattern in patterns):
            continue
        package = _json(project, path)
        build = _scripts(package).get("build")
        if not isinstance(build, str) or LIBRARY.search(f"{folder}/") or not _bundles(package, build):
            continue
        name = package.get("name")
        found.append(
            Frontend(
                name=name if isinstance(name, str) and name else folder.rpartition("/")[2],
                path=folder,
                build=build,
                served=file is not None and _is_taken(file, folder),
            )
        )
    return tuple(found)


def _workspace(project: Project) -> list[str]:
    for name in ("pnpm-workspace.yaml", "pnpm-workspace.yml"):
        document = read(text_of(project, name))
        if isinstance(document, dict) and (packages := listed(document.get("packages"))):
            return [str(one).removeprefix("./").rstrip("/") for one in packages]
    workspaces = _json(project, "package.json").get("workspaces")
    if isinstance(workspaces, dict):
        workspaces = workspaces.get("packages")
    return (
        [str(one).removeprefix("./").rstrip("/") for one in workspaces]
        if isinstance(workspaces, list)
        else []
    )


def _bundles(package: dict[str, Any], build: str) -> bool:
    """Does the package make something that browsers load, and no library or report?"""
    named = {name for table in ("dependencies", "devDependencies") for name in _table(package.get(table))}
    return bool(BUNDLERS & (named | set(build.split())))


def _is_taken(file: Dockerfile, folder: RelPath) -> bool:
    """Does the image copy what a stage built in this folder?"""
    for at in file.needed():
        for copied in file.copies(at):
            if copied.origin and any(f"/{folder}/" in f"/{source.strip('/')}/" for source in copied.sources):
                return True
    return False


def _scripts(package: dict[str, Any]) -> dict[str, Any]:
    return _table(package.get("scripts"))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _json(project: Project, path: RelPath) -> dict[str, Any]:
    try:
        return _table(json.loads(text_of(project, path) or "{}"))
    except (ValueError, RecursionError):
        return {}
