"""One feature from the version that is recorded to today's.

Edits into shared files are replayed as edits: what is no longer wanted is taken back, what is new is made, and what
has changed is taken back and made anew, unless its owner has changed it since. Files of our own are merged by lines
(`newer_files`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.errors import DjroadmapError, Problem, Refused
from djroadmap.manifest import PATH, Installed, Recorded
from djroadmap.model.feature import specs_of
from djroadmap.model.plan import Todo
from djroadmap.model.staged import StagedTree
from djroadmap.planning.dependencies import refresh

from .add import DEPENDENCY_KINDS, INSTALLS, folders_of, plain
from .newer_files import Own, renamed, upgrade_file
from .replacing import in_place, is_untouched, lines_of, pairs
from .stage import KEPT, Stage, reverted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.manifest import Manifest
    from djroadmap.model.edit import Edit
    from djroadmap.model.feature import Feature
    from djroadmap.model.plan import Plan
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project

    from .add import Run


@dataclass(slots=True)
class _Upgrade:
    """One feature under way."""

    run: Run
    feature: Feature
    installed: Installed
    project: Project
    own: Own
    dependencies: list[Edit] = field(default_factory=list)
    """Those that changed."""


def options_of(run: Run, feature: Feature) -> Any:
    """The options that an installed feature was added with, as today's version has them, new ones with their defaults.

    Raises `Refused` if one of them means nothing any more, or if a new one has no default.
    """
    installed = run.manifest.features[feature.id]
    specs = {spec.name: spec for spec in specs_of(feature.options)} if feature.options._fields else {}
    given: dict[str, Any] = {}
    for name, value in installed.options.items():
        spec = specs.get(name)
        if spec is None:
            run.notes.append(f"{feature.id} has no option {name} any more; it was {value}")
        elif spec.option.choices and value not in spec.option.choices:
            raise _no_longer(feature, f"{name} = {value} is no choice any more")
        else:
            given[name] = tuple(value) if isinstance(value, list) else value
    try:
        return feature.defaults(run.world.project(run.stage.tree), **given)
    except TypeError as error:
        raise _no_longer(feature, f"an option is new and has to be given ({error})") from None


def upgrade_one(run: Run, feature: Feature) -> None:
    """Stage what leads from the recorded version of a feature to today's; its prerequisites are staged already."""
    installed = run.manifest.features[feature.id]
    try:
        # Planned on the project without the feature, as when it was added: what is there already is not planned again.
        project = run.world.project(_without(run, installed))
        if reason := feature.unfit(project):
            raise _no_longer(feature, f"it does not apply any more: {reason}")
        options = run.settled[feature.id] if feature.id in run.settled else options_of(run, feature)
        plan = feature.plan(project, options)
    except Refused as refused:
        run.problems.extend(refused.problems)
        return
    new = [edit.path for edit in plan.edits if not run.stage.tree.exists(edit.path)]
    own = Own(run, feature, installed, run.world.formatter(project.style, new), _paths(plan))
    upgrade = _Upgrade(run, feature, installed, project, own)
    before = dict(run.stage.after)
    made = _replay(upgrade, plan)
    run.manifest = _told(run.manifest.settled(made), feature.id, made)
    folders = folders_of(run, made)
    run.manifest = run.manifest.with_(
        installed._replace(version=feature.version, options=plain(options), edits=made, folders=folders)
    )
    run.dropped.extend(
        folder for folder in installed.folders if folder not in folders and not run.manifest.keepers(folder)
    )
    if any(recorded.todo for recorded in made):
        run.left.append(feature.id)
    if run.stage.after != before:
        _say_what_is_next(upgrade, plan, options)


def _told(manifest: Manifest, feature: str, made: Sequence[Recorded]) -> Manifest:
    """The manifest in which others that own one of these files know as well what it holds now."""
    files = {one.edit.key: one for one in made if one.owned and isinstance(one.edit, edits.WholeFile)}
    for name, other in manifest.features.items():
        if name != feature:
            new = tuple(files.get(old.edit.key, old) if old.owned else old for old in other.edits)
            manifest = manifest.with_(other._replace(edits=new))
    return manifest


def _say_what_is_next(upgrade: _Upgrade, plan: Plan, options: Any) -> None:
    run = upgrade.run
    run.commands.extend(one for one in plan.commands if one.when not in INSTALLS or upgrade.dependencies)
    for edit in upgrade.dependencies:
        run.commands.extend(refresh(upgrade.project, edit))
    run.todos.extend(plan.todos)
    run.notes.extend(plan.notes)
    run.checks.extend(upgrade.feature.checks(upgrade.project, options))


def _without(run: Run, installed: Installed) -> Tree:
    """The project as it would be without the feature, as far as that can be told."""
    stage = Stage(run.stage.tree)
    for recorded in reversed(installed.edits):
        edit = recorded.edit
        if not recorded.owned or _others(run, installed.feature, edit):
            continue
        if isinstance(edit, edits.WholeFile):
            if stage.tree.exists(edit.path):
                stage.after[edit.path] = None
            continue
        try:
            text = stage.content(edit.path)
            if text is not None and edit.kept(text):
                stage.write(edit.path, edit.revert(text), edit)
        except Refused:  # its owner changed it, and sees to it that the rest works with that
            continue
    return StagedTree(run.stage.tree, stage.after, dropped=installed.folders)


def _others(run: Run, feature: str, edit: Edit) -> list[str]:
    """The other features that own the same edit."""
    return [name for name in run.manifest.owners(edit) if name != feature]


def _paths(plan: Plan) -> frozenset[str]:
    return frozenset(edit.path for edit in plan.edits if isinstance(edit, edits.WholeFile))


def _replay(upgrade: _Upgrade, plan: Plan) -> tuple[Recorded, ...]:
    """Stage what differs, and return what to record, in the order of the plan: it is taken back from the end."""
    earlier = pairs(upgrade.installed.edits, plan.edits)
    carried = {id(old) for old in earlier}
    gone = [recorded for recorded in upgrade.installed.edits if id(recorded) not in carried]
    new = [edit for old, edit in zip(earlier, plan.edits, strict=True) if old is None]
    made, along = _renamed(upgrade, gone, new)
    later = [recorded for recorded in reversed(gone) if id(recorded) not in along]
    later = [recorded for recorded in later if not _take_back(upgrade, recorded, last=False)]
    for old, edit in zip(earlier, plan.edits, strict=True):
        if id(edit) not in made:
            made[id(edit)] = _make(upgrade, edit, None) if old is None else _carry_on(upgrade, old, edit)
    for recorded in later:  # what used it has changed by now
        _take_back(upgrade, recorded, last=True)
    return tuple(made[id(edit)] for edit in plan.edits)


def _renamed(
    upgrade: _Upgrade, gone: Sequence[Recorded], new: Sequence[Edit]
) -> tuple[dict[int, Recorded], set[int]]:
    """Files that the newer version has under another name, and that their owner edited: the edits go along.

    What to record of them by the new edit, and the old records, both by identity.
    """
    made: dict[int, Recorded] = {}
    along: set[int] = set()
    files = [edit for edit in new if isinstance(edit, edits.WholeFile)]
    for recorded in gone:
        old = recorded.edit
        if not recorded.owned or _others(upgrade.run, upgrade.feature.id, old):
            continue
        if isinstance(old, edits.WholeFile):
            result = renamed(upgrade.own, old, [edit for edit in files if id(edit) not in made])
            if result is not None:
                made[id(result[0])] = result[1]
                along.add(id(recorded))
    return made, along


def _take_back(upgrade: _Upgrade, recorded: Recorded, *, last: bool) -> bool:
    """Take back what is no longer wanted, as `remove` would; False if that should be tried again later."""
    run, edit = upgrade.run, recorded.edit
    if not recorded.owned or _others(run, upgrade.feature.id, edit):
        return True
    try:
        if run.stage.take_back(edit) and edit.kind in DEPENDENCY_KINDS:
            upgrade.dependencies.append(edit)
    except Refused as refused:
        if not last:
            return False
        for problem in refused.problems:
            # Whether it is no longer wanted, or would be if it were not there as its owner wants it, is not known.
            what = "it" if isinstance(edit, edits.WholeFile) else edit.describe_inside()
            text = f"{problem.where}: {upgrade.own.now} leaves {what} to you from now on: {problem.why}"
            run.todos.append(Todo(text=text, snippet=problem.snippet, path=problem.path))
    return True


def _make(upgrade: _Upgrade, edit: Edit, previous: Recorded | None) -> Recorded:
    """Make an edit that is new, as `add` would."""
    run, stage = upgrade.run, upgrade.run.stage
    formatter = upgrade.own.formatter
    before = stage.after.get(edit.path)
    try:
        made = stage.make(edit, manifest=run.manifest, previous=previous, formatter=formatter)
    except Refused as refused:
        left = stage.leave(edit, previous=previous, formatter=formatter)
        if previous is None and not run.partial:
            run.problems.extend(refused.problems)
            run.skippable.extend(refused.problems)
        else:
            run.todos.extend(
                Todo(text=str(one), snippet=one.snippet, path=one.path) for one in refused.problems
            )
        return left
    if edit.kind in DEPENDENCY_KINDS and stage.after.get(edit.path) != before:
        upgrade.dependencies.append(edit)
    return made


def _carry_on(upgrade: _Upgrade, old: Recorded, edit: Edit) -> Recorded:
    """What becomes of a recorded edit that the newer version wants as well, in the same way or another."""
    run = upgrade.run
    if old.todo:
        return _make(upgrade, edit, old)
    if isinstance(edit, edits.WholeFile) and isinstance(old.edit, edits.WholeFile):
        if not old.owned:
            return _make(upgrade, edit, None)
        return upgrade_file(upgrade.own, old, old.edit, edit)
    if old.edit.key == edit.key:
        return stays_out(run, upgrade.feature.id, old)
    if not old.owned:
        return _make(upgrade, edit, None)
    if _others(run, upgrade.feature.id, old.edit):
        return _beside(upgrade, old, edit)
    return _change(upgrade, old, edit)


def stays_out(run: Run, feature: str, recorded: Recorded) -> Recorded:
    """The record of an edit, which says whether its owner took it out. If so, that is noted, once."""
    edit = recorded.edit
    try:
        out = recorded.owned and not edit.kept(run.stage.read(edit.path))
    except DjroadmapError:
        return recorded
    if out and not recorded.out:
        what = edit.path if isinstance(edit, edits.WholeFile) else f"{edit.path}: {edit.describe_inside()}"
        run.notes.append(f"{what} was taken out by you and stays out; djroadmap add {feature} puts it back")
    return recorded._replace(out=out)


def _beside(upgrade: _Upgrade, old: Recorded, edit: Edit) -> Recorded:
    """What another feature still has as it was: it changes with the last of them."""
    text = upgrade.run.stage.content(edit.path)
    if text is not None and edit.kept(text):
        return Recorded(edit=edit.remembering(old.edit))
    return _make(upgrade, edit, None)


def _change(upgrade: _Upgrade, old: Recorded, edit: Edit) -> Recorded:
    """Take the old edit back and make the new one in its place; what its owner changed since is left, and named."""
    run, stage = upgrade.run, upgrade.run.stage
    # As if it had been made today, and edited since: `remove` keeps it then, and `status` sees it.
    successor = old._replace(edit=edit.remembering(old.edit)) if type(edit) is type(old.edit) else old
    try:
        text = stage.content(edit.path)
        if text is None or not old.edit.kept(text):
            return stays_out(run, upgrade.feature.id, successor)
        earlier = old.edit.giving_way(edit)
        bare = reverted(earlier, text)
    except Refused as refused:
        return _leave(upgrade, old, successor, edit, why=refused.problems[0].why.removesuffix(KEPT))
    if not is_untouched(earlier, edit, text, bare):
        return _leave(upgrade, old, successor, edit, why="it was edited")
    bound = edit.bind(bare).succeeding(old.edit)
    try:
        after = bound.apply(bare)
    except Refused as refused:
        if run.partial:
            return _leave(upgrade, old, successor, edit, why=refused.problems[0].why)
        run.problems.extend(refused.problems)
        run.skippable.extend(refused.problems)
        return old
    stage.write(edit.path, in_place(old.edit, bound, text, bare, after), bound)
    if edit.kind in DEPENDENCY_KINDS:
        upgrade.dependencies.append(edit)
    return Recorded(edit=bound)


def _leave(upgrade: _Upgrade, old: Recorded, successor: Recorded, edit: Edit, *, why: str) -> Recorded:
    stage = upgrade.run.stage
    text = stage.content(edit.path)
    what = f"{edit.path}: {old.edit.describe_inside()}"
    said = f"{what} stays, since {why}; {upgrade.own.now} would have it like this"
    upgrade.run.todos.append(Todo(text=said, snippet=lines_of(edit, old.edit, text), path=edit.path))
    return (successor if successor.edit.kept(text) else old)._replace(out=False)


def _no_longer(feature: Feature, why: str) -> Refused:
    problem = Problem(
        path=PATH,
        line=None,
        why=f"{feature.id} cannot be upgraded: {why}",
        snippet=f"djroadmap remove {feature.id} && djroadmap add {feature.id}",
    )
    return Refused((problem,))
