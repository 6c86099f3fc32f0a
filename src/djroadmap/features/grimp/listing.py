"""The file of known violations: as it is written, what it says, and what is added to it for apps that came later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.planning.packages import is_bus
from djroadmap.regex import regex
from djroadmap.templating import rendered

if TYPE_CHECKING:
    from collections.abc import Collection

    from djroadmap.model.project import Project

    from .tested import Tested
    from .violations import Violations

ID = "grimp"
LIST = "known_violations.txt"
LOOKED_AT = regex(r"(?m)^# Looked at: (.*(?:\r?\n#   .*)*)")
"""Which apps the violations are known of."""


def everything(project: Project, seen: Tested) -> str:
    """The whole file: today's violations of all apps. Raises `Refused` for files that do not parse."""
    from .violations import listed, violations  # noqa: PLC0415 - `status` does not need them

    rules = listed(violations(project, seen))
    tests = seen.module.rpartition("/")[2]
    return rendered(ID, LIST, rules=rules, tests=tests, apps=_sentence(own_apps(seen)))()


def later(project: Project, seen: Tested, apps: Collection[str], text: str) -> str:
    """What is added to the file for apps that have come since. Raises `Refused` for files that do not parse."""
    from .violations import brought, listed  # noqa: PLC0415 - as above

    parts = [_sentence(apps)]
    for rule, lines in listed(brought(project, seen, apps, known(text))):
        if lines:
            parts.append("\n".join((f"[{rule}]", *lines)))
    return "\n\n".join(parts)


def own_apps(seen: Tested) -> tuple[str, ...]:
    """The apps with violations of their own: the bus comes and goes as a feature, and knows nobody."""
    return tuple(sorted(app for app in seen.apps if not is_bus(app)))


def looked_at(text: str) -> frozenset[str] | None:
    """The apps that the file speaks of; None if it does not say."""
    found = LOOKED_AT.findall(text)
    return frozenset(" ".join(found).replace("#", " ").replace(",", " ").split()) if found else None


def known(text: str) -> Violations:
    """The lines of each rule, as the tests read them."""
    found: dict[str, set[str]] = {}
    rule = ""
    for row in text.splitlines():
        line = row.partition("#")[0].strip()
        if line.startswith("["):
            rule = line.strip("[]")
        elif line:
            found.setdefault(rule, set()).add(line)
    return {name: frozenset(lines) for name, lines in found.items()}


def _sentence(apps: Collection[str]) -> str:
    from textwrap import fill  # noqa: PLC0415 - `status` does not need it

    text = f"# Looked at: {', '.join(apps)}"
    return fill(text, 90, subsequent_indent="#   ", break_long_words=False, break_on_hyphens=False)
