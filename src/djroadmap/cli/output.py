"""What people read: five marks with ASCII fallbacks, colours only where they are wanted."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

MARKS = {
    "done": ("✔", "[ok]", "32"),
    "todo": ("☐", "[todo]", "36"),
    "note": ("ℹ", "[note]", "34"),
    "warning": ("⚠", "[warn]", "33"),
    "error": ("✖", "[error]", "31"),
}

LONGEST = 600
"""Characters of a line of a diff on a terminal."""
DIFF_COLOURS = (("diff --git", "1"), ("+++", "1"), ("---", "1"), ("@@", "36"), ("+", "32"), ("-", "31"))


NARROW = 24
"""Columns for which folding makes it worse."""


class Output:
    """Standard output and standard error, and how loud to be."""

    def __init__(self, out: IO[str], err: IO[str]) -> None:
        self.out = out
        self.err = err
        self.quiet = False
        self.json = False

    @classmethod
    def standard(cls) -> Output:
        """The process's own streams."""
        return cls(out=sys.stdout, err=sys.stderr)

    def done(self, text: str) -> None:
        """Something was done."""
        self._line("done", text)

    def todo(self, text: str) -> None:
        """Something is left for the user."""
        self._line("todo", text)

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._line("note", text)

    def warning(self, text: str) -> None:
        """Something that may go wrong; on standard error."""
        self._line("warning", text, stream=self.err)

    def error(self, text: str, *, hint: str = "") -> None:
        """Why the run stops, and what to do next; on standard error, even when quiet."""
        self._line("error", text, stream=self.err, always=True)
        if hint:
            self.write(f"  hint: {hint}", stream=self.err, always=True)

    def write(self, text: str = "", *, stream: IO[str] | None = None, always: bool = False) -> None:
        """Lines without a mark: tables, diffs, snippets. Under `--json` only the document goes to standard output."""
        if self.quiet and not always:
            return
        target = stream or (self.err if self.json else self.out)
        target.write(_printable(text, target) + "\n")
        target.flush()

    def document(self, data: dict[str, Any]) -> None:
        """The one JSON document of `--json`."""
        import json  # noqa: PLC0415

        self.out.write(json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=False, default=str) + "\n")
        self.out.flush()

    def diff(self, text: str) -> None:
        """A unified diff, coloured; on a terminal, without the rest of lines that fill it."""
        stream = self.err if self.json else self.out
        if not coloured(stream):
            self.write(text.rstrip("\n"), always=False)
            return
        for line in text.splitlines():
            if (more := len(line) - LONGEST) > 0:  # a packed text in the manifest, which nobody reads
                line = f"{line[:LONGEST]}... ({more} more)"  # noqa: PLW2901 - as it is shown
            code = next((colour for start, colour in DIFF_COLOURS if line.startswith(start)), "")
            self.write(f"\x1b[{code}m{line}\x1b[0m" if code else line)

    def style(self, text: str, code: str) -> str:
        """`text` in an ANSI style where standard output shows colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if coloured(self.err if self.json else self.out) else text

    def mark(self, name: str, stream: IO[str] | None = None) -> str:
        """One of the five marks as this stream can show it."""
        target = stream or self.out
        fancy, plain, colour = MARKS[name]
        shown = fancy if _can_show(fancy, target) else plain
        return f"\x1b[{colour}m{shown}\x1b[0m" if coloured(target) else shown

    def fold(self, text: str, indent: int) -> str:
        """`text` behind `indent` columns of something else: at a terminal, folded between words, below itself."""
        if not (self.err if self.json else self.out).isatty():
            return text
        import shutil  # noqa: PLC0415 - nothing of this where nobody reads
        import textwrap  # noqa: PLC0415

        room = shutil.get_terminal_size().columns - indent - 1
        if room < NARROW:
            return text
        lines = textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False)
        return f"\n{' ' * indent}".join(lines)

    @property
    def fancy(self) -> bool:
        """Are the marks one character wide here, on standard output?"""
        return _can_show(MARKS["todo"][0], self.err if self.json else self.out)

    def _line(self, name: str, text: str, *, stream: IO[str] | None = None, always: bool = False) -> None:
        target = stream or (self.err if self.json else self.out)
        self.write(f"{self.mark(name, target)} {text}", stream=target, always=always)


def coloured(stream: IO[str]) -> bool:
    """Does this stream want colours? https://no-color.org"""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def interactive() -> bool:
    """Is there a person at a terminal to ask?"""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _can_show(text: str, stream: IO[str]) -> bool:
    if os.environ.get("TERM") == "dumb":
        return False
    try:
        text.encode(_encoding(stream))
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _encoding(stream: IO[str]) -> str:
    return getattr(stream, "encoding", None) or "ascii"


def _printable(text: str, stream: IO[str]) -> str:
    """`text` with what the stream cannot encode, or a terminal must not interpret, written out."""
    encoding = _encoding(stream)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text
