"""Does the job that runs the tests install what a new development dependency goes to?"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.regex import regex

from .dependencies import dev_dependency

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.project import CIJob, Project

NAME = regex(r"[A-Za-z0-9][\w.-]*")
FILES = regex(r"(?:-r|--requirement|--requirements)[\s=]*(\S+)|(\S+\.(?:txt|in|pip))\b")


def installs_tools(project: Project, job: CIJob, requirements: tuple[str, ...]) -> bool:
    """Will `requirements`, written down as development dependencies, be there when the job runs the tests?

    True as well where that cannot be told: in an image built elsewhere, or behind an action of the project's own.
    """
    if not requirements:
        return True
    return all(_is_there(project, job, _written(project, requirement)) for requirement in requirements)


def _written(project: Project, requirement: str) -> Edit | None:
    match = NAME.match(requirement)
    return next(iter(dev_dependency(project, match[0]).edits), None) if match else None


def _is_there(project: Project, job: CIJob, edit: Edit | None) -> bool:
    if edit is None or "?" in job.installs:
        return "?" in job.installs or not job.installs
    texts = list(job.installs)
    if isinstance(edit, edits.Requirement):
        if job.contained and not any(FILES.search(text) for text in texts):
            return True
        return not texts or any(_reads(project, text, edit.path) for text in texts)
    table = getattr(edit, "table", "")
    if job.prefix[:2] == ("uv", "run") and "--no-sync" not in job.prefix:
        texts = [*texts, " ".join(("uv", "sync", *job.prefix[2:]))]
    return not texts or any(_takes(text, table) for text in texts)


def _reads(project: Project, text: str, path: RelPath) -> bool:
    """Does the command install from this file, or from one that includes it or is compiled from it?"""
    named = [first or second for first, second in FILES.findall(text)]
    if any(char in name for name in named for char in "$*?{"):
        return True
    if re.search(r"\b(?:make|just|conda)\b", text):
        return True
    includes = {file.path: file.includes for file in project.dependencies.files}
    seen: set[str] = set()
    waiting = [
        posixpath.normpath(posixpath.join(folder, name)) for name in named for folder in ("", project.base)
    ]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += includes.get(one, ())
            waiting += [file for file in includes if _stem(file) == _stem(one)]
    return path in seen


def _stem(path: RelPath) -> str:
    return posixpath.splitext(path)[0]


def _takes(text: str, table: str) -> bool:
    """Does the command install what stands in this table of pyproject.toml or Pipfile?"""
    group = table.rpartition(".")[2] if "group" in table or "optional" in table else ""
    if "poetry" in table and table.endswith(".dependencies"):
        group = table.split(".")[-2] if ".group." in table else ""
    words = re.sub(r"^(?:\w+=\S*\s+)+", "", text).replace("=", " ").split()
    words[:1] = [words[0].rpartition("/")[2]] if words else []
    if re.search(r"\b(?:make|just|nix|conda)\b", text):
        return True
    if "pipenv" in words:
        return table == "packages" or bool({"--dev", "-d"} & {*words})
    without = re.search(r"--(?:no-dev|prod|production|no-default-groups)\b|--only(?:[-_]group)?[\s=]", text)
    if words[:1] in (["uv"], ["poetry"], ["pdm"]) and "pip" not in words:
        named = group in words or bool({"--all-groups", "--all-extras", "--group"} & {*words} and not group)
        everything = "--all-extras" in words if "optional" in table else "--all-groups" in words
        default = not group or (group in {"dev", "dev-dependencies"} and "optional" not in table)
        if re.search(rf"--(?:without|no-group)[\s=]\S*\b{re.escape(group or '?')}\b", text):
            return False
        return (
            named
            or everything
            or (default and not without)
            or ("poetry" in table and bool(group) and not without)
        )
    if not group:
        return bool(re.search(r"(?:^|\s)(?:-e\s+)?['\"]?\.(?:\[|['\"]?(?:\s|$))", text))
    return bool(re.search(rf"\.\[[^\]]*\b{re.escape(group)}\b|--group[\s=]\S*\b{re.escape(group)}\b", text))
