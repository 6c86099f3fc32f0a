"""`add`: plan each feature on the result of the one before, and record what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from djroadmap.errors import Problem, Refused
from djroadmap.manifest import PATH, Installed, Manifest, Recorded, recorded_options
from djroadmap.model.plan import Command, Plan, Todo

from .prepared import Prepared, in_order
from .stage import Stage, parents
from .status import BY_HAND, growth_of, how_there, is_kept, is_present, is_there, wrong_record

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.feature import Feature
    from djroadmap.model.project import Project

    from .world import Request, World

DEPENDENCY_KINDS = {"requirement", "dependency", "toml-key", "version-floor"}
"""Kinds of edits after which there is something to install."""
INSTALLS = {"lock", "install"}
"""The commands that do."""


@dataclass(slots=True)
class Run:
    """What has come together so far."""

    world: World
    stage: Stage
    before: Manifest
    manifest: Manifest
    partial: bool
    again: bool
    """Is this about features that are installed, so that none comes to be asked for?"""
    settled: Mapping[str, Any] = field(default_factory=dict)
    """The options of new features whose prerequisites depend on them: given, or what suits the project as it was."""
    problems: list[Problem] = field(default_factory=list)
    skippable: list[Problem] = field(default_factory=list)
    """Those of `problems` that `--partial` would leave to the user."""
    left: list[str] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    checks: list[Command] = field(default_factory=list)
    along: list[str] = field(default_factory=list)
    conflicts: list[Problem] = field(default_factory=list)
    """Where both sides changed the same lines, which will be marked in the file."""
    dropped: list[RelPath] = field(default_factory=list)
    """Folders that are no longer needed."""


def prepare_add(
    world: World, requests: Sequence[Request], *, partial: bool = False, again: bool = False
) -> Prepared:
    """What adding these features, and all they need, would do. Nothing is written.

    One that is installed is put right, and grows with what has come to the project since; `again` is for that alone.

    Problems of all of them are collected in `Prepared.problems`. With `partial`, edits that cannot be made are
    recorded as left to the user instead. A feature of which nothing can be done, or not even be planned, stays a
    problem: it would be recorded without being there.
    Raises `UsageError` for an unknown feature, `NoProject`, `ManifestError`.
    """
    run = begin(world, partial=partial, again=again)
    add_all(run, requests)
    return finish(run, tuple(request.feature for request in requests))


def begin(world: World, *, partial: bool, again: bool) -> Run:
    """A run on the project as it is. Raises `ManifestError`."""
    manifest = world.manifest()
    stage = Stage(world.tree)
    return Run(world=world, stage=stage, before=manifest, manifest=manifest, partial=partial, again=again)


def add_all(run: Run, requests: Sequence[Request]) -> None:
    """Stage these features, with all they need. Raises `UsageError` for an unknown one, `NoProject`."""
    asked = {request.feature: request for request in requests}
    run.settled = {**run.settled, **_hanging(run, asked)}
    _before_bridges(run, asked.keys())
    for request in requests:
        if _is_other(run, request):
            continue
        for feature in ordered(run, request.feature):
            options = asked[feature.id].options if feature.id in asked else None
            add_one(run, feature, options, by_name=feature.id in asked)
    _bridge(run, asked.keys())


def finish(run: Run, names: Sequence[str]) -> Prepared:
    """What has come together for the features that were asked for, the manifest included."""
    if run.manifest.features and (manage := run.world.must_remember()):
        run.manifest = run.manifest._replace(manage=manage)
    if run.manifest != run.before:
        run.stage.record(run.manifest)
    return Prepared(
        action="add",
        features=tuple(dict.fromkeys(names)),
        along=tuple(dict.fromkeys(run.along)),
        changes=run.stage.changes(),
        commands=in_order(run.commands),
        checks=tuple(run.checks),
        todos=tuple(
            todo
            for todo in dict.fromkeys(run.todos)
            if run.manifest.features.keys().isdisjoint(todo.settled_by)
        ),
        notes=tuple(dict.fromkeys(run.notes)),
        problems=tuple(dict.fromkeys(run.problems)),
        skippable=set(run.problems) <= set(run.skippable),
        left=tuple(dict.fromkeys(run.left)),
        conflicts=tuple(run.conflicts),
        drop_empty=tuple(sorted(set(run.dropped), reverse=True)),
    )


def _hanging(run: Run, asked: Mapping[str, Request]) -> dict[str, Any]:
    """The options of features that are not installed and whose prerequisites depend on them.

    Settled once: what is planned first must not make another default suit.
    """
    found = {}
    for feature in run.world.catalog.hanging(asked):
        if feature.id not in run.manifest.features:
            given = asked[feature.id].options if feature.id in asked else None
            found[feature.id] = given if given is not None else feature.defaults(run.world.project())
    return found


def ordered(run: Run, name: str) -> tuple[Feature, ...]:
    """A feature after all that it needs with the options that it has or gets."""
    return run.world.catalog.with_prerequisites(name, _chosen(run))


def _chosen(run: Run) -> dict[str, Mapping[str, Any]]:
    return {**run.manifest.chosen, **{key: options._asdict() for key, options in run.settled.items()}}


def _is_other(run: Run, request: Request) -> bool:
    """Is a feature asked for with other options than it has? That is the problem then; nothing is planned."""
    installed = run.manifest.features.get(run.world.catalog.get(request.feature).id)
    if installed is None or request.options is None or plain(request.options) == _recorded(installed):
        return False
    why = f"{request.feature} is installed with other options ({_spell(installed.options)}); remove it first"
    run.problems.append(Problem(path=PATH, line=None, why=why, snippet=f"djroadmap remove {request.feature}"))
    return True


def _before_bridges(run: Run, asked: Collection[str]) -> None:
    """What bridges that will come need themselves, first: it has the same place when it was there before."""
    catalog, project = run.world.catalog, run.world.project(run.stage.tree)
    wanted = {feature.id for name in asked for feature in ordered(run, name)}
    coming = run.manifest.features.keys() | {
        name for name in wanted if not is_there(catalog.features[name], project)
    }
    for bridge in catalog.bridges():
        if set(bridge.bridges) <= coming and bridge.id not in run.manifest.features:
            if set(bridge.bridges).isdisjoint(wanted) or bridge.unfit(project) is not None:
                continue
            joined = (catalog.closure(name, _chosen(run)) for name in bridge.bridges)
            own = catalog.closure(bridge.id, _chosen(run)) - {bridge.id}.union(*joined)
            for feature in ordered(run, bridge.id):
                if feature.id in own:
                    add_one(run, feature, None, by_name=False)


def _bridge(run: Run, asked: Collection[str]) -> None:
    """What joins features that are there now, whichever of them came last; what is there is only put right if asked."""
    for bridge in run.world.catalog.bridges():
        there, installed = bridge.id in run.manifest.features, run.manifest.features.keys()
        if not set(bridge.bridges) <= installed or (there and set(bridge.bridges).isdisjoint(asked)):
            continue
        if there or bridge.unfit(run.world.project(run.stage.tree)) is None:
            for feature in ordered(run, bridge.id):
                add_one(run, feature, None, by_name=False)


def add_one(run: Run, feature: Feature, options: Any, *, by_name: bool) -> None:
    """Stage one feature whose prerequisites are staged; nothing if it is there as it should be."""
    installed = run.manifest.features.get(feature.id)
    if installed is not None and installed.version < feature.version:
        _outdated(run, feature, installed)
    elif installed is not None and (problems := wrong_record(run.world, feature, installed)):
        run.problems.extend(problems)
    else:
        _add_one(run, feature, options, by_name=by_name)


def _add_one(run: Run, feature: Feature, options: Any, *, by_name: bool) -> None:
    installed = run.manifest.features.get(feature.id)
    again = not run.again and (by_name or feature.internal)
    whole = installed is not None and _is_whole(run.stage, installed, again=again)
    if whole and not by_name:
        return
    project = run.world.project(run.stage.tree)
    if options is None:
        options = run.settled.get(feature.id)
    chosen = options if options is not None else _settled(feature, installed, project)
    growth = growth_of(feature, installed, project) if installed is not None else None
    if installed is not None and whole and growth is None:
        _already(run, feature, installed)
        return
    how = how_there(feature, project) if installed is None else None
    if how is not None:
        note = f"{feature.id} is already there, though not added by djroadmap; nothing to add"
        run.notes.extend([note if how == BY_HAND else f"{note}: {how}"] * by_name)
        return
    if problem := _misfit(run, feature, project, installed):
        run.problems.append(problem)
        return
    try:
        plan = Plan() if whole else feature.plan(project, chosen)
        plan += growth.plan() if growth else Plan()
    except Refused as refused:
        run.problems.extend(refused.problems)
        return
    before = {path: len(made) for path, made in run.stage.edits.items()}
    edits = _make(run, project, plan, installed, again=again)
    if edits is None:
        return
    now = [edit for path, made in run.stage.edits.items() for edit in made[before.get(path, 0) :]]
    installs = installed is None or any(edit.kind in DEPENDENCY_KINDS for edit in now)
    run.manifest = run.manifest.settled(edits)
    folders = folders_of(run, edits)
    automatic = (run.again or not by_name) and (installed is None or installed.automatic)
    run.manifest = run.manifest.with_(
        Installed(
            feature=feature.id,
            version=feature.version,
            options=plain(chosen),
            edits=edits,
            automatic=automatic,
            folders=folders,
        )
    )
    if any(recorded.todo for recorded in edits):
        run.left.append(feature.id)
    if automatic and not feature.internal:
        run.along.append(feature.id)
    run.commands.extend(one for one in plan.commands if installs or one.when not in INSTALLS)
    run.todos.extend(plan.todos)
    run.notes.extend(plan.notes)
    run.checks.extend(feature.checks(project, chosen))


def _settled(feature: Feature, installed: Installed | None, project: Project) -> Any:
    """The options that nobody was asked for: those it was added with, else what suits the project."""
    if installed is None:
        return feature.defaults(project)
    return feature.options(**recorded_options(installed, feature.options))


def _make(
    run: Run, project: Project, plan: Plan, installed: Installed | None, *, again: bool
) -> tuple[Recorded, ...] | None:
    """Make the edits of a plan and return what to record; None if nothing of what makes the feature present can be.

    What was taken out is made only if the feature is asked for again: for good, if that is recorded, else missed.
    """
    created = [change.path for change in run.stage.changes() if change.before is None]
    tree = run.stage.tree
    planned = [edit.path for edit in plan.edits if not tree.exists(edit.path)]
    formatter = run.world.formatter(project.style, [*created, *planned])
    made: list[Recorded] = []
    refusals: list[Problem] = []
    present = installed is not None
    for edit in plan.edits:
        previous = installed.recorded(edit) if installed else None
        if previous is not None and not again and _stays_out(run, previous):
            made.append(previous)
            continue
        try:
            made.append(run.stage.make(edit, manifest=run.manifest, previous=previous, formatter=formatter))
            present = present or not edit.extra
        except Refused as refused:
            refusals.extend(refused.problems)
            made.append(run.stage.leave(edit, previous=previous, formatter=formatter))
    if refusals and not (run.partial and present):
        run.problems.extend(refusals)
        run.skippable.extend(refusals if present else ())
        return tuple(made) if present else None
    run.todos.extend(
        Todo(text=str(problem), snippet=problem.snippet, path=problem.path) for problem in refusals
    )
    return _together(installed.edits if installed else (), made)


def _stays_out(run: Run, recorded: Recorded) -> bool:
    """Did its owner take it out? That `upgrade` does not undo, with what has come or without."""
    return recorded.out or (run.again and not recorded.todo and not is_present(recorded, run.stage.tree))


def _together(before: Sequence[Recorded], made: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """All records of a feature in the order in which their edits were first made: they are taken back from the end.

    What an earlier plan wrote is still ours to take back; what it left to the user is not.
    """
    now = {recorded.edit.key: recorded for recorded in made}
    kept = [now.pop(old.edit.key, old) for old in before if old.edit.key in now or not old.todo]
    return (*kept, *now.values())


def _is_whole(stage: Stage, installed: Installed, *, again: bool) -> bool:
    wanted = [recorded for recorded in installed.edits if again or not recorded.out]
    try:
        return all(is_kept(recorded, stage.read(recorded.edit.path)) for recorded in wanted)
    except Refused:  # a file that cannot be read: making the edits says so
        return False


def _outdated(run: Run, feature: Feature, installed: Installed) -> None:
    """Today's plan on top of an older one would leave a mixture of both: `upgrade` comes first."""
    why = f"{feature.id} is installed in version {installed.version}, and {feature.version} is current"
    command = "djroadmap upgrade" if feature.internal else f"djroadmap upgrade {feature.id}"
    run.problems.append(Problem(path=PATH, line=None, why=why, snippet=command))


def _already(run: Run, feature: Feature, installed: Installed) -> None:
    if installed.automatic:
        run.manifest = run.manifest.automatic(feature.id, automatic=False)
        run.notes.append(
            f"{feature.id} was added for another feature; from now on it stays until you remove it"
        )
    else:
        run.notes.append(f"{feature.id} is already installed; nothing to add")


def plain(options: Any) -> dict[str, Any]:
    """Options as the manifest holds them."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in options._asdict().items()
        if value not in (None, ())
    }


def _recorded(installed: Installed) -> dict[str, Any]:
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in installed.options.items()
    }


def _spell(options: Any) -> str:
    return ", ".join(f"{key} = {value}" for key, value in dict(options).items()) or "none"


def _misfit(run: Run, feature: Feature, project: Project, installed: Installed | None) -> Problem | None:
    """Why this feature cannot go into this project, if so."""
    if installed is None and (reason := feature.unfit(project)):
        return Problem(
            path=project.settings.base.path, line=None, why=f"{feature.id} does not apply: {reason}"
        )
    for other in feature.conflicts:
        if other in run.manifest.features:
            why = f"{feature.id} cannot be installed beside {other}"
            return Problem(path=PATH, line=None, why=why, snippet=f"djroadmap remove {other}")
    return None


def folders_of(run: Run, edits: Sequence[Recorded]) -> tuple[RelPath, ...]:
    """The folders that came to be for these edits, now or with a feature that owns them too."""
    wanted = {folder for recorded in edits if recorded.owned for folder in parents(recorded.edit.path)}
    kept = {folder for folder in wanted if run.manifest.keepers(folder)}
    return tuple(sorted(kept | (wanted & set(run.stage.new_folders(run.manifest)))))
