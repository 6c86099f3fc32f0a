"""Which CI the project has, and the job in it that runs the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.project import CI, CIJob

from .commands import folder, invocations, prefix_of, runs_project, tests_rank
from .sources import dig
from .yaml_outline import listed, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from .commands import Invocation
    from .sources import Sources

    Others = Literal["circleci", "travis", "azure", "bitbucket", "jenkins", "drone"]

OTHERS: tuple[tuple[str, Others], ...] = (
    (".circleci/config.yml", "circleci"),
    (".travis.yml", "travis"),
    ("azure-pipelines.yml", "azure"),
    ("bitbucket-pipelines.yml", "bitbucket"),
    ("Jenkinsfile", "jenkins"),
    (".drone.yml", "drone"),
)
LIKELY = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:ci|tests?)\.",
        r"(?:ci|tests?)[-_]",
        r"ci|test",
        r"check|build|main|python|django",
        "",
    )
]
"""Names of workflow files that run the tests, the likeliest first."""

LINTING = re.compile(r"pre-commit|lefthook|\bruff\b|\bflake8\b|\bblack\b|\bpylint\b")
LINTER_NAME = re.compile(r"lint|pre-?commit|style|quality|static|format", re.IGNORECASE)
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

Steps = list[tuple[int, str, str]]
"""Index, script and working directory of each step that runs commands."""


def ci_of(sources: Sources) -> tuple[CI, ...]:
    """One entry per CI system; for GitHub the workflow that runs the tests, else the likeliest one."""
    found = [ci for ci in (_github(sources), _gitlab(sources)) if ci is not None]
    return (*found, *(CI(kind=kind, path=path) for path, kind in OTHERS if sources.exists(path)))


def _github(sources: Sources) -> CI | None:
    paths = [path for path in sources.beside(".github/workflows") if path.endswith((".yml", ".yaml"))]
    found: list[tuple[int, int, CI]] = []
    for path in sorted(paths):
        table = read(sources.text(path) or "")
        jobs = dig(table, "jobs")
        jobs = jobs if isinstance(jobs, dict) else {}
        steps = {
            name: _steps(job, dig(table, "defaults", "run", "working-directory"))
            for name, job in jobs.items()
        }
        rank, job = _test_job(steps)
        linter = _linter({name: str(job) for name, job in jobs.items()}, job)
        likely = next(index for index, pattern in enumerate(LIKELY) if pattern.match(path.rpartition("/")[2]))
        found.append((rank, -likely, CI(kind="github", path=path, test_job=job, linter_job=linter)))
    return max(found, key=lambda one: one[:2], default=(0, 0, None))[2]


def _steps(job: Any, default: Any) -> Steps:
    default = dig(job, "defaults", "run", "working-directory") or default or ""
    steps = dig(job, "steps")
    found = []
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        script = dig(step, "run")
        if isinstance(script, str) and script:
            found.append((index, script, str(dig(step, "working-directory") or default)))
    return found


def _gitlab(sources: Sources) -> CI | None:
    path = next((name for name in (".gitlab-ci.yml", ".gitlab-ci.yaml") if sources.exists(name)), None)
    if path is None:
        return None
    table = read(sources.text(path) or "")
    jobs = {
        name: job for name, job in (table.items() if isinstance(table, dict) else ()) if _is_job(name, job)
    }
    steps: dict[str, Steps] = {}
    for name, job in jobs.items():
        steps[name] = [(index, str(line), "") for index, line in enumerate(listed(job.get("script"))) if line]
    _, job = _test_job(steps)
    return CI(
        kind="gitlab",
        path=path,
        test_job=job,
        linter_job=_linter({name: str(job) for name, job in jobs.items()}, job),
    )


def _is_job(name: str, job: Any) -> bool:
    return isinstance(job, dict) and "script" in job and name not in GITLAB_WORDS and not name.startswith(".")


def _test_job(steps: dict[str, Steps]) -> tuple[int, CIJob | None]:
    """The first job with the clearest test command, and how clear it is."""
    best: tuple[int, CIJob | None] = (0, None)
    for name, scripts in steps.items():
        for index, script, cwd in scripts:
            for invocation in invocations(script):
                rank = tests_rank(invocation)
                if rank > best[0]:
                    best = (rank, _job(name, index, invocation, scripts, cwd))
    return best


def _job(name: str, index: int, invocation: Invocation, scripts: Steps, cwd: str) -> CIJob:
    prefix = prefix_of(invocation)
    anchor = next(_own(scripts, prefix), invocation.line)
    where = folder("/".join(part for part in (cwd, invocation.cwd) if part))
    return CIJob(name=name, runs=invocation.text, prefix=prefix, anchor=anchor, step=index, cwd=where)


def _own(scripts: Steps, prefix: tuple[str, ...]) -> Iterator[str]:
    for _, script, _ in scripts:
        for invocation in invocations(script):
            if runs_project(invocation, prefix):
                yield invocation.line


def _linter(jobs: dict[str, str], test_job: CIJob | None) -> str | None:
    """The job that runs the linters: by what it runs, else by its name."""
    others = {name: text for name, text in jobs.items() if test_job is None or name != test_job.name}
    running = [name for name, text in others.items() if LINTING.search(text)]
    named = [name for name in running if LINTER_NAME.search(name)]
    return next(iter([*named, *running]), None)
