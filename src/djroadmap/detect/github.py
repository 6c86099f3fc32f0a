"""GitHub Actions: the workflow that runs the tests, and what workflows of this project look like."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.project import CI
from djroadmap.regex import regex
from djroadmap.syntax.shell import folder
from djroadmap.syntax.sources import dig, section
from djroadmap.syntax.yaml_outline import listed, read

from .jobs import Job, Step, job_of, tests_of_jobs
from .linting import linter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

FOLDER = ".github/workflows"
LIKELY = [
    regex(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:ci|(?:unit[-_]?)?tests?)\.",
        r"(?:ci|(?:unit[-_]?)?tests?)[-_]",
        r"ci|test",
        r"check|build|main|python|django",
        "",
    )
]
"""Names of workflow files that run the tests, the likeliest first."""
PUSHED = frozenset({"push", "pull_request", "pull_request_target", "merge_group", "workflow_call"})
WHOLE = regex(r"(?m)^\s*\$\{\{\s*matrix\.([\w-]+)(?:\[(\d+)\])?\s*\}\}\s*$")
USES = regex(
    r"^\s*(?:-\s+)?uses:\s*[\"']?([\w.-]+/[\w./-]+)@([\w./-]+)[\"']?[ \t]*(#[ \t]*v?\d\S*)?", re.MULTILINE
)
WRITTEN = regex(rf'kind = "file", path = "({re.escape(FOLDER)}/[^"]+)"')
"""Workflows that djroadmap wrote, in its manifest: they do not tell how the project does things."""
PYTHON = regex(r"^\s+python-version:[ \t]*[\"']?(3\.\d+)[\w.]*[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
PYTHON_FILE = regex(r"^\s+python-version-file:[ \t]*[\"']?([\w./-]+)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)


def github_of(sources: Sources) -> CI | None:
    """The workflow that runs the unit tests, else the likeliest one; None without workflows."""
    ours = set(WRITTEN.findall(sources.text(MANIFEST) or ""))
    texts = {
        path: sources.text(path) or ""
        for path in sorted(sources.beside(FOLDER))
        if path.endswith((".yml", ".yaml")) and path not in ours
    }
    if not texts:
        return None
    tables = {path: section(read(text)) for path, text in texts.items()}
    jobs = [job for path, table in tables.items() for job in _jobs(path, table, texts[path])]
    likely = {path: -_place(path) for path in texts}
    tests = tests_of_jobs(sources, jobs, likely)
    job = job_of(sources, tests) if tests else None
    path = tests.job.path if tests else max(texts, key=likely.__getitem__)
    return CI(
        kind="github",
        path=path,
        test_job=job,
        linter_job=linter_of({name: str(one) for name, one in section(tables[path], "jobs").items()}, job),
        uses=_uses(texts.values()),
        python=_python(sources, "\n".join(texts.values())),
        branches=_branches([tables[path], *tables.values()]),
    )


def _place(path: RelPath) -> int:
    return next(index for index, pattern in enumerate(LIKELY) if pattern.match(path.rpartition("/")[2]))


def _jobs(path: RelPath, table: dict[str, Any], text: str) -> Iterator[Job]:
    """The jobs of a workflow, unless it is for releases only."""
    on = table.get("on", table.get("true"))
    events = on if isinstance(on, dict | list) else [on]
    pushed = not on or bool(PUSHED & {str(event) for event in events})
    if _only_tags(on) or (not pushed and {"release", "deployment"} & {str(event) for event in events}):
        return
    default = dig(table, "defaults", "run", "working-directory")
    literal = read(text, literal=True) if re.search(r"[&*]\w|<<:", text) else table
    for name, job in section(table, "jobs").items():
        steps = dig(job, "steps")
        steps = steps if isinstance(steps, list) else []
        root = _checkout(steps)
        home = _below(root, str(dig(job, "defaults", "run", "working-directory") or default or ""))
        matrix = section(job, "strategy", "matrix")
        found = tuple(_steps(steps, root, home, matrix))
        written = dig(literal, "jobs", name, "steps")
        yield Job(
            path,
            name,
            found,
            home=home,
            checkout=root,
            title=str(dig(job, "name") or ""),
            pushed=pushed,
            editable=isinstance(written, list) and len(written) == len(steps),
        )


def _only_tags(on: Any) -> bool:
    """Does it run for releases only?"""
    push = dig(on, "push")
    return (
        isinstance(on, dict)
        and PUSHED & on.keys() == {"push"}
        and bool(dig(push, "tags"))
        and not dig(push, "branches")
    )


def _checkout(steps: list[Any]) -> RelPath:
    """The folder that the repository is checked out into."""
    for step in steps:
        if str(dig(step, "uses") or "").startswith("actions/checkout@") and not dig(
            step, "with", "repository"
        ):
            return folder(str(dig(step, "with", "path") or ""))
    return ""


def _below(root: RelPath, path: str) -> RelPath | None:
    """A folder of the runner as one of the repository; None above it."""
    found = folder(path)
    if not root or found == root:
        return "" if root else found
    return found.removeprefix(f"{root}/") if found.startswith(f"{root}/") else None


def _steps(steps: list[Any], root: RelPath, home: RelPath | None, matrix: dict[str, Any]) -> Iterator[Step]:
    for index, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        script = step.get("run")
        keys = list(step)
        environment = section(step, "env")
        where = step.get("working-directory")
        yield Step(
            index,
            _filled(script, matrix) if isinstance(script, str) else "",
            _below(root, str(where)) if where else home,
            name=str(step.get("name") or ""),
            condition=str(step.get("if") or ""),
            shell=str(step.get("shell") or ""),
            environment={key: value for key, value in environment.items() if isinstance(value, str)},
            texts=tuple(_texts(step)),
            uses=str(step.get("uses") or ""),
            folder_first="working-directory" in keys
            and "run" in keys
            and keys.index("working-directory") < keys.index("run"),
        )


def _filled(script: str, matrix: dict[str, Any]) -> str:
    """The script with whole commands from the matrix filled in, the first of each."""

    def value(match: re.Match[str]) -> str:
        found = matrix.get(match[1]) or next(
            (
                one[match[1]]
                for one in listed(matrix.get("include"))
                if isinstance(one, dict) and match[1] in one
            ),
            "",
        )
        found = found[0] if isinstance(found, list) and found else found
        if match[2] and isinstance(found, list):
            found = dict(enumerate(found)).get(int(match[2]), "")
        return found if isinstance(found, str) and found else match[0]

    return WHOLE.sub(value, script)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield str(key)
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
    else:
        yield str(value)


def _uses(texts: Iterable[str]) -> dict[str, str]:
    """The version of each action that is used most, as it is written, with its comment."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for name, version, comment in USES.findall(text):
            found.setdefault(name, []).append(f"{version} {comment}".strip())
    return {name: _most(versions) for name, versions in found.items()}


def _python(sources: Sources, text: str) -> str:
    """The line that chooses a Python: from a file of the project, else the newest version that is named."""
    files = [path for path in PYTHON_FILE.findall(text) if sources.exists(path)]
    if files:
        return f"python-version-file: {_most(files)}"
    versions = sorted(PYTHON.findall(text), key=lambda version: int(version[2:]))
    return f'python-version: "{versions[-1]}"' if versions else ""


def _most(values: list[str]) -> str:
    """What is there most often, the later of equals in the order of the alphabet."""
    counted = Counter(values)
    return max(counted, key=lambda value: (counted[value], value), default="")


def _branches(tables: list[dict[str, Any]]) -> tuple[str, ...]:
    for table in tables:
        branches = [str(one) for one in listed(dig(table, "on", "push", "branches"))]
        if branches and not any("*" in branch or "$" in branch for branch in branches):
            return tuple(branches)
    return ()
