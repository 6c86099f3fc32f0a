"""A step beside the project's tests in CI, run the way the tests are run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo

if TYPE_CHECKING:
    from djroadmap.model.project import CI, CIJob, Project


def test_step(project: Project, *, name: str, command: tuple[str, ...], extra: bool = False) -> Plan:
    """`command` as a step of the job that runs the tests, with that job's prefix, before the tests.

    A to-do with the line to paste where CI is of a kind that is not edited, or there is no job that runs the tests.
    Nothing without CI.
    """
    plan = Plan()
    for ci in project.ci:
        if ci.test_job is None:
            continue
        if ci.kind == "github":
            return Plan((_github(ci, ci.test_job, name, command, extra=extra),))
        if ci.kind == "gitlab":
            return Plan((_gitlab(ci, ci.test_job, command, extra=extra),))
    for ci in project.ci[:1]:
        line = shlex.join((*(ci.test_job.prefix if ci.test_job else ()), *command))
        plan += Plan(
            todos=(Todo(text=f"run this in CI beside the tests ({ci.path})", snippet=line, path=ci.path),)
        )
    return plan


def _github(ci: CI, job: CIJob, name: str, command: tuple[str, ...], *, extra: bool) -> edits.YamlItem:
    line = shlex.join((*job.prefix, *command))
    where = f"\n  working-directory: {job.cwd}" if job.cwd else ""
    item = f"- name: {name}\n  run: {line}{where}"
    return edits.YamlItem(
        path=ci.path, keys=("jobs", job.name, "steps"), item=item, before=job.anchor or job.runs, extra=extra
    )


def _gitlab(ci: CI, job: CIJob, command: tuple[str, ...], *, extra: bool) -> edits.YamlItem:
    item = f"- {shlex.join((*job.prefix, *command))}"
    return edits.YamlItem(
        path=ci.path, keys=(job.name, "script"), item=item, before=job.anchor or job.runs, extra=extra
    )
