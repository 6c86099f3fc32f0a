"""Bytes to text and back without losing any: byte order marks, UTF-16, coding cookies."""

from __future__ import annotations

import codecs

from djroadmap.regex import regex

COOKIE = regex(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # PEP 263

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def codec_of(data: bytes) -> tuple[bytes, str]:
    """The byte order mark that `data` starts with (maybe empty) and the codec of what follows.

    Raises `LookupError` if a coding cookie names a codec that does not exist.
    """
    for bom, codec in BOMS:
        if data.startswith(bom):
            return bom, codec
    for line in data.split(b"\n", 2)[:2]:
        if match := COOKIE.match(line):
            return b"", codecs.lookup(match[1].decode("ascii")).name
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return b"", "utf-8"


def decode(data: bytes) -> str:
    """The text of `data`, line endings kept. Raises `UnicodeDecodeError`, `LookupError`."""
    bom, codec = codec_of(data)
    return data[len(bom) :].decode(codec)


def encode(text: str, *, like: bytes | None) -> bytes:
    """The bytes of `text` in the encoding of `like`, the file's old bytes (UTF-8 for a new file).

    Raises `UnicodeEncodeError` if the file's encoding cannot hold the text.
    """
    if like is None:
        return text.encode()
    bom, codec = codec_of(like)
    return bom + text.encode(codec)


def newline_of(text: str) -> str:
    r"""The line ending of `text`: `"\r\n"` if its first line ends so, else `"\n"`."""
    end = text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
