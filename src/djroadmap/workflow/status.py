"""`status` and `check`: what is there, what is missing, and why something does not apply."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from djroadmap.errors import DjroadmapError, PluginFailed, Problem, Refused
from djroadmap.manifest import PATH, Recorded, line_of, mend_options, wrong_options
from djroadmap.model.feature import Missing, Presence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from djroadmap.catalog import Catalog
    from djroadmap.manifest import Installed, Manifest
    from djroadmap.model.edit import Edit
    from djroadmap.model.feature import Feature, Growth
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project

    from .world import World

State = Literal["installed", "partial", "available", "unavailable", "outdated"]


BY_HAND = "put in by hand"


class FeatureStatus(NamedTuple):
    """One feature in one project."""

    feature: Feature
    state: State
    version: int | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    missing: tuple[Missing, ...] = ()
    left: tuple[Missing, ...] = ()
    """Those of `missing` that never were made: they were left to the user."""
    new: tuple[Missing, ...] = ()
    """Those of `missing` that have come to the project since, and are not covered yet."""
    conflicts: tuple[Missing, ...] = ()
    """Those of `missing` that are conflicts of an upgrade, which nobody has resolved yet."""
    broken: tuple[Missing, ...] = ()
    """Those of `missing` that are files in which nobody can tell what is there."""
    wrong: tuple[Missing, ...] = ()
    """Those of `missing` that are recorded options which mean nothing."""
    out: tuple[Missing, ...] = ()
    """What its owner took out for good: not among `missing`."""
    reason: str = ""
    recorded: bool = False
    """Was it added by djroadmap?"""

    @property
    def requires(self) -> tuple[str, ...]:
        """What it needs with the options it has, or with its defaults where it is not there."""
        return self.feature.needs(self.options)


def statuses(
    project: Project, manifest: Manifest, features: Sequence[Feature], catalog: Catalog
) -> tuple[FeatureStatus, ...]:
    """The state of each feature; what it needs of those that nobody sees is part of it.

    Reads, and never fails because one feature cannot be planned.
    """
    return tuple(_status(project, manifest, feature, catalog) for feature in features)


def _status(project: Project, manifest: Manifest, feature: Feature, catalog: Catalog) -> FeatureStatus:
    installed = manifest.features.get(feature.id)
    try:
        if installed is None:
            return _unrecorded(feature, project)
        return _recorded(feature, installed, project, _parts(feature, manifest, catalog))
    except Exception as error:
        if not feature.api:
            raise
        # The others are not to suffer from what is wrong with a plugin; and nobody can say that this one is whole.
        why = error.message if isinstance(error, PluginFailed) else f"{type(error).__name__}: {error}"
        if installed is None:
            return FeatureStatus(feature=feature, state="unavailable", reason=why)
        return FeatureStatus(
            feature=feature,
            state="partial",
            version=installed.version,
            options=installed.options,
            missing=(Missing(path=PATH, what=why),),
            recorded=True,
        )


def _parts(feature: Feature, manifest: Manifest, catalog: Catalog) -> tuple[Installed, ...]:
    """The installed features that nobody sees and that this one works with."""
    names = {
        bridge.id for bridge in catalog.bridges() if feature.id in bridge.bridges
    } & manifest.features.keys()
    chosen = manifest.chosen
    closure = catalog.closure(feature.id, chosen).union(*(catalog.closure(name, chosen) for name in names))
    hidden = (name for name in closure & manifest.features.keys() if catalog.features[name].internal)
    return tuple(manifest.features[name] for name in sorted(hidden))


def drift(found: Sequence[FeatureStatus]) -> tuple[FeatureStatus, ...]:
    """Those that djroadmap added and that are no longer whole or up to date."""
    return tuple(status for status in found if status.recorded and status.state in {"partial", "outdated"})


def is_kept(recorded: Recorded, text: str | None) -> bool:
    """Is what was recorded still there? What was left to the user has to be just so. Raises `Refused`."""
    return recorded.edit.holds(text) if recorded.todo else recorded.edit.kept(text)


def _recorded(
    feature: Feature, installed: Installed, project: Project, parts: Sequence[Installed]
) -> FeatureStatus:
    absent = [recorded for recorded in installed.edits if not is_present(recorded, project.tree)]
    hidden = [recorded for one in parts for recorded in one.edits if not recorded.out]
    hidden = [recorded for recorded in hidden if not is_present(recorded, project.tree)]
    broken = _broken((*absent, *hidden), project.tree)
    unknown = {one.path for one in broken}
    absent, hidden = ([one for one in each if one.edit.path not in unknown] for each in (absent, hidden))
    out = tuple(_missing(recorded.edit) for recorded in absent if recorded.out)
    lost = [recorded for recorded in absent if not recorded.out]
    left = _left(feature, installed, project) if any(recorded.todo for recorded in lost) else ()
    gone = [recorded for recorded in (*lost, *hidden) if not recorded.todo]
    left = (*left, *(_missing(recorded.edit) for recorded in hidden if recorded.todo))
    growth = growth_of(feature, installed, project)
    new = growth.missing if growth else ()
    conflicts = _conflicts((installed, *parts), project.tree)
    outdated = installed.version < feature.version
    wrong = () if outdated else wrong_in(feature, installed, project.tree)  # `upgrade` says so of the former
    missing = (*(_missing(recorded.edit) for recorded in gone), *left, *new, *conflicts, *broken, *wrong)
    state: State = "partial" if missing else "outdated" if outdated else "installed"
    return FeatureStatus(
        feature=feature,
        state=state,
        version=installed.version,
        options=installed.options,
        missing=missing,
        left=left,
        new=new,
        conflicts=conflicts,
        broken=broken,
        wrong=wrong,
        out=out,
        recorded=True,
        reason=f"version {installed.version} is installed, {feature.version} is current" if outdated else "",
    )


def _broken(absent: Sequence[Recorded], tree: Tree) -> tuple[Missing, ...]:
    if not absent:
        return ()
    from .broken import broken  # noqa: PLC0415 - few projects have any

    return tuple(Missing(one.path, one.why, one.line) for one in broken([each.edit for each in absent], tree))


def _conflicts(parts: Sequence[Installed], tree: Tree) -> tuple[Missing, ...]:
    """The conflicts that upgrades left and that nobody has resolved yet."""
    marked = [recorded for one in parts for recorded in one.edits if recorded.conflict]
    if not marked:
        return ()
    from .merge import unresolved  # noqa: PLC0415 - few projects have any

    found: list[Missing] = []
    for recorded in marked:
        path = recorded.edit.path
        try:
            text = tree.read(path) or ""
        except DjroadmapError:
            continue
        found.extend(Missing(path, "a conflict that is not resolved", line) for line in unresolved(text))
    return tuple(found)


def wrong_in(feature: Feature, installed: Installed, tree: Tree) -> tuple[Missing, ...]:
    """The recorded options that mean nothing to a feature, and where they are."""
    found = tuple(wrong_options(installed, feature.options))
    line = line_of(tree.read(PATH) or "", feature.id, "options") if found else None
    return tuple(Missing(PATH, f"{feature.id} {why}", line) for why in found)


def wrong_record(world: World, feature: Feature, installed: Installed) -> tuple[Problem, ...]:
    """The same, for who would change something."""
    snippet = mend_options(feature.id)
    found = wrong_in(feature, installed, world.tree)
    return tuple(Problem(path=one.path, line=one.line, why=one.what, snippet=snippet) for one in found)


def growth_of(feature: Feature, installed: Installed, project: Project) -> Growth | None:
    """What has come to the project that an installed feature does not cover yet, if anything.

    Nothing is known to have come while its settings cannot be read.
    """
    if feature.growth is None:
        return None
    try:
        found = feature.growth(project, feature.options(**dict(installed.options)))
    except (Refused, TypeError):  # as well as options of another version
        return None
    if found is None:
        return None
    from .broken import has_broken_settings  # noqa: PLC0415 - only where something has come

    deleted = _deleted(installed, project.tree)
    missing = tuple(one for one in found.missing if one.path not in deleted)
    if (found.missing and not missing) or has_broken_settings(project):
        return None
    return found._replace(missing=missing)  # some grow though nothing is missed


def _deleted(installed: Installed, tree: Tree) -> set[str]:
    """Files that were written and are gone: that is missed already, or was left out for good."""
    files = (recorded.edit.path for recorded in installed.edits if recorded.edit.kind == "file")
    return {path for path in files if not tree.exists(path)}


def _left(feature: Feature, installed: Installed, project: Project) -> tuple[Missing, ...]:
    """What the user was left with and has not done, be it in another file than the one that was refused."""
    todos = [entry for entry in installed.edits if entry.todo and not is_present(entry, project.tree)]
    try:
        plan = feature.plan(project, feature.options(**dict(installed.options)))
    except (Refused, TypeError):  # as well as options of another version
        return tuple(_missing(recorded.edit) for recorded in todos)
    planned = {edit.key for edit in plan.edits}
    made = {recorded.edit.key for recorded in installed.edits}
    moved = [edit for edit in plan.edits if edit.key not in made]
    open_ = [recorded.edit for recorded in todos if recorded.edit.key in planned]
    kinds = {recorded.edit.kind for recorded in todos if recorded.edit.key not in planned}
    open_ += [edit for edit in moved if edit.kind in kinds and not is_present(Recorded(edit), project.tree)]
    return tuple(_missing(edit) for edit in open_)


def _missing(edit: Edit) -> Missing:
    return Missing(path=edit.path, what=edit.describe_inside())


def is_present(recorded: Recorded, tree: Tree) -> bool:
    """Is what was recorded to be seen in the project?"""
    try:
        return is_kept(recorded, tree.read(recorded.edit.path))
    except DjroadmapError:
        return False


def _unrecorded(feature: Feature, project: Project) -> FeatureStatus:
    presence = feature.presence(project) if feature.presence else None
    if presence is None:
        if reason := feature.unfit(project):
            return FeatureStatus(feature=feature, state="unavailable", reason=reason)
        try:
            presence = presence_of(feature, project)
        except Refused as refused:
            return FeatureStatus(feature=feature, state="unavailable", reason=str(refused.problems[0]))
    if presence.found and not presence.missing:
        return FeatureStatus(feature=feature, state="installed", reason=presence.note or BY_HAND)
    if presence.found:
        return FeatureStatus(feature=feature, state="partial", missing=presence.missing, reason=presence.note)
    if reason := feature.unfit(project):
        return FeatureStatus(feature=feature, state="unavailable", reason=reason)
    return FeatureStatus(feature=feature, state="available", reason=presence.note)


def is_there(feature: Feature, project: Project) -> bool:
    """Does a project that has no record of a feature have it whole, put in by hand?"""
    return how_there(feature, project) is not None


def how_there(feature: Feature, project: Project) -> str | None:
    """What is to be said of a feature that a project has whole without a record; None if it has not."""
    found = _unrecorded(feature, project)
    return found.reason if found.state == "installed" else None


def presence_of(feature: Feature, project: Project) -> Presence:
    """What of a feature's essential edits holds in a project that has no record of it.

    Raises `Refused` if it cannot even be planned here.
    """
    plan = feature.plan(project, feature.defaults(project))
    found, missing = [], []
    for edit in plan.edits:
        if edit.extra:
            continue
        try:
            holds = edit.holds(project.tree.read(edit.path))
        except Refused as refused:
            missing.append(Missing(path=edit.path, what=refused.problems[0].why))
            continue
        if holds:
            found.append(edit.describe())
        else:
            missing.append(Missing(path=edit.path, what=edit.describe_inside()))
    return Presence(found=tuple(found), missing=tuple(missing))
