"""What goes beside the chart: CI that renders it, and what keeps its files from where they do harm."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.edits.yaml_document import Odd, compose, follow, is_mapping, is_sequence
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.ci import chosen
from djroadmap.planning.files import new_file
from djroadmap.planning.workflows import CHECKOUT, FOLDER, SHA, extension
from djroadmap.versions import action

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .facts import Facts

HOOKS = "https://github.com/pre-commit/pre-commit-hooks"
HOOK = "check-yaml"
LOOP = """\
for values in {folder}/values-*.yaml; do
  helm lint {folder} --strict --values "$values" --values {folder}/ci/values.yaml
  helm template {slug} {folder} --values "$values" --values {folder}/ci/values.yaml > /dev/null
done"""


def beside(project: Project, facts: Facts) -> Plan:
    """The workflow, the line of .dockerignore, the exception for a hook, and what is left to do."""
    return _ci(project, facts) + _dockerignore(project, facts) + _hook(project, facts) + _todos(facts)


def _ci(project: Project, facts: Facts) -> Plan:
    ci = chosen(project.ci)
    loop = LOOP.format(folder=facts.folder, slug=facts.slug)
    if ci is not None and ci.kind == "github":
        path, theirs = f"{FOLDER}/helm.{extension(ci)}", ci.uses.get(CHECKOUT, "")
        return new_file(
            path,
            "helm",
            "workflow.yml",
            workflow=path,
            checkout=f"{CHECKOUT}@{theirs}" if SHA.match(theirs) else action(CHECKOUT).pinned,
            branches=ci.branches,
            chart=facts.folder,
            slug=facts.slug,
        )
    where = f"CI ({ci.path})" if ci else "CI"
    todo = Todo(f"render the chart in {where} for every environment", loop, ci.path if ci else "")
    return Plan(todos=(todo,))


def _dockerignore(project: Project, facts: Facts) -> Plan:
    """The image needs no chart, and would be built anew when the chart changes."""
    image = facts.known.image
    if image is None:
        return Plan()
    home = f"{image.context}/" if image.context else ""
    own = f"{image.dockerfile}.dockerignore"
    path = own if project.tree.exists(own) else f"{home}.dockerignore"
    folder = facts.folder.rpartition("/")[0]
    if not project.tree.exists(path) or not facts.folder.startswith(home):
        return Plan()
    name = folder.removeprefix(home)
    line = f"{name}/"
    written = {one.strip() for one in (project.tree.read(path) or "").splitlines()}
    if written & {name, f"/{name}", f"/{name}/", f"**/{name}", f"{name}/**"} - {line}:
        return Plan()
    return Plan((edits.Line(path=path, line=line, extra=True),))


def _hook(project: Project, facts: Facts) -> Plan:
    """Templates of Helm are no YAML, which pre-commit's hook would say."""
    total = Plan()
    exclude = f"^{re.escape(facts.folder)}/templates/".replace("\\-", "-")
    for hooks in project.hooks:
        if hooks.kind != "pre-commit":
            continue
        keys = ("repos", f"repo={HOOKS}", "hooks", f"id={HOOK}")
        if not _is_there(project, hooks.path, keys):
            continue
        edit = edits.YamlKey(path=hooks.path, keys=keys, name="exclude", value=exclude, extra=True)
        text = project.tree.read(hooks.path) or ""
        if edit.holds(text) or not edit.kept(text):
            total += Plan((edit,))
        else:
            why = f"keep {HOOK} off the chart's templates, which are no YAML before they are rendered"
            total += Plan(todos=(Todo(why, f"exclude: {exclude}", hooks.path),))
    return total


def _is_there(project: Project, path: str, keys: tuple[str, ...]) -> bool:
    try:
        found = follow(compose(project.tree.read(path) or ""), keys)
    except (Odd, Refused):
        return False
    return len(found.steps) == len(keys) and (is_mapping(found.node) or is_sequence(found.node))


def _todos(facts: Facts) -> Plan:
    known = facts.templates
    empty = [
        "image.repository",
        "hosts",
        *(f"config.{one['name']}" for one in known["config"] if not one["value"]),
    ]
    store = ["externalSecrets.store.region", "serviceAccount.annotations"]
    empty += store if known["external"] else ["secrets.existing"]
    web = facts.known.process("web")
    text = f"fill in {', '.join(empty)} for each environment"
    todos = [Todo(text, path=_values(facts, -1), when="deploy")]
    todos += [
        Todo(f"see to this before the first release: {problem.why}", path=problem.path, when="deploy")
        for problem in facts.known.about("postgres", "cache")
    ]
    if web is not None and web.migrates:
        where = web.where.partition(":")[0]
        todos.append(Todo(f"take migrate out of {where}: the Job does it once for all pods", path=where))
    names = [one["name"] for one in known["keys"]]
    if names:
        where = "AWS Secrets Manager" if known["external"] else "the Secret that secrets.existing names"
        todos.append(Todo(f"put the secret variables into {where}: {', '.join(names)}", when="deploy"))
    if known["filesystem_media"]:
        why = "uploads are written to the container's own file system, which is read-only and gone with the pod: "
        why += "store them in a bucket (django-storages), or mount a volume (extraVolumes)"
        todos.append(Todo(why, settled_by=("terraform",)))
    command = f"helm template {facts.slug} {facts.folder} --values {shlex.quote(_values(facts, 0))}"
    command += f" --values {facts.folder}/ci/values.yaml"
    todos.append(Todo("look at what the chart renders", command))
    return Plan(todos=tuple(todos))


def _values(facts: Facts, number: int) -> RelPath:
    return f"{facts.folder}/values-{facts.templates['environments'][number][0]}.yaml"
