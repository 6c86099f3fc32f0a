"""A change as a diff that git takes, and its inverse."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from djroadmap.model.change import Change

CASES = {
    "modify": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "create": (None, b"a\nb\n"),
    "create empty": (None, b""),
    "create without a final newline": (None, b"a"),
    "delete": (b"a\nb\n", None),
    "no final newline before": (b"a\nb", b"a\nb\nc\n"),
    "no final newline after": (b"a\nb\n", b"a\nb"),
    "carriage returns": (b"a\r\nb\r\n", b"a\r\nB\r\n"),
    "byte order mark": (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n"),
    "not ASCII": ("ä\n".encode(), "ö\n".encode()),
    "form feed": (b"a\x0cb\nc\n", b"a\x0cb\nd\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_git_applies_the_diff(name: str, tmp_path: Path) -> None:
    before, after = CASES[name]
    change = Change(path="f.txt", before=before, after=after)
    file = tmp_path / "f.txt"
    if before is not None:
        file.write_bytes(before)
    subprocess.run(
        ["git", "apply", "-"], input=change.diff().encode(), cwd=tmp_path, check=True, capture_output=True
    )
    assert (file.read_bytes() if file.exists() else None) == after
    assert change.is_text
    assert change.inverse() == Change(path="f.txt", before=after, after=before)


def test_the_action_says_what_happens() -> None:
    assert Change(path="f", before=None, after=b"").action == "create"
    assert Change(path="f", before=b"", after=None).action == "delete"
    assert Change(path="f", before=b"a", after=b"b").action == "modify"


def test_an_executable_is_created_as_one() -> None:
    assert "new file mode 100755" in Change(path="f", before=None, after=b"x\n", mode=0o755).diff()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("ä".encode("utf-16"), "ä"),
        (b"# coding: latin-1\n\xe4", "ä"),
        (b"\xe4", "ä"),
        (b"# coding: nonsense\n\xe4", "ä"),
    ],
)
def test_what_no_patch_can_hold_is_still_shown(data: bytes, shown: str) -> None:
    change = Change(path="f", before=None, after=data)
    assert not change.is_text
    assert shown in change.diff()
