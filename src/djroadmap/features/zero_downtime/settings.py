"""The engine and its settings, in the settings that production has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Unrecognised
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.settings import import_, setting, unless_set
from djroadmap.syntax.reading import dotted, parse

from . import ENGINES, LINK, PACKAGE, RAISE, has_gis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.project import Environment, Project, SettingsModule

SECTION = "Zero-downtime migrations"
PREFIX = "ZERO_DOWNTIME_MIGRATIONS"
PLAIN, POSTGIS = ENGINES


def settings(project: Project) -> Plan:
    """The loop over the databases, the time that a migration may wait, and that unsafe ones are refused.

    Raises `Unrecognised` where the module of production has no DATABASES.
    """
    production = project.settings.environment("production")
    module = production or project.settings.base
    environment: Environment = "base" if production is None else "production"
    code = loop(project, only_if="" if production else "not DEBUG")
    if not module.editable:
        text = f"{module.path} is not for everyone's settings, so it is left alone: set the engine there yourself"
        return Plan(todos=(Todo(text=text, snippet=code, path=module.path),))
    by_hand = any(engine.startswith(PACKAGE) for engine in project.engines)
    engine = Plan() if by_hand else _engine(project, module, code)
    reader = Reader(project, module)
    values = {
        "LOCK_TIMEOUT": reader.text(f"{PREFIX}_LOCK_TIMEOUT", "2s"),
        "STATEMENT_TIMEOUT": reader.text(f"{PREFIX}_STATEMENT_TIMEOUT", "2s"),
        "FLEXIBLE_STATEMENT_TIMEOUT": "True",
        "RAISE_FOR_UNSAFE": reader.flag(RAISE, default=True),
        "IDEMPOTENT_SQL": reader.flag(f"{PREFIX}_IDEMPOTENT_SQL", default=False),
    }
    comments = {
        "LOCK_TIMEOUT": "A migration gives up where it would have to wait, and everybody behind it.",
        "RAISE_FOR_UNSAFE": "Only an empty database, as in the first deployment, can do without.",
        "IDEMPOTENT_SQL": "Migrations are not atomic: with this, one that failed half-way can be run again.",
    }
    found = Plan()
    for name, value in values.items():
        comment = comments.get(name, "")
        found += _once(project, module, f"{PREFIX}_{name}", value, environment=environment, comment=comment)
    needed = (
        reader.needed() if any("env" in value or "config" in value for value in values.values()) else Plan()
    )
    return needed + engine + found


def loop(project: Project, *, only_if: str = "") -> str:
    """The statements that put the engine in place. The empty URL of a build step gives a database without any."""
    rows = ["for database in DATABASES.values():"]
    for word, engine in (("if", POSTGIS), ("elif", PLAIN)) if has_gis(project) else (("if", PLAIN),):
        rows.append(f'    {word} database.get("ENGINE") == "{engine}":')
        rows.append(f'        database["ENGINE"] = "{ENGINES[engine]}"')
    if only_if:
        rows = [f"if {only_if}:", *(f"    {row}" for row in rows)]
    return "\n".join(rows)


def _engine(project: Project, module: SettingsModule, code: str) -> Plan:
    text = project.tree.read(module.path) or ""
    edit = edits.Statements(path=module.path, code=code, behind="DATABASES", section=SECTION, link=LINK)
    return _imported(project, module, text, "DATABASES", code) + Plan((edit,))


def _once(
    project: Project, module: SettingsModule, name: str, value: str, *, environment: Environment, comment: str
) -> Plan:
    """The setting, unless the owner has set it, here or in what this module builds on."""
    if any(name in other.names for other in project.settings.modules if other is not module):
        return Plan()
    found = unless_set(project, name, value, environment=environment, section=SECTION, comment=comment)
    if name != RAISE or not found.edits:
        return found
    return setting(project, name, value, environment=environment, section=SECTION, comment=comment)


def _imported(project: Project, module: SettingsModule, text: str, name: str, snippet: str) -> Plan:
    """An import of `name` from what the module takes everything from; nothing if it is there, or used as if it were."""
    tree = parse(text)
    if name in module.names or any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree)):
        return Plan()
    for source, target in _stars(project, module, tree):
        if _reaches(project, target, name):
            return import_(project, module.path, source, name)
    why = f"{name} is neither set nor imported in the settings of production"
    raise Unrecognised(path=module.path, line=None, why=why, snippet=snippet)


def _stars(
    project: Project, module: SettingsModule, tree: ast.Module
) -> Iterator[tuple[str, SettingsModule]]:
    """Each `from source import *`, as it is written, with the module that it means."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            above = module.module.split(".")[: -node.level] if node.level else []
            meant = ".".join([*above, *filter(None, [node.module])])
            for target in project.settings.modules:
                if target.module == meant or target.module.endswith(f".{meant}"):
                    yield "." * node.level + (node.module or ""), target


def _reaches(project: Project, module: SettingsModule, name: str) -> bool:
    """Does the module bind the name, or take it over?"""
    waiting, seen = [module], set()
    while waiting:
        one = waiting.pop()
        if name in one.names:
            return True
        seen.add(one.module)
        waiting += [
            other
            for other in project.settings.modules
            if other.module in one.imports and other.module not in seen
        ]
    return False


class Reader:
    """How these settings read the environment: by an `env` of django-environ, by python-decouple, or by `os`."""

    def __init__(self, project: Project, module: SettingsModule) -> None:
        self._project = project
        self._module = module
        self._text = project.tree.read(module.path) or ""
        tree = parse(self._text)
        self._decouple = any(
            isinstance(node, ast.ImportFrom) and node.module == "decouple" and node.names[0].name == "config"
            for node in tree.body
        )
        self._name, self._source = _environ(tree), ""
        if not self._name:
            for source, target in _stars(project, module, tree):
                name = _environ(parse(project.tree.read(target.path) or ""))
                if name:
                    self._name, self._source = name, source

    def text(self, name: str, default: str) -> str:
        """The code that reads a text."""
        if self._name:
            return f'{self._name}(\n    "{name}",\n    default="{default}",\n)'
        if self._decouple:
            return f'config(\n    "{name}",\n    default="{default}",\n)'
        return f'os.environ.get(\n    "{name}",\n    "{default}",\n)'

    def flag(self, name: str, *, default: bool) -> str:
        """The code that reads whether something is to be."""
        if self._name:
            return f'{self._name}.bool(\n    "{name}",\n    default={default},\n)'
        if self._decouple:
            return f'config(\n    "{name}",\n    default={default},\n    cast=bool,\n)'
        sign = "!=" if default else "=="
        return f'(\n    os.environ.get("{name}") {sign} "{not default}"\n)'

    def needed(self) -> Plan:
        """The import that this takes."""
        if self._source:
            tree = parse(self._text)
            if any(isinstance(node, ast.Name) and node.id == self._name for node in ast.walk(tree)):
                return Plan()
            return import_(self._project, self._module.path, self._source, self._name)
        return Plan() if self._name or self._decouple else import_(self._project, self._module.path, "os")


def _environ(tree: ast.Module) -> str:
    """The name of an `environ.Env`; nothing if the module makes none."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if (
                dotted(func) or ""
            ).rpartition(".")[2] in {"Env", "FileAwareEnv"}:
                return name
    return ""
