"""What the architecture tests will see of a project: its apps, the packages that hold them, and from where."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.packages import home
from djroadmap.planning.tests import ARCHITECTURE, project_tests, test_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

NAME = "test_architecture.py"


class Tested(NamedTuple):
    """The apps and where everything is. Paths are relative to the project's root."""

    folder: RelPath
    """The package of the tests."""
    module: RelPath
    """The tests themselves."""
    top: RelPath
    """The folder that holds the tests and all apps: what is below is this project's own."""
    apps: Mapping[str, RelPath]
    """Dotted name of each app to its folder."""
    roots: Mapping[str, RelPath]
    """The top-level packages that hold the apps, with their folders."""

    @property
    def depth(self) -> int:
        """How many folders the tests are below `top`."""
        return len(posixpath.relpath(f"/{self.folder}", f"/{self.top}").split("/"))

    def seen_from_tests(self, path: RelPath) -> RelPath:
        """A path as the tests say it: relative to `top`."""
        return path.removeprefix(f"{self.top}/") if self.top else path

    def app_of(self, module: str) -> str | None:
        """The app that a module belongs to, or None."""
        while module and module not in self.apps:
            module = module.rpartition(".")[0]
        return module or None

    def module_at(self, path: RelPath) -> str | None:
        """The dotted name of a file below an app, as seen from the app; None if it is below none."""
        found = [(folder, name) for name, folder in self.apps.items() if path.startswith(f"{folder}/")]
        if not found:
            return None
        folder, name = max(found)
        inner = path.removeprefix(f"{folder}/").removesuffix(".py").replace("/", ".")
        return f"{name}.{inner}".removesuffix(".__init__")


def tested(project: Project) -> Tested | None:
    """What the tests see here; None if there is no app of the project's own that they could."""
    homes = {app: found for app in project.apps.local if (found := home(app.name, app.path)) is not None}
    if not homes:
        return None
    there = (posixpath.join(place, ARCHITECTURE) for place in (project.join("tests"), "tests"))
    made = next((place for place in there if project.tree.has_folder(place)), None)
    folder = made or posixpath.join(project_tests(project), ARCHITECTURE)
    top = posixpath.commonpath([f"/{path}" for path in (project.base, folder, *homes.values())])
    tops = {app.name.split(".", 1)[0]: where for app, where in homes.items()}
    return Tested(
        folder=folder,
        module=posixpath.join(folder, test_name(project, NAME)),
        top=top.strip("/"),
        apps={app.name: app.path for app in homes},
        roots={name: posixpath.join(tops[name], name) for name in sorted(tops)},
    )
