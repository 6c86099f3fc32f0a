"""What a command in CI is: does it run the tests, does it install, and what stands before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.regex import regex
from djroadmap.syntax.shell import bare, invocations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.syntax.shell import Invocation

TESTS = regex(
    r"(?<![\w.-])(?:pytest|py\.test)(?![\w-])|manage(?:\.py)?\s+(?:\S+=\S+\s+)?test\b|django-admin\s+test\b"
    r"|runtests\.py|-m\s+unittest"
)
RUNNERS = regex(
    r"(?<![\w-])(?:tox|nox)(?![\w-])|\b(?:make|just|task|poe|inv|invoke)\s+(?:\S+\s+)*?"
    r"(?:[\w-]*[-_:])?(?:py)?(?:tests?|pytest|check|ci|coverage|coveragetest)(?:[-_:][\w-]+)?(?=\s|$)"
    r"|\b(?:hatch|pipenv|pdm|rye)\s+(?:run\s+)?(?:[\w-]+[:-])?(?:py)?tests?(?:[-_:][\w-]+)?(?=\s|$)"
)
BROWSER = r"e2e|end[-_]to[-_]end|playwright|selenium|cypress|smoke|bench\w*"
OUTSIDE_TESTS = regex(rf"(?:^|[\s\"'/=,_:-])(?:{BROWSER})(?=$|[\s\"'/,_:.-])", re.IGNORECASE)
"""Words in a command that say it runs other tests than the unit tests."""
OTHER_JOBS = regex(
    rf"(?:^|[\s\"'/=,_:-])(?:{BROWSER}|docs?|docsite|js|npm|javascript|front[-_ ]?end|fe|karma|jest|vitest)"
    r"(?=$|[\s\"'/,_:.-])",
    re.IGNORECASE,
)
"""Words in a job's or a file's name, or after tox and make, that say there are no unit tests of Python behind it."""
LINTERS = regex(r"(?:^|[\s,_:-])(?:lint(?:ers?|ing)?|style|flake8|mypy|typecheck|format)(?=$|[\s,_:-])")
"""The same, after tox and make only: jobs are called `lint-and-test`."""
LEFT_OUT = regex(
    r"\$\{\{.*?\}\}|(?:not|--exclude(?:-tag)?|--ignore(?:-glob)?|--deselect|--cov\S*|-p|--junit\S*|--html)[\s=]*\(?['\"]?[\w./:-]+"
)
"""Parts of a command that name tests which are not run, or files that are written."""
SETUP = regex(r"\b(?:install|add|sync|download|uninstall|cache|lock|build|compile)\b")
INSTALL = regex(
    r"\bpip3?\s+(?:\S+\s+)*?(?:install|sync|wheel)\b|\bpip-sync\b|\b(?:uv|pipenv|pdm)\s+(?:\S+\s+)*?(?:sync|install)\b|\bpoetry\s+(?:\S+\s+)*?(?:install|sync)\b"
    r"|\b(?:make|just)\s+(?:\S+\s+)*?\S*(?:install|requirements|setup|bootstrap|deps|sync|venv)\S*|\bconda\s+(?:env\s+)?(?:install|update|create)\b"
)
"""Commands after which the tools of the project are there."""
STARTING = regex(r"\bdocker(?:-compose|\s+compose)?\s+(?:\S+\s+)*?(?:build|up|pull|load|create|start|bake)\b")
"""The same, for tools in a container."""
RUN = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch", "rye"})
HEAD = regex(
    r"(?:\S*/)?(?:pytest|py\.test|coverage|python[\d.]*|manage\.py|django-admin|tox|nox|make|just|task|poe|inv|invoke|bash|sh|runtests\.py|\S+\.sh)|\./\S+|\$\{\{.*"
)
DIRECT = regex(r"(?:\S*/)?(?:pytest|py\.test|coverage|python[\d.]*|manage\.py|django-admin|runtests\.py)")
"""Programs that run tests by themselves, so that what stands beside them on the disk is there as well."""
WRAPPERS = frozenset(
    {
        "uv",
        "poetry",
        "pipenv",
        "pdm",
        "rye",
        "docker",
        "docker-compose",
        "podman",
        "podman-compose",
        "kubectl",
        "dotenv",
        "op",
        "doppler",
        "aws-vault",
        "nix",
        "nix-shell",
        "conda",
        "micromamba",
        "mamba",
        "mise",
        "devbox",
        "dockerize",
        "chamber",
        "infisical",
        "timeout",
        "honcho",
        "envdir",
    }
)
"""Programs that run a command as their arguments say."""
ASSIGNMENT = regex(r"[A-Za-z_]\w*\+?=")
PASSED_OVER = frozenset(
    {"env", "time", "sudo", "exec", "command", "xvfb-run", "nice", "then", "do", "!", "{"}
)
WITH_VALUE = frozenset(
    {
        "-e",
        "--env",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "-v",
        "--volume",
        "--name",
        "--entrypoint",
        "-p",
        "--publish",
        "--env-file",
        "--python",
        "--group",
        "--extra",
        "--with",
        "--only-group",
        "--no-group",
        "--package",
        "--project",
        "--directory",
        "--with-requirements",
        "-n",
        "--network",
    }
)
ENVIRONMENT = frozenset({"-e", "--env"})
VENV = regex(r"((?:\S*/)?(?:\.?venv|\.?env|virtualenv|\.tox/[\w.-]+)/bin/)\S+")
CONTAINERS = frozenset({"docker", "docker-compose", "podman", "podman-compose", "kubectl"})


def tests_rank(invocation: Invocation) -> int:
    """2 for a command that runs Python tests, 1 for a runner that likely does, 0 for anything else."""
    text = invocation.command
    if TESTS.search(text) and not (
        SETUP.search(re.split(r"pytest|py\.test|manage", text, maxsplit=1)[0])
        and "run" not in invocation.words
    ):
        return 2
    return 1 if RUNNERS.search(text) and not SETUP.search(text) else 0


def is_other(text: str) -> bool:
    """Does a name speak of other tests than Python's unit tests, or of no tests at all?"""
    return bool(OTHER_JOBS.search(text))


def tests_others(words: Sequence[str]) -> bool:
    """Does the command, given without what stands before it, run other tests than the unit tests?"""
    text = LEFT_OUT.sub(" ", " ".join(words))
    return bool(
        OUTSIDE_TESTS.search(text) if TESTS.search(text) else OTHER_JOBS.search(text) or LINTERS.search(text)
    )


def installs(invocation: Invocation) -> bool:
    """Does it install what the project needs?"""
    return bool(INSTALL.search(invocation.command))


def prefix_of(invocation: Invocation) -> tuple[str, ...]:
    """What stands before the command proper, as written: `uv run`, `docker compose -f x.yml run --rm django`."""
    return prefix_and_rest(invocation.words)[0]


def prefix_and_rest(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words before the command proper, and the command proper."""
    words = list(words)
    while words and (ASSIGNMENT.match(words[0]) or words[0] in PASSED_OVER):
        words = words[_passed(words) :]
    at = _container(words) if words[:1] and words[0] in CONTAINERS else _runner(words)
    if at:
        head = _tidy(words[:at])
        at += words[at : at + 1] == ["-m"]
        inner, rest = prefix_and_rest(_unwrapped(words[at:]))
        return (*head, *inner), rest
    for index, word in enumerate(words):
        if HEAD.fullmatch(word):
            return tuple(words[:index]), tuple(words[index:])
    return (), tuple(words)


def is_contained(prefix: Sequence[str]) -> bool:
    """Does a command with this prefix run in a container?"""
    return bool(prefix) and prefix[0] in CONTAINERS


def bin_of(invocation: Invocation) -> str:
    """The folder of the virtual environment's programs, where the command names it: `.venv/bin/`."""
    _, rest = prefix_and_rest(invocation.words)
    match = VENV.fullmatch(rest[0]) if rest else None
    return match[1] if match else ""


def runs_project(invocation: Invocation, prefix: tuple[str, ...]) -> bool:
    """Is this a command of the project itself, run as its tests are?"""
    text = invocation.command
    if prefix:
        return prefix_of(invocation) == prefix or invocation.words[: len(prefix)] == prefix
    return bool(TESTS.search(text) or "manage.py" in text) and not SETUP.search(
        text.partition("manage.py")[0]
    )


def _passed(words: Sequence[str]) -> int:
    """How many words belong to what is passed over: `xvfb-run -a`, `sudo -E`."""
    count = 1
    while words[0] in PASSED_OVER and count < len(words) and words[count].startswith("-"):
        count += 1
    return count


def _runner(words: Sequence[str]) -> int:
    """How many words `uv run --frozen` and its like take; none if there is no such thing."""
    if not words or words[0].rpartition("/")[2] not in RUN or "run" not in words:
        return 0
    index = words.index("run") + 1
    while index < len(words) and words[index].startswith("-") and words[index] != "-m":
        if words[index] == "--":
            return index + 1
        index += 2 if words[index] in WITH_VALUE else 1
    return min(index, len(words))


def _container(words: Sequence[str]) -> int:
    """How many words there are up to the service of `docker compose run` or the container of `docker exec`."""
    verb = next((index for index, word in enumerate(words) if word in {"run", "exec"}), None)
    if verb is None:
        return 0
    index = verb + 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in WITH_VALUE else 1
    return index + 1 if index < len(words) else 0


def _tidy(words: list[str]) -> tuple[str, ...]:
    """Without variables that a test step passes on; `docker compose run` gets its `--rm`."""
    if words[0] not in CONTAINERS:
        return tuple(words)
    found: list[str] = []
    for word in words:
        # A container that runs has its variables; what is set for `exec` is for the tests only.
        if found and found[-1] in ENVIRONMENT and ("=" not in word or "exec" in found):
            found.pop()
        else:
            found.append(word)
    if "compose" in " ".join(found[:2]) and "run" in found and "--rm" not in found:
        found.insert(found.index("run") + 1, "--rm")
    return tuple(found)


def _unwrapped(words: Sequence[str]) -> Sequence[str]:
    """The command that runs the tests inside `sh -c "..."`; the words themselves if there is no such thing."""
    if len(words) > 2 and words[0].rpartition("/")[2] in {"sh", "bash"} and re.fullmatch(r"-\w*c", words[1]):
        inner = [one for one in invocations(bare(words[2])) if tests_rank(one)]
        return inner[0].words if inner else ()
    return words
