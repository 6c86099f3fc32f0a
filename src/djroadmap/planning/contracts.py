"""The contracts that a project's own layout suggests. None of them can be an error: what they name exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .packages import BUS, TAKEN, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.project import Project

    from .packages import Linted

KERNEL = frozenset({"core", "common", "utils", "shared", "lib"})
BELOW = ("models", "services")
ABOVE = ("admin", "api", "urls", "views")


class Contract(NamedTuple):
    """One rule. With `modules`, they must not import each other; else `sources` must not import `forbidden`."""

    id: str
    modules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    external: bool = False
    """Are the forbidden modules outside the linted packages?"""

    @property
    def names(self) -> tuple[str, ...]:
        """Every module or expression in it."""
        return (*self.modules, *self.sources, *self.forbidden)


def derive(project: Project, linted: Linted) -> tuple[Contract, ...]:
    """The contracts for these packages, in the order in which they are written."""
    kernel = tuple(app for app in linted.apps if app.rpartition(".")[2] in KERNEL)
    domain = tuple(app for app in linted.apps if app not in kernel)
    found: list[Contract] = []
    if len(domain) > 1:
        found.append(Contract(id="domain-independence", modules=domain))
    shared = (*kernel, *_bus(linted))
    if shared and domain:
        found.append(Contract(id="kernel", sources=shared, forbidden=domain))
    found += _no_config(linted)
    found += _full_names(project, linted)
    found += _models_below_views(linted)
    return tuple(found)


def _parents(linted: Linted) -> tuple[str, ...]:
    """The packages that hold apps, such as `acme_shop`; none where apps are top-level packages."""
    return tuple(sorted({app.rpartition(".")[0] for app in linted.apps} - {""}))


def _bus(linted: Linted) -> tuple[str, ...]:
    """The event bus as an expression: unlike a name, that is no error while there is none."""
    return tuple(sorted({f"{'*.' * (parent.count('.') + 1)}{BUS}" for parent in _parents(linted)}))


def _no_config(linted: Linted) -> Iterable[Contract]:
    """Apps do not import the settings or the URLs: each as the largest package without the other's modules."""
    forbidden = {_largest(name, linted.apps) for name in linted.configuration}
    sources = {_largest(app, linted.configuration) for app in linted.apps}
    if sources and forbidden:
        yield Contract(id="no-config", sources=tuple(sorted(sources)), forbidden=tuple(sorted(forbidden)))


def _largest(module: str, others: Iterable[str]) -> str:
    """The topmost package that holds `module` and none of `others`."""
    parts = module.split(".")
    packages = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return next(
        (package for package in packages if not any(within(other, package) for other in others)), module
    )


def _full_names(project: Project, linted: Linted) -> Iterable[Contract]:
    """No short names for what has a full one, where manage.py puts the folder of the apps on `sys.path` as well."""
    others = {entry.split(".", 1)[0] for entry in (*project.apps.third_party, *project.apps.django)}
    names: set[str] = set()
    for folder in project.python_roots:
        package = _package_at(folder, linted)
        if package is not None:
            below = [
                app[len(package) + 1 :] for app in linted.apps if within(app, package) and app != package
            ]
            names |= {name.split(".", 1)[0] for name in (*below, BUS)} if below else set()
    names -= TAKEN | others | linted.roots.keys()
    forbidden = tuple(sorted(name for name in names if not project.dependencies.has(name)))
    if forbidden:
        yield Contract(id="full-names", sources=tuple(linted.roots), forbidden=forbidden, external=True)


def _package_at(folder: str, linted: Linted) -> str | None:
    """The dotted name of a folder on `sys.path` that is itself inside one of the linted packages."""
    for name, path in linted.roots.items():
        if folder == path or folder.startswith(f"{path}/"):
            return name + folder[len(path) :].replace("/", ".")
    return None


def _models_below_views(linted: Linted) -> Iterable[Contract]:
    """Models and services do not import what is built on them.

    Apps that share a parent are named by an expression, so that new ones and new modules are covered.
    """
    below = [f"{app}.{name}" for app in linted.apps for name in BELOW]
    above = [f"{app}.{name}" for app in linted.apps for name in ABOVE]
    if any(name in linted.modules for name in below) and any(name in linted.modules for name in above):
        yield Contract(
            id="models-below-views", sources=_layer(linted, BELOW), forbidden=_layer(linted, ABOVE)
        )


def _layer(linted: Linted, names: tuple[str, ...]) -> tuple[str, ...]:
    together = [f"{parent}.*.{name}" for parent in _parents(linted) for name in names]
    flat = [f"{app}.{name}" for app in linted.apps if "." not in app for name in names]
    return (*together, *(module for module in flat if module in linted.modules))
