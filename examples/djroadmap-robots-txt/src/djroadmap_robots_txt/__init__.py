"""robots.txt: what crawlers are asked not to read. https://www.rfc-editor.org/rfc/rfc9309"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap import edits
from djroadmap.model.feature import Feature, Option, Presence
from djroadmap.model.plan import Plan
from djroadmap.planning.files import new_file
from djroadmap.planning.settings import import_
from djroadmap.planning.tests import new_test, path_of_test, run_tests
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.edit import RelPath
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

TEMPLATES = Path(__file__).parent / "templates"
TESTS = "test_robots_txt.py"
VIEW = "robots_txt"


def _there(project: Project) -> str:
    """What was chosen, if it is there without a record of it: it is not to be taken for something half done."""
    text = project.tree.read(_path(project)) if project.urlconf else None
    if text is None or "AI_CRAWLERS" in text:
        return "search"
    return "none" if "Disallow: /" in text else "all"


class Options(NamedTuple):
    """Who may read."""

    crawlers: Annotated[
        str,
        Option(
            "Who may read the site: all crawlers, those of search engines but not those of AI, or none.",
            choices=("all", "search", "none"),
            default_from=_there,
        ),
    ] = "search"


def supports(project: Project) -> str | None:
    """The view needs a place, and the address must be free."""
    if project.urlconf is None:
        return "its root URL configuration is not found, so there is no telling where the view belongs"
    text = project.tree.read(project.urlconf.path) or ""
    if "robots.txt" in text and not project.tree.exists(_path(project)):
        return f"{project.urlconf.path} has a robots.txt already"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there without its module; else the edits tell."""
    return None if project.urlconf and project.tree.exists(_path(project)) else Presence()


def plan(project: Project, options: Options) -> Plan:
    """The view, its address, and a test that proves it."""
    assert project.urlconf is not None  # noqa: S101 - `supports` says so
    urls = project.urlconf.path
    facts = {"crawlers": options.crawlers, "module": _module(project)}
    return (
        new_file(_path(project), "robots-txt", "robots.py", folder=TEMPLATES, **facts)
        + import_(project, urls, "django.urls", "path")
        + import_(project, urls, _module(project), VIEW)
        + Plan((edits.UrlPattern(path=urls, pattern=f'path("robots.txt", {VIEW}, name="robots-txt")'),))
        + new_test(
            project,
            "robots-txt",
            f"tests/{TESTS}",
            name=TESTS,
            needs_user=False,
            folder=TEMPLATES,
            **facts,
        )
    )


def checks(project: Project, _options: Options) -> tuple[Command, ...]:
    """The test that was added."""
    return (run_tests(project, _path_of_test(project), why="test robots.txt"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules other than ours that import the view."""
    ours = {_path(project), _path_of_test(project), project.urlconf.path if project.urlconf else ""}
    return [one for one in importers(project, _module(project), but=".") if one.path not in ours]


def _path(project: Project) -> RelPath:
    """Beside the root URL configuration, which is a module or a package."""
    path = project.urlconf.path.removesuffix("/__init__.py") if project.urlconf else ""
    home = path.rpartition("/")[0]
    return f"{home}/robots.py" if home else "robots.py"


def _module(project: Project) -> str:
    home = project.urlconf.module.rpartition(".")[0] if project.urlconf else ""
    return f"{home}.robots" if home else "robots"


def _path_of_test(project: Project) -> RelPath:
    return path_of_test(project, TESTS, needs_user=False)


FEATURE = Feature(
    id="robots-txt",
    title="robots.txt",
    summary="/robots.txt, which tells crawlers what they may read.",
    group="Production patterns",
    version=1,
    api=1,
    docs="https://www.rfc-editor.org/rfc/rfc9309",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    checks=checks,
    guard=guard,
)
