"""Files of our own from one version of a feature to the next: what we wrote, what is there, what we would write now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap import edits
from djroadmap.edits.files import digest_of, pack
from djroadmap.errors import DjroadmapError, Problem, Refused
from djroadmap.manifest import Recorded
from djroadmap.model.change import Change
from djroadmap.model.plan import Command, Todo
from djroadmap.model.text import decode, encode, newline_of

from .merge import merge, similar
from .stage import formatted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from djroadmap.edits.files import WholeFile
    from djroadmap.manifest import Installed
    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.feature import Feature
    from djroadmap.model.ports import Formatter

    from .add import Run

RENAMED = 0.5
"""How much of a file must be the same under a new name: git's measure."""
SMALL = 3
"""Lines below which files resemble each other by chance."""


class Own(NamedTuple):
    """The feature whose files these are."""

    run: Run
    feature: Feature
    installed: Installed
    formatter: Formatter
    planned: frozenset[RelPath]
    """All the files it would write now."""

    @property
    def was(self) -> str:
        """`waffle 1`."""
        return f"{self.feature.id} {self.installed.version}"

    @property
    def now(self) -> str:
        """`waffle 2`."""
        return f"{self.feature.id} {self.feature.version}"


def upgrade_file(own: Own, recorded: Recorded, old: WholeFile, new: WholeFile) -> Recorded:
    """Stage a file as today's version has it, with the edits of its owner; return what to record.

    Deleted files stay deleted. A problem goes to the run if the file cannot be read or written.
    """
    stage = own.run.stage
    bound, ours = _written(own, new)
    try:
        text = stage.content(old.path)
        if text is None:
            _deleted(own, old, ours, said=recorded.out)
            return recorded._replace(out=True)
        if new.executable and not old.executable:
            own.run.commands.append(Command(("chmod", "+x", new.path), why="it is a program now"))
        if bound.digest == old.digest:
            return Recorded(edit=bound.with_(base=old.base))
        return _merged(own, old, bound, text, ours=ours)
    except Refused as refused:
        own.run.problems.extend(refused.problems)
        return recorded


def renamed(own: Own, old: WholeFile, new: Sequence[WholeFile]) -> tuple[WholeFile, Recorded] | None:
    """The one of the `new` files that an old one has become, staged with the edits of its owner, and what to record.

    None if it was not edited, or has become none of them. One that was deleted stays deleted under its new name.
    """
    stage = own.run.stage
    try:
        text = stage.content(old.path)
    except Refused:
        return None
    if text is not None and digest_of(text) == old.digest:
        return None
    base = _base(own, old, text)
    if text is None and (found := _moved_along(own, old, base, new)) is not None:
        return found
    measure = base if base is not None else text
    if measure is None:
        return None
    fitting = [
        edit for edit in new if _suffix(edit.path) == _suffix(old.path) and not stage.tree.exists(edit.path)
    ]
    rated = [(similar(measure, _written(own, edit)[1]), edit) for edit in fitting]
    rated = [(rate, edit) for rate, edit in rated if rate >= RENAMED]
    if not rated:
        return None
    _, edit = max(rated, key=lambda pair: pair[0])
    bound, ours = _written(own, edit)
    if text is None:
        own.run.notes.append(
            f"{old.path} was deleted by you; it is called {edit.path} now, and stays deleted"
        )
        return edit, Recorded(edit=bound, out=True)
    try:
        stage.write(old.path, None, old)
        record = _merged(own, old, bound, text, ours=ours, base=base)
    except Refused as refused:
        own.run.problems.extend(refused.problems)
        return None
    own.run.notes.append(f"{old.path} is called {edit.path} now; your edits go along")
    return edit, record


def _moved_along(
    own: Own, old: WholeFile, base: str | None, new: Sequence[WholeFile]
) -> tuple[WholeFile, Recorded] | None:
    """The same for a file that its owner moved to just where it would be written now, with a whole app, say."""
    for edit in new:
        try:
            text = own.run.stage.content(edit.path)
            if text is None or text.count("\n") < SMALL:
                continue
            if digest_of(text) == old.digest or (base is not None and similar(base, text) >= RENAMED):
                bound, ours = _written(own, edit)
                there = old.with_(path=edit.path)
                return edit, _merged(own, there, bound, text, ours=ours, base=base)
        except Refused as refused:
            own.run.problems.extend(refused.problems)
    return None


def _written(own: Own, new: WholeFile) -> tuple[WholeFile, str]:
    """The edit as it would be recorded, and its text as the project's formatter leaves it."""
    edit = formatted(new, None, own.formatter)
    assert isinstance(edit, edits.WholeFile)  # noqa: S101 - for mypy
    return edit.bind(None), edit.rendered() or ""


def _merged(
    own: Own, old: WholeFile, new: WholeFile, text: str, *, ours: str, base: str | None = None
) -> Recorded:
    """Stage the merge of a file that is there. Raises `Refused` if its encoding cannot hold it."""
    stage = own.run.stage
    digest = digest_of(text)
    if digest == new.digest:
        if new.path != old.path:
            stage.write(new.path, text, new)
        return Recorded(edit=new)
    if digest == old.digest:
        stage.write(new.path, _ended(ours, text), new)
        return Recorded(edit=new)
    if new.path == old.path and (replayed := _replayed(own, old, text, ours)) is not None:
        stage.write(new.path, replayed, new)
        return Recorded(edit=new)
    base = base if base is not None else _base(own, old, text)
    merged = merge(base, text, ours, was=own.was, now=own.now)
    stage.write(new.path, merged.text, new)
    for line in merged.conflicts:
        _conflict(own, new.path, line, known=base is not None)
    pure = digest_of(merged.text) == new.digest
    return Recorded(edit=new if pure else new.with_(base=pack(ours)), conflict=bool(merged.conflicts))


def _conflict(own: Own, path: RelPath, line: int, *, known: bool) -> None:
    why = (
        f"you and {own.now} changed the same lines"
        if known
        else f"what {own.was} wrote is not known any more, so what differs from {own.now} is yours to choose"
    )
    own.run.conflicts.append(Problem(path=path, line=line, why=why))
    text = f"{path}:{line}: resolve the conflict, then run djroadmap upgrade {own.feature.id} once more"
    own.run.todos.append(Todo(text=text, path=path))


def _base(own: Own, old: WholeFile, text: str | None) -> str | None:
    """What the version that is recorded wrote, if it is to be found: in the record, or in what stood there before."""
    if (known := old.known_base()) is not None:
        return known
    if text is not None:
        bare, _ = _peeled(own, old.path, text)
        if digest_of(bare) == old.digest:
            return bare
    for data in own.run.world.versions(old.path):
        try:
            version = decode(data)
        except (UnicodeDecodeError, LookupError):
            continue
        if digest_of(version) == old.digest:
            return version
    return None


def _peeled(own: Own, path: RelPath, text: str) -> tuple[str, list[Edit]]:
    """The text without what any feature has added to the file, and those edits, the last one first."""
    found: list[Edit] = []
    for installed in own.run.manifest.features.values():
        for recorded in reversed(installed.edits):
            edit = recorded.edit
            if edit.path != path or not recorded.owned or isinstance(edit, edits.WholeFile):
                continue
            try:
                bare = edit.revert(text)
            except Refused:
                continue
            if bare is not None and bare != text:
                text = bare
                found.append(edit)
    return text, found


def _replayed(own: Own, old: WholeFile, text: str, ours: str) -> str | None:
    """The new text with what features have added to the file, if that is all that was done to it."""
    bare, found = _peeled(own, old.path, text)
    if digest_of(bare) != old.digest:
        return None
    before: str | None = bare
    after: str | None = _ended(ours, text)
    try:
        for edit in reversed(found):
            before, after = edit.apply(before), edit.apply(after)
    except Refused:
        return None
    return after if before == text else None


def _ended(ours: str, text: str) -> str:
    """Our text with the line endings of what it replaces."""
    plain = ours.replace("\r\n", "\n")
    return plain.replace("\n", newline_of(text))


def _deleted(own: Own, old: WholeFile, ours: str, *, said: bool) -> None:
    """Say that a file stays deleted, or where it has gone and what is new in it."""
    base = _base(own, old, None)
    found = _moved(own, old, base if base is not None else ours)
    if found is None:
        if not said:
            text = f"was deleted by you and stays deleted; djroadmap add {own.feature.id} writes it again"
            own.run.notes.append(f"{old.path} {text}")
        return
    place, text = found
    if digest_of(text) == old.digest:
        base = text
    merged = merge(base, text, ours, was=own.was, now=own.now).text
    if digest_of(merged) == digest_of(text):
        return
    raw = own.run.stage.tree.raw(place)
    try:
        patch = Change(path=place, before=raw, after=encode(merged, like=raw)).diff()
    except UnicodeEncodeError:
        patch = ""
    todo = f"{old.path} is {place} now, so it was not written again; this is what {own.now} changes in it"
    own.run.todos.append(Todo(text=todo, snippet=patch, path=place))


def _moved(own: Own, old: WholeFile, like: str) -> tuple[RelPath, str] | None:
    """Where a file that is missing stands now: the same text, or most of it, under another name."""
    best: tuple[float, RelPath, str] | None = None
    taken = own.planned | {
        recorded.edit.path for installed in own.run.manifest.features.values() for recorded in installed.edits
    }
    if like.count("\n") < SMALL:
        return None
    for path, text in _texts(own, taken, _suffix(old.path)):
        if digest_of(text) == old.digest:
            return path, text
        if len(text) > 2 * len(like) or len(like) > 2 * len(text):
            continue
        rate = similar(like, text)
        if rate >= RENAMED and (best is None or rate > best[0]):
            best = (rate, path, text)
    return None if best is None else best[1:]


def _texts(own: Own, taken: Iterable[RelPath], suffix: str) -> Iterable[tuple[RelPath, str]]:
    """The project's files of a kind that no feature has anything to do with."""
    tree, known = own.run.stage.tree, set(taken)
    for path in tree.files():
        if path in known or _suffix(path) != suffix:
            continue
        try:
            text = tree.read(path)
        except DjroadmapError:
            continue
        if text is not None:
            yield path, text


def _suffix(path: RelPath) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name else name
