"""The script that compares schemas with those of a revision, and who calls it: CI, and a recipe."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning import openapi
from djroadmap.planning.ci import chosen
from djroadmap.planning.ci_style import titled
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, action_in, extension
from djroadmap.versions import image

from .schemas import how_to_write

if TYPE_CHECKING:
    from djroadmap.model.project import CI, Project

IMAGE = "tufin/oasdiff"
JOB = "openapi"
STEP = "Compare the OpenAPI Schemas with Those of the Base"


def comparing(project: Project) -> Plan:
    """The script, and the job that runs it for every pull request."""
    homes, found = openapi.folders(project), openapi.kept(project)
    beside = [one.path for one in found if posixpath.dirname(one.path) not in homes]
    root = openapi.root(project) or "."
    return new_file(
        openapi.script(project),
        "oasdiff",
        openapi.SCRIPT,
        executable=True,
        script=openapi.script(project),
        home=openapi.FOLDER,
        homes=[posixpath.relpath(home, root) for home in homes],
        beside=[shlex.quote(posixpath.relpath(path, root)) for path in beside],
        write=[how_to_write(project, one) for one in found],
    ) + _job(project)


def _job(project: Project) -> Plan:
    ci = chosen(project.ci)
    script = openapi.script(project)
    if ci is not None and ci.kind == "github":
        return _workflow(project, ci)
    if ci is not None and ci.kind == "gitlab":
        return _gitlab(project, ci)
    where = "CI" if ci is None else f"CI ({ci.path})"
    text = f"run this for every pull request in {where}, with oasdiff, git and the whole history at hand; main stands "
    todo = Todo(
        text=f"{text}for the branch that it goes into",
        snippet=f"sh {script} origin/main",
        path=ci.path if ci else "",
    )
    return Plan(todos=(todo,))


def _workflow(project: Project, ci: CI) -> Plan:
    """A workflow of its own: it is for pull requests alone, needs all of the history, and nothing of the project."""
    return new_file(
        f"{FOLDER}/oasdiff.{extension(ci)}",
        "oasdiff",
        "workflow.yml",
        checkout=action_in(ci, CHECKOUT),
        image=image(IMAGE),
        step=titled(STEP, _text(project, ci)),
        script=openapi.script(project),
    )


def _gitlab(project: Project, ci: CI) -> Plan:
    """A job of the pipelines that the project has: one for merge requests begins others where there are none.

    https://docs.gitlab.com/ci/jobs/job_rules/#avoid-duplicate-pipelines
    """
    text = _text(project, ci)
    of_requests = re.search(r"merge_request_event|\bmerge_requests\b|MergeRequest-Pipelines", text)
    when = (
        '$CI_PIPELINE_SOURCE == "merge_request_event"'
        if of_requests
        else "$CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH"
    )
    target = "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" if of_requests else "$CI_DEFAULT_BRANCH"
    stage = _stage(text, ci)
    lines = [
        *([f"stage: {stage}"] if stage else []),
        "image:",
        f"  name: {image(IMAGE)}",
        '  entrypoint: [""]',
        "rules:",
        f"  - if: {when}",
        "variables:",
        "  GIT_DEPTH: 0",
        "before_script: []",
        "script:",
        f'  - git fetch origin "{target}"',
        f"  - sh {openapi.script(project)} FETCH_HEAD",
    ]
    return Plan((edits.YamlKey(path=ci.path, keys=(), name=JOB, value="\n".join(lines)),))


def _stage(text: str, ci: CI) -> str:
    """The stage of the tests, as the file says it; nothing where they are in the default one."""
    if ci.test_job is None:
        return ""
    job = re.search(rf"(?m)^{re.escape(ci.test_job.name)}:[^\n]*\n((?:[ \t]+[^\n]*\n|\s*\n)*)", text)
    stage = re.search(r"(?m)^[ \t]+stage:[ \t]*(\S+)", job[1]) if job else None
    return stage[1] if stage else ""


def _text(project: Project, ci: CI) -> str:
    try:
        return (project.tree.read(ci.path) or "").replace("\r\n", "\n")
    except Refused:
        return ""
