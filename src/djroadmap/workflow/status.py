"""`status` and `check`: what is there, what is missing, and why something does not apply."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from djroadmap.errors import DjroadmapError, Refused
from djroadmap.model.feature import Missing, Presence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from djroadmap.manifest import Installed, Manifest
    from djroadmap.model.feature import Feature
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project

    from .world import World

State = Literal["installed", "partial", "available", "unavailable", "outdated"]


class FeatureStatus(NamedTuple):
    """One feature in one project."""

    feature: Feature
    state: State
    version: int | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    missing: tuple[Missing, ...] = ()
    reason: str = ""
    recorded: bool = False
    """Was it added by djroadmap?"""


def statuses(
    world: World, project: Project, manifest: Manifest, features: Sequence[Feature]
) -> tuple[FeatureStatus, ...]:
    """The state of each feature. Reads, and never fails because one feature cannot be planned."""
    return tuple(
        _recorded(feature, manifest.features[feature.id], world.tree)
        if feature.id in manifest.features
        else _unrecorded(feature, project)
        for feature in features
    )


def drift(found: Sequence[FeatureStatus]) -> tuple[FeatureStatus, ...]:
    """Those that djroadmap added and that are no longer whole or up to date."""
    return tuple(status for status in found if status.recorded and status.state in {"partial", "outdated"})


def _recorded(feature: Feature, installed: Installed, tree: Tree) -> FeatureStatus:
    missing = tuple(
        Missing(path=recorded.edit.path, what=recorded.edit.describe())
        for recorded in installed.edits
        if not _kept(recorded.edit, tree)
    )
    state: State = (
        "partial" if missing else "outdated" if installed.version < feature.version else "installed"
    )
    return FeatureStatus(
        feature=feature,
        state=state,
        version=installed.version,
        options=installed.options,
        missing=missing,
        recorded=True,
        reason=f"version {installed.version} is installed, {feature.version} is current"
        if state == "outdated"
        else "",
    )


def _kept(edit: Any, tree: Tree) -> bool:
    try:
        return bool(edit.kept(tree.read(edit.path)))
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
        return FeatureStatus(feature=feature, state="installed", reason=presence.note or "put in by hand")
    if presence.found:
        return FeatureStatus(feature=feature, state="partial", missing=presence.missing, reason=presence.note)
    if reason := feature.unfit(project):
        return FeatureStatus(feature=feature, state="unavailable", reason=reason)
    return FeatureStatus(feature=feature, state="available", reason=presence.note)


def is_there(feature: Feature, project: Project) -> bool:
    """Does a project that has no record of a feature have it whole, put in by hand?"""
    return _unrecorded(feature, project).state == "installed"


def presence_of(feature: Feature, project: Project) -> Presence:
    """What of a feature's essential edits holds in a project that has no record of it.

    Raises `Refused` if it cannot even be planned here.
    """
    plan = feature.plan(project, feature.options())
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
            missing.append(Missing(path=edit.path, what=edit.describe()))
    return Presence(found=tuple(found), missing=tuple(missing))
