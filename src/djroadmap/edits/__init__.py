"""Every kind of edit there is, loaded when it is first used: planning and `status` do not pay for all of them.

`edits.InstalledApp` is the class; `edits.of_kind("installed-app")` is the class that a manifest means.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit

    from .files import WholeFile
    from .floors import VersionFloor
    from .ini import IniItem, IniOption, IniSection
    from .json_keys import JsonKey
    from .lines import Block, Line
    from .python_bases import ClassBase
    from .python_calls import CallSwap
    from .python_code import CodeReplace
    from .python_definitions import Definition
    from .python_dicts import SettingKey
    from .python_imports import Import
    from .python_lists import InstalledApp, ListItem, Middleware
    from .python_settings import Setting
    from .python_statements import Statements
    from .python_unused import UnusedImport
    from .python_urls import UrlPattern
    from .python_values import SettingKeyItem, SettingText
    from .requirements import Requirement
    from .toml_arrays import Dependency, TomlItem
    from .toml_keys import TomlKey, TomlWords
    from .toml_tables import TomlTable
    from .yaml_edits import YamlItem, YamlKey

MODULES = {
    "Block": "lines",
    "CallSwap": "python_calls",
    "ClassBase": "python_bases",
    "CodeReplace": "python_code",
    "Definition": "python_definitions",
    "Dependency": "toml_arrays",
    "Import": "python_imports",
    "IniItem": "ini",
    "IniOption": "ini",
    "IniSection": "ini",
    "InstalledApp": "python_lists",
    "JsonKey": "json_keys",
    "Line": "lines",
    "ListItem": "python_lists",
    "Middleware": "python_lists",
    "Requirement": "requirements",
    "Setting": "python_settings",
    "SettingKey": "python_dicts",
    "SettingKeyItem": "python_values",
    "SettingText": "python_values",
    "Statements": "python_statements",
    "TomlItem": "toml_arrays",
    "TomlKey": "toml_keys",
    "TomlTable": "toml_tables",
    "TomlWords": "toml_keys",
    "UnusedImport": "python_unused",
    "UrlPattern": "python_urls",
    "VersionFloor": "floors",
    "WholeFile": "files",
    "YamlItem": "yaml_edits",
    "YamlKey": "yaml_edits",
}
"""The module of this package that each class lives in."""

NAMES = {
    "block": "Block",
    "call": "CallSwap",
    "class-base": "ClassBase",
    "code": "CodeReplace",
    "definition": "Definition",
    "dependency": "Dependency",
    "file": "WholeFile",
    "import": "Import",
    "ini-item": "IniItem",
    "ini-option": "IniOption",
    "ini-section": "IniSection",
    "installed-app": "InstalledApp",
    "json-key": "JsonKey",
    "line": "Line",
    "list-item": "ListItem",
    "middleware": "Middleware",
    "requirement": "Requirement",
    "setting": "Setting",
    "setting-key": "SettingKey",
    "setting-key-item": "SettingKeyItem",
    "setting-text": "SettingText",
    "statements": "Statements",
    "toml-item": "TomlItem",
    "toml-key": "TomlKey",
    "toml-table": "TomlTable",
    "toml-words": "TomlWords",
    "unused-import": "UnusedImport",
    "url": "UrlPattern",
    "version-floor": "VersionFloor",
    "yaml-item": "YamlItem",
    "yaml-key": "YamlKey",
}
"""The class behind each kind of a recorded edit; kinds are for ever, since manifests hold them."""

__all__ = [
    "MODULES",
    "NAMES",
    "Block",
    "CallSwap",
    "ClassBase",
    "CodeReplace",
    "Definition",
    "Dependency",
    "Import",
    "IniItem",
    "IniOption",
    "IniSection",
    "InstalledApp",
    "JsonKey",
    "Line",
    "ListItem",
    "Middleware",
    "Requirement",
    "Setting",
    "SettingKey",
    "SettingKeyItem",
    "SettingText",
    "Statements",
    "TomlItem",
    "TomlKey",
    "TomlTable",
    "TomlWords",
    "UnusedImport",
    "UrlPattern",
    "VersionFloor",
    "WholeFile",
    "YamlItem",
    "YamlKey",
    "of_kind",
]


def of_kind(kind: str) -> type[Edit]:
    """The class that reads back a recorded edit. Raises `KeyError` for an unknown kind."""
    found: type[Edit] = __getattr__(NAMES[kind])
    return found


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
