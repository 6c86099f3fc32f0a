"""Does a file that was touched still parse? By readers that have nothing to do with our edits."""

from __future__ import annotations

import configparser
import json
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def complaint(path: Path, before: bytes | None) -> str:
    """Why the file at `path` no longer parses; empty if it does, or if it (`before`) never did."""
    now = _complaint(path.name, path.read_bytes())
    return now if now and (before is None or not _complaint(path.name, before)) else ""


def _complaint(name: str, raw: bytes) -> str:
    try:
        if name.endswith(".py"):
            import libcst

            libcst.parse_module(raw)
        elif name.endswith(".toml") or name == "Pipfile":
            tomllib.loads(raw.decode())
        elif name.endswith((".yml", ".yaml")):
            _yaml(raw)
        elif name.endswith(".json"):
            json.loads(raw)
        elif name.endswith((".cfg", ".ini")) or name == ".importlinter":
            configparser.RawConfigParser(strict=False, allow_no_value=True).read_string(raw.decode())
        elif name.endswith((".txt", ".in")) and b"require" in name.encode():
            _requirements(raw)
    except Exception as error:  # noqa: BLE001 - whatever it is, the file does not parse
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return ""


def _yaml(raw: bytes) -> None:
    from ruamel.yaml import YAML

    for _ in YAML(typ="safe", pure=True).load_all(raw.decode("utf-8-sig")):
        pass


def _requirements(raw: bytes) -> None:
    """Two requirements glued into one line are what appending to a file without a final newline gives."""
    from packaging.requirements import Requirement

    from djroadmap.model.text import decode

    for line in decode(raw).splitlines():
        words = line.split(" #")[0].split(" --hash")[0].strip().rstrip("\\").strip()
        if words and not words.startswith(("#", "-", ".", "/", "git+", "http")) and "://" not in words:
            Requirement(words)
