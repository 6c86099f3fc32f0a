"""Every class of edit, loaded: what tests and tools iterate over. The table is in `djroadmap.edits`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.edits import NAMES, of_kind

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit

KINDS: dict[str, type[Edit]] = {kind: of_kind(kind) for kind in NAMES}
"""`kind` in a recorded edit to the class that reads it back."""

EDITS: tuple[type[Edit], ...] = tuple(KINDS.values())
