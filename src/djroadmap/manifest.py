"""What was added to a project: features, versions, options, and every edit with its ownership.

The manifest lives in the project as `.djroadmap.toml`, is committed by its owner, and goes with the last
feature. What it says is data, not trust: paths that lead out of the project are refused.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap import edits
from djroadmap.errors import ManifestError
from djroadmap.model.feature import specs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from djroadmap.model.edit import Edit, RelPath

PATH: RelPath = ".djroadmap.toml"
SCHEMA = 1
HEADER = """\
# What djroadmap added to this project, so that it can check, upgrade and remove it again.
# Commit this file; do not edit it.
"""


STATES = {"owned", "todo", "conflict", "out"}
"""What an entry says besides the edit."""


class Recorded(NamedTuple):
    """An edit as it was made. `owned` is False for what was already there: `remove` leaves that alone."""

    edit: Edit
    owned: bool = True
    todo: bool = False
    """It could not be made and was left to the user (`add --partial`): never owned, even once it holds."""
    conflict: bool = False
    """The last upgrade marked conflicts in this file, which were not resolved yet."""
    out: bool = False
    """Its owner took it out and an upgrade has left it so, for good: nobody misses it."""


class Installed(NamedTuple):
    """One feature that was added."""

    feature: str
    version: int
    edits: tuple[Recorded, ...]
    options: Mapping[str, Any] = MappingProxyType({})
    automatic: bool = False
    """Added only because another feature needs it; goes with the last of those."""
    folders: tuple[RelPath, ...] = ()
    """Folders that did not exist before; dropped when they are left empty."""

    def recorded(self, edit: Edit) -> Recorded | None:
        """The record of the same wish, or None."""
        key = edit.key
        return next((entry for entry in self.edits if entry.edit.key == key), None)


class Manifest(NamedTuple):
    """Everything djroadmap added to a project, by feature id."""

    features: Mapping[str, Installed] = MappingProxyType({})
    manage: RelPath | None = None
    """The manage.py that was named, where there are several."""

    @property
    def chosen(self) -> Mapping[str, Mapping[str, Any]]:
        """The options of every feature, by its id."""
        return {key: installed.options for key, installed in self.features.items()}

    def with_(self, installed: Installed) -> Manifest:
        """This manifest with a feature added or replaced."""
        return self._replace(features={**self.features, installed.feature: installed})

    def without(self, feature: str) -> Manifest:
        """This manifest without a feature."""
        return self._replace(features={key: value for key, value in self.features.items() if key != feature})

    def settled(self, made: Sequence[Recorded]) -> Manifest:
        """This manifest, with what is owned in `made` owned as well by the features it had been left to do in."""
        done = {recorded.edit.key: recorded for recorded in made if recorded.owned}
        found = self
        for installed in self.features.values():
            edits = tuple(done.get(old.edit.key, old) if old.todo else old for old in installed.edits)
            if edits != installed.edits:
                found = found.with_(installed._replace(edits=edits))
        return found

    def owners(self, edit: Edit) -> tuple[str, ...]:
        """The features that own this very edit."""
        found = ((key, installed.recorded(edit)) for key, installed in self.features.items())
        return tuple(key for key, record in found if record is not None and record.owned)

    def record_of(self, edit: Edit) -> Recorded | None:
        """The record of an edit that some feature owns, with what was bound when it was made."""
        for key in self.owners(edit):
            return self.features[key].recorded(edit)
        return None

    def keepers(self, folder: RelPath) -> tuple[str, ...]:
        """The features that created this folder."""
        return tuple(key for key, installed in self.features.items() if folder in installed.folders)

    def automatic(self, feature: str, *, automatic: bool) -> Manifest:
        """This manifest with a feature marked as asked for by name, or as a mere prerequisite."""
        return self.with_(self.features[feature]._replace(automatic=automatic))


@lru_cache(maxsize=4)
def load(text: str | None) -> Manifest:
    """The manifest that `text` (None: no file) holds; the same text is read once.

    Raises `ManifestError` for broken TOML, a newer schema, unknown edits, and paths that leave the project.
    """
    if text is None:
        return Manifest()
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(
            f"{PATH}: not valid TOML: {error}", hint="restore it with git, then run the command again"
        ) from None
    if data.get("schema") != SCHEMA:
        raise ManifestError(
            f"{PATH}: written by another version of djroadmap (schema {data.get('schema')!r}, this one reads {SCHEMA})",
            hint="upgrade djroadmap, or restore the file with git",
        )
    try:
        features = [_installed(entry) for entry in data.get("feature", ())]
        manage = safe_path(str(data["manage"])) if "manage" in data else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ManifestError(
            f"{PATH}: not what djroadmap writes: {error}",
            hint="upgrade djroadmap if a newer one wrote it, or restore the file with git",
        ) from None
    return Manifest({installed.feature: installed for installed in features}, manage)


def recorded_options(installed: Installed, kind: type[Any]) -> dict[str, Any]:
    """The options that a feature was added with. Raises `ManifestError` if `kind` has no such, or not such values."""
    for why in wrong_options(installed, kind):
        raise ManifestError(f"{PATH}: {installed.feature} {why}", hint=mend_options(installed.feature))
    return dict(installed.options)


def wrong_options(installed: Installed, kind: type[Any]) -> Iterator[str]:
    """What of the recorded options means nothing to the feature, whose options are of this `kind`."""
    specs = {spec.name: spec for spec in specs_of(kind)} if installed.options else {}
    for name, value in installed.options.items():
        if name not in specs:
            yield f"has no option {name!r}"
            continue
        spec = specs[name]
        values = value if spec.multiple and isinstance(value, list | tuple) else [value]
        if spec.option.choices and not set(map(str, values)) <= set(spec.option.choices):
            yield f"has no choice {name} = {_shown(value)}; there are {', '.join(spec.option.choices)}"
        elif spec.type in {str, int, bool} and not all(isinstance(one, spec.type) for one in values):
            yield f"cannot have {name} = {_shown(value)}, which is not of type {spec.type.__name__}"


def mend_options(feature: str) -> str:
    """What to do where recorded options mean nothing."""
    return f"put back what {PATH} said, or djroadmap remove {feature} and add it again"


def line_of(text: str, feature: str, what: str = "id") -> int | None:
    """The line of a manifest where a feature begins, or where it has `what` ("options")."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("id = "):
            inside = line == f'id = "{feature}"'
        if inside and line.startswith(f"{what} = "):
            return number
    return None


def dump(manifest: Manifest) -> str | None:
    """The text of a manifest, stable in order; None if nothing is installed, so that the file goes."""
    if not manifest.features:
        return None
    parts = [HEADER, f"schema = {SCHEMA}\n"]
    if manifest.manage is not None:
        parts.append(f"manage = {_value(manifest.manage)}\n")
    for _, installed in sorted(manifest.features.items()):
        parts.append(f'\n[[feature]]\nid = "{installed.feature}"\nversion = {installed.version}\n')
        if installed.automatic:
            parts.append("automatic = true\n")
        if installed.options:
            parts.append(f"options = {_value(dict(installed.options))}\n")
        if installed.folders:
            parts.append(f"folders = {_value(sorted(installed.folders))}\n")
        lines = "".join(f"    {_value(_entry(recorded))},\n" for recorded in installed.edits)
        parts.append(f"edits = [\n{lines}]\n")
    return "".join(parts)


def safe_path(path: str) -> RelPath:
    """`path` if it stays inside the project. Raises `ManifestError` for absolute paths, `..`, drives, `.git`."""
    parts = path.split("/")
    if (
        not path
        or path.startswith("/")
        or "\\" in path
        or ":" in parts[0]
        or "\0" in path
        or {"", ".", "..", ".git"} & set(parts)
    ):
        raise ManifestError(
            f"{PATH}: {path!r} is not a path inside the project", hint="restore the file with git"
        )
    return path


def _installed(entry: Mapping[str, Any]) -> Installed:
    return Installed(
        feature=str(entry["id"]),
        version=int(entry["version"]),
        automatic=bool(entry.get("automatic", False)),
        options=dict(entry.get("options", {})),
        folders=tuple(safe_path(folder) for folder in entry.get("folders", ())),
        edits=tuple(_recorded(values) for values in entry["edits"]),
    )


def _recorded(values: Mapping[str, Any]) -> Recorded:
    kind = values["kind"]
    if kind not in edits.NAMES:
        raise ManifestError(f"{PATH}: unknown kind of edit {kind!r}", hint="upgrade djroadmap")
    safe_path(values["path"])
    rest = {key: value for key, value in values.items() if key not in STATES}
    todo = bool(values.get("todo", False))
    owned = bool(values.get("owned", True)) and not todo
    conflict = bool(values.get("conflict", False))
    out = bool(values.get("out", False))
    edit = edits.of_kind(kind).from_record(rest)
    return Recorded(edit=edit, owned=owned, todo=todo, conflict=conflict, out=out)


def _entry(recorded: Recorded) -> dict[str, Any]:
    values = recorded.edit.record()
    if recorded.todo:
        return {**values, "todo": True}
    if recorded.conflict:
        values["conflict"] = True
    if recorded.out:
        values["out"] = True
    return values if recorded.owned else {**values, "owned": False}


def _value(value: Any) -> str:
    import json  # noqa: PLC0415 - only what writes pays for it

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _shown(value: Any) -> str:
    return " ".join(_value(value).split())


def _key(key: str) -> str:
    import json  # noqa: PLC0415 - as above

    return (
        key
        if key.replace("-", "").replace("_", "").isalnum() and key.isascii()
        else json.dumps(key, ensure_ascii=False)
    )
