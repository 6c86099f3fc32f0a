"""Features that other distributions bring, by the entry points `djroadmap.features`: checked before anything uses them.

A plugin that is broken costs its own features only. `djroadmap.catalog` imports this where there is a plugin at all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_type_hints

from djroadmap import API_VERSION, __version__
from djroadmap.edits import NAMES
from djroadmap.errors import DjroadmapError, PluginFailed, Problem
from djroadmap.model.feature import GROUPS, Feature, Growth, Presence, specs_of
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.metadata import EntryPoint

RESERVED = (
    *("dry_run", "yes", "json", "patch", "allow_dirty", "partial", "verify", "verify_tests", "run_commands"),
    *("ctx", "flags", "help"),
)
"""What options of features cannot be called: `add` has these already."""
TYPES = (str, int, float, bool)
"""What flags take and the manifest holds."""
ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FUNCTIONS = ("plan", "supports", "checks", "farewell")
OPTIONAL = ("presence", "growth", "guard")
LISTS: Mapping[str, type] = {"checks": Command, "farewell": Command, "guard": Problem}
"""What is in the lists that functions give."""
PARTS: Mapping[str, type] = {"edits": object, "commands": Command, "todos": Todo, "notes": str}
"""What is in the parts of a plan. Edits are known by their kind."""
UPGRADE = "upgrade or uninstall the plugin"


class Broken(NamedTuple):
    """A plugin's feature that is left out, and why."""

    name: str
    """The name of the entry point, which is the id that the feature was to have."""
    source: str
    """The distribution and the entry point."""
    why: str
    hint: str = UPGRADE

    def __str__(self) -> str:
        return f"{self.source} is left out: {self.why}"


class Found(NamedTuple):
    """What the plugins bring."""

    features: tuple[Feature, ...]
    broken: tuple[Broken, ...]


class _Candidate(NamedTuple):
    """A feature that is right by itself."""

    name: str
    source: str
    feature: Feature


def discover(group: str, shipped: Mapping[str, Feature]) -> Found:
    """The features under the entry points `group` that go together with those that are `shipped`; what is wrong with
    the others.

    Never fails because of a plugin, whatever it does when it is imported.
    """
    try:
        entries = sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value))
    except Exception as error:  # noqa: BLE001 - metadata of any distribution may be malformed
        why = f"their metadata cannot be read: {_said(error)}"
        return Found((), (Broken("", "every plugin", why, "reinstall what was installed last"),))
    candidates: list[_Candidate] = []
    broken: list[Broken] = []
    for entry in entries:
        one = _loaded(entry)
        if isinstance(one, Broken):
            broken.append(one)
        else:
            candidates.append(one)
    fitting = _fitting(candidates, shipped, broken)
    return Found(tuple(_watched(one.feature, one.source) for one in fitting), tuple(broken))


def fault(feature: object) -> str:
    """What is wrong with a third-party feature, looked at by itself; "" if nothing is."""
    if not isinstance(feature, Feature):
        return f"it is of type {type(feature).__name__}, not a djroadmap.model.feature.Feature"
    if type(feature.api) is not int or feature.api < 1:
        return f"it does not say which API it is written for: Feature(..., api={API_VERSION})"
    if feature.api != API_VERSION:
        return f"it is written for API {feature.api}, and djroadmap {__version__} has API {API_VERSION}"
    return next(_faults(feature), "")


def _faults(feature: Feature) -> Iterator[str]:
    for field in ("id", "title", "summary", "group", "docs"):
        if not isinstance(getattr(feature, field), str):
            yield f"its {field} is not a text"
            return
    if not ID.fullmatch(feature.id):
        yield f"its id {feature.id!r} is not of small letters, digits and single hyphens"
    if feature.group not in GROUPS:
        yield f"its group {feature.group!r} is unknown; there are: {', '.join(GROUPS)}"
    if type(feature.version) is not int or feature.version < 1:
        yield f"its version {feature.version!r} is not a whole number from 1 on"
    yield from _faults_of_functions(feature)
    for field in ("requires", "conflicts", "bridges"):
        if not _is_ids(getattr(feature, field)):
            yield f"its {field} is not a tuple of ids"
    if not _is_links(feature.links):
        yield "its links are not a mapping of titles to addresses"
    yield from _faults_of_options(feature)


def _faults_of_functions(feature: Feature) -> Iterator[str]:
    for field in (*FUNCTIONS, *OPTIONAL):
        value = getattr(feature, field)
        if not callable(value) and (value is not None or field in FUNCTIONS):
            yield f"its {field} is not a function"


def _faults_of_options(feature: Feature) -> Iterator[str]:
    try:
        specs = specs_of(feature.options)
        defaults = feature.options._field_defaults
    except Exception as error:  # noqa: BLE001 - annotations are evaluated, so anything may happen
        yield f"its options are not a named tuple of Annotated[type, Option(...)]: {_said(error)}"
        return
    for spec in specs:
        if spec.name in RESERVED:
            yield f"its option {spec.name!r} is one that `add` has for every feature"
        if spec.type not in TYPES:
            yield f"its option {spec.name!r} is not of {', '.join(one.__name__ for one in TYPES)} or a tuple of them"
        if spec.option.choices and spec.type is not str:
            yield f"its option {spec.name!r} has choices, and is not of str"
    try:
        needed = {name: list(values.values()) for name, values in feature.requires_for.items()}
    except AttributeError:
        yield "its requires_for is not a mapping of options to values to ids"
        return
    for name, ids in needed.items():
        if name not in defaults:
            yield f"it needs others by the option {name!r}, which it has not, or which has no default"
        if not all(map(_is_ids, ids)):
            yield "its requires_for is not a mapping of options to values to ids"


def _is_all(kind: type, values: Any) -> bool:
    return all(isinstance(one, kind) for one in values)


def _is_links(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)


def _is_ids(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _loaded(entry: EntryPoint) -> _Candidate | Broken:
    source = _source(entry)
    try:
        # Standard output belongs to our own documents.
        with redirect_stdout(sys.stderr):
            feature = entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        why = f"it cannot be imported: {_said(error)}"
        hint = f"{UPGRADE}; djroadmap {__version__} has API {API_VERSION}" if _is_of_api(error) else UPGRADE
        return Broken(entry.name, source, why, hint)
    if why := fault(feature):
        newer = isinstance(feature, Feature) and type(feature.api) is int and feature.api > API_VERSION
        return Broken(entry.name, source, why, "upgrade djroadmap" if newer else UPGRADE)
    if feature.id != entry.name:
        return Broken(entry.name, source, f"its id is {feature.id!r}, and its entry point has another name")
    return _Candidate(entry.name, source, feature)


def _is_of_api(error: BaseException) -> bool:
    """Is it how a call or an import fails that was written for another djroadmap?"""
    return isinstance(error, (TypeError, AttributeError)) or "djroadmap" in str(getattr(error, "name", ""))


def _fitting(
    candidates: Iterable[_Candidate], shipped: Mapping[str, Feature], broken: list[Broken]
) -> list[_Candidate]:
    """The candidates that fit each other and what is shipped. Why others do not is put to `broken`."""
    left = list(candidates)
    while True:
        known = {**{one.name: one.feature for one in left}, **shipped}
        unfit = {index: why for index, one in enumerate(left) if (why := _clash(one, left, shipped, known))}
        if not unfit:
            return left
        broken.extend(Broken(left[index].name, left[index].source, why) for index, why in unfit.items())
        left = [one for index, one in enumerate(left) if index not in unfit]


def _clash(
    one: _Candidate, all_: list[_Candidate], shipped: Mapping[str, Feature], known: Mapping[str, Feature]
) -> str:
    """Why a feature does not go together with the others; "" if it does."""
    if one.name in shipped:
        return f"djroadmap itself has a feature {one.name!r}"
    if others := [other.source for other in all_ if other.name == one.name and other is not one]:
        # None of them: what `add` writes must not depend on what was installed first.
        return f"{', '.join(others)} is a feature {one.name!r} as well"
    feature = one.feature
    for other in (*feature.may_need, *feature.conflicts, *feature.bridges):
        if other not in known:
            return f"it names the feature {other!r}, which is not there"
    if one.name in _reached(feature, known):
        return "it needs itself, by way of others"
    return ""


def _reached(feature: Feature, known: Mapping[str, Feature]) -> set[str]:
    """All that a feature may need, directly or not, as far as it is known."""
    reached: set[str] = set()
    queue = [*feature.may_need, *feature.bridges]
    while queue:
        name = queue.pop()
        if name not in reached:
            reached.add(name)
            queue.extend((*known[name].may_need, *known[name].bridges) if name in known else ())
    return reached


def _source(entry: EntryPoint) -> str:
    """`the plugin djroadmap-robots-txt 1.0 (entry point robots-txt = djroadmap_robots_txt:FEATURE)`."""
    try:
        distribution = (
            f"{entry.dist.name} {entry.dist.version}" if entry.dist else "of an unknown distribution"
        )
    except Exception:  # noqa: BLE001 - its metadata may be damaged
        distribution = "of a damaged distribution"
    return f"the plugin {distribution} (entry point {entry.name} = {entry.value})"


def _said(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _watched(feature: Feature, source: str) -> Feature:
    """The feature, whose functions fail with `PluginFailed` if they do with an error that is not ours."""
    watch, none = _Watch(source), type(None)
    return feature._replace(
        options=watch.options(feature.options),
        plan=watch("plan", feature.plan, Plan),
        supports=watch("supports", feature.supports, str, none),
        checks=watch("checks", feature.checks, tuple, list),
        farewell=watch("farewell", feature.farewell, tuple, list),
        presence=feature.presence and watch("presence", feature.presence, Presence, none),
        growth=feature.growth and watch("growth", feature.growth, Growth, none),
        guard=feature.guard and watch("guard", feature.guard, tuple, list),
    )


class _Watch(NamedTuple):
    """Puts a plugin's name to what goes wrong in its functions, and in those that they give back."""

    source: str

    def __call__(self, name: str, call: Callable[..., Any], *kinds: type) -> Callable[..., Any]:
        """The function `call`, which gives one of the `kinds`. It raises `PluginFailed`, and our own errors."""

        def run(*arguments: Any) -> Any:
            try:
                with redirect_stdout(sys.stderr):
                    result = call(*arguments)
            except DjroadmapError:
                raise
            except (Exception, SystemExit) as error:
                raise self._failed(f"failed in {name}: {_said(error)}") from error
            if not isinstance(result, kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise self._failed(f"failed: {name} gave {type(result).__name__}, not {wanted}")
            if (kind := LISTS.get(name)) and not _is_all(kind, result):
                raise self._failed(f"failed: {name} gave something that is no {kind.__name__}")
            if isinstance(result, Growth):
                return result._replace(plan=self("plan of growth", result.plan, Plan))
            return self._plan(name, result) if isinstance(result, Plan) else result

        return run

    def options(self, kind: type[Any]) -> type[Any]:
        """The options, whose defaults that depend on the project are watched."""
        hints = get_type_hints(kind, include_extras=True)
        for spec in specs_of(kind):
            if spec.option.default_from is not None:
                given = (tuple,) if spec.multiple else (int, float) if spec.type is float else (spec.type,)
                asked = self(f"default_from of the option {spec.name!r}", spec.option.default_from, *given)
                option = spec.option._replace(default_from=asked)
                hints[spec.name] = Annotated[get_args(hints[spec.name])[0], option]
        names = {"__slots__": (), "__module__": kind.__module__, "__annotations__": hints}
        return type(kind.__name__, (kind,), names)

    def _plan(self, name: str, plan: Plan) -> Plan:
        """The plan, whose templates are watched: they are rendered when somebody wants the text."""
        for part, of in PARTS.items():
            value = getattr(plan, part)
            if not isinstance(value, tuple) or not _is_all(of, value):
                wanted = "edits" if of is object else of.__name__
                raise self._failed(f"failed: the {part} of {name} are not a tuple of {wanted}")
        edits = []
        for edit in plan.edits:
            kind = getattr(edit, "kind", type(edit).__name__)
            if kind not in NAMES:
                raise self._failed(
                    f"failed: {name} has an edit of kind {kind!r}, and a record knows no such kind"
                )
            content = getattr(edit, "content", None)
            edits.append(edit.with_(content=self("a template", content, str)) if callable(content) else edit)
        return plan._replace(edits=tuple(edits))

    def _failed(self, what: str) -> PluginFailed:
        return PluginFailed(f"{self.source} {what}", hint=UPGRADE)
