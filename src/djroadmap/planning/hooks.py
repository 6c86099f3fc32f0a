"""A git hook in lefthook or pre-commit, as the project has it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from djroadmap import edits
from djroadmap.model.plan import Plan

from .commands import tool_prefix

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
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
        text = project.tree.read(hooks.path) or ""
        if hooks.kind == "lefthook":
            run = _as_the_others(project, text, command)
            plan += Plan((_lefthook(hooks.path, text, id, files_glob, run, extra=extra),))
        else:
            own = [
                f"id: {id}",
                f"name: {name}",
                f"entry: {command}",
                "language: python",
                "types: [python]",
                "pass_filenames: false",
            ]
            item = _local(_layout(text), own, additional_dependencies)
            plan += Plan((edits.YamlItem(path=hooks.path, keys=("repos",), item=item, extra=extra),))
    return plan


def _lefthook(
    path: RelPath, text: str, name: str, files_glob: str, run: str, *, extra: bool
) -> edits.YamlKey | edits.YamlItem:
    """A command, or a job where the file has jobs."""
    value = f'glob: "{files_glob}"\nrun: {run}'
    if re.search(r"(?m)^pre-commit:[ \t]*\n(?:(?:[ \t#].*)?\n)*?[ \t]+jobs:[ \t]*(?:#.*)?\n", text):
        item = f"- name: {name}\n" + "\n".join(f"  {line}" for line in value.split("\n"))
        return edits.YamlItem(path=path, keys=("pre-commit", "jobs"), item=item, extra=extra)
    keys = ("pre-commit", "commands")
    before = _after_python(text)
    return edits.YamlKey(path=path, keys=keys, name=name, value=value, before=before, extra=extra)


def _as_the_others(project: Project, text: str, command: str) -> str:
    """The command run through uv, Poetry, ... if other commands of the file are."""
    prefix = " ".join(tool_prefix(project))
    return (
        f"{prefix} {command}" if prefix and re.search(rf"\brun:.*\b{re.escape(prefix)} ", text) else command
    )


class _Layout(NamedTuple):
    """How a pre-commit configuration indents: text after the dash of a repository, dashes of its hooks, text there."""

    gap: int = 2
    dash: int = 2
    inner: int = 2


def _layout(text: str) -> _Layout:
    """The layout that most repositories in the file have."""
    gaps = Counter(len(dash) for dash in re.findall(r"(?m)^[ ]*(-[ ]+)repo:", text))
    hooks = Counter(
        (len(dash) - len(key), len(gap))
        for key, dash, gap in re.findall(
            r"(?m)^([ ]*)hooks:[ \t]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*([ ]*)(-[ ]+)\w", text
        )
    )
    (gap, _), *_ = gaps.most_common(1) or [(2, 0)]
    ((dash, inner), _), *_ = hooks.most_common(1) or [((2, 2), 0)]
    return _Layout(gap, dash, inner) if dash >= 0 else _Layout(gap)


def _local(layout: _Layout, own: list[str], requirements: tuple[str, ...]) -> str:
    """A repository of pre-commit's own, with one hook."""
    first, *rest = own
    outer = " " * layout.gap
    start = outer + " " * layout.dash + "-".ljust(layout.inner)
    inside = " " * len(start)
    lines = [f"{'-'.ljust(layout.gap)}repo: local", f"{outer}hooks:", f"{start}{first}"]
    lines += [f"{inside}{line}" for line in rest]
    if requirements:
        lines.append(f"{inside}additional_dependencies:")
        lines += [f"{inside}{' ' * layout.dash}{'-'.ljust(layout.inner)}{one}" for one in requirements]
    return "\n".join(lines)


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
