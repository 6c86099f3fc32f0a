"""Shell scripts of CI files and Makefiles, cut into commands, each with the folder it runs in."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath

WORD = regex(r"""(?:\$\{\{.*?\}\}|\$\([^()]*\)|"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+|\S""", re.DOTALL)
"""A word as written: an expression of GitHub's, a substitution and what stands in quotes are not cut."""
QUOTED = regex(r"""\$\{\{.*?\}\}|"(?:[^"\\]|\\.)*"|'[^']*'""", re.DOTALL)
ACTIVATION = regex(r"(?:source|\.)\s+(\S*(?:/|^))(?:bin|Scripts)/activate$")


class Invocation(NamedTuple):
    """One command of a script."""

    line: str
    """Its first line as written, without indentation."""
    text: str
    """All of its lines as one."""
    words: tuple[str, ...]
    """Its words as written, quotes and all."""
    cwd: RelPath
    environment: str = ""
    """The virtual environment that the script activated before, as the script names it."""

    @property
    def command(self) -> str:
        """Its words as one line: without the commands beside it on its line, and without comments."""
        return " ".join(self.words)


def invocations(script: str, start: RelPath = "") -> Iterator[Invocation]:
    """The commands of a script that begins in the folder `start`, with the folder that `cd` left them in."""
    cwd, environment = start, ""
    for lines in _logical(script):
        text = " ".join(line.removesuffix("\\").strip() for line in lines)
        back = cwd
        for part in parts(text):
            words = split(part)
            if words[:1] in (("cd",), ("pushd",)) and len(words) == 2:
                cwd = folder(posixpath.join(cwd, bare(words[1])))
            elif activated := ACTIVATION.match(" ".join(words)):
                environment = posixpath.normpath(activated[1] or ".")
            elif words:
                yield Invocation(lines[0].strip(), text, words, cwd, environment)
        if text.startswith("(") and text.endswith(")"):
            cwd = back


def split(text: str) -> tuple[str, ...]:
    """The words of a command as written, without the comment at its end and without brackets around it."""
    found = []
    for match in WORD.finditer(text.strip()):
        if match[0].startswith("#"):
            break
        found.append(match[0])
    if found and found[0].startswith("(") and not found[0].startswith("(("):
        found[0] = found[0][1:]
        found[-1] = found[-1].removesuffix(")")
    return tuple(word for word in found if word)


def bare(word: str) -> str:
    """A word without its quotes."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word


def folder(path: str) -> RelPath:
    """A folder as a path from the root; the root itself if that cannot be said."""
    path = posixpath.normpath(path or ".")
    return "" if path == "." or path.startswith(("/", "..", "$", "~")) else path


def parts(line: str) -> Iterator[str]:
    """The commands of a line, cut at `&&`, `||`, `;` and `|` outside quotes."""
    hidden = QUOTED.sub(lambda match: "x" * len(match[0]), line)
    hidden = re.sub(r"[<>]&\d?|&>|\d>&\d", lambda match: "x" * len(match[0]), hidden)
    start = 0
    for match in re.finditer(r"[&|;]+|$", hidden):
        if part := line[start : match.start()].strip():
            yield part
        start = match.end()


def _logical(script: str) -> Iterator[list[str]]:
    """The lines of a script, those that a backslash continues together."""
    lines: list[str] = []
    for line in script.splitlines():
        lines.append(line)
        if not line.endswith("\\"):
            yield lines
            lines = []
    if lines:
        yield lines
