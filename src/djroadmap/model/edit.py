"""What an edit is: frozen data that names one file, with three pure methods (DESIGN section 1)."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

RelPath = str
"""A path relative to the project's root, with forward slashes: `config/settings/base.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to one file. Subclasses are frozen, slotted, keyword-only dataclasses of plain values.

    Texts are decoded, with the file's own line endings and without a byte order mark; `None` stands
    for a file that does not exist. The methods are pure and never guess: a shape that is not known
    raises `Unrecognised`, something that cannot be taken back raises `CannotRevert`.

    Laws, for every text `t` on which `apply` does not raise:
    `holds(apply(t))`; `apply(apply(t)) == apply(t)`; if not `holds(t)`, `bound.revert(bound.apply(t)) == t`
    where `bound = self.bind(t)`; and `revert` leaves what others wrote since alone.
    """

    kind: ClassVar[str]
    varies: ClassVar[tuple[str, ...]] = ()
    """The fields in which another version of a feature may differ, and still mean the same thing in the file."""
    path: RelPath
    extra: bool = field(default=False, compare=False, metadata={"recorded": False})
    """Part of what is added (tests, tuning, imports), but not of what makes the feature present."""

    def holds(self, text: str | None) -> bool:
        """Is what this edit wants already true of the file?"""
        raise NotImplementedError(self.kind)

    def apply(self, text: str | None) -> str | None:
        """The file's text with the edit made; the same text if it holds. Raises `Unrecognised`."""
        raise NotImplementedError(self.kind)

    def revert(self, text: str | None) -> str | None:
        """The file's text with exactly what `apply` did taken back. Raises `CannotRevert`."""
        raise NotImplementedError(self.kind)

    def bind(self, text: str | None) -> Self:  # noqa: ARG002
        """This edit, carrying what it must remember of `text` (an old value, say) to be taken back.

        Called just before `apply`; the bound edit is the one that is recorded.
        """
        return self

    def kept(self, text: str | None) -> bool:
        """Is what was recorded still there, though perhaps tuned by its owner since? By default, `holds`.

        A setting whose value was changed is kept, and so is a whole file that was edited.
        """
        return self.holds(text)

    def describe(self) -> str:
        """What this edit wants, in a few words, for `status` and refusals: `"waffle" in INSTALLED_APPS`."""
        raise NotImplementedError(self.kind)

    def describe_inside(self) -> str:
        """The same where the file is named besides: without it."""
        return self.describe().removesuffix(f" in {self.path}").removesuffix(f" of {self.path}")

    def record(self) -> dict[str, Any]:
        """The edit as plain values (str, bool, int, list, dict) for the manifest, defaults left out."""
        values: dict[str, Any] = {"kind": self.kind}
        for spec in fields(self):
            if not spec.metadata.get("recorded", True):
                continue
            value = getattr(self, spec.name)
            if spec.default is not MISSING and value == spec.default:
                continue
            values[spec.name] = list(value) if isinstance(value, tuple) else value
        return values

    @classmethod
    def from_record(cls, values: Mapping[str, Any]) -> Self:
        """The edit that `record` wrote. Raises `TypeError` or `ValueError` if the values are not of this kind."""
        kwargs: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
            if key != "kind"
        }
        return cls(**kwargs)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two edits the same wish, whichever feature has it: the kind and the recorded wish."""
        return (self.kind, self.path, *self.wish())

    def wish(self) -> tuple[Any, ...]:
        """The part of the data that says what is wanted; what `bind` fills in (`metadata bound`) is not part of it."""
        return tuple(
            getattr(self, spec.name)
            for spec in fields(self)
            if spec.compare and spec.name != "path" and not spec.metadata.get("bound", False)
        )

    @property
    def target(self) -> tuple[Any, ...]:
        """What in which file it is about, whatever becomes of that: the setting, not its value."""
        values = (
            getattr(self, spec.name)
            for spec in fields(self)
            if spec.compare and not spec.metadata.get("bound", False) and spec.name not in self.varies
        )
        return (self.kind, *values)

    def giving_way(self, successor: Edit) -> Self:  # noqa: ARG002
        """This edit as it is taken back where another version of it, `successor`, is made at once."""
        return self

    def succeeding(self, earlier: Edit) -> Self:  # noqa: ARG002
        """This edit, bound to a text from which `earlier` has just been taken, as if that had never been there."""
        return self

    def remembering(self, earlier: Edit) -> Self:
        """This edit with what an earlier version of it remembers of the file before both of them."""
        bound = (spec.name for spec in fields(self) if spec.metadata.get("bound", False))
        return self.with_(**{name: getattr(earlier, name) for name in bound})

    def with_(self, **changes: Any) -> Self:
        """A copy with these fields changed."""
        return replace(self, **changes)
