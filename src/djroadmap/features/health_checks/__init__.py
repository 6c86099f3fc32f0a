"""Answers to the probes of load balancers and orchestrators. https://kubernetes.io/docs/concepts/workloads/pods/probes/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.model.feature import Feature, Presence
from djroadmap.model.supported import is_too_old
from djroadmap.planning.files import new_file
from djroadmap.planning.settings import middleware
from djroadmap.planning.tests import new_test, path_of_test, run_tests
from djroadmap.planning.usage import importers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.errors import Problem
    from djroadmap.model.edit import RelPath
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command, Plan
    from djroadmap.model.project import Project

PROBES = (
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"
)
TARGETS = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
)
FUNCTION = "health_checks"
TESTS = "test_health_checks.py"
OLDEST_PYTHON = (3, 10)
"""What the tests are written for: `zip(strict=True)`, `assertNoLogs`."""


def supports(project: Project) -> str | None:
    """The module needs a Python that is not too old, and a place."""
    if is_too_old(project.python, OLDEST_PYTHON):
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return f"it needs Python {oldest} or newer, and this project has {project.python}"
    if project.urlconf is None:
        return "its root URL configuration is not found, so there is no telling which package the module belongs to"
    return None


def presence(project: Project) -> Presence | None:
    """Nothing of it is there if neither the middleware nor its module is; else the edits tell."""
    there = _middleware(project) in project.middleware or project.tree.exists(_path(project))
    return None if there else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The middleware before all others, the token of its details, checks of containers, and tests that prove it.

    Raises `Refused` if something else in the project answers under these addresses.
    """
    from .containers import containers  # noqa: PLC0415 - `status` does not need it
    from .others import others, refuse_taken  # noqa: PLC0415
    from .settings import settings  # noqa: PLC0415

    refuse_taken(project, but=(_path(project), _path_of_test(project)))
    facts: dict[str, Any] = {
        "module": _module(project),
        "celery": project.celery is not None,
        "celery_module": project.celery.module if project.celery else "",
        "celery_app": project.celery.name if project.celery else "",
    }
    return (
        new_file(_path(project), "health-checks", "health.py", **facts)
        + middleware(project, _middleware(project), position="first")
        + settings(project)
        + new_test(project, "health-checks", f"tests/{TESTS}", name=TESTS, needs_user=False, **facts)
        + containers(project)
        + others(project)
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    return (run_tests(project, _path_of_test(project), why="test the answers to probes"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still import it."""
    ours = (_path(project), _path_of_test(project))
    return [one for one in importers(project, _module(project), but=".") if one.path not in ours]


def _path_of_test(project: Project) -> RelPath:
    return path_of_test(project, TESTS, needs_user=False)


def _path(project: Project) -> RelPath:
    """Beside the root URL configuration, which is a module or a package."""
    path = project.urlconf.path.removesuffix("/__init__.py") if project.urlconf else ""
    home = path.rpartition("/")[0]
    return f"{home}/health.py" if home else "health.py"


def _module(project: Project) -> str:
    home = project.urlconf.module.rpartition(".")[0] if project.urlconf else ""
    return f"{home}.health" if home else "health"


def _middleware(project: Project) -> str:
    return f"{_module(project)}.{FUNCTION}"


FEATURE = Feature(
    id="health-checks",
    title="Health checks for load balancers and orchestrators",
    summary="/healthz/ and /readyz/, answered whatever host and scheme a probe uses; 503 while something is down.",
    group="Infrastructure",
    version=1,
    docs=PROBES,
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    guard=guard,
    links={"Target groups of AWS": TARGETS},
)
