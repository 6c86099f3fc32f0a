"""`upgrade`: installed features at the version this djroadmap has, and grown with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import DjroadmapError, Problem, Refused

from .add import Run, add_all, add_one, begin, finish, ordered
from .broken import broken
from .merge import unresolved
from .newer import options_of, stays_out, upgrade_one
from .status import growth_of, is_present, wrong_record
from .world import Request

if TYPE_CHECKING:
    from djroadmap.model.feature import Feature

    from .prepared import Prepared
    from .world import World


def prepare_upgrade(world: World, names: tuple[str, ...], *, partial: bool = False) -> Prepared:
    """What upgrading these features (all, if none is named) would do. Nothing is written.

    What a newer version writes differently is replayed, or merged into files of our own; what it needs comes along.
    What its owner took out stays out for good, if the feature has a newer version or is named.
    What has come to the project since (an app, an event) is covered. Conflicts of an earlier upgrade come first:
    those that are resolved are settled, the others are problems.
    Raises `UsageError`, `NoProject`, `ManifestError`.
    """
    run = begin(world, partial=partial, again=True)
    wanted = _wanted(run, names)
    clear = [name for name in wanted if _makes_sense(run, name) and _settle(run, name)]
    before = {name: installed.version for name, installed in run.manifest.features.items()}
    for name in _with_bridges(run, clear):
        _bring(run, name, named=wanted)
    for name in clear:
        if name in names:
            _leave_out(run, name)
    _grow(run, clear)
    changed = [name for name in wanted if run.manifest.features.get(name) != run.before.features.get(name)]
    for name in wanted:
        if name not in changed and not run.problems and not world.catalog.features[name].internal:
            run.notes.append(
                f"{name} is up to date{'' if _is_whole(run, name) else ', but not whole: djroadmap check'}"
            )
    run.notes[:0] = [
        f"{name}: version {before[name]} becomes version {installed.version}"
        for name, installed in run.manifest.features.items()
        if installed.version != before.get(name, installed.version)
    ]
    _note_idle(run)
    if not run.manifest.features and not names:
        run.notes.append("nothing is installed yet")
    shown = [name for name in changed if name not in _internal(run)]
    prepared = finish(run, names or shown or tuple(run.before.features))
    along = tuple(name for name in prepared.along if name not in prepared.features)
    return prepared.with_(action="upgrade", along=along)


def _wanted(run: Run, names: tuple[str, ...]) -> list[str]:
    """The installed features that this is about; why the others are not is noted."""
    found = []
    for name in names or tuple(run.manifest.features):
        if name not in run.world.catalog.features and not names:
            run.notes.append(f"{name} is not known to this djroadmap, so it was passed over")
            continue
        feature = run.world.catalog.get(name)
        installed = run.manifest.features.get(name)
        if installed is None:
            run.notes.append(f"{name} was not added by djroadmap here; nothing to upgrade")
        elif installed.version > feature.version:
            run.notes.append(
                f"{name} has version {installed.version}, which a newer djroadmap than this one wrote"
            )
        else:
            found.append(name)
    return found


def _makes_sense(run: Run, name: str) -> bool:
    """Do its recorded options mean something? Those of another version are looked at as they are taken over."""
    feature = run.world.catalog.features[name]
    if _is_old(run, feature):
        return True
    problems = wrong_record(run.world, feature, run.manifest.features[name])
    run.problems.extend(problems)
    return not problems


def _is_whole(run: Run, name: str) -> bool:
    """Is all there, but for what its owner took out for good?"""
    return all(one.out or is_present(one, run.stage.tree) for one in run.manifest.features[name].edits)


def _settle(run: Run, name: str) -> bool:
    """Are the conflicts of the last upgrade resolved, if there were any? Then that is recorded.

    Nor is there one of a merge, or what cannot be parsed, in a file that the feature is in: all of it would count as
    taken out by its owner.
    """
    installed = run.manifest.features[name]
    unclear = broken([recorded.edit for recorded in installed.edits], run.stage.tree)
    run.problems.extend(unclear)
    open_ = bool(unclear)
    edits = []
    for recorded in installed.edits:
        if recorded.conflict:
            path = recorded.edit.path
            lines = _conflicts_in(run, path)
            open_ = open_ or bool(lines)
            for line in lines:
                why = f"the conflict that upgrading {name} left is not resolved yet"
                snippet = f"edit {path}, then djroadmap upgrade {name}"
                run.problems.append(Problem(path=path, line=line, why=why, snippet=snippet))
            if not lines:
                run.notes.append(f"{path}: its conflicts are resolved")
                recorded = recorded._replace(conflict=False)  # noqa: PLW2901 - this is the record
        edits.append(recorded)
    run.manifest = run.manifest.with_(installed._replace(edits=tuple(edits)))
    return not open_


def _conflicts_in(run: Run, path: str) -> tuple[int, ...]:
    try:
        return unresolved(run.stage.read(path) or "")
    except DjroadmapError:  # whatever it is now, it is not what was written
        return ()


def _is_old(run: Run, feature: Feature) -> bool:
    installed = run.manifest.features.get(feature.id)
    return installed is not None and installed.version < feature.version


def _with_bridges(run: Run, names: list[str]) -> list[str]:
    """The features that have a newer version, and what joins them."""
    joined = [
        bridge.id
        for bridge in run.world.catalog.bridges()
        if bridge.id in run.manifest.features and not set(bridge.bridges).isdisjoint(names)
    ]
    found = dict.fromkeys([*names, *joined])
    return [name for name in found if _is_old(run, run.world.catalog.features[name])]


def _bring(run: Run, name: str, *, named: list[str]) -> None:
    """Upgrade a feature after all that its newer version needs, be it new or older than today's as well."""
    feature = run.world.catalog.features[name]
    try:
        options = options_of(run, feature)
        run.settled = {**run.settled, name: options}
    except Refused as refused:
        run.problems.extend(refused.problems)
        return
    for needed in ordered(run, name):
        if not _is_old(run, needed):
            if needed.id not in run.manifest.features:
                add_one(run, needed, None, by_name=False)
        elif _settle(run, needed.id):
            upgrade_one(run, needed)
            if needed.id not in named and not needed.internal:
                run.along.append(needed.id)


def _leave_out(run: Run, name: str) -> None:
    """What its owner took out of a feature stays out, since they named it: that is not drift any more."""
    for part in ordered(run, name):
        installed = run.manifest.features.get(part.id)
        if installed is not None and (part.id == name or part.internal):
            kept = tuple(one if one.todo or one.out else stays_out(run, name, one) for one in installed.edits)
            run.manifest = run.manifest.with_(installed._replace(edits=kept))


def _note_idle(run: Run) -> None:
    """What was only needed by an older version stays until somebody takes it away."""
    if run.manifest == run.before:
        return
    catalog = run.world.catalog
    automatic = {name: one.automatic for name, one in run.manifest.features.items()}
    kept = catalog.kept(automatic, (), run.manifest.chosen)
    for name, along in automatic.items():
        if along and name in catalog.features and name not in kept | _internal(run):
            run.notes.append(f"nothing needs {name} any more; djroadmap remove {name} takes it away")


def _internal(run: Run) -> set[str]:
    return {feature.id for feature in run.world.catalog.features.values() if feature.internal}


def _grow(run: Run, names: list[str]) -> None:
    """Cover what has come to the project since."""
    project = run.world.project(run.stage.tree)
    growing = [
        Request(feature=name)
        for name in names
        if not _is_old(run, run.world.catalog.features[name])
        and growth_of(run.world.catalog.features[name], run.manifest.features[name], project) is not None
    ]
    add_all(run, growing)
