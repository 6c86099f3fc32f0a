"""Whole files that djroadmap writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from djroadmap.errors import CannotRevert, Unrecognised
from djroadmap.model.edit import Edit

from .textlines import BOUND

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 4_000_000
"""Bytes that a packed text may take: a manifest is data, not trust."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFile(Edit):
    """A file of our own. Its record holds a digest, not the content, which git keeps already.

    `content` is the text, or a function that renders it; None in an edit that comes from the manifest.
    Line endings do not count, since git may convert them at checkout.
    """

    kind: ClassVar[str] = "file"
    varies: ClassVar[tuple[str, ...]] = ("executable",)
    content: str | Callable[[], str] | None = field(
        default=None, compare=False, repr=False, metadata={"recorded": False}
    )
    digest: str = field(default="", metadata=BOUND)
    """SHA-256 of the text as written."""
    executable: bool = False
    base: str = field(default="", metadata=BOUND)
    """The text as it would have been written, packed: kept only if what stands there is a merge of it, which git has
    never seen by itself."""

    def rendered(self) -> str | None:
        """The text to write, or None if only the digest is known."""
        return self.content() if callable(self.content) else self.content

    def holds(self, text: str | None) -> bool:
        """Is the file there, with just this content?"""
        if text is None:
            return False
        content = self.rendered()
        return digest_of(text) == (self.digest if content is None else digest_of(content))

    def kept(self, text: str | None) -> bool:
        """Is the file there, whatever its content has become?"""
        return text is not None

    def bind(self, text: str | None) -> Self:  # noqa: ARG002
        """Remember the digest of what is written."""
        content = self.rendered()
        return self if content is None else self.with_(digest=digest_of(content))

    def apply(self, text: str | None) -> str | None:
        """The content. Raises `Unrecognised` if another file is in the way, or the content is not known."""
        content = self.rendered()
        if text is None and content is not None:
            return content
        if self.holds(text):
            return text
        if content is None:
            raise Unrecognised(path=self.path, line=None, why="what stood in it is not recorded")
        raise Unrecognised(
            path=self.path, line=None, why="exists already with other content", snippet=content
        )

    def revert(self, text: str | None) -> str | None:
        """No file. Raises `CannotRevert` if it was edited."""
        if text is None:
            return None
        if digest_of(text) == self.bind(None).digest:
            return None
        why = "edited since djroadmap wrote it, so it is kept"
        raise CannotRevert(path=self.path, line=None, why=why)

    def known_base(self) -> str | None:
        """The text that `base` holds, if it is just what was written; manifests may be edited."""
        text = unpack(self.base) if self.base else None
        return text if text is not None and digest_of(text) == self.digest else None

    def describe(self) -> str:
        """The path says it all."""
        return self.path


def digest_of(text: str) -> str:
    """SHA-256 of a text, whatever its line endings."""
    import hashlib  # noqa: PLC0415 - takes longer to import than the rest of this package's modules

    return hashlib.sha256(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass")).hexdigest()


def pack(text: str) -> str:
    """A text as one short word."""
    import base64  # noqa: PLC0415 - only upgrades of edited files pay for it
    import zlib  # noqa: PLC0415 - as above

    return base64.b85encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode()


def unpack(word: str) -> str | None:
    """The text that `pack` packed, or None if it is not one, or is longer than a file of ours can be."""
    import base64  # noqa: PLC0415 - as above
    import zlib  # noqa: PLC0415 - as above

    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b85decode(word), LONGEST)
        return data.decode("utf-8", "surrogatepass") if unpacker.eof else None
    except (ValueError, zlib.error):
        return None
