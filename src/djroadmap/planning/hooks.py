"""A git hook in lefthook or pre-commit, as the project has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan

if TYPE_CHECKING:
    from djroadmap.model.project import Project


def hook(
    project: Project,
    *,
    id: str,  # noqa: A002 - pre-commit's word
    name: str,
    command: str,
    files_glob: str,
    additional_dependencies: tuple[str, ...] = (),
    extra: bool = False,
) -> Plan:
    """`command` run before a commit that touches `files_glob`; nothing if the project has no hook manager.

    pre-commit runs it in an environment of its own (`language: python`), since its CI job has no project
    dependencies; lefthook runs it in the project's.
    """
    plan = Plan()
    for hooks in project.hooks:
        if hooks.kind == "lefthook":
            value = f'glob: "{files_glob}"\nrun: {command}'
            before = _after_python(project.tree.read(hooks.path) or "")
            keys = ("pre-commit", "commands")
            plan += Plan(
                (edits.YamlKey(path=hooks.path, keys=keys, name=id, value=value, before=before, extra=extra),)
            )
        else:
            dependencies = "".join(f"\n        - {requirement}" for requirement in additional_dependencies)
            item = (
                "- repo: local\n  hooks:\n"
                f"    - id: {id}\n      name: {name}\n      entry: {command}\n      language: python\n"
                f"      types: [python]\n      pass_filenames: false"
                + (f"\n      additional_dependencies:{dependencies}" if dependencies else "")
            )
            plan += Plan((edits.YamlItem(path=hooks.path, keys=("repos",), item=item, extra=extra),))
    return plan


def _after_python(text: str) -> str:
    """The command after the last one for Python files in a lefthook.yml; nothing if there is none."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - slow to import
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        commands = YAML(typ="safe", pure=True).load(text)["pre-commit"]["commands"]
        names, globs = list(commands), [str(each.get("glob", "")) for each in commands.values()]
    except (YAMLError, KeyError, TypeError, AttributeError):
        return ""
    last = max((place for place, glob in enumerate(globs) if "py" in glob), default=len(names))
    return names[last + 1] if last + 1 < len(names) else ""
