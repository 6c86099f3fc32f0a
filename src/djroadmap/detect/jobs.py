"""The job that runs the unit tests, among the jobs of CI files, and how another command is put beside them."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.model.project import CIJob
from djroadmap.regex import regex
from djroadmap.syntax.shell import bare, folder, invocations

from .commands import (
    DIRECT,
    STARTING,
    WRAPPERS,
    bin_of,
    installs,
    is_contained,
    is_other,
    prefix_and_rest,
    runs_project,
    tests_others,
    tests_rank,
)
from .containers import dockerfile_of, inside_of
from .recipes import UNKNOWN, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.shell import Invocation
    from djroadmap.syntax.sources import Sources

SPECIAL = regex(
    r"integration|functional|acceptance|search|perf|nightly|docker|image|release|deploy|publish|package|windows|macos"
    r"|mysql|maria|oracle|upgrade|django[-_]main|schedule|install|postgres|sqlite|slow",
    re.IGNORECASE,
)
"""Words in the name of a file or job that make it a second choice."""
PYTEST = regex(r"(?<![\w.-])(?:pytest|py\.test)(?![\w-])")
VALUED = frozenset(
    {"--cov", "--rootdir", "--ignore", "-c", "--basetemp", "--source", "-p", "--ds", "-n", "-k", "-m"}
)
STATUS = regex(r"\b(?:always|failure|cancelled|success)\s*\(")
SETTING = regex(r"(?m)(?:^|[;&\"'])\s*(?:(?:export|env|set)\s+)?[A-Z][A-Z0-9_]*=")
"""A variable of a shell that is set for a command, or for those that follow."""
OUTER = regex(r"(?:\S*/)?(?:tox|nox|hatch)")


class Step(NamedTuple):
    """A step of a job, or a line of its script."""

    at: int
    script: str
    cwd: RelPath | None
    """None outside of the repository: where a job checks it out into a folder, its steps begin above it."""
    name: str = ""
    condition: str = ""
    shell: str = ""
    environment: Mapping[str, str] = MappingProxyType({})
    texts: tuple[str, ...] = ()
    """Every text in it, to find it again by."""
    uses: str = ""
    folder_first: bool = False


class Job(NamedTuple):
    """A job as it is written."""

    path: RelPath
    name: str
    steps: tuple[Step, ...]
    home: RelPath | None = ""
    checkout: RelPath = ""
    """The folder that the repository is checked out into."""
    title: str = ""
    editable: bool = True
    pushed: bool = True
    """Does it run by itself when somebody pushes?"""
    running: bool = True
    """GitHub: steps run in shells of their own, so what one activates is gone in the next."""


class Tests(NamedTuple):
    """The command that runs the tests: where it stands, and what it comes to."""

    job: Job
    step: Step
    invocation: Invocation
    last: Invocation
    """The very command, which the one that is written may lead to through make."""
    prefix: tuple[str, ...]
    rank: int
    known: bool


def tests_of_jobs(sources: Sources, jobs: Sequence[Job], likely: Mapping[RelPath, int]) -> Tests | None:
    """The clearest unit tests among the jobs; of equals the first. `likely` ranks files by their names."""
    found: list[tuple[tuple[int, ...], Tests]] = []
    for job in jobs:
        file = job.path.rpartition("/")[2]
        if is_other(f"{job.name} {job.title}") or is_other(file):
            continue
        special = sum(bool(SPECIAL.search(name)) for name in (file, f"{job.name} {job.title}"))
        for one in _tests(sources, job):
            score = (job.pushed, one.rank, one.known, job.editable, -special, likely.get(job.path, 0))
            found.append((score, one))
    return max(found, key=lambda each: each[0])[1] if found else None


def _tests(sources: Sources, job: Job) -> Iterator[Tests]:
    for step in job.steps:
        if is_other(step.name):
            continue
        for invocation in invocations(step.script, step.cwd or ""):
            rank, last, prefix = _ranked(sources, invocation)
            if rank and not tests_others(prefix_and_rest(invocation.words)[1]):
                yield Tests(job, step, invocation, last, prefix, rank, is_known(prefix, last))


def _ranked(sources: Sources, invocation: Invocation) -> tuple[int, Invocation, tuple[str, ...]]:
    """How clearly a command runs tests, the last command it leads to, and all that stands before that one."""
    prefix, _ = prefix_and_rest(invocation.words)
    rank = tests_rank(invocation)
    if rank == 2:
        return rank, invocation, prefix
    for more, last in resolved(sources, invocation):
        if tests_rank(last) == 2 and not tests_others(prefix_and_rest(last.words)[1]):
            return 2, last, (*more, *prefix_and_rest(last.words)[0])
    return rank, invocation, prefix


def is_known(prefix: tuple[str, ...], last: Invocation) -> bool:
    """Would another tool of the project run with this prefix? Not beside tox, which has environments of its own."""
    if UNKNOWN in " ".join(prefix) or any("{{ " in word and "${{" not in word for word in prefix):
        return False
    if is_contained(prefix):
        return not _prepares(last)
    if prefix:
        return prefix[0].rpartition("/")[2] in WRAPPERS and not any(OUTER.fullmatch(word) for word in prefix)
    rest = prefix_and_rest(last.words)[1]
    return bool(rest) and bool(DIRECT.fullmatch(rest[0]))


def _prepares(last: Invocation) -> bool:
    """Does the command install something in the container before it tests?"""
    return any(installs(one) for word in last.words for one in invocations(word.strip("\"'")))


def job_of(sources: Sources, tests: Tests) -> CIJob:
    """What features need to know of the job with these tests."""
    job, step, prefix = tests.job, tests.step, tests.prefix
    contained = is_contained(prefix)
    ready = _ready(job, step, contained=contained)
    anchor, after = _anchor(tests, ready, contained=contained)
    cwd = tests.invocation.cwd if contained or tests.last is tests.invocation else tests.last.cwd
    where = None if step.cwd is None and not cwd else cwd
    inside = inside_of(sources, prefix, cwd) if contained else None
    return CIJob(
        name=job.name,
        runs=tests.invocation.text,
        prefix=_substituted(prefix, step),
        anchor=anchor,
        step=step.at,
        cwd=where,
        home=job.home,
        checkout=job.checkout,
        contained=contained,
        inside=inside,
        bin=_bin(tests, cwd),
        known=tests.known,
        fits=job.editable and tests.known and bool(anchor),
        after=after,
        condition="" if STATUS.search(step.condition) else step.condition,
        shell=step.shell,
        variables=bool(step.environment) or bool(SETTING.search(step.script)),
        beside=_text(job, step, tests.invocation.line),
        folder_first=step.folder_first,
        named=_named(job, step),
        runner=_runner(tests.last),
        labels=_labels(sources, tests.last, inside or "" if contained else cwd),
        installs=tuple(_built(sources, prefix, cwd) if contained else _installing(sources, job, step)),
    )


def _runner(last: Invocation) -> Literal["pytest", "django", ""]:
    if PYTEST.search(last.command):
        return "pytest"
    return "django" if tests_rank(last) == 2 else ""


def _labels(sources: Sources, last: Invocation, start: RelPath) -> tuple[RelPath, ...]:
    """The folders that the command names as those to test; nothing if one of them is all there is."""
    words = prefix_and_rest(last.words)[1]
    first = next((at for at, word in enumerate(words) if PYTEST.search(word) or word == "test"), len(words))
    found = []
    for before, word in pairwise(words[first:]):
        if word.startswith("-") or before in VALUED:
            continue
        path = bare(word).partition("::")[0].rstrip("/")
        for name in (path, path.replace(".", "/")):
            place = folder(posixpath.join(start, name))
            if name in {"", "."} or not place:
                return ()
            if sources.has_folder(place):
                found.append(place)
                break
    return tuple(dict.fromkeys(found))


def _bin(tests: Tests, cwd: RelPath) -> RelPath:
    """The programs of the virtual environment that commands name, or that the script activated; "" for none."""
    last = tests.last
    named = bin_of(last).rstrip("/")
    if not named and last.environment and tests.job.running:
        named = posixpath.join(last.environment, "bin")
    return (
        named
        if named.startswith(("/", "$", "~"))
        else posixpath.normpath(posixpath.join(cwd, named))
        if named
        else ""
    )


def _ready(job: Job, step: Step, *, contained: bool) -> int:
    """Index of the last step up to the tests that puts the tools in place; -1 if none is seen."""
    found = -1
    for one in job.steps:
        if one.at > step.at:
            break
        fetched = one.uses.startswith("./") or re.search(
            r"python|/setup-uv|poetry|pdm|conda|nix|bake|build-push", one.uses
        )
        made = any(
            (STARTING.search(each.command) if contained else installs(each))
            for each in invocations(one.script)
            if one is not step or tests_rank(each) == 0
        )
        if fetched or made:
            found = one.at
    return found


def _anchor(tests: Tests, ready: int, *, contained: bool) -> tuple[str, bool]:
    """The text of the first step that runs the project once it is ready, and whether new ones go after it.

    The text is empty if no text tells the step from the others.
    """
    job, step = tests.job, tests.step
    if ready >= step.at:
        return _text(job, step, tests.invocation.line), True
    if "steps." in step.condition:
        return _text(job, step, tests.invocation.line), False
    for one in job.steps:
        if ready < one.at <= step.at:
            for each in invocations(one.script):
                if runs_project(each, tests.prefix) and (
                    not contained or one.condition in {"", step.condition}
                ):
                    return _text(job, one, each.line), False
    return _text(job, step, tests.invocation.line), False


def _text(job: Job, step: Step, line: str) -> str:
    """A text that stands in this step only: a line of its script, else its name."""
    for text in (line, step.name):
        if text and sum(any(text in each for each in one.texts) for one in job.steps) == 1:
            return text
    return ""


def _named(job: Job, step: Step) -> bool:
    running = [one for one in job.steps if one.script]
    return bool(step.name) or 2 * sum(bool(one.name) for one in running) >= len(running)


def _installing(sources: Sources, job: Job, step: Step) -> Iterator[str]:
    """The commands that install Python packages up to the tests; `?` for what cannot be looked into."""
    for one in job.steps:
        if one.at > step.at:
            return
        if one.uses.startswith("./"):
            yield "?"
        for each in invocations(one.script, one.cwd or ""):
            if installs(each):
                yield from (
                    [last.command for _, last in resolved(sources, each) if installs(last)] or [each.command]
                )


def _built(sources: Sources, prefix: tuple[str, ...], cwd: RelPath) -> Iterator[str]:
    """The same for the image of a container; `?` if it is not built here."""
    path = dockerfile_of(sources, prefix, cwd)
    found = re.sub(r"(?m)^\s*#.*\n", "", sources.text(path) or "" if path else "").replace("\\\n", " ")
    commands = [
        each.command
        for line in re.findall(r"(?m)^\s*RUN\s+((?:--\S+\s+)*)(.*)", found)
        for each in invocations(line[1])
        if installs(each)
    ]
    yield from commands or ["?"]


def _substituted(prefix: tuple[str, ...], step: Step) -> tuple[str, ...]:
    """The prefix with the variables filled in that only this step has."""

    def value(match: re.Match[str]) -> str:
        return step.environment.get(match[1] or match[2], match[0])

    return tuple(re.sub(r"\$\{(\w+)\}|\$(\w+)", value, word) for word in prefix)
