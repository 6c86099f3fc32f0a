"""Where a feature's own tests go: where the project's fixtures are seen and its runner looks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from djroadmap.model.plan import Plan

from .commands import command, manage
from .files import new_file, package_files

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

SHARED_APPS = ("core", "common")
"""Apps that belong to no domain, so tests of the whole project belong there."""

ARCHITECTURE = "architecture"
"""The folder of the tests of the architecture, among the tests of the whole project."""


def uses_pytest(project: Project) -> bool:
    """Are tests written for pytest here, or for `manage.py test`?"""
    return project.tests.runner == "pytest"


def argv_of_tests(project: Project, *paths: RelPath) -> tuple[str, ...]:
    """What runs the tests in these modules and folders, typed in the folder of manage.py."""
    below = [path.removeprefix(f"{project.base}/") if project.base else path for path in paths]
    if uses_pytest(project):
        return ("pytest", *below)
    return ("python", "manage.py", "test", *(path.removesuffix(".py").replace("/", ".") for path in below))


def run_tests(project: Project, *paths: RelPath, why: str) -> Command:
    """The command that runs them, the way this project runs commands."""
    argv = argv_of_tests(project, *paths)
    return command(project, *argv, why=why) if argv[0] == "pytest" else manage(project, *argv[2:], why=why)


def new_test(
    project: Project,
    feature: str,
    template: str,
    *,
    name: str,
    needs_user: bool = True,
    home: RelPath = "",
    **facts: Any,
) -> Plan:
    """`templates/<feature>/<template>` as the test module `name`, in a package.

    It is an extra: what makes a feature present is what it tests.
    """
    path = path_of_test(project, name, needs_user=needs_user, home=home)
    return _package(project, _folder(path)) + new_file(path, feature, template, extra=True, **facts)


def path_of_test(project: Project, name: str, *, needs_user: bool = True, home: RelPath = "") -> RelPath:
    """The path of the test module `name`: where it is already, else in the best folder for it.

    Tests of a package of ours are in `home`, its folder, if the runner looks there: the project's own rules on what
    apps import need not allow that they import the package.

    Below the `conftest.py` that defines `user`, if there is one: tests elsewhere do not see the fixture. Tests that do
    not need it are rather with those of the project as a whole than among those of some app.
    """
    beside = [f"{home}/tests"] if home else []
    candidates = [*beside, *_candidates(project, needs_user=needs_user)]
    folders = [
        *filter(lambda folder: _is_collected(project, folder), candidates),
        *_in_roots(project),
    ]
    name = test_name(project, name)
    paths = [f"{folder}/{name}" if folder else name for folder in folders or candidates]
    return next((path for path in paths if project.tree.exists(path)), paths[0])


def project_tests(project: Project) -> RelPath:
    """The folder for tests of the project as a whole: `tests` beside manage.py, where the runner looks there.

    Below a source root it is not made, since that may be shipped: there, tests are where other tests of ours go.
    """
    beside = project.join("tests")
    found = [folder for folder in dict.fromkeys((beside, "tests")) if _is_used(project, folder)]
    free = not project.tree.has_folder(beside) and not project.tree.exists(f"{beside}.py")
    made = [beside] if free and not project.base else []
    inside = path_of_test(project, "test_project.py").rpartition("/")[0]
    return next((folder for folder in (*found, *made) if _is_collected(project, folder)), inside)


def test_name(project: Project, name: str) -> str:
    """The name as pytest is told to look for it here: `test_it.py`, `it_test.py` or `it_tests.py`."""
    patterns = project.tests.patterns
    subject = name.removeprefix("test_").removesuffix(".py")
    for one in (name, f"{subject}_test.py", f"{subject}_tests.py"):
        if not patterns or any(fnmatchcase(one, pattern) for pattern in patterns):
            return one
    return name


def _is_collected(project: Project, folder: RelPath) -> bool:
    """Would the project's runner look into this folder?"""
    roots = project.tests.roots
    return not roots or any(_is_below(folder, root) for root in roots)


def _in_roots(project: Project) -> list[RelPath]:
    """Folders for tests below those that the runner looks into, those with apps of the project first."""

    def has_apps(root: RelPath) -> bool:
        return any(_is_below(app.path, root) for app in project.apps.local)

    roots = sorted(project.tests.roots, key=lambda root: not has_apps(root))
    found = [folder for root in roots for folder in _existing(project, root)]
    own = [root if _in_tests(root) else _tests_of(project, root) for root in roots]
    return [*[folder for folder in found if folder in own], *own[:1]]


def _candidates(project: Project, *, needs_user: bool) -> list[RelPath]:
    """Folders that would do, the best one first; never none."""
    seen_from = project.tests.user_fixture
    if seen_from is None or _is_deep(project, _folder(seen_from)):
        return _without_fixture(project)
    home = _folder(seen_from)
    apps = [app for app in project.apps.local if _is_below(app.path, home)]
    shared = [app.path for name in SHARED_APPS for app in apps if _folder_name(app.path) == name]
    own = home if _in_tests(home) else f"{home}/tests" if home else "tests"
    outer = [] if needs_user else _outer(project)
    return [*(_tests_of(project, path) for path in shared), *outer, *_existing(project, home), own]


def _in_tests(folder: RelPath) -> bool:
    return not {"tests", "test"}.isdisjoint(folder.split("/"))


def _is_deep(project: Project, home: RelPath) -> bool:
    """Is the fixture for a part of the tests only: one app that is not shared, or a folder within the tests?"""
    if _folder_name(home) in {"tests", "test"}:
        home = _folder(home)
    if _in_tests(home):
        return True
    return any(app.path == home for app in project.apps.local) and _folder_name(home) not in SHARED_APPS


def _outer(project: Project) -> list[RelPath]:
    """Folders of tests beside the apps."""
    return [folder for folder in dict.fromkeys((project.join("tests"), "tests")) if _is_used(project, folder)]


def _without_fixture(project: Project) -> list[RelPath]:
    package = project.package or (_folder(project.urlconf.path) if project.urlconf else "")
    return [
        *_outer(project),
        *([_tests_of(project, package), f"{package}/tests"] if package else []),
        project.join("tests"),
    ]


def _tests_of(project: Project, app: RelPath) -> RelPath:
    """An app's `tests` package; the app itself if it has a `tests.py`, which would be in the way."""
    return app if project.tree.exists(f"{app}/tests.py") else f"{app}/tests"


def _existing(project: Project, home: RelPath) -> list[RelPath]:
    """Packages called `tests` below `home`, the outermost first."""
    found = [
        folder
        for folder in project.tests.folders
        if _folder_name(folder) == "tests" and _is_below(folder, home) and not _is_of_events(project, folder)
    ]
    return sorted(
        (folder for folder in found if _is_used(project, folder)), key=lambda path: (path.count("/"), path)
    )


def _is_of_events(project: Project, folder: RelPath) -> bool:
    """Are these the tests of the event bus alone?"""
    home = _folder(project.event_bus.path) if project.event_bus else ""
    return bool(home) and _is_below(folder, home) and _folder_name(home) not in SHARED_APPS


def _is_used(project: Project, folder: RelPath) -> bool:
    """Is the folder there, and would the project's runner look into it?

    One that holds nothing but the tests of the architecture came with them.
    """
    if not project.tree.has_folder(folder):
        return False
    if project.tree.has_folder(f"{folder}/{ARCHITECTURE}"):
        ours = (f"{folder}/__init__.py", f"{folder}/{ARCHITECTURE}/")
        files = (path for path in project.tree.files() if path.startswith(f"{folder}/"))
        if all(path.startswith(ours) for path in files):
            return False
    return uses_pytest(project) or project.tree.exists(f"{folder}/__init__.py")


def _package(project: Project, folder: RelPath) -> Plan:
    """An `__init__.py`, unless the folder has lived without one so far."""
    tree = project.tree
    if not tree.exists(f"{folder}/__init__.py") and tree.has_folder(folder):
        return Plan()
    return package_files(project, folder)


def _folder(path: RelPath) -> RelPath:
    return path.rpartition("/")[0]


def _folder_name(path: RelPath) -> str:
    return path.rpartition("/")[2]


def _is_below(path: RelPath, folder: RelPath) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def conftest_for(project: Project, folder: RelPath) -> RelPath:
    """The `conftest.py` for fixtures that tests in `folder` and beside it see: the outermost there is above it.

    Without one, a new one beside manage.py, or in the folder that the runner looks into.
    """
    above = [path for path in project.tests.conftests if _is_below(folder, _folder(path))]
    return min(above, key=lambda path: path.count("/"), default=project.join("conftest.py"))
