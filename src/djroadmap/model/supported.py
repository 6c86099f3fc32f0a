"""Which versions of Django features are written for."""

from __future__ import annotations

from djroadmap.regex import regex

OLDEST_DJANGO = (4, 2)
"""The oldest long-term support release that third-party packages of today still support."""

CLAUSE = regex(r"\s*(===?|~=|<=|<|>=|>|!=|\^|~)?\s*v?(\d+)(?:\.(\d+))?([.\d*]*)")


def is_too_old(django: str | None) -> bool:
    """Does this specifier or version, as a project writes it, leave no release from `OLDEST_DJANGO` on?

    `3.2.25`, `~=4.1.0`, `^3.2` and `>=2.2,<4` do; `>=3.2`, `<5`, `~=4.1` and what cannot be read do not.
    """
    return any(_keeps_older(clause) for clause in (django or "").split(","))


def _keeps_older(clause: str) -> bool:
    match = CLAUSE.match(clause)
    if match is None:
        return False
    operator, major, minor, patch = match[1] or "==", int(match[2]), match[3], match[4]
    if operator in {">=", ">", "!="}:
        return False
    if operator == "^" or (operator == "~=" and not patch) or minor is None:
        return major < OLDEST_DJANGO[0] or (operator == "<" and major == OLDEST_DJANGO[0])
    if operator == "<" and not patch.strip(".0"):
        return (major, int(minor)) <= OLDEST_DJANGO
    return (major, int(minor)) < OLDEST_DJANGO
