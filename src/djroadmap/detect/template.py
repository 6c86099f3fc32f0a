"""The template that a project was generated from, and the layout that features know it by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from djroadmap.model.project import Template
from djroadmap.syntax.sources import dig, folder_of, join, name_of
from djroadmap.syntax.yaml_outline import read

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Layout, Settings
    from djroadmap.syntax.sources import Sources

TURBO = "cookiecutter-turbo-django"
COOKIECUTTER = "cookiecutter-django"
URLS = {
    TURBO: "https://github.com/mascah/cookiecutter-turbo-django",
    COOKIECUTTER: "https://github.com/cookiecutter/cookiecutter-django",
}


def template_of(sources: Sources, base: RelPath, package: RelPath, settings: Settings) -> Template | None:
    """What .copier-answers.yml or .cruft.json record, else what the project's shape gives away."""
    for folder in dict.fromkeys((base, "")):
        if recorded := _copier(sources, folder) or _cruft(sources, folder):
            return recorded
    guessed = _recognised(sources, base, package, settings)
    return Template(name=guessed, url=URLS[guessed]) if guessed else None


def layout_of(sources: Sources, base: RelPath, package: RelPath, settings: Settings) -> Layout:
    """The layout, by the project's shape alone: a project may have left its template behind."""
    recognised = _recognised(sources, base, package, settings)
    if recognised:
        return "turbo" if recognised == TURBO else "cookiecutter"
    return "startproject" if settings.modules and _is_startproject(base, settings) else "other"


def _is_startproject(base: RelPath, settings: Settings) -> bool:
    """One `settings.py` in a package beside manage.py, and none beside it for an environment of its own."""
    path = settings.base.path
    plain = name_of(path) == "settings.py" and path.count("/") > 0 and folder_of(folder_of(path)) == base
    return plain and all(
        module is settings.base or module.environment == "other" or not module.editable
        for module in settings.modules
    )


def _recognised(sources: Sources, base: RelPath, package: RelPath, settings: Settings) -> str | None:
    modules = {join(base, "config", "settings", name) for name in ("base.py", "local.py", "production.py")}
    if not package or not modules <= {module.path for module in settings.modules}:
        return None
    monorepo = sources.exists(join(base, "turbo.json")) or sources.exists(join(base, "pnpm-workspace.yaml"))
    events = sources.exists(join(package, "domain_events", "bus.py")) or sources.exists(
        join(package, "domain_events", "__init__.py")
    )
    if events and monorepo and sources.has_folder(join(base, "packages")):
        return TURBO
    contrib = sources.has_folder(join(package, "contrib", "sites", "migrations"))
    return COOKIECUTTER if contrib and sources.has_folder(join(package, "users")) and not monorepo else None


def _copier(sources: Sources, folder: RelPath) -> Template | None:
    for name in (".copier-answers.yml", ".copier-answers.yaml"):
        if sources.exists(join(folder, name)):
            answers = read(sources.text(join(folder, name)) or "")
            if url := dig(answers, "_src_path"):
                return Template(
                    name=_name(str(url)),
                    url=str(url),
                    tool="copier",
                    commit=str(dig(answers, "_commit") or ""),
                )
    return None


def _cruft(sources: Sources, folder: RelPath) -> Template | None:
    path = join(folder, ".cruft.json")
    if not sources.exists(path):
        return None
    import json  # noqa: PLC0415 - few projects have the file, and everybody would pay for it

    try:
        answers: Any = json.loads(sources.text(path) or "")
    except (ValueError, RecursionError):
        return None
    url = dig(answers, "template")
    return (
        Template(name=_name(url), url=url, tool="cruft", commit=str(dig(answers, "commit") or ""))
        if isinstance(url, str)
        else None
    )


def _name(url: str) -> str:
    return re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")
