"""How the project's Python looks, so that new files look the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.project import PythonStyle
from djroadmap.syntax.sources import dig, join, section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Dependencies, Hooks
    from djroadmap.syntax.sources import Sources

# Compiled when a project needs them.
SINGLE, DOUBLE = r"'[^'\"\n]*'", r"\"[^'\"\n]*\""
LENGTH = r"(?m)^\s*(?:max[-_])?line[-_]length\s*=\s*(\d+)"
FORCED = r"(?im)^\s*force_single_line\s*=\s*true"
MINOR = r"3\.(\d+)"


def style_of(
    sources: Sources,
    base: RelPath,
    dependencies: Dependencies,
    hooks: Iterable[Hooks],
    *,
    python: str | None,
    samples: Iterable[RelPath],
) -> PythonStyle:
    """Formatter, line length, quotes and import style, from configuration or, for quotes, from `samples`."""
    pyproject = sources.table(dependencies.pyproject) if dependencies.pyproject else {}
    ruff, ruff_file = _ruff(sources, base, pyproject)
    black = dig(pyproject, "tool", "black")
    hooked = "".join(sources.text(one.path) or "" for one in hooks)
    tool: Literal["ruff", "black", "none"] = "none"
    if black is not None or (
        ruff is None and ("black" in dependencies.names or re.search(r"id:\s*black\b", hooked))
    ):
        tool = "black"
    elif ruff is not None or "ruff" in dependencies.names or "ruff-format" in hooked:
        tool = "ruff"
    chosen = section({"black": black, "ruff": ruff}, tool)
    isort = dig(ruff, "lint", "isort", "force-single-line") or dig(ruff, "isort", "force-single-line")
    isort = isort or dig(pyproject, "tool", "isort", "force_single_line") or _isort(sources, base)
    return PythonStyle(
        tool=tool,
        line_length=_length(sources, base, chosen, tool),
        quotes=_quotes(sources, chosen, tool, samples),
        force_single_line=bool(isort),
        target=_target(chosen, python if tool != "black" else None),
        mypy=dig(pyproject, "tool", "mypy") is not None or _configured(sources, base, "mypy"),
        djlint=_djlint(sources, base, pyproject, dependencies.pyproject),
        ruff_config=ruff_file or (dependencies.pyproject if ruff is not None else None),
    )


def _ruff(sources: Sources, base: RelPath, pyproject: Mapping[str, Any]) -> tuple[Any, RelPath | None]:
    for folder in dict.fromkeys((base, "")):
        for name in ("ruff.toml", ".ruff.toml"):
            if sources.exists(join(folder, name)):
                return sources.table(join(folder, name)), join(folder, name)
    return dig(pyproject, "tool", "ruff"), None


def _length(sources: Sources, base: RelPath, chosen: Mapping[str, Any], tool: str) -> int:
    written = chosen.get("line-length", chosen.get("line_length"))
    if isinstance(written, int):
        return written
    if tool == "none":
        for name in (".flake8", "setup.cfg", "tox.ini"):
            path = join(base, name) if sources.exists(join(base, name)) else name
            if sources.exists(path) and (found := re.search(LENGTH, sources.text(path) or "")):
                return int(found[1])
    return 88


def _quotes(
    sources: Sources, chosen: Mapping[str, Any], tool: str, samples: Iterable[RelPath]
) -> Literal["single", "double"]:
    written = dig(dict(chosen), "format", "quote-style")
    if written in {"single", "double"}:
        return "single" if written == "single" else "double"
    if tool == "black" and not (
        chosen.get("skip-string-normalization") or chosen.get("skip_string_normalization")
    ):
        return "double"
    if tool == "ruff" and written != "preserve":
        inline = dig(dict(chosen), "lint", "flake8-quotes", "inline-quotes")
        return "single" if inline == "single" else "double"
    text = "".join(sources.text(path) or "" for path in samples)
    return "single" if len(re.findall(SINGLE, text)) > len(re.findall(DOUBLE, text)) else "double"


def _target(chosen: Mapping[str, Any], python: str | None) -> str:
    written = chosen.get("target-version")
    if isinstance(written, list):
        written = min((str(one) for one in written), default="")
    if written:
        return str(written)
    found = re.search(MINOR, python or "")
    return f"py3{found[1]}" if found else ""


def _isort(sources: Sources, base: RelPath) -> bool:
    """isort's own file, and setup.cfg or tox.ini with a section for it."""
    for folder in dict.fromkeys((base, "")):
        for name in (".isort.cfg", "setup.cfg", "tox.ini"):
            path = join(folder, name)
            if sources.exists(path) and re.search(FORCED, sources.text(path) or ""):
                return True
    return False


def _configured(sources: Sources, base: RelPath, tool: str) -> bool:
    for folder in dict.fromkeys((base, "")):
        if any(sources.exists(join(folder, f"{dot}{tool}.ini")) for dot in ("", ".")):
            return True
        path = join(folder, "setup.cfg")
        if sources.exists(path) and f"[{tool}" in (sources.text(path) or ""):
            return True
    return False


def _djlint(
    sources: Sources, base: RelPath, pyproject: Mapping[str, Any], path: RelPath | None
) -> RelPath | None:
    if dig(dict(pyproject), "tool", "djlint") is not None:
        return path
    names = [
        join(folder, name) for folder in dict.fromkeys((base, "")) for name in ("djlint.toml", ".djlintrc")
    ]
    return next((name for name in names if sources.exists(name)), None)
