"""What was found, as a table for people and a document for programs."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .laws import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from .laws import Outcome, Report

OLDEST = (4, 2)
"""The oldest Django that is supported."""

WORDS = {
    "handled": "[green]handled[/]",
    "installed": "[green]installed[/]",
    "unavailable": "[dim]not applicable[/]",
    "refused": "[yellow]refused[/]",
    "no project": "[dim]no project[/]",
    "broken": "[bold red]LAW BROKEN[/]",
}


def document(reports: Sequence[Report], seconds: float) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "schema": 1,
        "seconds": round(seconds, 1),
        "projects": [asdict(report) for report in reports],
        "summary": [
            {"feature": feature, "django": which, **counts} for feature, which, counts in _counts(reports)
        ],
    }


def broken(reports: Sequence[Report]) -> bool:
    """Was any law broken?"""
    return any(outcome.broken for report in reports for outcome in report.outcomes)


def show(console: Console, reports: Sequence[Report], seconds: float) -> None:
    """The table of projects, every refusal and every broken law, and the sums."""
    from rich.table import Table

    columns = list(dict.fromkeys(outcome.feature for report in reports for outcome in report.outcomes))
    table = Table("project", "Django", "files", "status", *columns, "time", box=None, header_style="bold")
    for report in reports:
        cells = {outcome.feature: _cell(outcome) for outcome in report.outcomes}
        table.add_row(
            report.name,
            report.facts.get("django") or "?",
            str(report.files),
            f"{report.status * 1000:.0f} ms",
            *(cells.get(column, "") for column in columns),
            f"{report.seconds:.1f} s",
        )
    console.print(table)
    for line in _details(reports):
        console.print(line, soft_wrap=True)
    console.print()
    sums = Table("feature", "Django", "projects", *WORDS, "handled", box=None, header_style="bold")
    for feature, which, counts in _counts(reports):
        share = _share(counts)
        states = (str(counts[state]) for state in WORDS)
        sums.add_row(feature, which, str(sum(counts.values())), *states, share)
    console.print(sums)
    slowest = max((report.status for report in reports), default=0.0)
    console.print(
        f"{len(reports)} projects in {seconds:.0f} s; the slowest status took {slowest * 1000:.0f} ms"
    )


def _cell(outcome: Outcome) -> str:
    words = WORDS[outcome.state]
    if outcome.state == "handled" and outcome.feature != EVERYTHING:
        added, taken = outcome.lines
        words += f" +{added} -{taken}"
    if outcome.state == "refused":
        words += f" ({len(outcome.problems)})"
    return words


def _details(reports: Sequence[Report]) -> Iterator[str]:
    from rich.markup import escape

    for report in reports:
        for outcome in report.outcomes:
            name = f"{escape(report.name)} {outcome.feature}"
            for line in outcome.broken:
                yield f"[bold red]law broken[/] {name}: {escape(line)}"
            for problem in outcome.problems if outcome.state == "refused" else ():
                where = problem["path"] if problem["line"] is None else f"{problem['path']}:{problem['line']}"
                yield f"[yellow]refused[/] {name}: {escape(where)}: {escape(problem['why'])}"


def _counts(reports: Sequence[Report]) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Feature, which projects, and how many ended in which state."""
    features = dict.fromkeys(outcome.feature for report in reports for outcome in report.outcomes)
    for feature in features:
        for which in ("all", ">= 4.2"):
            counts = dict.fromkeys(WORDS, 0)
            for report in reports:
                for outcome in report.outcomes:
                    if outcome.feature == feature and (which == "all" or is_supported(report)):
                        counts[outcome.state] += 1
            yield feature, which, counts


def is_supported(report: Report) -> bool:
    """Is this a Django project on 4.2 or newer, as far as its files say a version?"""
    match = re.search(r"(\d+)(?:\.(\d+))?", report.facts.get("django") or "")
    return bool(match) and (int(match[1]), int(match[2] or 9)) >= OLDEST


def _share(counts: dict[str, int]) -> str:
    """Of those that could have the feature: how many have it now."""
    could = counts["handled"] + counts["installed"] + counts["refused"] + counts["broken"]
    return f"{(counts['handled'] + counts['installed']) / could:.0%}" if could else ""
