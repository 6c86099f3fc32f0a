"""What git knows of the project's files: which are changed, which are ignored. Only reads."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from djroadmap.errors import DjroadmapError
from djroadmap.regex import regex

from .paths import real_path, relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from djroadmap.model.edit import RelPath

QUIET = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
SECONDS = 60
COMMITS = 500
"""How many commits of one file are looked at."""
RAW = regex(rb":\d+ \d+ ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]")
STAGED = regex(rb"(?:^|\0)\d+ ([0-9a-f]{40,64}) \d\t")
NO_REPOSITORY = "this project is not in git"
NO_GIT = "git is not installed"


class Git:
    """The repository that a project's root is in, if any: a worktree, a submodule, or a folder of a larger one."""

    def __init__(self, root: Path, *, environ: Mapping[str, str] | None = None, program: str = "git") -> None:
        self.root = Path(os.path.realpath(root))
        self._program = program
        # A hook's GIT_DIR and GIT_INDEX_FILE are about its own repository, not about this folder.
        kept = {
            key: value
            for key, value in (os.environ if environ is None else environ).items()
            if not key.startswith("GIT_") or key.startswith(("GIT_CONFIG_", "GIT_CEILING"))
        }
        self._environ = {**kept, **QUIET}

    @property
    def is_repository(self) -> bool:
        """Is the project in git, as far as git is there to say? True as well if git refuses to say more."""
        return self.problem not in {NO_REPOSITORY, NO_GIT}

    @property
    def problem(self) -> str:
        """Why git cannot be asked: not a repository, not installed, or git's own words. Empty if it can."""
        return _gist(self._complaint)

    @cached_property
    def _complaint(self) -> str:
        code, output, complaint = self._run(self.root, ["rev-parse", "--is-inside-work-tree"])
        if code == 0 and output.strip() == b"true":
            return ""
        # A worktree whose repository has gone elsewhere is "not a git repository" too, but is followed by a path.
        return complaint if complaint and "not a git repository (or any" not in complaint else NO_REPOSITORY

    def dirty(self, paths: Sequence[RelPath]) -> tuple[RelPath, ...]:
        """Those of `paths` that are modified, staged, deleted or untracked, in the order given.

        A link is as dirty as the file it leads to, since that is what would be written. Ignored files are not
        dirty: git has no version of them to protect. Empty if there is no repository. Raises `DjroadmapError` if
        there is one that git does not want to, or cannot, look into: that is not the same as clean.
        """
        if self.problem and self.is_repository:
            raise _silent(self.root, self._complaint)
        found: set[RelPath] = set()
        for home, names in self._by_repository(paths).items():
            arguments = [
                "status",
                "--porcelain=v1",
                "-z",
                "--untracked-files=all",
                "--no-renames",
                "--",
                *names,
            ]
            code, output, complaint = self._run(home, arguments)
            if code != 0:
                raise _silent(home, complaint)
            prefix = self._prefix(home)
            changed = {os.fsdecode(item[3:]) for item in output.split(b"\0") if item}
            found.update(path for name, path in _pairs(names) if prefix + name in changed)
        return tuple(path for path in paths if path in found)

    def is_ignored(self, paths: Sequence[RelPath]) -> frozenset[RelPath]:
        """Those of `paths` that git ignores and does not track. Empty if there is no repository."""
        found: set[RelPath] = set()
        for home, names in self._by_repository(paths).items():
            # check-ignore knows no --literal-pathspecs; `./` keeps a leading colon from being magic.
            given = b"\0".join(b"./" + os.fsencode(name) for name in names)
            code, output, _ = self._run(home, ["check-ignore", "-z", "--stdin"], given)
            if code == 0:
                ignored = {os.fsdecode(item[2:]) for item in output.split(b"\0") if item}
                found.update(path for name, path in _pairs(names) if name in ignored)
        return frozenset(found)

    def ignored(self) -> frozenset[RelPath]:
        """All that is there, ignored and not tracked: files, and folders as a whole. Empty without a repository."""
        if self.problem:
            return frozenset()
        listing = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"]
        _, output, _ = self._run(self.root, listing)
        return frozenset(os.fsdecode(name).rstrip("/") for name in output.split(b"\0") if name)

    def versions(self, path: RelPath) -> Iterator[bytes]:
        """What stood in a file, as git keeps it: staged first, then every commit of any branch, the newest first.

        Nothing if there is no repository, or if git has no answer.
        """
        for home, names in self._by_repository((path,)).items():
            (name,) = names
            literal = "--literal-pathspecs"
            _, staged, _ = self._run(home, [literal, "ls-files", "--stage", "-z", "--", name])
            log = ["log", "--all", "--format=", "--raw", "--no-abbrev", "-z", "-m", "--no-renames"]
            _, raw, _ = self._run(
                home, [literal, *log, "--no-show-signature", f"--max-count={COMMITS}", "--", name]
            )
            found = dict.fromkeys(match[1] for match in STAGED.finditer(staged))
            for match in RAW.finditer(raw):
                found.update(dict.fromkeys((match[2], match[1])))
            blobs = [blob for blob in found if blob.strip(b"0")]
            if blobs:
                yield from self._contents(home, blobs)

    def _contents(self, home: Path, blobs: Sequence[bytes]) -> Iterator[bytes]:
        _, output, _ = self._run(home, ["cat-file", "--batch"], b"".join(blob + b"\n" for blob in blobs))
        at = 0
        while (end := output.find(b"\n", at)) >= 0:
            head = output[at:end].split()
            at = end + 1
            if len(head) == 3 and head[1] == b"blob":
                yield output[at : at + int(head[2])]
            if len(head) == 3:  # not `<name> missing`
                at += int(head[2]) + 1

    def _by_repository(self, paths: Iterable[RelPath]) -> dict[Path, dict[str, list[RelPath]]]:
        """For every repository concerned (submodules have their own), its paths and whose they are.

        Git refuses to look behind links, so paths are real ones, relative to the folder git is run in.
        """
        homes: dict[Path, dict[str, list[RelPath]]] = {}
        if self.problem:
            return homes
        for path in paths:
            real = real_path(self.root, path)
            if real is None:
                continue
            home = next(
                (folder for folder in _between(self.root, real) if os.path.lexists(folder / ".git")),
                self.root,
            )
            homes.setdefault(home, {}).setdefault(relative(home, real), []).append(path)
        return homes

    def _prefix(self, folder: Path) -> str:
        """Where `folder` is in its repository: `backend/`, or nothing at the top."""
        _, output, _ = self._run(folder, ["rev-parse", "--show-prefix"])
        return os.fsdecode(output).removesuffix("\n")

    def _run(
        self, folder: Path, arguments: Sequence[str], given: bytes = b""
    ) -> tuple[int | None, bytes, str]:
        """Exit code (None: none), stdout, and stderr as text, or why there is none."""
        import subprocess  # noqa: PLC0415 - 16 ms, only for runs that ask git

        # No file system monitor: asking must start nothing that a repository's configuration names.
        argv = [self._program, "-c", "core.fsmonitor=false", *arguments]
        try:
            ran = subprocess.run(
                argv,
                cwd=folder,
                env=self._environ,
                input=given,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except OSError:
            return None, b"", NO_GIT
        except subprocess.TimeoutExpired:
            return None, b"", f"git gave no answer in {SECONDS} seconds"
        return ran.returncode, ran.stdout, ran.stderr.decode(errors="replace").strip()


def _silent(folder: Path, complaint: str) -> DjroadmapError:
    """The error that git cannot tell; with the command that git itself suggests, if it does."""
    remedy = next(
        (line.strip() for line in complaint.splitlines() if line.strip().startswith("git ")), "mend that"
    )
    message = f"{folder}: git cannot tell what is committed here: {_gist(complaint)}"
    return DjroadmapError(message, hint=f"nothing was written; {remedy}, or pass --allow-dirty")


def _gist(complaint: str) -> str:
    return complaint.partition("\n")[0].removeprefix("fatal: ")


def _between(root: Path, real: Path) -> list[Path]:
    """The folders of `real` below `root`, the innermost first."""
    return [folder for folder in real.parents if folder != root and folder.is_relative_to(root)]


def _pairs(names: Mapping[str, list[RelPath]]) -> list[tuple[str, RelPath]]:
    return [(name, path) for name, paths in names.items() for path in paths]
