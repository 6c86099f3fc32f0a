"""`python -m tests.corpus DIR`: the laws over every project in DIR. Exit code 1 if one is broken."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.catalog import load

from .isolated import warm
from .laws import Outcome, Report, examine
from .report import broken, document, show

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Examine, print, write the document; the exit code."""
    options = _options(argv)
    started = time.perf_counter()
    projects = sorted(
        path
        for path in options.folder.iterdir()
        if path.is_dir() and fnmatch(path.name, options.only) and not path.name.startswith(".")
    )
    if not projects:
        sys.stderr.write(f"{options.folder}: no folders here; put one project in each\n")
        return 2
    reports = _examined(projects, options.features or _catalogue(), options.workers)
    seconds = time.perf_counter() - started
    if options.json:
        options.json.write_text(json.dumps(document(reports, seconds), indent=2) + "\n", encoding="utf-8")
    _print(reports, seconds)
    return int(broken(reports))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder with one project in each folder")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only projects with such a name")
    parser.add_argument("--features", nargs="+", metavar="FEATURE", help="only these features")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N")
    options = parser.parse_args(argv)
    if not options.folder.is_dir():
        parser.error(f"{options.folder}: no such folder")
    return options


def _catalogue() -> tuple[str, ...]:
    """Every feature that a user can name, in the order of the catalogue."""
    return tuple(feature.id for feature in load().features.values() if not feature.internal)


def _examined(projects: Sequence[Path], features: Sequence[str], workers: int) -> list[Report]:
    reports: list[Report] = []
    with ProcessPoolExecutor(max_workers=workers, initializer=warm) as pool:
        waiting = {pool.submit(examine, project, features=features): project for project in projects}
        for done, each in enumerate(as_completed(waiting), start=1):
            project = waiting[each]
            sys.stderr.write(f"\r\033[K{done}/{len(waiting)} {project.name}")
            try:
                reports += each.result()
            except Exception as error:  # noqa: BLE001 - one project must not hide the others
                said = f"could not be examined: {type(error).__name__}: {error}"
                outcome = Outcome(feature="status", state="broken", broken=[said])
                reports.append(Report(name=project.name, outcomes=[outcome]))
    sys.stderr.write("\r\033[K")
    return sorted(reports, key=lambda report: report.name)


def _print(reports: Sequence[Report], seconds: float) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    show(console, reports, seconds)


if __name__ == "__main__":
    raise SystemExit(main())
