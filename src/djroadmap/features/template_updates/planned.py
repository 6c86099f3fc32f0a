"""The files that bring updates of the template, and what is left to do by hand."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import chosen
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, UV, action_in, extension
from djroadmap.versions import pin

from . import SCRIPT, TURBO
from .answers import answers

if TYPE_CHECKING:
    from djroadmap.model.project import Project, Template

ANSWERS = ".copier-answers.yml"
FOREIGN = (ANSWERS, ".copier-answers.yaml")
"""Where the answers may be, as people name the file."""
TOKEN = "TEMPLATE_UPDATE_TOKEN"  # noqa: S105 - the name of a secret
EXTENSIONS = {TURBO: ("jinja2-time",)}
"""What the templates need beside Copier: https://copier.readthedocs.io/en/stable/configuring/#jinja_extensions"""


def planned(project: Project) -> Plan:
    """Answers, script, workflow."""
    template = project.template
    assert template is not None  # noqa: S101 - `supports` says so
    path = _existing(project) or project.join(ANSWERS)
    script = posixpath.join(posixpath.dirname(path), SCRIPT)
    extensions = EXTENSIONS.get(template.name, ())
    return (
        _answers(project, template, path)
        + new_file(
            script,
            "template-updates",
            "template-update",
            executable=True,
            answers=posixpath.basename(path),
            copier=pin("copier").requirement,
            extensions=[pin(name).requirement for name in extensions],
        )
        + _base(template, script)
        + _weekly(project, script)
    )


def _existing(project: Project) -> str | None:
    places = [posixpath.join(folder, name) for folder in (project.base, "") for name in FOREIGN]
    return next((path for path in places if project.tree.exists(path)), None)


def _answers(project: Project, template: Template, path: str) -> Plan:
    """The answers as they are, else as the project tells them."""
    if (text := project.tree.read(path)) is not None:
        return Plan((edits.WholeFile(path=path, content=text),))
    found = answers(project)
    written = new_file(path, "template-updates", "answers.yml", source=template.url, answers=str(found))
    if not found.unknown:
        return written
    names = ", ".join(found.unknown)
    todo = f"answer in {path} what the project's files do not tell, or the template's defaults count: {names}"
    return written + Plan(todos=(Todo(text=todo, path=path),))


def _base(template: Template, script: str) -> Plan:
    """Which commit it was is in the template's history alone."""
    if template.commit:
        return Plan()
    text = (
        "find the commit of the template that the project was generated from, once; it reads the template's history, "
        "compares, and writes the commit beside the answers, which you commit"
    )
    return Plan(todos=(Todo(text=text, snippet=f"{script} --find-base"),))


def _weekly(project: Project, script: str) -> Plan:
    ci = chosen(project.ci)
    if ci is None or ci.kind != "github":
        text = "run this every week in CI or by hand, and commit what it brings on a branch of its own"
        return Plan(todos=(Todo(text=text, snippet=script, path=ci.path if ci else ""),))
    workflow = new_file(
        f"{FOLDER}/template-update.{extension(ci)}",
        "template-updates",
        "workflow.yml",
        checkout=action_in(ci, CHECKOUT),
        setup_uv=action_in(ci, UV),
        script=script,
        token=TOKEN,
    )
    text = (
        "make a token that may write contents, pull requests and workflows of this repository, and a secret of it: the "
        "one that workflows have by themselves can change no workflow, and CI does not run for its pull requests"
    )
    return workflow + Plan(todos=(Todo(text=text, snippet=f"gh secret set {TOKEN}"),))
