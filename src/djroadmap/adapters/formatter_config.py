"""What a project's ruff, black and isort settings mean for formatting a new file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .roots import repository_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import PythonStyle

EXTENDS = 8
"""How long a chain of `extend` may be; ruff forbids cycles, we just stop."""

ISORT_SAME = (
    "combine_as_imports", "force_sort_within_sections", "force_single_line", "known_first_party", "known_third_party",
    "known_local_folder", "order_by_type", "lines_after_imports", "force_to_top", "single_line_exclusions",
    "case_sensitive", "from_first", "length_sort",
)  # fmt: skip
"""Options that mean the same in ruff, with dashes."""
ISORT_PROFILES = {
    "google": {"force-single-line": True, "force-sort-within-sections": True},
    "open_stack": {"force-single-line": True, "force-sort-within-sections": True},
}
OLD_LINT = ("select", "ignore", "extend-select", "extend-ignore", "per-file-ignores.", "isort.")
"""Options that ruff once had at the top level; they are below `lint` now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A ruff configuration: where it is and its settings, those it extends included."""

    folder: Path
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """How to run ruff: flags for every command, and whether the project's rules are in force with them."""

    shared: tuple[str, ...]
    rules: bool


def candidates(root: Path, config: Config | None, style: PythonStyle | None) -> Iterator[Flags]:
    """Ways to run ruff for this project, the most faithful first; each is for when ruff rejects those before.

    A configuration for another version of ruff is rejected as a whole, be it for one option, so then the
    settings in it that shape a file are given one by one, and in the end only those that never change.
    """
    target = {"target-version": style.target} if style is not None and style.target else {}
    if config is None:
        plain = _plain_settings(root, style)
        yield Flags(shared=_isolated({**target, **plain}), rules=False)
    else:
        yield Flags(shared=(), rules=True)
        known = dict(_flat(config.settings))
        rules = {key: value for key, value in known.items() if not _is_meta(key)}
        yield Flags(shared=_isolated({**target, **rules}), rules=True)
        shape = {
            key: value for key, value in rules.items() if not key.startswith("lint.") or ".isort." in key
        }
        yield Flags(shared=_isolated({**target, **shape}), rules=False)
        plain = {
            key: rules[key] for key in ("line-length", "indent-width", "format.quote-style") if key in rules
        }
        if rules.get("lint.isort.force-single-line") is True:
            plain["lint.isort.force-single-line"] = True
    yield Flags(shared=_isolated({**target, **plain}), rules=False)
    yield Flags(shared=_isolated(plain), rules=False)
    yield Flags(shared=_isolated({}), rules=False)


def nearest_config(folder: Path, root: Path) -> Config | None:
    """The ruff configuration for files in `folder`, found as ruff does, but not outside the repository."""
    top = repository_root(root) or root
    for place in (folder, *folder.parents):
        for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
            settings = _settings(place / name)
            if settings is not None:
                return Config(folder=place, settings=settings)
        if place == top:
            break
    return None


def first_party(root: Path, config: Config | None, new: Sequence[RelPath]) -> tuple[str, ...]:
    """A flag that names the top-level packages of `new` that are not on disk yet, and all that was named before.

    A package counts as not there if one of its modules is missing: ruff looks for `shop/events`, not only for `shop`.
    """
    settings = {} if config is None else dict(_flat(config.settings))
    folder = root if config is None else config.folder
    sources = settings.get("src", [".", "src"])
    names = set()
    for source in sources if isinstance(sources, list) else []:
        base = folder / str(source)
        for path in new:
            place = root / path
            if place.is_relative_to(base) and place.suffix in {".py", ".pyi"}:
                name = place.relative_to(base).parts[0]
                if not place.exists():
                    names.add(name.removesuffix(".py").removesuffix(".pyi"))
    if not names:
        return ()
    key = "lint.isort.known-first-party"
    named = settings.get(key, [])
    return _flags({key: sorted({*named, *names})})


def black_flags(root: Path) -> tuple[str, ...]:
    """Where a project lints with ruff but formats with black, black's settings are those that shape a file."""
    tool = _tools(root)
    return _flags(_black(tool["black"])) if isinstance(tool.get("black"), dict) else ()


def _plain_settings(root: Path, style: PythonStyle | None) -> dict[str, Any]:
    """Settings of a project without ruff: black's and isort's, else what was seen of its style."""
    tool = _tools(root)
    settings: dict[str, Any] = {}
    if style is not None:
        settings["line-length"] = style.line_length
        settings["format.quote-style"] = style.quotes
        settings["lint.isort.force-single-line"] = style.force_single_line
    settings.update(_isort(_isort_section(root, tool)))
    if isinstance(tool.get("black"), dict):
        settings.update(_black(tool["black"]))
    return settings


def _black(section: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {"line-length": section.get("line-length", 88)}
    if section.get("skip-string-normalization") is True:
        settings["format.quote-style"] = "preserve"
    if section.get("skip-magic-trailing-comma") is True:
        settings["format.skip-magic-trailing-comma"] = True
    targets = section.get("target-version")
    if isinstance(targets, str):
        targets = [targets]
    if isinstance(targets, list) and targets:
        settings["target-version"] = min(
            (str(target) for target in targets), key=lambda name: (len(name), name)
        )
    return settings


def _isort(section: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    profile = str(section.get("profile", ""))
    for key, value in ISORT_PROFILES.get(profile, {}).items():
        settings[f"lint.isort.{key}"] = value
    for name in ISORT_SAME:
        if name in section and section[name] != -1:
            settings[f"lint.isort.{name.replace('_', '-')}"] = section[name]
    if isinstance(section.get("line_length"), int):
        settings["line-length"] = section["line_length"]
    return settings


def _isort_section(root: Path, tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """isort's settings: `pyproject.toml`, `.isort.cfg`, `setup.cfg` or `tox.ini`."""
    if isinstance(tool.get("isort"), dict):
        section: Mapping[str, Any] = tool["isort"]
        return section
    import configparser  # noqa: PLC0415 - only for projects with old-style settings

    for name, heading in ((".isort.cfg", "settings"), ("setup.cfg", "isort"), ("tox.ini", "isort")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string((root / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, configparser.Error):
            continue
        if parser.has_section(heading):
            return {key: _ini_value(key, value) for key, value in parser.items(heading)}
    return {}


def _ini_value(key: str, value: str) -> Any:
    if key.startswith("known_") or key in {"force_to_top", "single_line_exclusions"}:
        return [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return int(value) if value.lstrip("-").isdigit() else value


def _settings(file: Path, depth: int = 0) -> dict[str, Any] | None:
    """The ruff settings in `file` over those it extends; None if it has none."""
    data = _toml(file)
    if data is None:
        return None
    if file.name == "pyproject.toml":
        tool = data.get("tool")
        data = tool.get("ruff") if isinstance(tool, dict) else None
        if not isinstance(data, dict):
            return None
    extended = data.get("extend")
    if isinstance(extended, str) and depth < EXTENDS:
        return _merged(_settings(file.parent / extended, depth + 1) or {}, data)
    return data


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _tools(root: Path) -> dict[str, Any]:
    tool = (_toml(root / "pyproject.toml") or {}).get("tool")
    return tool if isinstance(tool, dict) else {}


def _toml(file: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):  # ruff rejects it as well then, and the next way is tried
        return None


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """`lint.isort.known-first-party` and so on; ruff's old top-level names for linting as the new ones."""
    for key, value in table.items():
        name = prefix + (key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key))
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield (f"lint.{name}" if name.startswith(OLD_LINT) else name), value


def _is_meta(key: str) -> bool:
    """Settings about which files and which ruff, rather than how a file looks."""
    return key in {"extend", "required-version", "cache-dir"} or "exclude" in key or key == "include"


def _isolated(settings: Mapping[str, Any]) -> tuple[str, ...]:
    return ("--isolated", *_flags(settings))


def _flags(settings: Mapping[str, Any]) -> tuple[str, ...]:
    flags: list[str] = []
    for key, value in settings.items():
        # What JSON writes of texts, numbers, truth values and lists of them is TOML too.
        flags += ["--config", f"{key} = {json.dumps(value, ensure_ascii=False)}"]
    return tuple(flags)
