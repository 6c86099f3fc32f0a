"""`--verify`: what is going to be run is shown and agreed to, then run in a copy; a failure ends the command."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from djroadmap.errors import DjroadmapError, UsageError, VerificationFailed

from .output import interactive
from .session import Stop, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.adapters.scratch import Scratch
    from djroadmap.adapters.shell import LocalShell
    from djroadmap.model.plan import Command
    from djroadmap.workflow.prepared import Prepared
    from djroadmap.workflow.verify import Outcome, Verification
    from djroadmap.workflow.ways import Host, Way

    from .flags import Flags
    from .session import Session

LINES = 50
"""How much of the output of a command that failed is shown."""
WIDTH = 72


class Verifying:
    """The verification of one change."""

    def __init__(self, session: Session, flags: Flags, prepared: Prepared) -> None:
        """Find out how. Nothing is run. Raises `Refused` if there is no way on this machine."""
        from djroadmap.adapters.scratch import new_folder  # noqa: PLC0415
        from djroadmap.workflow.verify import verification  # noqa: PLC0415

        world = session.world()
        project, after = world.project(), world.project(prepared.over(world.tree))
        self.session = session
        self.prepared = prepared
        self.folder = new_folder()
        self.planned: Verification = verification(
            project,
            after,
            prepared,
            _host(session.root, (project.base, project.dependencies.folder), self.folder),
            tests=flags.verify_tests,
        )
        self.outcomes: list[Outcome] = []

    def show(self) -> None:
        """What is going to be run."""
        output, way = self.session.output, self.planned.way
        if way.outside:
            output.note("to verify the result, this is run in the project itself:")
            self._list(way.outside)
        output.note(f"to verify the result, this is run first in a copy of the project, {way.name}:")
        self._list((*self.planned.steps, *way.clean))
        for command in self.planned.left_out:
            output.note(f"{command.argv[0]} is not on this machine, so {command} is not run")

    def agree(self, flags: Flags) -> None:
        """Ask, where nothing else is. Raises `UsageError` if nobody can be asked, `Stop` if the answer is no."""
        if flags.yes:
            return
        if not interactive() or self.session.output.json:
            raise UsageError("there is no terminal to ask whether to run these commands", hint="pass --yes")
        from . import prompts  # noqa: PLC0415

        self.session.asked = True
        if not prompts.confirm("Run these commands?", default=True):
            self.session.output.note("nothing was run and nothing was written")
            raise Stop

    def run(self, context: Mapping[str, Any]) -> None:
        """Run it. Raises `Stop` if anything fails, once that has been said (with `context` under `--json`)."""
        from djroadmap.adapters.scratch import scratch  # noqa: PLC0415
        from djroadmap.workflow.verify import clean_up  # noqa: PLC0415

        output = self.session.output
        with scratch(self.session.root, self.folder) as place:
            place.fill(self.session.world().git.ignored())
            for path, why in place.left_out:
                output.note(f"not in the copy: {path} ({why})")
            place.write(self.prepared.changes, drop_empty=self.prepared.drop_empty)
            place.put(self.planned.way.files)
            copy = place.shell(environ_of(place, self.planned.way, os.environ))
            try:
                self._run(place, copy)
                failed = self.outcomes[-1] if self.outcomes[-1].returncode else None
                anyway = failed is not None and self._fails_anyway(place, copy, failed)
            finally:
                clean_up(self.planned, copy)
        if self.folder.exists():
            output.warning(f"{self.folder} holds files that only root may remove: sudo rm -r {self.folder}")
        if failed is not None:
            self._failed(failed, context, anyway=anyway)
        output.done("the project's checks pass on the result")

    def _run(self, place: Scratch, copy: LocalShell) -> None:
        from djroadmap.adapters.shell import LocalShell  # noqa: PLC0415
        from djroadmap.workflow.verify import verify  # noqa: PLC0415

        for one in verify(self.planned, copy, LocalShell(self.session.root), progress=self._progress):
            self.outcomes.append(one._replace(output=place.relative(one.output)))

    def _fails_anyway(self, place: Scratch, copy: LocalShell, failed: Outcome) -> bool:
        """Take the changes back in the copy, and look whether the command fails there as well.

        False too if they cannot be taken back, since a command has edited the same files.
        """
        from djroadmap.workflow.verify import fails_anyway  # noqa: PLC0415

        if failed.outside or failed.command not in self.planned.general:
            return False
        self.session.output.note("looking whether that fails without the changes too")
        try:
            place.write([change.inverse() for change in reversed(self.prepared.changes)])
        except DjroadmapError:
            return False
        return fails_anyway(self.planned, failed.command, copy)

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` says of it. The output is that of a failure only."""
        return {
            "way": self.planned.way.name,
            "passed": bool(self.outcomes) and not self.outcomes[-1].returncode,
            "commands": [
                {
                    "command": str(one.command),
                    "argv": list(one.command.argv),
                    "cwd": one.command.cwd,
                    "why": one.command.why,
                    "in_copy": not one.outside,
                    "returncode": one.returncode,
                    "seconds": round(one.seconds, 1),
                    "output": one.output if one.returncode else "",
                }
                for one in self.outcomes
            ],
            "not_run": [str(command) for command in self.planned.left_out],
        }

    def _progress(self, command: Command) -> None:
        total = len(self.planned.way.outside) + len(self.planned.steps)
        self.session.output.note(f"{len(self.outcomes) + 1} of {total}: {command.why}")

    def _list(self, commands: tuple[Command, ...]) -> None:
        output = self.session.output
        width = min(max(len(str(command)) for command in commands), WIDTH)
        for command in commands:
            output.write(f"    {command!s:<{width}}  {output.style('# ' + command.why, '2')}")

    def _failed(self, failed: Outcome, context: Mapping[str, Any], *, anyway: bool) -> NoReturn:
        """Say which command failed, how, and what to do. Ends with `Stop`."""
        output = self.session.output
        lines = failed.output.rstrip().splitlines()
        message = f"{failed.command} ended with {failed.returncode}"
        hint = "nothing was written; mend the cause, or run without --verify"
        if anyway:
            message += ", and without these changes too"
        if failed.command.argv[0] == "docker" and failed.command not in self.planned.commands:
            hint = (
                "nothing was written; mend the cause, or activate an environment with Django, in which it is run then"
                " without docker, or run without --verify"
            )
        elif anyway:
            hint = "nothing was written; the cause was there before: mend that first, or run without --verify"
        elif self.prepared.left:
            hint = "nothing was written; what is left for you to do may be what is missing: then run without --verify"
        where = ""
        if len(lines) > LINES:
            where = f" (the last {LINES} of {len(lines)} lines; all are in {_kept(failed.output)})"
        shown = "\n".join(f"    {line}" for line in lines[-LINES:])
        if shown:
            output.write(f"{failed.command}{where}:\n{shown}", stream=output.err, always=True)
        report(self.session, VerificationFailed(message, hint=hint), **context, verification=self.document)
        raise Stop(VerificationFailed.exit_code)


def _host(root: Path, folders: tuple[str, ...], folder: Path) -> Host:
    from djroadmap.adapters.environments import environments  # noqa: PLC0415
    from djroadmap.workflow.ways import Host  # noqa: PLC0415

    return Host(
        environ=os.environ,
        environments=environments(dict.fromkeys((root, *(root / one for one in folders))), os.environ),
        which=shutil.which,
        read=_text,
        folder=str(folder),
    )


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _kept(text: str) -> str:
    """A file with all of the output, for the user to read and to remove."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="djroadmap-verify-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write(text)
    return file.name


def environ_of(place: Scratch, way: Way, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of commands in the copy: what they import is the copy's, and git is not asked."""
    found = {name: value for name, value in environ.items() if name not in {"GIT_DIR", "GIT_WORK_TREE"}}
    given = [path for path in found.pop("PYTHONPATH", "").split(os.pathsep) if path]
    paths = [*(place.inside(path) or path for path in given), *filter(None, map(place.inside, way.sources))]
    if paths:
        found["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    for name, value in way.variables.items():
        found.pop(name, None)
        if value is not None:
            found[name] = value
    return found
