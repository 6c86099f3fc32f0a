"""A hook in the layout of the file, and run as its other commands are."""

from __future__ import annotations

from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from djroadmap.model.plan import Plan
from djroadmap.planning.hooks import hook
from tests.features.small import SMALL, Files, applied, project, pyproject

PRE_COMMIT = ".pre-commit-config.yaml"


def planned(files: Files) -> Plan:
    return hook(
        project(files),
        id="contracts",
        name="contracts",
        command="lint-imports",
        files_glob="*.py",
        additional_dependencies=("import-linter==2.16",),
    )


def added(path: str, text: str, files: Files | None = None) -> str:
    """What the plan adds to the end of a file; it comes and goes without a trace."""
    text = dedent(text).lstrip("\n")
    whole = SMALL | (files or {}) | {path: text}
    plan = planned(whole)
    (edit,) = plan.edits
    after = str(applied(plan, whole)[path])
    assert edit.bind(text).revert(after) == text
    assert YAML(typ="safe", pure=True).load(after)
    assert after.startswith(text)
    return after.removeprefix(text)


def test_the_common_layout() -> None:
    text = """
        repos:
          - repo: https://github.com/astral-sh/ruff-pre-commit
            rev: v1
            hooks:
              - id: ruff
    """
    assert added(PRE_COMMIT, text) == (
        "  - repo: local\n    hooks:\n      - id: contracts\n        name: contracts\n        entry: lint-imports\n"
        "        language: python\n        types: [python]\n        pass_filenames: false\n"
        "        additional_dependencies:\n          - import-linter==2.16\n"
    )


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (
            "-   repo: x\n    hooks:\n    -   id: a\n",
            "-   repo: local\n    hooks:\n    -   id: contracts\n        name:",
        ),
        ("- repo: x\n  hooks:\n  - id: a\n", "- repo: local\n  hooks:\n  - id: contracts\n    name:"),
        (
            "- repo: x\n  hooks:\n    # Why.\n    - id: a\n",
            "- repo: local\n  hooks:\n    - id: contracts\n      name:",
        ),
    ],
)
def test_other_layouts(lines: str, wanted: str) -> None:
    assert added(PRE_COMMIT, f"repos:\n{lines}").startswith(wanted)


@pytest.mark.parametrize(
    ("run", "files", "wanted"),
    [
        ("mypy .", {}, "lint-imports"),
        ("uv run mypy .", {"uv.lock": ""}, "uv run lint-imports"),
        ("mypy .", {"uv.lock": ""}, "lint-imports"),
        ("uv run mypy .", {}, "lint-imports"),
    ],
)
def test_lefthook_runs_it_as_its_other_commands(run: str, files: Files, wanted: str) -> None:
    text = f'pre-commit:\n  commands:\n    types:\n      glob: "*.py"\n      run: {run}\n'
    found = added("lefthook.yml", text, pyproject() | files)
    assert found == f'    contracts:\n      glob: "*.py"\n      run: {wanted}\n'


def test_lefthook_with_jobs() -> None:
    text = "pre-commit:\n  parallel: true\n  jobs:\n    - name: types\n      run: mypy .\n"
    assert (
        added("lefthook.yml", text) == '    - name: contracts\n      glob: "*.py"\n      run: lint-imports\n'
    )


def test_nothing_without_hooks() -> None:
    assert planned(SMALL) == Plan()
