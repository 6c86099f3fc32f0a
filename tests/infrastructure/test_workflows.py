"""What the checks of workflows find, and that they find nothing in a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infrastructure.fakes import Fakes
from tests.infrastructure.workflows import block, execute, lint_blocks, lint_shell, lint_workflow, run_blocks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

RIGHT = """\
name: Deploy
on:
  push:
    branches: [main]
permissions: {}
env:
  SHA: ${{ github.sha }}
concurrency:
  group: deploy-${{ github.ref }}
  cancel-in-progress: false
jobs:
  deploy:
    name: Deploy
    runs-on: ubuntu-24.04
    environment: production
    permissions:
      contents: read # to check out
      id-token: write # to assume the role
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - name: Migrate
        id: migrate
        env:
          CLUSTER: ${{ vars.CLUSTER }}
          LOUD: true
        run: |
          task=$(aws ecs run-task --cluster "$CLUSTER" --cli-input-json file://task.json | jq -r '.tasks[0].taskArn')
          code=$(aws ecs describe-tasks --cluster "$CLUSTER" --tasks "$task" --query 'exit')
          while [[ $code == null ]]; do
            sleep 5
            code=$(aws ecs describe-tasks --cluster "$CLUSTER" --tasks "$task" --query 'exit')
          done
          echo "code=$code" >> "$GITHUB_OUTPUT"
          echo "$SHA: $code" >> "$GITHUB_STEP_SUMMARY"
          [[ $code == 0 ]]
      - env:
          CODE: ${{ steps.migrate.outputs.code }}
        run: echo "${{ github.sha }} $CODE"
"""


def test_right_workflow() -> None:
    assert lint_workflow(RIGHT) == []
    assert lint_blocks(RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "tool", "rule"),
    [
        ("    runs-on: ubuntu", "    timeout: 3\n    runs-on: ubuntu", "check-jsonschema", "$.jobs.deploy"),
        ("    runs-on: ubuntu", "    timeout: 3\n    runs-on: ubuntu", "action-validator", "one_of"),
        ("${{ github.sha }}", "${{ githb.sha }}", "actionlint", "expression"),
        ("steps.migrate.outputs", "steps.migrat.outputs", "actionlint", "expression"),
        ("ubuntu-24.04", "ubuntu-25.04", "actionlint", "runner-label"),
        (
            'echo "${{ github.sha }} $CODE"',
            'echo "${{ github.head_ref }}"',
            "actionlint",
            "expression",
        ),
        (
            'echo "${{ github.sha }} $CODE"',
            'echo "${{ github.head_ref }}"',
            "zizmor",
            "template-injection",
        ),
        (
            "checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
            "checkout@v4",
            "zizmor",
            "unpinned-uses",
        ),
        (
            "permissions:\n      contents: read # to check out\n      id-token: write # to assume the role",
            "permissions: write-all",
            "zizmor",
            "excessive-permissions",
        ),
    ],
)
def test_each_mistake_in_a_workflow_is_found(old: str, new: str, tool: str, rule: str) -> None:
    assert old in RIGHT
    found = lint_workflow(RIGHT.replace(old, new), (tool,))
    assert (tool, rule) in [(finding.tool, finding.rule) for finding in found], found


@pytest.mark.parametrize(
    ("old", "new", "tool", "rule", "line"),
    [
        ('--tasks "$task" --query', "--tasks $task --query", "shellcheck", "SC2086", 30),
        ("          done\n", "", "bash", "syntax", 37),
        (
            'echo "${{ github.sha }} $CODE"',
            "echo ${{ github.sha }}",
            "shellcheck",
            "SC2086",
            40,
        ),
    ],
)
def test_each_mistake_in_shell_is_found(old: str, new: str, tool: str, rule: str, line: int) -> None:
    assert old in RIGHT
    found = lint_blocks(RIGHT.replace(old, new))
    assert (tool, rule, line) in [finding[:3] for finding in found], found


def test_expressions_in_quotes_are_no_variables() -> None:
    assert lint_shell("echo '${{ github.sha }}'\n") == []
    assert [finding.rule for finding in lint_shell("echo '${HOME}'\n")] == ["SC2016"]


def test_blocks() -> None:
    migrate, echo = run_blocks(RIGHT)
    assert (migrate.job, migrate.step, echo.step) == ("deploy", "Migrate", "2")
    assert migrate.env == {"SHA": "${{ github.sha }}", "CLUSTER": "${{ vars.CLUSTER }}", "LOUD": "true"}
    assert RIGHT.splitlines()[migrate.line - 1].strip() == migrate.script.splitlines()[0]
    assert RIGHT.splitlines()[echo.line - 1].endswith(echo.script)


EXPRESSIONS = {"github.sha": "abc", "vars.CLUSTER": "bakery"}


def test_blocks_run_with_fakes(tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text('{"count": 1}')
    fakes = Fakes(tmp_path / "fakes")
    fakes.answer("aws ecs", "wrong", code=3)
    fakes.answer("aws ecs run-task", {"tasks": [{"taskArn": "arn:task"}]})
    fakes.answer("aws ecs describe-tasks", "null")
    fakes.answer("aws ecs describe-tasks", "0")
    ran = execute(block(RIGHT, "Migrate"), fakes, expressions=EXPRESSIONS, cwd=tmp_path)
    assert (ran.returncode, ran.outputs, ran.summary) == (0, {"code": "0"}, "abc: 0\n"), ran.stderr
    start, *asked = fakes.calls("aws")
    assert start.option("--cluster") == "bakery"
    assert start.files == {"file://task.json": '{"count": 1}'}
    assert [call.option("--tasks") for call in asked] == ["arn:task", "arn:task"]
    assert [str(call) for call in fakes.calls("sleep")] == ["sleep 5"]
    assert fakes.unanswered == []


def test_failing_programs_stop_the_block(tmp_path: Path) -> None:
    fakes = Fakes(tmp_path / "fakes")
    ran = execute("kubectl apply -f - <<< 'kind: Job' | cat\necho on\n", fakes, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (97, "")
    (call,) = fakes.unanswered
    assert call.stdin == "kind: Job\n"
    assert "no answer to: apply -f -" in ran.stderr


def test_expressions_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"vars\.CLUSTER"):
        execute(
            block(RIGHT, "Migrate"),
            Fakes(tmp_path / "fakes"),
            expressions={"github.sha": "abc"},
            cwd=tmp_path,
        )


def test_fakes_do_more_when_told(tmp_path: Path) -> None:
    fakes = Fakes(tmp_path / "fakes", "cosign")
    fakes.answer("cosign sign", shell='echo "$2" > signed', stderr="signing")
    ran = execute("cosign sign --key k\n", fakes, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "signing")
    assert (tmp_path / "signed").read_text() == "--key\n"
