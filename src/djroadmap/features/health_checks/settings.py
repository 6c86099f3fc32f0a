"""The token of those who may see which check failed, read from the environment as the project reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.planning.settings import import_, unless_set
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.plan import Plan
    from djroadmap.model.project import Project

NAME = "HEALTH_CHECK_TOKEN"
SECTION = "Health checks"
COMMENT = 'Sent as "Authorization: Bearer ...", it shows which check of /readyz/ failed.'
ENV = regex(r"(?m)^env\s*(?::[^=\n]*)?=\s*(?:environ\.)?(?:Fileaware)?Env\(")
"""django-environ: https://django-environ.readthedocs.io."""


def settings(project: Project) -> Plan:
    """The setting, and what it needs imported; nothing if the project has set it."""
    base = project.settings.base
    try:
        text = project.tree.read(base.path) or ""
    except Refused:  # which the edits of this file will say
        text = ""
    environ = ENV.search(text) is not None
    value = f'env("{NAME}", default="")' if environ else f'os.environ.get("{NAME}", "")'
    plan = unless_set(project, NAME, value, section=SECTION, comment=COMMENT)
    if environ or not plan.edits:
        return plan
    return import_(project, base.path, "os") + plan
