"""The correlation id in the lines of every LOGGING that the settings have."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.settings import setting
from djroadmap.syntax.dicts import entries_of, find_dict, is_container

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

FIELD = "correlation_id"
FILTER = '{"()": "django_guid.log_filters.CorrelationId"}'
PIECES = {"%": (f"[%({FIELD})s] ", "%(message)s"), "{": (f"[{{{FIELD}}}] ", "{message}")}
"""What a format string gets, and before what, for each style of formatting that is understood."""

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
"filters": {"correlation_id": {"()": "django_guid.log_filters.CorrelationId"}}
"format": "[%(correlation_id)s] %(message)s"
"filters": ["correlation_id"],  # on every handler with that format"""


def logs(project: Project, section: str, link: str) -> Plan:
    """The filter, the field and the filter's name on handlers, in all modules; a LOGGING where there is none."""
    owners = [module for module in project.settings.modules if "LOGGING" in module.names]
    if not owners:
        return setting(project, "LOGGING", LOGGING, section=section, link=link)
    total = Plan()
    for module in owners:
        if module.editable:
            total += _module(project, module.path)
    return total


def is_in_lines(project: Project) -> bool:
    """Will all that is logged have the field, as far as the settings tell?"""
    owners = [module for module in project.settings.modules if "LOGGING" in module.names]
    return all(module.editable and _module(project, module.path).edits for module in owners)


def _module(project: Project, path: RelPath) -> Plan:
    try:
        dicts = _Reader(project.tree.read(path) or "")
    except (Refused, SyntaxError):  # which the edits of this file will say
        return _by_hand(path)
    found = [_formatter(dicts, path, name) for name in dicts.names("formatters")]
    formatters = {name: plan for name, plan in zip(dicts.names("formatters"), found, strict=True) if plan}
    if not formatters or dicts.unclear("handlers") or dicts.unclear("filters"):
        return _by_hand(path)
    total = _key(path, ("filters", FIELD), FILTER)
    for name in dicts.names("handlers"):
        if dicts.text("handlers", name, "formatter") in formatters:
            total += _handler(dicts, path, name)
    for plan in formatters.values():
        total += plan
    free = not dicts.unclear("loggers") and dicts.value("loggers", "django_guid") is None
    if free or dicts.text("loggers", "django_guid", "level") == "WARNING":
        total += _key(path, ("loggers", "django_guid"), QUIET)
    return total


def _formatter(dicts: _Reader, path: RelPath, name: str) -> Plan | None:
    """The field in the format string; None if there is none that is understood, or the field is there already."""
    style = dicts.text("formatters", name, "style") or "%"
    text = dicts.text("formatters", name, "format")
    if text is None or style not in PIECES:
        return None
    piece, before = PIECES[style]
    if piece not in text and (FIELD in text or text.count(before) != 1):
        return None
    keys = ("formatters", name, "format")
    return Plan((edits.SettingText(path=path, name="LOGGING", keys=keys, piece=piece, before=before),))


def _handler(dicts: _Reader, path: RelPath, name: str) -> Plan:
    keys = ("handlers", name, "filters")
    there = dicts.value(*keys)
    if isinstance(there, ast.List | ast.Tuple) and [ast.unparse(one) for one in there.elts] != [repr(FIELD)]:
        return Plan((edits.SettingKeyItem(path=path, name="LOGGING", keys=keys, item=f'"{FIELD}"'),))
    return _key(path, keys, f'["{FIELD}"]')


def _key(path: RelPath, keys: tuple[str, ...], value: str) -> Plan:
    return Plan((edits.SettingKey(path=path, name="LOGGING", keys=keys, value=value),))


def _by_hand(path: RelPath) -> Plan:
    text = f"put the correlation id into the lines that LOGGING in {path} writes"
    return Plan(todos=(Todo(text=text, snippet=SNIPPET, path=path),))


class _Reader:
    """What a file says of its LOGGING, as far as that is certain. Raises `SyntaxError` if it cannot be parsed."""

    def __init__(self, text: str) -> None:
        self.shape = find_dict(text, "LOGGING")

    def value(self, *keys: str) -> ast.expr | None:
        """What is under the keys, if there is one answer."""
        view = self.shape.look(keys)
        found = view.states[0] if len(view.states) == 1 and not view.problem else None
        return found.value if found is not None and not found.problem else None

    def unclear(self, *keys: str) -> bool:
        """Is there something under the keys that is not a dict literal, or may there be?"""
        view = self.shape.look(keys)
        if view.problem or len(view.states) != 1 or view.states[0].problem:
            return True
        value = view.states[0].value
        return value is not None and not is_container(value)

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
