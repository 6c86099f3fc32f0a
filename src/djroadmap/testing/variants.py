"""The bytes that the same project may have: as it was generated, on Windows, as editors leave it."""

from __future__ import annotations

TEXT = (
    ".py",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    ".md",
    ".html",
    ".env",
    "justfile",
    "Makefile",
    ".gitignore",
)
ONLY = {"bom": (".py", ".txt")}
"""The files that a variant changes, where it is not all text files."""


def as_is(data: bytes) -> bytes:
    """The file as it was generated."""
    return data


def crlf(data: bytes) -> bytes:
    """The file as a Windows checkout has it."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def no_final_newline(data: bytes) -> bytes:
    """The file as some editors leave it."""
    return data.rstrip(b"\r\n") if data.strip() else data


def byte_order_mark(data: bytes) -> bytes:
    """The file as Windows editors save it. Only Python and requirements are read so by everybody."""
    return b"\xef\xbb\xbf" + data if data else data


VARIANTS = {"as-is": as_is, "crlf": crlf, "no-final-newline": no_final_newline, "bom": byte_order_mark}


def varied(files: dict[str, bytes], variant: str) -> dict[str, bytes]:
    """The files of a project with the bytes of a variant."""
    change, kinds = VARIANTS[variant], ONLY.get(variant, TEXT)
    return {path: change(data) if path.endswith(kinds) else data for path, data in files.items()}
