"""template-updates: what is new in the template comes as a pull request. https://copier.readthedocs.io/en/stable/updating/"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from djroadmap.model.feature import Feature, Missing, Option, Presence

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project, Template

SCRIPT = "bin/template-update"
WORKFLOWS = ".github/workflows/"
TURBO = "cookiecutter-turbo-django"
"""The template whose answers can be read from a project that has no record of them."""


COOKIECUTTER = "cookiecutter-django"
"""That of Cookiecutter."""
UPDATING = {
    "copier": ("answers of Copier", (b"copier update", b"copier check-update")),
    "cruft": ("the record of Cruft", (b"cruft update", b"cruft check")),
}
"""What each tool leaves in a project, and what is in a workflow that runs it."""


def tool_of(template: Template) -> str:
    """The tool that the record of the project is for, else the one that its template is for."""
    return template.tool or ("cruft" if template.name == COOKIECUTTER else "copier")


def _suited(project: Project) -> str:
    return tool_of(project.template) if project.template else "copier"


class Options(NamedTuple):
    """By what."""

    tool: Annotated[
        str,
        Option(
            "What updates: that which the template is for",
            choices=("copier", "cruft"),
            default_from=_suited,
            decided=True,
        ),
    ] = "copier"


def supports(project: Project) -> str | None:
    """It must come from a template, as its answers or its shape say."""
    return None if project.template else "it is not known to come from a template"


def presence(project: Project) -> Presence | None:
    """The trace of ours is its script; answers with a commit are half of it, and a workflow that updates the rest."""
    template = project.template
    if any(project.tree.exists(path) for path in {project.join(SCRIPT), SCRIPT}):
        return None
    if template is None or template.tool not in UPDATING or not template.commit:
        return Presence()
    found, commands = UPDATING[template.tool]
    workflows = {path for path in project.tree.files() if path.startswith(WORKFLOWS)}
    for path in sorted(workflows | {ci.path for ci in project.ci}):
        text = project.tree.raw(path) or b""
        if any(command in text for command in commands):
            return Presence(found=(found, f"{template.tool} in {path}"))
    missing = Missing(path=f"{WORKFLOWS}template-update.yml", what="a workflow that updates")
    return Presence(found=(found,), missing=(missing,))


def plan(project: Project, options: Options) -> Plan:
    """The answers, where nobody kept them, a script that updates, and the workflow that runs it."""
    from .planned import planned  # noqa: PLC0415 - `status` does not need it

    return planned(project, options.tool)


FEATURE = Feature(
    id="template-updates",
    title="Template updates",
    summary="What is new in the template that the project was generated from comes as a pull request.",
    group="Developer experience",
    version=1,
    docs="https://copier.readthedocs.io/en/stable/updating/",
    plan=plan,
    options=Options,
    supports=supports,
    presence=presence,
    links={
        "Cruft": "https://cruft.github.io/cruft/",
        "The token for pull requests": (
            "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"
        ),
        "Tools with uv": "https://docs.astral.sh/uv/guides/tools/",
    },
)
