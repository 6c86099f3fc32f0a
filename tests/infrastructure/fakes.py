"""Fake programs with scripted answers, which write down how they are called."""

from __future__ import annotations

import json
import marshal
import shlex
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("aws", "docker", "gh", "helm", "kubectl", "sleep", "terraform", "terragrunt")
"""Programs that a script never gets for real; `sleep` takes no time."""

PROGRAM = '''\
#!{python} -IS
"""Answers as `answers` says, and adds each call to `calls`. Imports nothing that takes long: scripts call often."""
import fcntl, marshal, os, sys

folder, name, arguments = {folder!r}, os.path.basename(sys.argv[0]), sys.argv[1:]
stdin = sys.stdin.read() if {{"-", "--password-stdin"}} & set(arguments) else ""
files = {{
    part: open(part.removeprefix("file://")).read()
    for part in arguments
    if part.startswith("file://") and os.path.isfile(part.removeprefix("file://"))
}}


def matches(words):
    rest = iter(arguments)
    return all(word in rest for word in words)


with open(folder + "/lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    with open(folder + "/answers", "rb") as file:
        answers = marshal.load(file)
    fitting = [each for each in answers if each["program"] == name and matches(each["words"])]
    longest = max((len(each["words"]) for each in fitting), default=0)
    fitting = [each for each in fitting if len(each["words"]) == longest]
    answer = next((each for each in fitting if not each["used"]), fitting[-1] if fitting else None)
    if answer:
        answer["used"] += 1
        with open(folder + "/answers", "wb") as file:
            marshal.dump(answers, file)
    call = {{"program": name, "arguments": arguments, "stdin": stdin, "files": files, "answered": bool(answer)}}
    with open(folder + "/calls", "ab") as calls:
        marshal.dump(call, calls)
if not answer:
    print(f"fake {{name}}: no answer to: {{' '.join(arguments)}}", file=sys.stderr)
    sys.exit(97)
sys.stdout.write(answer["stdout"])
sys.stderr.write(answer["stderr"])
sys.stdout.flush()
if answer["shell"]:
    import subprocess

    subprocess.run(["bash", "-ec", answer["shell"], name, *arguments], check=True)
sys.exit(answer["code"])
'''


class Call(NamedTuple):
    """One call of a fake program."""

    program: str
    arguments: tuple[str, ...]
    stdin: str
    """What it was given, if `-` or `--password-stdin` is among its arguments."""
    files: dict[str, str]
    """The contents of arguments like `file://task.json`, at that time."""
    answered: bool

    def option(self, name: str) -> str:
        """The value behind the option `name` (`--cluster x`, `--cluster=x`); KeyError: it is not given."""
        for number, part in enumerate(self.arguments):
            if part == name and number + 1 < len(self.arguments):
                return self.arguments[number + 1]
            if part.startswith(f"{name}="):
                return part.partition("=")[2]
        raise KeyError(name)

    def __str__(self) -> str:
        return shlex.join((self.program, *self.arguments))


class Fakes:
    """Programs on PATH in `bin`, for `execute`. A call that no answer fits fails with 97, and is in `unanswered`."""

    def __init__(self, folder: Path, *names: str) -> None:
        """The fakes are made in `folder` (empty): all of NAMES, and `names`."""
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self._answers = folder / "answers"
        self._answers.write_bytes(marshal.dumps([]))
        for name in (*NAMES, *names):
            program = self.bin / name
            program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
            program.chmod(0o755)
        self.answer("sleep")

    def answer(
        self, command: str, stdout: object = "", *, code: int = 0, stderr: str = "", shell: str = ""
    ) -> Fakes:
        """How calls of `command` are answered: the program, and words that its arguments have in that order.

        Of several answers that fit, those with most words count, first come, first served; the last of them stays.
        What is no text is printed as JSON. `shell` is run by bash with the call's arguments, for what the program
        does besides: write a file, say.
        """
        program, *words = shlex.split(command)
        assert (self.bin / program).exists(), f"{program} is not faked: Fakes(folder, {program!r})"
        printed = stdout if isinstance(stdout, str) else json.dumps(stdout)
        if printed and not printed.endswith("\n"):
            printed += "\n"
        answers = marshal.loads(self._answers.read_bytes())
        answers.append(
            {
                "program": program,
                "words": words,
                "stdout": printed,
                "stderr": stderr,
                "code": code,
                "shell": shell,
                "used": 0,
            }
        )
        self._answers.write_bytes(marshal.dumps(answers))
        return self

    def calls(self, command: str = "") -> list[Call]:
        """The calls so far, in order: all, or those of a program with words that their arguments have in that order."""
        found = [Call(**{**each, "arguments": tuple(each["arguments"])}) for each in self._calls()]
        return [call for call in found if _fits(call, shlex.split(command))]

    def _calls(self) -> Iterator[dict[str, Any]]:
        log = self.folder / "calls"
        if log.exists():
            with log.open("rb") as file:
                while file.peek(1):
                    yield marshal.load(file)

    @property
    def unanswered(self) -> list[Call]:
        """The calls that no answer fitted."""
        return [call for call in self.calls() if not call.answered]


def _fits(call: Call, command: list[str]) -> bool:
    rest = iter((call.program, *call.arguments))
    return (not command or call.program == command[0]) and all(word in rest for word in command)
