"""Every kind of edit there is: the name in a manifest to the class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .files import WholeFile
from .ini import IniOption, IniSection
from .lines import Block, Line
from .python_code import CodeReplace
from .python_imports import Import
from .python_lists import InstalledApp, ListItem, Middleware
from .python_settings import Setting, SettingKey
from .python_urls import UrlPattern
from .requirements import Requirement
from .toml_arrays import Dependency, TomlItem
from .toml_keys import TomlKey, TomlWords
from .toml_tables import TomlTable
from .yaml_edits import YamlItem, YamlKey

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit

EDITS: tuple[type[Edit], ...] = (
    Block,
    CodeReplace,
    Dependency,
    Import,
    IniOption,
    IniSection,
    InstalledApp,
    Line,
    ListItem,
    Middleware,
    Requirement,
    Setting,
    SettingKey,
    TomlItem,
    TomlKey,
    TomlTable,
    TomlWords,
    UrlPattern,
    WholeFile,
    YamlItem,
    YamlKey,
)

KINDS: dict[str, type[Edit]] = {edit.kind: edit for edit in EDITS}
"""`kind` in a recorded edit to the class that reads it back."""
