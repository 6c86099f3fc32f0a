"""`remove`: revert what was recorded, and only that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from djroadmap.errors import CannotRevert, Problem, Refused
from djroadmap.manifest import PATH, Installed, Manifest
from djroadmap.model.plan import Command, Todo
from djroadmap.planning.dependencies import refresh

from .add import DEPENDENCY_KINDS
from .broken import broken
from .merge import unresolved
from .prepared import Prepared, in_order
from .stage import Stage
from .status import wrong_record

if TYPE_CHECKING:
    from djroadmap.manifest import Recorded
    from djroadmap.model.edit import Edit
    from djroadmap.model.feature import Feature
    from djroadmap.model.project import Project

    from .world import World

PACKAGE_KINDS = {*DEPENDENCY_KINDS, "installed-app"}


@dataclass(slots=True)
class _Run:
    """What has come together so far."""

    world: World
    stage: Stage
    manifest: Manifest
    project: Project
    partial: bool
    problems: list[Problem] = field(default_factory=list)
    skippable: list[Problem] = field(default_factory=list)
    """Those of `problems` that `--partial` would leave to the user."""
    todos: list[Todo] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    along: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)


def prepare_remove(world: World, names: tuple[str, ...], *, partial: bool = False) -> Prepared:
    """What removing these features would do. Nothing is written.

    What was edited since and cannot be taken back stays, and is named in `todos`. Another feature that needs one
    of them or that would not apply without it, or code that still uses one, is a problem; with `partial` the last
    becomes a to-do.
    Raises `UsageError`, `NoProject`, `ManifestError`.
    """
    manifest = world.manifest()
    run = _Run(
        world=world, stage=Stage(world.tree), manifest=manifest, project=world.project(), partial=partial
    )
    for name in names:
        if name not in manifest.features:
            world.catalog.get(name)
            run.notes.append(f"{name} was not added by djroadmap here; nothing to remove")
    for name in () if _is_unsure(run, names) else _going(run, names):
        _remove_one(run, name)
    _see_who_stays(run, names)
    if run.manifest != manifest:
        run.stage.record(run.manifest)
    return Prepared(
        action="remove",
        features=names,
        along=tuple(run.along),
        changes=run.stage.changes(),
        drop_empty=tuple(sorted(set(run.folders), reverse=True)),
        commands=in_order(run.commands),
        todos=tuple(dict.fromkeys(run.todos)),
        notes=tuple(dict.fromkeys(run.notes)),
        problems=tuple(dict.fromkeys(run.problems)),
        skippable=set(run.problems) <= set(run.skippable),
    )


def _going(run: _Run, names: tuple[str, ...]) -> tuple[str, ...]:
    """The named features and all that has no reason without them, dependents first; what is needed is a problem."""
    catalog, installed = run.world.catalog, run.manifest.features
    automatic = {name: one.automatic for name, one in installed.items()}
    kept = catalog.kept(automatic, names, run.manifest.chosen)
    wanted = dict.fromkeys(name for name in names if name in installed)
    if needed := [name for name in wanted if name in kept]:
        for name in needed:
            # What came along only hands down what somebody asked for.
            asked = [other for other in installed if other in kept and not automatic[other]]
            _refuse(run, name, [other for other in asked if _needs(run, other, name)])
        return ()
    idle = [name for name in installed if name not in kept and name not in wanted]
    idle = [name for name in idle if installed[name].automatic]
    run.along.extend(
        name for name in idle if name not in catalog.features or not catalog.features[name].internal
    )
    return catalog.dependents_first([*wanted, *idle])


def _is_unsure(run: _Run, names: tuple[str, ...]) -> bool:
    """Can nobody tell what a feature that stays needs? Its options may mean nothing."""
    found = run.manifest.features.items()
    known = [(name, one) for name, one in found if name in run.world.catalog.features and name not in names]
    for name, one in known:
        feature = run.world.catalog.features[name]
        if feature.requires_for and one.version >= feature.version:
            run.problems.extend(wrong_record(run.world, feature, one))
    return bool(run.problems)


def _needs(run: _Run, feature: str, name: str) -> bool:
    """Does a feature that people see need `name`?"""
    catalog = run.world.catalog
    shown = feature in catalog.features and not catalog.features[feature].internal
    return shown and feature != name and name in catalog.closure(feature, run.manifest.chosen)


def _refuse(run: _Run, name: str, dependents: list[str]) -> None:
    why = f"{name} is needed by {', '.join(dependents)}"
    run.problems.append(
        Problem(path=PATH, line=None, why=why, snippet=f"djroadmap remove {' '.join(dependents)} {name}")
    )


def _see_who_stays(run: _Run, names: tuple[str, ...]) -> None:
    """What stays must still have what it is for: what it does not require may have come with what goes."""
    if not run.stage.changes():
        return
    left = run.world.project(run.stage.tree)
    for other in run.manifest.features:
        feature = run.world.catalog.features.get(other)
        if feature is None or feature.internal or feature.unfit(run.project) is not None:
            continue
        if reason := feature.unfit(left):
            why = f"{other} would be left with nothing to do: {reason}"
            snippet = f"djroadmap remove {' '.join((other, *names))}"
            run.problems.append(Problem(path=PATH, line=None, why=why, snippet=snippet))


def _remove_one(run: _Run, name: str) -> None:
    installed = run.manifest.features[name]
    # What cannot be found there now would never be taken back.
    run.problems.extend(
        broken([one.edit for one in installed.edits if one.owned or one.todo], run.world.tree)
    )
    feature = run.world.catalog.features.get(name)
    if feature is not None and _brought(installed):
        _guard(run, feature)
        run.notes.extend(
            f"before you remove it: {command} ({command.why})"
            for command in _farewell(run, feature, installed)
        )
    run.manifest = run.manifest.without(name)
    for recorded in reversed(installed.edits):
        if recorded.owned and not run.manifest.owners(recorded.edit):
            _take_back(run, name, recorded)
        elif recorded.todo:
            _name_if_done(run, recorded.edit)
    run.folders.extend(folder for folder in installed.folders if not run.manifest.keepers(folder))


def _take_back(run: _Run, name: str, recorded: Recorded) -> None:
    edit = recorded.edit
    try:
        if not run.stage.take_back(edit):
            what = edit.describe_inside() if edit.describe() != edit.path else "the file"
            run.notes.append(f"{edit.path}: {what} was gone already")
        elif edit.kind in DEPENDENCY_KINDS:
            run.commands.extend(refresh(run.project, edit))
    except CannotRevert as kept:
        lines = unresolved(run.stage.read(edit.path) or "") if recorded.conflict else ()
        for line in lines:
            why = f"the conflict that upgrading {name} left is not resolved, so the file is kept"
            snippet = "resolve it if you keep the file, or delete the file"
            run.todos.append(Todo(text=f"{edit.path}:{line}: {why}", snippet=snippet, path=edit.path))
        for problem in () if lines else kept.problems:
            run.todos.append(
                Todo(text=f"{problem.where}: {problem.why}", snippet=problem.snippet, path=problem.path)
            )
    except Refused as refused:
        for problem in refused.problems:
            text = f"{problem.where}: {edit.describe_inside()} could not be found again ({problem.why}), so it stays"
            run.todos.append(Todo(text=text, path=problem.path))


def _name_if_done(run: _Run, edit: Edit) -> None:
    """What was left to the user and done by them is theirs, but it may need what goes now."""
    try:
        done = edit.holds(run.stage.read(edit.path))
    except Refused:
        return
    if done:
        text = f"{edit.path}: {edit.describe_inside()} was put in by hand, so it stays; take it out if nothing needs it"
        run.todos.append(Todo(text=text, path=edit.path))


def _brought(installed: Installed) -> bool:
    """Did the feature bring its package? One that the project had before stays, and so may what uses it."""
    package = [recorded for recorded in installed.edits if recorded.edit.kind in PACKAGE_KINDS]
    return any(recorded.owned for recorded in package or installed.edits)


def _guard(run: _Run, feature: Feature) -> None:
    if feature.guard is None:
        return
    # What needed it may have used it, and is gone by now.
    problems = feature.guard(run.world.project(run.stage.tree) if run.stage.changes() else run.project)
    if run.partial:
        run.todos.extend(
            Todo(text=str(problem), snippet=problem.snippet, path=problem.path) for problem in problems
        )
    else:
        run.problems.extend(problems)
        run.skippable.extend(problems)


def _farewell(run: _Run, feature: Feature, installed: Installed) -> tuple[Command, ...]:
    """The commands that belong to taking the feature away, as the feature of today knows them."""
    try:
        return tuple(feature.farewell(run.project, feature.options(**dict(installed.options))))
    except (Refused, TypeError):
        return ()
