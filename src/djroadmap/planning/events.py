"""Where the domain events of a project are, or would be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.model.supported import OLDEST_PYTHON, is_too_old

from .files import new_file, package_files
from .tests import uses_pytest

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

NAME = "domain_events"


class Events(NamedTuple):
    """The package of the event bus."""

    package: str
    """Dotted: `acme_shop.domain_events`."""
    folder: RelPath
    bus: RelPath
    base: RelPath
    """The module that defines `DomainEvent`."""

    @property
    def label(self) -> str:
        """The label of its app, if it is one."""
        return self.package.rpartition(".")[2]

    def module(self, path: RelPath) -> str:
        """The dotted name of a module in the package."""
        return f"{self.package}.{path.rpartition('/')[2].removesuffix('.py')}".removesuffix(".__init__")


def events(project: Project) -> Events:
    """The package that holds the bus; without one, the package that `event-bus` would make beside the other apps."""
    bus = project.event_bus
    if bus is not None:
        folder = bus.path.rpartition("/")[0]
        return Events(bus.package, folder, bus.path, bus.base or f"{folder}/base.py")
    package, folder = _beside_apps(project)
    return Events(package, folder, f"{folder}/bus.py", f"{folder}/base.py")


def older_python(project: Project) -> str | None:
    """The reason why what features put into the bus does not run here, if it does not."""
    if is_too_old(project.python, OLDEST_PYTHON):
        return f"it needs Python {'.'.join(map(str, OLDEST_PYTHON))} or newer, and this project has {project.python}"
    return None


def _beside_apps(project: Project) -> tuple[str, RelPath]:
    """The package most apps are in; beside manage.py where they are in none."""
    homes = Counter((app.name.rpartition(".")[0], app.path.rpartition("/")[0]) for app in project.apps.local)
    own = (project.name, project.package)
    default = own if project.package and project.layout in {"turbo", "cookiecutter"} else ("", project.base)
    home, folder = max(homes, key=lambda one: (homes[one], -len(one[0])), default=default)
    return ".".join(filter(None, (home, NAME))), "/".join(filter(None, (folder, NAME)))


def event_file(
    project: Project, feature: str, template: str, *, name: str = "", extra: bool = False, **facts: Any
) -> Plan:
    """`templates/<feature>/<template>` as a file of the package; the template knows `package`."""
    found = events(project)
    path = f"{found.folder}/{name or template}"
    return new_file(path, feature, template, extra=extra, package=found.package, **facts)


def event_test(project: Project, feature: str, template: str, **facts: Any) -> Plan:
    """`templates/<feature>/<template>` as a test module of the package. An extra, as all tests are.

    It is to run under pytest and under Django's own runner: the template knows `package`, `pytest`, and `raises`, which
    is what expects an exception in a method of a test case.
    """
    folder = f"{events(project).folder}/tests"
    pytest = uses_pytest(project)
    return package_files(project, folder) + event_file(
        project,
        feature,
        template,
        name=f"tests/{template.rpartition('/')[2]}",
        extra=True,
        pytest=pytest,
        raises="pytest.raises" if pytest else "self.assertRaises",
        **facts,
    )
