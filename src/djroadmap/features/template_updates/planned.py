"""The files that bring updates of the template, and what is left to do by hand."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Problem, Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import chosen
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, UV, action_in, extension
from djroadmap.versions import pin

from . import COOKIECUTTER, SCRIPT, TURBO, tool_of
from .answers import answers, as_yaml
from .context import ALIKE, SKIP, context

if TYPE_CHECKING:
    from djroadmap.model.project import Project, Template

    from .reading import Answers

COPIER, CRUFT = "copier", "cruft"
RECORDS = {COPIER: (".copier-answers.yml", ".copier-answers.yaml"), CRUFT: (".cruft.json",)}
"""Where the answers may be, as people name the file."""
TOKEN = "TEMPLATE_UPDATE_TOKEN"  # noqa: S105 - the name of a secret
EXTENSIONS = {TURBO: ("jinja2-time",)}
"""What the templates need beside Copier: https://copier.readthedocs.io/en/stable/configuring/#jinja_extensions"""


def planned(project: Project, tool: str) -> Plan:
    """Answers, script, workflow. Raises `Refused` if the template is not one of the tool."""
    template = project.template
    assert template is not None  # noqa: S101 - `supports` says so
    if tool != tool_of(template):
        why = f"{template.name} is a template for {tool_of(template).capitalize()}"
        raise Refused((Problem("--tool", None, why, f"--tool {tool_of(template)}"),))
    path = _existing(project, tool) or project.join(RECORDS[tool][0])
    script = posixpath.join(posixpath.dirname(path), SCRIPT)
    written = (
        _copier(project, template, path, script)
        if tool == COPIER
        else _cruft(project, template, path, script)
    )
    return written + _base(template, script) + _weekly(project, script)


def _copier(project: Project, template: Template, path: str, script: str) -> Plan:
    return _answers(project, template, path) + new_file(
        script,
        "template-updates",
        "template-update",
        executable=True,
        answers=posixpath.basename(path),
        copier=pin("copier").requirement,
        extensions=[pin(name).requirement for name in EXTENSIONS.get(template.name, ())],
    )


def _cruft(project: Project, template: Template, path: str, script: str) -> Plan:
    ours = template.name == COOKIECUTTER
    added = new_file(
        script,
        "template-updates",
        "template-update-cruft",
        executable=True,
        cruft=pin("cruft").requirement,
        alike=ALIKE if ours else (),
    )
    return _record(project, template, path) + added


def _existing(project: Project, tool: str) -> str | None:
    places = [posixpath.join(folder, name) for folder in (project.base, "") for name in RECORDS[tool]]
    return next((path for path in places if project.tree.exists(path)), None)


def _answers(project: Project, template: Template, path: str) -> Plan:
    """The answers as they are, else as the project tells them."""
    if (text := project.tree.read(path)) is not None:
        return Plan((edits.WholeFile(path=path, content=text),))
    found = answers(project)
    written = new_file(path, "template-updates", "answers.yml", source=template.url, answers=as_yaml(found))
    return written + _unknown(path, found)


def _record(project: Project, template: Template, path: str) -> Plan:
    """The record of Cruft as it is, else with what the project tells, and without a commit."""
    if (text := project.tree.read(path)) is not None:
        kept = Plan((edits.WholeFile(path=path, content=text),))
        if template.name != COOKIECUTTER or '"skip"' in text:
            return kept
        why = "without this, every update brings new secrets, which are rejected"
        snippet = f'"skip": {json.dumps(SKIP)}'
        return kept + Plan(
            todos=(Todo(text=f"say in {path} what is not updated: {why}", snippet=snippet, path=path),)
        )
    found = context(project)
    record = {
        "template": template.url,
        "commit": None,
        "checkout": None,
        "context": {"cookiecutter": dict(found.found)},
        "directory": None,
        "skip": list(SKIP),
    }
    # As Cruft writes it.
    content = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    return Plan((edits.WholeFile(path=path, content=content),)) + _unknown(path, found)


def _unknown(path: str, found: Answers) -> Plan:
    if not found.unknown:
        return Plan()
    names = ", ".join(found.unknown)
    todo = f"answer in {path} what the project's files do not tell, or the template's defaults count: {names}"
    return Plan(todos=(Todo(text=todo, path=path),))


def _base(template: Template, script: str) -> Plan:
    """Which commit it was is in the template's history alone."""
    if template.commit:
        return Plan()
    text = (
        "find the commit of the template that the project was generated from, once; it reads the template's history, "
        "compares, and writes the commit beside the answers, which you commit"
    )
    return Plan(todos=(Todo(text=text, snippet=f"{script} --find-base", when="deploy"),))


def _weekly(project: Project, script: str) -> Plan:
    ci = chosen(project.ci)
    if ci is None or ci.kind != "github":
        text = "run this every week in CI or by hand, and commit what it brings on a branch of its own"
        return Plan(todos=(Todo(text=text, snippet=script, path=ci.path if ci else "", when="deployed"),))
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
    return workflow + Plan(todos=(Todo(text=text, snippet=f"gh secret set {TOKEN}", when="deployed"),))
