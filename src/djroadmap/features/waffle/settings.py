"""Waffle's settings: what nobody made is off and logged, and cookies survive plain HTTP in development."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.settings import import_, knows_debug, unless_set

if TYPE_CHECKING:
    from djroadmap.model.project import Project

SECTION = "django-waffle"
LINK = "https://waffle.readthedocs.io/en/stable/starting/configuring.html"
SECURE = "WAFFLE_SECURE"
OVER_HTTP = "Browsers drop secure cookies that come over plain HTTP"


def settings(project: Project) -> Plan:
    """Defaults and logging for every environment, cookies for development. What the owner has set stays."""
    defaults, levels = Plan(), Plan()
    for kind in ("FLAG", "SWITCH", "SAMPLE"):
        link = "" if defaults.edits else LINK
        defaults += unless_set(project, f"WAFFLE_{kind}_DEFAULT", "False", link=link, section=SECTION)
    for kinds in ("FLAGS", "SWITCHES", "SAMPLES"):
        levels += unless_set(project, f"WAFFLE_LOG_MISSING_{kinds}", "logging.WARNING", section=SECTION)
    # Before what needs it, so that it is taken back after it.
    needed = import_(project, levels.edits[0].path, "logging") if levels.edits else Plan()
    return needed + defaults + levels + _cookies(project)


def _cookies(project: Project) -> Plan:
    """Cookies that are not secure, but only in development; a to-do where the settings do not tell what that is."""
    local = project.settings.environment("local")
    if local is not None and local.editable:
        return unless_set(
            project, SECURE, "False", environment="local", link=LINK, comment=f"{OVER_HTTP}.", section=SECTION
        )
    if knows_debug(project):
        return unless_set(
            project, SECURE, "not DEBUG", comment=f"{OVER_HTTP}, as in development.", section=SECTION
        )
    if any(SECURE in module.names for module in project.settings.modules):
        return Plan()
    text = f"{OVER_HTTP}: set {SECURE} in the settings that development alone uses"
    return Plan(todos=(Todo(text=text, snippet=f"{SECURE} = False", path=local.path if local else ""),))
