"""INSTALLED_APPS sorted by origin: Django's, other people's, the project's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from djroadmap.model.modules import module_file
from djroadmap.model.project import App, Apps
from djroadmap.syntax.sources import folder_of, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.syntax.sources import Sources
    from djroadmap.syntax.values import Item

GENERIC = frozenset(
    {"apps", "config", "conf", "settings", "src", "project", "core", "server", "backend", "app", "django"}
)
MARKERS = ("apps.py", "models.py", "__init__.py", "models/__init__.py", "admin.py", "views.py")
ATTRIBUTE = r"^[ \t]+{}\s*(?::[^=\n]+)?=\s*[\"']([\w.]+)[\"']"
LABEL, NAME = (f"(?m){ATTRIBUTE.format(name)}" for name in ("label", "name"))


def apps_of(sources: Sources, roots: Sequence[RelPath], entries: Sequence[Item]) -> Apps:
    """Sort the entries of INSTALLED_APPS; an app that is found in the project's folders is its own."""
    django, third_party = [], []
    local: dict[str, App] = {}
    where: dict[str, RelPath] = {}
    for entry in entries:
        name = entry.value
        where[name] = entry.path
        app = _local(sources, roots, name)
        if app is not None:
            local.setdefault(app.name, app)
        elif name == "django" or name.startswith("django."):
            django.append(name)
        else:
            third_party.append(name)
    return Apps(
        django=tuple(django), third_party=tuple(third_party), local=tuple(local.values()), where=where
    )


def _local(sources: Sources, roots: Sequence[RelPath], entry: str) -> App | None:
    if not all(part.isidentifier() for part in entry.split(".")):
        return None
    for root in roots:
        if folder := _folder(sources, root, entry):
            return _app(sources, entry, folder)
    head, _, last = entry.rpartition(".")
    if not head or not last[:1].isupper():
        return None
    for root in roots:  # an AppConfig: users.apps.UsersConfig
        if path := module_file(sources, root, head):
            package = path.removesuffix("/__init__.py") if path.endswith("/__init__.py") else folder_of(path)
            name = head if path.endswith("/__init__.py") else head.rpartition(".")[0]
            declared = re.search(NAME, sources.text(path) or "")
            name = declared[1] if declared else name or head
            return App(name=name, label=_label(sources, path, name), path=package)
    return None


def _folder(sources: Sources, root: RelPath, name: str) -> RelPath | None:
    folder = join(root, name.replace(".", "/"))
    return folder if any(sources.exists(join(folder, marker)) for marker in MARKERS) else None


def _app(sources: Sources, name: str, folder: RelPath) -> App:
    config = join(folder, "apps.py")
    return App(name=name, label=_label(sources, config, name), path=folder)


def _label(sources: Sources, path: RelPath, name: str) -> str:
    last = name.rpartition(".")[2]
    if not sources.exists(path) or not sources.holds(path, b"label"):
        return last
    found = re.search(LABEL, sources.text(path) or "")
    return found[1] if found else last


def package_of(apps: Apps, entry_module: str, distribution: str) -> str:
    """The project's own package: where most apps are, else that of the settings, else named as the distribution."""
    tops: dict[str, int] = {}
    for app in apps.local:
        top = app.name.partition(".")[0]
        if "." in app.name and top not in GENERIC:
            tops[top] = tops.get(top, 0) + 1
    if tops:
        return max(tops, key=lambda top: tops[top])
    top = entry_module.partition(".")[0]
    return top if top and top not in GENERIC else re.sub(r"\W+", "_", distribution).strip("_").lower() or top
