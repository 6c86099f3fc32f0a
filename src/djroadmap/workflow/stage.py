"""Edits made on a copy in memory: what would be written, what was recorded, what cannot be done."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djroadmap import edits, manifest as manifests
from djroadmap.errors import CannotRevert, Problem, Refused, Unrecognised
from djroadmap.manifest import Manifest, Recorded
from djroadmap.model.change import Change
from djroadmap.model.staged import StagedTree
from djroadmap.model.text import encode

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.ports import Formatter, Tree


POINTER = "version https://git-lfs.github.com/spec/v1"
KEPT = ", so it is kept"
"""How the reason ends why something is not taken back."""


@dataclass(slots=True)
class Stage:
    """A project with changes that are not written yet. The one mutable thing between plan and commit."""

    base: Tree
    after: dict[RelPath, bytes | None] = field(default_factory=dict)
    edits: dict[RelPath, list[Edit]] = field(default_factory=dict)
    modes: dict[RelPath, int] = field(default_factory=dict)
    _shown: tuple[dict[RelPath, bytes | None], Tree] | None = None
    """What was staged when the tree was last asked for, and that tree."""

    @property
    def tree(self) -> Tree:
        """The project as it would be: the same tree until something else is staged."""
        if not self.after:
            return self.base
        if self._shown is None or self._shown[0] != self.after:
            self._shown = dict(self.after), StagedTree(self.base, self.after)
        return self._shown[1]

    def read(self, path: RelPath) -> str | None:
        """The text as it would be. Raises `Unrecognised` if it cannot be decoded."""
        return self.tree.read(path)

    def write(self, path: RelPath, text: str | None, *edits: Edit) -> None:
        """Stage the new text of a file (None: no file), in the encoding the file has.

        Raises `Refused` if that encoding cannot hold the text.
        """
        if text is None:
            self.after[path] = None
        else:
            try:
                self.after[path] = encode(text, like=self.base.raw(path))
            except UnicodeEncodeError as error:
                line = text.count("\n", 0, error.start) + 1
                why = f"the file is {error.encoding}, which cannot hold {text[error.start]!r}"
                raise Refused((Problem(path=path, line=line, why=why),)) from None
        self.edits.setdefault(path, []).extend(edits)

    def changes(self) -> tuple[Change, ...]:
        """What differs from the project, by path."""
        return tuple(
            Change(
                path=path,
                before=before,
                after=after,
                edits=tuple(self.edits.get(path, ())),
                mode=self.modes.get(path),
            )
            for path, after in sorted(self.after.items())
            if (before := self.base.raw(path)) != after
        )

    def make(
        self, edit: Edit, *, manifest: Manifest, previous: Recorded | None, formatter: Formatter
    ) -> Recorded:
        """Make one edit unless it holds, and return what to record of it. Raises `Refused`.

        An edit that holds because a feature in the `manifest` made it is owned together with that feature; one
        that held before belongs to the user, be it that an earlier run left it to them. What was recorded before
        (`previous`) and only tuned since is left.
        """
        text = self.content(edit.path)
        known = manifest.record_of(edit) or previous
        if known is not None and not known.todo and (edit.holds(text) or known.edit.kept(text)):
            return known
        edit = formatted(edit, text, formatter)
        bound = edit.bind(text)
        if edit.holds(text):
            return Recorded(edit=bound, owned=False)
        self.write(edit.path, bound.apply(text), bound)
        if isinstance(bound, edits.WholeFile) and bound.executable:
            self.modes[edit.path] = 0o755
        return Recorded(edit=bound)

    def leave(self, edit: Edit, *, previous: Recorded | None, formatter: Formatter) -> Recorded:
        """What to record of an edit that could not be made and is left to the user."""
        if previous is not None and not previous.todo:
            return previous
        if isinstance(edit, edits.WholeFile):  # told by its digest
            edit = formatted(edit, None, formatter).bind(None)
        return Recorded(edit=edit, owned=False, todo=True)

    def take_back(self, edit: Edit) -> bool:
        """Revert one edit; False if it is gone already.

        Raises `Refused` if it cannot be taken back, as with a comment that its owner wrote on it since.
        """
        text = self.content(edit.path)
        if text is None or not edit.kept(text):
            return False
        self.write(edit.path, reverted(edit, text), edit)
        return True

    def content(self, path: RelPath) -> str | None:
        """The text to edit. Raises `Refused` for what only stands for it."""
        text = self.read(path)
        if text is not None and text.startswith(POINTER):
            why = "is a pointer of Git LFS, and what it stands for has not been fetched"
            raise Unrecognised(
                path=path, line=1, why=why, snippet=f"git lfs pull --include={shlex.quote(path)}"
            )
        return text

    def record(self, manifest: Manifest) -> None:
        """Stage the manifest itself."""
        self.write(manifests.PATH, manifests.dump(manifest))

    def new_folders(self, manifest: Manifest) -> tuple[RelPath, ...]:
        """Folders that the staged files need and the project lacks, or that an installed feature created."""
        found: dict[RelPath, None] = {}
        for path, after in self.after.items():
            if after is None or self.base.raw(path) is not None:
                continue
            for folder in parents(path):
                if not self.base.has_folder(folder) or manifest.keepers(folder):
                    found[folder] = None
        return tuple(sorted(found))


def reverted(edit: Edit, text: str) -> str | None:
    """The text without the edit. Raises `Refused`, also if a comment that its owner wrote on it would go as well."""
    after = edit.revert(text)
    lost = _comments(text) - _comments(after or "")
    if after is None or not lost:
        return after
    try:
        again = edit.apply(after)
    except Refused:  # what it would be like is not known, so nobody can tell what is added to it
        return after
    for comment in lost - (_comments(again or "") - _comments(after)):
        why = f'you wrote "# {comment}" on {edit.describe()}{KEPT}'
        raise CannotRevert(path=edit.path, line=None, why=why)
    return after


def _comments(text: str) -> Counter[str]:
    return Counter(line.partition("#")[2].strip() for line in text.split("\n") if "#" in line)


def parents(path: RelPath) -> tuple[RelPath, ...]:
    """The folders above a file, outermost first: `a`, `a/b` for `a/b/c.py`."""
    parts = path.split("/")[:-1]
    return tuple("/".join(parts[: count + 1]) for count in range(len(parts)))


def formatted(edit: Edit, text: str | None, formatter: Formatter) -> Edit:
    """A new Python file as the project's formatter would leave it; every other edit as it is."""
    if not isinstance(edit, edits.WholeFile) or not edit.path.endswith(".py") or edit.holds(text):
        return edit
    content = edit.apply(None)
    return edit.with_(content=formatter.format(edit.path, content)) if content else edit
