"""The laws on one project: add, parse what was touched, add again, remove, compare. Always on a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from djroadmap.__main__ import main

from .isolated import TIMED_OUT, Ran, run
from .parses import complaint
from .snapshot import Camera, difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .snapshot import Entry

EVERYTHING = "(all)"
"""The name under which all features together are reported."""

SEVERAL = "several Django projects here: "

FINE = frozenset({"handled", "installed", "unavailable", "refused", "no project"})


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one feature in one project."""

    feature: str
    state: str = ""
    """`handled`, `installed` (already there), `unavailable` (does not apply), `refused`, `no project`, `broken`."""
    broken: list[str] = field(default_factory=list)
    """The laws that were broken, and how."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """Of a refusal: path, line, why, snippet."""
    files: list[str] = field(default_factory=list)
    lines: tuple[int, int] = (0, 0)
    """Lines added to and taken from files that were there; new files are not counted."""
    todos: list[str] = field(default_factory=list)
    diff: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Report:
    """One project."""

    name: str
    manage: str = ""
    files: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    status: float = 0.0
    """Seconds that `status` took, interpreter and imports not counted."""
    seconds: float = 0.0


def examine(source: Path, *, features: Sequence[str], command: Callable[[], None] = main) -> list[Report]:
    """The laws on a copy of the project in `source`: one report for each manage.py, if there are several."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        bench = _Bench(source, Path(folder), command)
        bench.fresh()
        status = bench.run("status", "--json")
        message = str(status.document.get("error", {}).get("message", ""))
        if not message.startswith(SEVERAL):
            return [_project(bench, source.name, "", features)]
        found = message.removeprefix(SEVERAL).split(", ")
        return [_project(bench, f"{source.name}:{Path(each).parent}", each, features) for each in found]


def _project(bench: _Bench, name: str, manage: str, features: Sequence[str]) -> Report:
    started = time.perf_counter()
    bench.manage = manage
    report = Report(name=name, manage=manage, files=bench.count())
    status = bench.run("status", "--json")
    report.status = status.seconds
    report.facts = status.document.get("project") or {}
    states = {each["id"]: each["state"] for each in status.document.get("features", ())}
    if status.code not in {0, 3} or (status.code == 3 and not status.document.get("error")):
        report.outcomes = [Outcome(feature="status", state="broken", broken=[_crash(status)])]
    elif status.code == 3:
        problem = {"path": "", "line": None, "why": status.document["error"]["message"], "snippet": ""}
        report.outcomes = [
            Outcome(feature=feature, state="no project", problems=[problem]) for feature in features
        ]
    else:
        report.outcomes = [_feature(bench, feature, states.get(feature, "")) for feature in features]
        usable = [each.feature for each in report.outcomes if each.state == "handled"]
        if len(usable) > 1:
            report.outcomes.append(_together(bench, usable))
    report.seconds = time.perf_counter() - started
    return report


def _feature(bench: _Bench, feature: str, state: str) -> Outcome:
    outcome = Outcome(feature=feature)
    for broken in _lawsuit(bench, outcome, state):
        outcome.broken.append(broken)
    if outcome.broken:
        outcome.state = "broken"
    bench.put_back()
    return outcome


def _lawsuit(bench: _Bench, outcome: Outcome, state: str) -> Iterator[str]:
    """Go through the laws; each yielded line is one that is broken."""
    feature = outcome.feature
    added = bench.run("add", feature, "--yes", "--json")
    outcome.seconds["add"] = added.seconds
    if added.code == 3:
        yield from _refusal(bench, outcome, added, state)
        return
    if added.code != 0:
        outcome.state = "broken"
        yield _crash(added)
        return
    document = added.document
    outcome.diff = document.get("diff", "")
    outcome.files = [each["path"] for each in document.get("files", ())]
    outcome.todos = [each["text"] for each in document.get("todos", ())]
    outcome.state = "handled" if document.get("result") == "changed" else "installed"
    outcome.lines = _counted(outcome.diff)
    if outcome.state == "installed":
        yield from (f"says it is unchanged, but: {line}" for line in bench.changed())
        return
    yield from _after(bench, outcome)


def _after(bench: _Bench, outcome: Outcome) -> Iterator[str]:
    """What must be true once something was written, to the bytes being back."""
    feature = outcome.feature
    yield from _parses(bench, outcome.files)
    touched = {line[2:] for line in bench.changed()}
    folders = {"/".join(path.split("/")[:n]) for path in outcome.files for n in range(1, path.count("/") + 1)}
    yield from (
        f"touched without saying so: {path}" for path in sorted(touched - set(outcome.files) - folders)
    )
    if outcome.diff and (said := bench.git_apply_reverse(outcome.diff)):
        yield f"git does not take the diff back: {said}"
    between = bench.snapshot()
    again = bench.run("add", feature, "--yes", "--json")
    outcome.seconds["again"] = again.seconds
    if again.code != 0 or again.document.get("result") != "unchanged":
        yield f"the second add is not unchanged: {_crash(again)}"
    yield from (f"the second add changes: {line}" for line in difference(between, bench.snapshot()))
    checked = bench.run("check", "--json")
    if checked.code != 0:
        yield f"check finds fault right after add: {checked.out.strip()[-300:]}"
    removed = bench.run("remove", feature, "--yes", "--json")
    outcome.seconds["remove"] = removed.seconds
    if removed.code != 0:
        yield f"remove: {_crash(removed)}"
    yield from (f"left after remove: {line}" for line in bench.changed())


def _refusal(bench: _Bench, outcome: Outcome, ran: Ran, state: str) -> Iterator[str]:
    """A refusal says where, why and what to paste, and writes nothing; `--partial` can be taken back."""
    outcome.problems = list(ran.document.get("problems", ()))
    outcome.state = "unavailable" if state == "unavailable" else "refused"
    yield from (f"refused, but wrote: {line}" for line in bench.changed())
    if not outcome.problems:
        yield f"refused without a reason: {_crash(ran)}"
    if outcome.state == "unavailable":
        return
    for problem in outcome.problems:
        if not problem["path"] or not problem["why"] or not problem["snippet"]:
            yield f"a refusal without path, reason or snippet: {problem}"
    partial = bench.run("add", outcome.feature, "--partial", "--yes", "--json")
    outcome.seconds["partial"] = partial.seconds
    if partial.code not in {0, 3}:
        yield f"add --partial: {_crash(partial)}"
        return
    yield from _parses(bench, [each["path"] for each in partial.document.get("files", ())])
    removed = bench.run("remove", outcome.feature, "--yes", "--json")
    if removed.code != 0:
        yield f"remove after --partial: {_crash(removed)}"
    yield from (f"left after add --partial and remove: {line}" for line in bench.changed())


def _together(bench: _Bench, features: Sequence[str]) -> Outcome:
    """All features one after the other, again, and taken back in the order in which they came."""
    outcome = Outcome(feature=EVERYTHING, state="handled")
    for feature in features:
        ran = bench.run("add", feature, "--yes", "--json")
        if ran.code != 0:
            outcome.broken.append(f"add {feature} beside the others: {_crash(ran)}")
        outcome.files += [each["path"] for each in ran.document.get("files", ())]
    outcome.broken += _parses(bench, list(dict.fromkeys(outcome.files)))
    between = bench.snapshot()
    for feature in features:
        bench.run("add", feature, "--yes", "--json")
    outcome.broken += [f"the second add changes: {line}" for line in difference(between, bench.snapshot())]
    for feature in features:
        ran = bench.run("remove", feature, "--yes", "--json")
        if ran.code != 0:
            outcome.broken.append(f"remove {feature} beside the others: {_crash(ran)}")
    outcome.broken += [f"left after all were removed: {line}" for line in bench.changed()]
    if outcome.broken:
        outcome.state = "broken"
    bench.put_back()
    return outcome


def _parses(bench: _Bench, paths: Sequence[str]) -> list[str]:
    found = []
    for path in paths:
        file, old = bench.copy / path, bench.source / path
        if file.is_file() and (why := complaint(file, old.read_bytes() if old.is_file() else None)):
            found.append(f"{path} does not parse: {why}")
    return found


def _counted(diff: str) -> tuple[int, int]:
    """Lines added to and taken from files that were there before."""
    added = taken = 0
    old = False
    for line in diff.splitlines():
        if line.startswith("--- "):
            old = line != "--- /dev/null"
        elif old and not line.startswith("+++ "):
            added += line.startswith("+")
            taken += line.startswith("-")
    return added, taken


def _crash(ran: Ran) -> str:
    """A run that ended otherwise than it should, in one line."""
    if ran.code == TIMED_OUT:
        return f"{' '.join(ran.argv[2:])} did not end in time"
    said = (ran.err.strip() or ran.out.strip()).splitlines()
    return f"{' '.join(ran.argv[2:])} ended with {ran.code}: {' / '.join(said[-4:])}"


class _Bench:
    """A copy of one project, the command on it, and what it looked like at first."""

    def __init__(self, source: Path, folder: Path, command: Callable[[], None]) -> None:
        self.source = source.resolve()
        self.copy = folder / source.name
        self.manage = ""
        self._command = command
        self._camera = Camera(self.copy)
        self._before: dict[str, Entry] = {}
        # The history of undo, and reports of bugs, are those of this copy.
        self._state = folder / "state"
        self._state.mkdir()
        os.environ["DJROADMAP_STATE_DIR"] = str(self._state)

    def fresh(self) -> None:
        """Copy the project, without its history, into a repository of its own with everything committed."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.source, self.copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        for words in (("init",), ("add", "--all"), ("commit", "--allow-empty", "--message", "as it was")):
            self._git(*words)
        self._before = self.snapshot()

    def count(self) -> int:
        """How many files the project has."""
        return sum(entry.kind == "file" for entry in self._before.values())

    def run(self, *words: str) -> Ran:
        """Run the command on the copy."""
        where = ["-C", str(self.copy), *(["--manage", self.manage] if self.manage else [])]
        ran = run([*where, *words], cwd=self.copy, main=self._command)
        for log in self._state.glob("djroadmap-*.log"):
            ran = ran._replace(err="\n".join(log.read_text(encoding="utf-8").splitlines()[-5:]))
            log.unlink()
        return ran

    def snapshot(self) -> dict[str, Entry]:
        """The copy as it is now."""
        return self._camera.snapshot()

    def changed(self) -> tuple[str, ...]:
        """What is no longer as it was."""
        return difference(self._before, self.snapshot())

    def put_back(self) -> None:
        """Make a new copy if a law was broken and something is left."""
        if self.changed():
            self.fresh()

    def git_apply_reverse(self, diff: str) -> str:
        """What git says against taking back this diff; empty if it would."""
        words = ("git", "apply", "--check", "--reverse", "--whitespace=nowarn", "-")
        ran = subprocess.run(words, cwd=self.copy, input=diff.encode(), capture_output=True, check=False)
        return ran.stderr.decode("utf-8", "replace").strip() if ran.returncode else ""

    def _git(self, *words: str) -> None:
        own = ("user.name=corpus", "user.email=corpus@localhost", "init.defaultBranch=main", "gc.auto=0")
        own += (
            "core.autocrlf=false",
            "core.hooksPath=/dev/null",
            "commit.gpgsign=false",
            "advice.addEmbeddedRepo=false",
        )
        flags = [part for each in own for part in ("-c", each)]
        subprocess.run(["git", *flags, *words], cwd=self.copy, capture_output=True, check=True)
