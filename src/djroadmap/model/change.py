"""What becomes of one file, as bytes before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from .text import decode

if TYPE_CHECKING:
    from .edit import Edit, RelPath

Action = Literal["create", "modify", "delete"]


class Change(NamedTuple):
    """One file before and after (`None`: no such file), and the edits that led from one to the other."""

    path: RelPath
    before: bytes | None
    after: bytes | None
    edits: tuple[Edit, ...] = ()
    mode: int | None = None
    """Permission bits for a file that is created; None for the default."""

    @property
    def action(self) -> Action:
        """What happens to the file."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "modify"

    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(path=self.path, before=self.after, after=self.before, edits=self.edits)

    @property
    def is_text(self) -> bool:
        """Are both sides UTF-8, as a patch holds them?"""
        try:
            for side in (self.before, self.after):
                (side or b"").decode()
        except UnicodeDecodeError:
            return False
        return True

    def diff(self) -> str:
        r"""A unified diff that `git apply` takes, with `\ No newline at end of file` where it belongs."""
        import difflib  # noqa: PLC0415 - only runs that show a diff pay for it

        old, new = (_lines(side) for side in (self.before, self.after))
        head = f"diff --git a/{self.path} b/{self.path}\n"
        if self.before is None:
            head += f"new file mode 100{self.mode or 0o644:o}\n"
        elif self.after is None:
            head += "deleted file mode 100644\n"
        body = difflib.unified_diff(
            old,
            new,
            "/dev/null" if self.before is None else f"a/{self.path}",
            "/dev/null" if self.after is None else f"b/{self.path}",
        )
        return head + "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body
        )


def _lines(data: bytes | None) -> list[str]:
    if not data:
        return []
    try:
        text = data.decode()  # a byte order mark stays in, as the patch must have it
    except UnicodeDecodeError:
        text = _shown(data)
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _shown(data: bytes) -> str:
    """Text for people to read, of a file that no patch can hold."""
    try:
        return decode(data)
    except (UnicodeDecodeError, LookupError):
        return data.decode("latin-1")
