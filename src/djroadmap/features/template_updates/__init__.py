"""template-updates: what is new in the template comes as a pull request. https://copier.readthedocs.io/en/stable/updating/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Missing, Option, Presence

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

SCRIPT = "bin/template-update"
WORKFLOWS = ".github/workflows/"
TURBO = "cookiecutter-turbo-django"
"""The template whose answers can be read from a project that has no record of them."""


class Options(NamedTuple):
    """By what."""

    tool: Annotated[
        str,
        Option(
            "What updates; Cruft, for templates of Cookiecutter, is not among them yet",
            choices=("copier",),
        ),
    ] = "copier"


def supports(project: Project) -> str | None:
    """It must come from a template of Copier, as its answers or its shape say."""
    template = project.template
    if template is None:
        return "it is not known to come from a template"
    if template.tool == "copier" or (template.tool is None and template.name == TURBO):
        return None
    by = ".cruft.json is Cruft's, which updates it: `cruft update`" if template.tool == "cruft" else ""
    return by or f"its template, {template.name}, is one of Cookiecutter, and this updates those of Copier"


def presence(project: Project) -> Presence | None:
    """The trace of ours is its script; answers with a commit are half of it, and a workflow that updates the rest."""
    template = project.template
    if any(project.tree.exists(path) for path in {project.join(SCRIPT), SCRIPT}):
        return None
    if template is None or template.tool != "copier" or not template.commit:
        return Presence()
    workflows = {path for path in project.tree.files() if path.startswith(WORKFLOWS)}
    for path in sorted(workflows | {ci.path for ci in project.ci}):
        text = project.tree.raw(path) or b""
        if b"copier update" in text or b"copier check-update" in text:
            return Presence(found=("answers of Copier", f"copier in {path}"))
    missing = Missing(path=f"{WORKFLOWS}template-update.yml", what="a workflow that updates")
    return Presence(found=("answers of Copier",), missing=(missing,))


def plan(project: Project, _options: Options) -> Plan:
    """The answers, where nobody kept them, a script that updates, and the workflow that runs it."""
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project)


FEATURE = Feature(
    id="template-updates",
    title="Template updates with Copier",
    summary="What is new in the template that the project was generated from comes as a pull request.",
    group="Developer experience",
    version=1,
    docs="https://copier.readthedocs.io/en/stable/updating/",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    links={
        "The token for pull requests": (
            "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"
        ),
        "Tools with uv": "https://docs.astral.sh/uv/guides/tools/",
    },
)
