"""What checkov has against infrastructure, offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tests.infrastructure.tools import output, tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Failed(NamedTuple):
    """A check that failed."""

    check: str
    """CKV_AWS_16, say."""
    said: str
    file: str
    line: int
    resource: str


class Checked(NamedTuple):
    """What came of a run."""

    failed: list[Failed]
    """Without what is skipped."""
    passed: int
    unused: list[str]
    """What is skipped without need: no check of that name failed."""


def checkov(folder: Path, framework: str, skip: Mapping[str, str]) -> Checked:
    """Look at what is in `folder` with checkov: `framework` is terraform, kubernetes or github_actions.

    `skip` has the checks that do not count, with the reason of each. AssertionError: nothing there was checked.
    The modules of Terraform's registry are not looked into. It takes about five seconds, so give it much at once.
    """
    command = (
        "-d",
        folder,
        "--framework",
        framework,
        "--skip-download",
        "--quiet",
        "--compact",
        "-o",
        "json",
    )
    ran = output(
        tool("checkov"),
        *command,
        cwd=folder,
        env={"LOG_LEVEL": "ERROR", "CHECKOV_RUN_SCA_PACKAGE_SCAN": "false"},
    )
    assert ran.stdout.startswith(("{", "[")), f"{ran.stdout}\n{ran.stderr}"
    report = json.loads(ran.stdout)
    reports = report if isinstance(report, list) else [report]
    assert all("results" in each for each in reports), f"nothing was checked in {folder}: {ran.stdout[:300]}"
    summaries = [each["summary"] for each in reports]
    assert not any(each["parsing_errors"] for each in summaries), [
        each["results"]["parsing_errors"] for each in reports
    ]
    every = [
        Failed(
            each["check_id"],
            each["check_name"],
            each["file_path"].lstrip("/"),
            each["file_line_range"][0],
            each["resource"],
        )
        for one in reports
        for each in one["results"]["failed_checks"]
    ]
    return Checked(
        [each for each in every if each.check not in skip],
        sum(each["passed"] for each in summaries),
        sorted(set(skip) - {each.check for each in every}),
    )
