"""Which CI the project has, and the job in it that runs the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.project import CI
from djroadmap.regex import regex
from djroadmap.syntax.shell import invocations
from djroadmap.syntax.sources import dig
from djroadmap.syntax.yaml_outline import listed, read

from .github import github_of
from .jobs import Job, Step, job_of, tests_of_jobs
from .linting import linter_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources

    Others = Literal[
        "circleci", "travis", "azure", "bitbucket", "jenkins", "drone", "woodpecker", "buildkite"
    ]

OTHERS: tuple[tuple[str, Others], ...] = (
    (".circleci/config.yml", "circleci"),
    (".travis.yml", "travis"),
    ("azure-pipelines.yml", "azure"),
    (".azure-pipelines.yml", "azure"),
    ("bitbucket-pipelines.yml", "bitbucket"),
    ("Jenkinsfile", "jenkins"),
    (".drone.yml", "drone"),
    (".woodpecker.yml", "woodpecker"),
    (".woodpecker.yaml", "woodpecker"),
    (".buildkite/pipeline.yml", "buildkite"),
    (".buildkite/pipeline.yaml", "buildkite"),
)
SHELL_STEP = regex(r"""\bsh\s*\(?(?:\s*script\s*:)?\s*('''|\"\"\"|'|\")(.*?)\1""", re.DOTALL)
GITLAB_WORDS = frozenset(
    {
        "default",
        "include",
        "stages",
        "variables",
        "workflow",
        "image",
        "services",
        "cache",
        "before_script",
        "after_script",
        "spec",
    }
)


def ci_of(sources: Sources) -> tuple[CI, ...]:
    """One entry per CI system; for GitHub the workflow that runs the tests, else the likeliest one."""
    found = [ci for ci in (github_of(sources), _gitlab(sources)) if ci is not None]
    others = [(path, kind) for path, kind in OTHERS if sources.exists(path)]
    others += [(path, "woodpecker") for path in sources.beside(".woodpecker") if _is_yaml(path)]
    return (*found, *(_other(sources, path, kind) for path, kind in others))


def _is_yaml(path: RelPath) -> bool:
    return path.endswith((".yml", ".yaml"))


def _gitlab(sources: Sources) -> CI | None:
    path = next((name for name in (".gitlab-ci.yml", ".gitlab-ci.yaml") if sources.exists(name)), None)
    if path is None:
        return None
    jobs = [job for file in _included(sources, path) for job in _gitlab_jobs(sources, file)]
    shown = [job for job in jobs if not job.name.startswith(".")]
    tests = tests_of_jobs(sources, shown, {}) or tests_of_jobs(sources, jobs, {})
    job = job_of(sources, tests) if tests else None
    texts = {one.name: "\n".join(step.script for step in one.steps) for one in shown if one.path == path}
    return CI(
        kind="gitlab",
        path=tests.job.path if tests else path,
        test_job=job,
        linter_job=linter_of(texts, job),
    )


def _included(sources: Sources, path: RelPath) -> Iterator[RelPath]:
    """The file itself, and the local files that it includes."""
    yield path
    include = dig(read(sources.text(path) or ""), "include")
    for one in include if isinstance(include, list) else [include]:
        local = one if isinstance(one, str) else dig(one, "local")
        if isinstance(local, str) and sources.exists(local := local.lstrip("/")):
            yield local


def _gitlab_jobs(sources: Sources, path: RelPath) -> Iterator[Job]:
    """Jobs with a script; hidden ones only if a job extends them."""
    text = sources.text(path) or ""
    table, literal = read(text), read(text, literal=True)
    if not isinstance(table, dict):
        return
    extended = {name for job in table.values() for name in listed(dig(job, "extends"))}
    before = listed(dig(table, "default", "before_script")) or listed(table.get("before_script"))
    for name, job in table.items():
        if not isinstance(job, dict) or "script" not in job or name in GITLAB_WORDS:
            continue
        if name.startswith(".") and name not in extended:
            continue
        lines = [str(line) for line in listed(job.get("script")) if line]
        first = [str(line) for line in listed(job.get("before_script")) or before]
        steps = [Step(-1, "\n".join(first), "")] if first else []
        steps += [Step(index, line, "", texts=(line,)) for index, line in enumerate(lines)]
        written = dig(literal, name, "script")
        yield Job(
            path,
            name,
            tuple(_moving(steps)),
            editable=isinstance(written, list) and len(written) == len(lines),
            running=False,
        )


def _moving(steps: list[Step]) -> Iterator[Step]:
    """The lines of a script with the folders they begin in: `cd` holds for the lines after it."""
    cwd = ""
    for step in steps:
        yield step._replace(cwd=cwd)
        cwd = _left_in(step.script, cwd)


def _left_in(script: str, cwd: RelPath) -> RelPath:
    # With a command that does nothing, to see in which folder it would run.
    return list(invocations(f"{script}\n:", cwd))[-1].cwd


def _other(sources: Sources, path: RelPath, kind: Others) -> CI:
    """A system whose files are not edited; the command that runs the tests there, if one can be seen."""
    text = sources.text(path) or ""
    scripts = [match[2] for match in SHELL_STEP.finditer(text)] if kind == "jenkins" else _strings(read(text))
    steps = tuple(Step(index, script, "", texts=(script,)) for index, script in enumerate(scripts))
    tests = tests_of_jobs(sources, [Job(path, "", steps)], {})
    return CI(kind=kind, path=path, test_job=job_of(sources, tests) if tests else None)


def _strings(value: Any) -> Iterator[str]:
    """Every text below a key that holds commands."""
    if isinstance(value, dict):
        for child in value.values():
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)
    elif isinstance(value, str):
        yield value
