"""What the architecture tests look at: the apps of this project, and who imports whom.

The graph is static: https://grimp.readthedocs.io.
The rules are in `[= tests =]`.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import grimp
from django.apps import apps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[[= depth =]]
KNOWN = Path(__file__).with_name("known_violations.txt")
IMPORTERS = {"import_module", "import_string", "__import__"}
CONFIGURATIONS = ("setup.cfg", ".importlinter", "pyproject.toml")
CONTRACT = re.compile(
    r"^\[+(?:importlinter:contract|tool\.importlinter\.contracts).*\n((?:(?!\[).*\n?)*)",
    re.MULTILINE,
)
PROSE = re.compile(r"#|(?:id|name|type|broken_contract_guidance)\s*=|.*->")


class Import(NamedTuple):
    """One module of an app imports one of another app."""

    importer: str
    imported: str
    app: str
    other: str

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"


@cache
def own_apps() -> dict[str, Path]:
    """Each app of this project and its folder. A new one is there by itself."""
    folders = {app.name: Path(app.path).resolve() for app in apps.get_app_configs()}
    return {
        name: folder
        for name, folder in folders.items()
        if folder.is_relative_to(ROOT) and "site-packages" not in folder.parts
    }


def label(app: str) -> str:
    """The last part of an app's name, by which the rules speak of it."""
    return app.rpartition(".")[2]


def app_of(module: str) -> str | None:
    """The app that a module belongs to, or None."""
    while module and module not in own_apps():
        module = module.rpartition(".")[0]
    return module or None


@cache
def graph() -> grimp.ImportGraph:
    """Who imports whom, in functions and under `if TYPE_CHECKING:` as well."""
    packages = sorted({app.partition(".")[0] for app in own_apps()})
    return grimp.build_graph(*packages, cache_dir=None)  # else it writes .grimp_cache


@cache
def imports() -> list[Import]:
    """Every import of one app by another."""
    pairs = (
        (importer, imported)
        for importer in sorted(graph().modules)
        for imported in sorted(graph().find_modules_directly_imported_by(importer))
    )
    return list(_between_apps(pairs))


def strings() -> list[Import]:
    """Imports of another app through a string: `import_module("shop.models")`."""
    return list(_between_apps(_named_in_strings()))


def circle(imports: Iterable[Import]) -> list[Import]:
    """The imports that make up one circle of apps, if there is one."""
    imports = list(imports)
    others: dict[str, set[str]] = {}
    for one in imports:
        others.setdefault(one.app, set()).add(one.other)
    try:
        TopologicalSorter(others).prepare()
    except CycleError as error:
        steps = set(pairwise(reversed(error.args[1])))
        return [one for one in imports if (one.app, one.other) in steps]
    return []


def folders_without_init() -> Iterator[str]:
    """Folders with Python below an app that are no packages: the graph misses them."""
    for app in own_apps().values():
        for file in app.rglob("*.py"):
            for folder in reversed([file, *file.parents][1:]):
                name = folder.name
                if not folder.is_relative_to(app):
                    continue
                if name == "node_modules" or not name.isidentifier():
                    break
                if not (folder / "__init__.py").is_file():
                    yield folder.relative_to(ROOT).as_posix()
                    break


def contracts() -> set[str] | None:
    """The names in the contracts of import-linter, or None if it is not set up here."""
    tops = {folder.parents[app.count(".")] for app, folder in own_apps().items()}
    files = [folder / name for folder in (ROOT, *sorted(tops)) for name in CONFIGURATIONS]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    bodies = [body for text in texts for body in CONTRACT.findall(text)]
    return {name for body in bodies for name in _names(body)} if bodies else None


def placed(app: str, names: set[str]) -> bool:
    """Is the app named, be it as `*.users`? A star at the end would place all."""
    *parents, last = app.split(".")
    stars = [rf"(?:{parent}|\*)" for parent in parents]
    pattern = re.compile(r"\.".join([*stars, last]))
    return any(pattern.fullmatch(name) for name in names)


@cache
def known() -> dict[str, set[str]]:
    """The known violations of each rule."""
    found: dict[str, set[str]] = {}
    rule = ""
    for line in KNOWN.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            rule = text.strip("[]")
        elif text:
            found.setdefault(rule, set()).add(text)
    return found


def _between_apps(pairs: Iterable[tuple[str, str]]) -> Iterator[Import]:
    for importer, imported in pairs:
        app, other = app_of(importer), app_of(imported)
        if app and other and app != other:
            yield Import(importer, imported, app, other)


def _named_in_strings() -> Iterator[tuple[str, str]]:
    for app, folder in own_apps().items():
        for file in sorted(folder.rglob("*.py")):
            code = file.read_bytes()
            if not any(name.encode() in code for name in IMPORTERS):
                continue
            parts = file.relative_to(folder).with_suffix("").parts
            module = ".".join((app, *parts)).removesuffix(".__init__")
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Call) and node.args and _function(node) in IMPORTERS:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield module, first.value


def _function(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _names(contract: str) -> Iterator[str]:
    lines = [line for line in contract.splitlines() if not PROSE.match(line.strip())]
    names = re.findall(r"[\w*]+(?:\.[\w*]+)*", "\n".join(lines))
    yield from names
    if "containers" in names:  # layers are named as seen from there
        yield from (f"{container}.{layer}" for container in names for layer in names)
