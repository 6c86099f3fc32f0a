"""The laws of docs/design.md, each as a function that fails with `AssertionError`.

They take a project in memory, which they change, and a feature as it is typed: `graphql --library graphene`. It has to
apply to the project: `does_not_apply` is asked first.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.text import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.change import Change

    from .memory import Memory

CODEMODS = {"call", "unused-import"}
"""Kinds of edits that are there to change what the user wrote; they record it."""
MARK = b"# the user's own line\n"


def does_not_apply(project: Memory, feature: str) -> str:
    """Why there is nothing to try: it is there already, or the project is refused, with a reason. Else ""."""
    if project.has(feature):
        assert not project.plan(feature).changes, (
            f"{feature} is there already, and add would change something"
        )
        return f"{feature} is there already"
    reason = project.supports(feature)
    if reason is None:
        return ""
    assert len(reason) > 10, f"that is no reason: {reason!r}"
    assert project.plan(feature).problems, f"{feature} does not apply, and add does not refuse"
    return f"{feature} does not apply: {reason}"


def added_twice_is_added_once(project: Memory, feature: str) -> None:
    """The second `add` changes nothing, byte for byte, and says so."""
    first = project.add(feature)
    assert first.changes, "add changed nothing"
    after = dict(project.files)
    second = project.plan(feature)
    assert not second.changes, second.diff()
    assert not second.problems, [str(problem) for problem in second.problems]
    assert any("already installed" in note for note in second.notes), second.notes
    assert project.files == after


def removed_is_as_if_never_added(project: Memory, feature: str) -> None:
    """`add`, then `remove`, gives back every byte."""
    before = dict(project.files)
    project.add(feature)
    removed = project.remove(feature)
    assert not removed.todos, [todo.text for todo in removed.todos]
    assert project.files == before, different(before, project.files)


def planned_again_without_a_record_holds(project: Memory, feature: str) -> None:
    """What was added is recognised even if the manifest is lost: nothing is added a second time."""
    project.add(feature)
    del project.files[MANIFEST]
    again = project.plan(feature)
    assert not again.problems, [str(problem) for problem in again.problems]
    assert not again.changes, again.diff()


def nothing_of_the_users_is_lost(project: Memory, feature: str, *, rewritten: str = "") -> None:
    """The diff takes no line of the user's away, but where one is extended.

    Lines that a codemod changed hold the word `rewritten`.
    """
    for change in project.add(feature).changes:
        if change.before is not None:
            _keeps(change, rewritten)


def _keeps(change: Change, rewritten: str) -> None:
    assert change.before is not None
    assert change.after is not None, f"{change.path} is deleted"
    old, new = decode(change.before).splitlines(), decode(change.after).splitlines()
    lost = [line for line in old if line not in new]
    changed = sum(edit.kind in CODEMODS for edit in change.edits)
    if changed:
        assert len(lost) <= 3 * changed, f"{change.path}: {lost}"
        assert all(rewritten in line for line in new if line not in old), change.path
        return
    for tag, begin, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for line in old[begin:end] if tag in {"replace", "delete"} else []:
            # Rows may be opened, one element a line; what tells a linter to look away goes with its cause.
            now, kept = "".join(new[first:last]), line.split("  # noqa")[0]
            assert line in new or _extends(kept, now), f"{change.path}: lost {line!r}"
    assert len(lost) <= 3, f"{change.path}: {lost}"


def what_the_user_wrote_since_survives(project: Memory, feature: str) -> None:
    """A line of the user's in each file that was edited is all that is left after `remove`."""
    before = dict(project.files)
    added = project.add(feature)
    edited = [
        change.path for change in added.changes if change.before is not None and change.path != MANIFEST
    ]
    for path in edited:
        project.files[path] = with_mark(project.files[path])
    removed = project.remove(feature)
    assert not removed.todos, [todo.text for todo in removed.todos]
    for path in edited:
        assert project.files[path] == with_mark(before[path]), path
    assert set(project.files) == set(before)


def a_whole_file_the_user_edited_stays_and_is_named(project: Memory, feature: str) -> bool:
    """A new file that the user went on with is kept by `remove`, which says so. False if there is no new file."""
    created = [
        change.path
        for change in project.add(feature).changes
        if change.action == "create" and {edit.kind for edit in change.edits} == {"file"}
    ]
    created = [path for path in created if project.files[path]]
    if not created:
        return False
    path = created[0]
    project.files[path] += b"\n" + MARK
    kept = project.files[path]
    removed = project.remove(feature)
    assert project.files.get(path) == kept, f"{path} was not kept"
    assert any(path in todo.text for todo in removed.todos), [todo.text for todo in removed.todos]
    assert MANIFEST not in project.files
    return True


def two_come_off_in_any_order(project: Memory, first: Memory, second: Memory, names: tuple[str, str]) -> None:
    """Both features of `names` added, then the first removed, is only the second added; then nothing is left.

    `first` and `second` are the project with one of them; none of the three is changed.
    """
    both = first.copy()
    both.add(names[1])
    chosen = both.world.manifest().chosen
    one, other = (name.split(maxsplit=1)[0] for name in names)
    if one in project.catalog.closure(other, chosen):
        assert [problem.why for problem in both.refused(one)] == [f"{one} is needed by {other}"]
        both.remove(other)
        assert both.files == first.files, different(first.files, both.files)
        return
    both.remove(one)
    assert both.files == second.files, different(second.files, both.files)
    both.remove(other)
    assert both.files == project.files, different(project.files, both.files)


def all_come_off_together(project: Memory, features: Sequence[str]) -> None:
    """All features that apply, one after the other and at once; then all of them taken away."""
    before = dict(project.files)
    fitting = [name for name in features if project.supports(name) is None and not project.has(name)]
    for feature in fitting:
        project.add(feature)
    assert not project.plan(*fitting).changes
    at_once = project.copy(before)
    at_once.add(*fitting)
    assert set(at_once.files) == set(project.files)
    for feature in project.catalog.dependents_first([feature.split()[0] for feature in fitting]):
        project.remove(feature)
    assert project.files == before, different(before, project.files)


def different(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """The paths in which two projects differ."""
    return sorted(path for path in {*expected, *found} if expected.get(path) != found.get(path))


def with_mark(data: bytes) -> bytes:
    """A line of the user's at the top of a file, below a first line that must stay first."""
    if data.startswith(BOM_UTF8):
        return BOM_UTF8 + with_mark(data.removeprefix(BOM_UTF8))
    first, newline, rest = data.partition(b"\n")
    if first.startswith((b"#!", b"[", b"version", b"---")):
        return first + newline + MARK + rest
    return MARK + data


def _extends(old: str, new: str) -> bool:
    """Does the new text hold every word of the old one, in order?"""
    rest = iter(re.findall(r"\w+", new))
    return all(word in rest for word in re.findall(r"\w+", old))
