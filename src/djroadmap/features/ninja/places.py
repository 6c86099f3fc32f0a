"""Where the modules of the API are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.modules import dotted_name

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import App, Project

API = "ninja_api.py"
SCHEMA = "openapi/ninja.json"
"""The path of the schema in the repository. Others rely on it."""
PACKAGES = ("api", "users_api")


def home(project: Project) -> RelPath:
    """The folder of the root URL configuration, where the API is put together."""
    path = project.urlconf.path if project.urlconf else project.join("urls.py")
    return path.removesuffix("/__init__.py").rpartition("/")[0]


def path_of_api(project: Project) -> RelPath:
    """The module that holds the API."""
    return below(home(project), API)


def module_of(project: Project, path: RelPath) -> str:
    """The dotted name of a module."""
    return dotted_name(project.tree, project.python_roots, path)


def package_of_routes(project: Project, app: App | None) -> RelPath:
    """The folder of the routes for users: `api` in the app that has them, where there may be another API.

    With the URLs of the project, for users of Django's own; `users_api` where modules of these names are taken.
    """
    folder = home(project) if app is None else app.path
    names = PACKAGES[1:] if app is None else PACKAGES
    for name in names:
        if _is_free(project, below(folder, name)):
            return below(folder, name)
    return below(folder, names[-1])


def below(folder: RelPath, name: str) -> RelPath:
    """A path in a folder that may be the root."""
    return f"{folder}/{name}" if folder else name


def _is_free(project: Project, folder: RelPath) -> bool:
    """Is there no module in the way, but one that is about Django Ninja?"""
    if project.tree.exists(f"{folder}.py"):
        return False
    files = (project.tree.raw(f"{folder}/{name}") for name in ("routes.py", "schemas.py"))
    return all(raw is None or b"from ninja import" in raw for raw in files)
