"""What the settings hold in each environment, over the whole graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap.syntax.execute import Execution
from djroadmap.syntax.reading import UNKNOWN
from djroadmap.syntax.values import Item, Names, items_of, options_of, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Settings
    from djroadmap.syntax.sources import Sources

    from .entry import Entry


class Evaluated:
    """The names that each settings module ends up with; the base module's come first."""

    def __init__(self, sources: Sources, settings: Settings, entry: Entry) -> None:
        self.configuration = entry.configuration
        run = Execution(sources, entry.roots)
        imported = {name for module in settings.modules for name in module.imports}
        tops = [module for module in settings.modules if module.module not in imported] or list(
            settings.modules
        )
        paths = dict.fromkeys(module.path for module in ([settings.base, *tops] if settings.modules else []))
        self.scopes: dict[RelPath, list[dict[str, Any]]] = {
            path: _scopes(run.module(path), entry.configuration) for path in paths
        }
        self.roots: tuple[RelPath, ...] = tuple(run.roots)
        """Folders on sys.path, with those that the settings append."""

    def held(self, name: str, *, first: RelPath | None = None) -> Iterator[Any]:
        """What `name` holds in each module that binds it, the base module's first, or that of the module `first`."""
        for path in sorted(self.scopes, key=lambda path: path != first) if first else self.scopes:
            for scope in self.scopes[path]:
                if name in scope:
                    yield scope[name]

    def values(self, name: str) -> Iterator[Any]:
        """Everything that the setting `name` may be, over all branches."""
        for value in self.held(name):
            yield from options_of(value)

    def text(self, name: str) -> str | None:
        """The string that the setting `name` is, or is by default."""
        return next((text for value in self.values(name) if (text := text_of(value)) is not None), None)

    def items(self, name: str) -> tuple[Item, ...]:
        """The strings in a list setting, each once, over all modules and branches."""
        found: dict[str, Item] = {}
        for value in self.values(name):
            known = items_of(value)
            for item in known.entries if known else ():
                for text in _strings(item.value):
                    found.setdefault(text, Item(text, item.path, item.line))
        return tuple(found.values())

    def complete(self, name: str) -> bool:
        """Is everything known that the list setting `name` may hold?"""
        found = [items_of(value) for value in self.values(name)]
        return bool(found) and all(known is not None and known.complete for known in found)

    def constants(self) -> dict[str, Any]:
        """Upper-case names with a plain value, or a plain default."""
        found: dict[str, Any] = {}
        for scopes in self.scopes.values():
            for scope in scopes:
                for name, value in scope.items():
                    if name.isupper() and name not in found and (known := plain(value)) is not UNKNOWN:
                        found[name] = known
        return found


def _strings(value: Any) -> Iterator[str]:
    """The string, each of its alternatives, or those of a list nested by mistake."""
    for option in options_of(value):
        if nested := items_of(option):
            for item in nested.entries:
                yield from _strings(item.value)
        elif text := text_of(option):
            yield text


def _scopes(scope: dict[str, Any], configuration: str) -> list[dict[str, Any]]:
    """The module's names, or those of its settings classes (django-configurations), the named one first."""
    classes = {
        name: value
        for name, value in scope.items()
        if isinstance(value, Names) and value.scope.keys() & {"INSTALLED_APPS", "ROOT_URLCONF"}
    }
    if "INSTALLED_APPS" in scope or not classes:
        return [scope]
    return [value.scope for _, value in sorted(classes.items(), key=lambda pair: pair[0] != configuration)]
