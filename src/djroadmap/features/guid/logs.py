"""The correlation id in the lines of every LOGGING that the settings have."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.settings import setting
from djroadmap.regex import regex
from djroadmap.syntax.dicts import entries_of, find_dict, is_container

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project, SettingsModule

FIELD = "correlation_id"
FILTER = '{"()": "django_guid.log_filters.CorrelationId"}'
PIECES = {"%": (f"[%({FIELD})s] ", "%(message)s"), "{": (f"[{{{FIELD}}}] ", "{message}")}
"""What a format string gets, and before what, for each style of formatting that is understood."""

DEFAULTS = '{"correlation_id": "-"}'
"""What a line gets whose handler lacks the filter: without, it would not be written at all. Python 3.12 reads it."""

QUIET = '{"level": "WARNING"}'
"""django-guid logs several lines for every request."""

LOGGING = """\
{
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "correlation_id": {"()": "django_guid.log_filters.CorrelationId"},
        "require_debug_false": {"()": "django.utils.log.RequireDebugFalse"},
    },
    "formatters": {
        "verbose": {
            "format": "%(levelname)s %(asctime)s %(name)s [%(correlation_id)s] %(message)s",
            "defaults": {"correlation_id": "-"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["correlation_id"],
            "formatter": "verbose",
        },
        "mail_admins": {
            "level": "ERROR",
            "filters": ["require_debug_false"],
            "class": "django.utils.log.AdminEmailHandler",
        },
    },
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "django": {"level": "INFO", "handlers": ["mail_admins"]},
        "django_guid": {"level": "WARNING"},
    },
}"""
"""What Django logs by default, production included, with the id in every line."""

SNIPPET = """\
"filters": {"correlation_id": {"()": "django_guid.log_filters.CorrelationId"}},
# in its formatters
"format": "[%(correlation_id)s] %(message)s",
"defaults": {"correlation_id": "-"},
# on every handler that has one of these
"filters": ["correlation_id"],"""

CHANGES = regex(r"(?m)^[ \t]*LOGGING[ \t]*(?:\[|\.)")
"""Code that changes a LOGGING which another module has."""

WRITES_ALL = ("pythonjsonlogger.", "json_log_formatter.")
"""Formatters that write whatever attributes a filter adds, so that its name on the handler is enough."""


def logs(project: Project, section: str, link: str) -> Plan:
    """The filter, the field and the filter's name on handlers, in all modules; a LOGGING where there is none."""
    owners, total = _owners(project), Plan()
    if _may_be_elsewhere(project):
        total += _by_hand(project.settings.base.path, f"if it has one: {project.settings.problems[0]}")
    elif not any(module.editable for module in owners):
        total += setting(project, "LOGGING", LOGGING, section=section, link=link)
    for module in owners:
        total += (
            _module(project, module.path)
            if module.editable
            else _by_hand(module.path, "the file is not everyone's")
        )
    for module in project.settings.modules:
        if module not in owners:
            total += _changed(project, module.path)
    return total


def is_in_lines(project: Project) -> bool:
    """Will all that is logged have the field, as far as the settings tell?"""
    return not _may_be_elsewhere(project) and all(
        module.editable and _writes_it(project, module.path) for module in _owners(project)
    )


def silencing(project: Project) -> tuple[RelPath, ...]:
    """The modules whose LOGGING surely disables the loggers that there are when it is set up, as is the default."""
    paths = (module.path for module in _owners(project) if module.editable)
    return tuple(path for path in paths if _silences(project, path))


def _owners(project: Project) -> list[SettingsModule]:
    return [module for module in project.settings.modules if "LOGGING" in module.names]


def _may_be_elsewhere(project: Project) -> bool:
    """Is there no LOGGING to be seen, while settings are taken in from where nobody looks? It would be replaced."""
    return bool(project.settings.problems) and not _owners(project)


def _silences(project: Project, path: RelPath) -> bool:
    try:
        dicts = _Reader(project.tree.read(path) or "")
    except (Refused, SyntaxError):
        return False
    key = "disable_existing_loggers"
    value = dicts.value(key)
    return dicts.lacks(key) or (isinstance(value, ast.Constant) and bool(value.value))


def _writes_it(project: Project, path: RelPath) -> bool:
    try:
        dicts = _Reader(project.tree.read(path) or "")
    except (Refused, SyntaxError):
        return False
    return not dicts.obstacle and bool(_formats(dicts, path))


def _module(project: Project, path: RelPath) -> Plan:
    try:
        dicts = _Reader(project.tree.read(path) or "")
    except (Refused, SyntaxError):  # which the edits of this file will say
        return _by_hand(path, "it cannot be read")
    formats = _formats(dicts, path)
    others = [name for name in dicts.names("formatters") if name not in formats]
    if dicts.obstacle or not (formats or any(_factory(dicts, name) for name in others)):
        return _by_hand(path, dicts.obstacle or "it has no format string that is understood")
    total = _key(path, ("filters", FIELD), FILTER)
    for name in dicts.names("handlers"):
        if _may_use(dicts, name, {*formats, *others}):
            total += _handler(dicts, path, name)
    for plan in formats.values():
        total += plan
    for name in others:
        total += _see_to(path, name, _factory(dicts, name))
    if dicts.lacks("loggers", "django_guid") or dicts.text("loggers", "django_guid", "level") == "WARNING":
        total += _key(path, ("loggers", "django_guid"), QUIET)
    return total


def _formats(dicts: _Reader, path: RelPath) -> dict[str, Plan]:
    """What the formatters need whose format string is understood."""
    found = {name: _formatter(dicts, path, name) for name in dicts.names("formatters")}
    return {name: plan for name, plan in found.items() if plan is not None}


def _factory(dicts: _Reader, name: str) -> str:
    """The class of a formatter that has no format string, as those that write JSON; or nothing."""
    factory = dicts.text("formatters", name, "()") or dicts.text("formatters", name, "class")
    return factory if factory and dicts.lacks("formatters", name, "format") else ""


def _may_use(dicts: _Reader, handler: str, formatters: set[str]) -> bool:
    """Has the handler one of the formatters, or one that only running the settings tells (`"a" if DEBUG else "b"`)?"""
    key = ("handlers", handler, "formatter")
    if dicts.lacks(*key):
        return False
    chosen = dicts.text(*key)
    return chosen is None or chosen in formatters


def _formatter(dicts: _Reader, path: RelPath, name: str) -> Plan | None:
    """The field in the format string; None if there is none that is understood."""
    style = dicts.text("formatters", name, "style") or "%"
    text = dicts.text("formatters", name, "format")
    if text is None or style not in PIECES:
        return None
    piece, before = PIECES[style]
    total = Plan()
    if piece in text or FIELD not in text:
        if piece not in text and text.count(before) != 1:
            return None
        keys = ("formatters", name, "format")
        total += Plan((edits.SettingText(path=path, name="LOGGING", keys=keys, piece=piece, before=before),))
    return total + _defaults(dicts, path, name)


def _defaults(dicts: _Reader, path: RelPath, name: str) -> Plan:
    """What stands for the field where a record has none. Other classes need not know the argument."""
    keys = ("formatters", name, "defaults")
    if not all(dicts.lacks("formatters", name, key) for key in ("()", "class")):
        return Plan()
    there, own = dicts.value(*keys), dicts.value(*keys, FIELD)
    if there is None or ast.unparse(there) == DEFAULTS.replace('"', "'"):
        return _key(path, keys, DEFAULTS)
    free = is_container(there) and (own is None or ast.unparse(own) == "'-'")
    return _key(path, (*keys, FIELD), '"-"') if free else Plan()


def _handler(dicts: _Reader, path: RelPath, name: str) -> Plan:
    keys = ("handlers", name, "filters")
    there = dicts.value(*keys)
    if isinstance(there, ast.List | ast.Tuple) and [ast.unparse(one) for one in there.elts] != [repr(FIELD)]:
        return Plan((edits.SettingKeyItem(path=path, name="LOGGING", keys=keys, item=f'"{FIELD}"'),))
    return _key(path, keys, f'["{FIELD}"]')


def _key(path: RelPath, keys: tuple[str, ...], value: str) -> Plan:
    return Plan((edits.SettingKey(path=path, name="LOGGING", keys=keys, value=value),))


def _by_hand(path: RelPath, why: str) -> Plan:
    text = f"put the correlation id into the lines that LOGGING in {path} writes ({why})"
    return Plan(todos=(Todo(text=text, snippet=SNIPPET, path=path),))


def _changed(project: Project, path: RelPath) -> Plan:
    """A module that only changes the LOGGING of another: what it adds may write the field, too."""
    try:
        text = project.tree.read(path) or ""
    except Refused:
        return Plan()
    match = CHANGES.search(text)
    if match is None:
        return Plan()
    line = text.count("\n", 0, match.start()) + 1
    told = f"{path}:{line}: LOGGING is changed here: give handlers that this adds the filter of the correlation id, too"
    return Plan(todos=(Todo(text=told, snippet=f'"filters": ["{FIELD}"],', path=path),))


def _see_to(path: RelPath, name: str, factory: str) -> Plan:
    """A formatter that is left alone. Its handlers have the filter all the same, so it can write the field."""
    if factory.startswith(WRITES_ALL):
        return Plan()
    why = f"what {factory} writes is not known" if factory else "its format string is not understood"
    text = f'let the formatter "{name}" of LOGGING in {path} write {FIELD}, which its handlers add: {why}'
    return Plan(todos=(Todo(text=text, snippet=f"%({FIELD})s", path=path),))


class _Reader:
    """What a file says of its LOGGING, as far as that is certain. Raises `SyntaxError` if it cannot be parsed."""

    def __init__(self, text: str) -> None:
        self.shape = find_dict(text, "LOGGING")

    def value(self, *keys: str) -> ast.expr | None:
        """What is under the keys, if there is one answer."""
        view = self.shape.look(keys)
        found = view.states[0] if len(view.states) == 1 and not view.problem else None
        return found.value if found is not None and not found.problem else None

    def lacks(self, *keys: str) -> bool:
        """Is there surely nothing under the keys?"""
        view = self.shape.look(keys)
        found = view.states[0] if len(view.states) == 1 and not view.problem else None
        return found is not None and not found.problem and found.value is None

    @property
    def obstacle(self) -> str:
        """Why the filter cannot be put on the handlers: what is in the way, and in which line."""
        for key in ("formatters", "handlers", "filters"):
            view = self.shape.look((key,))
            problem = view.problem or view.states[0].problem
            if problem:
                return problem.why if problem.line is None else f"line {problem.line}: {problem.why}"
            value = view.states[0].value
            if value is not None and not is_container(value):
                return f'line {value.lineno}: LOGGING["{key}"] is not a dict literal, so it is left alone'
        return ""

    def text(self, *keys: str) -> str | None:
        """The plain string under the keys."""
        value = self.value(*keys)
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None

    def names(self, key: str) -> list[str]:
        """The keys of the dict under `key` that are plain strings."""
        value = self.value(key)
        entries = list(entries_of(value)) if value is not None and is_container(value) else []
        names = [name.value if isinstance(name, ast.Constant) else name for name, _ in entries]
        return [name for name in names if isinstance(name, str)]
