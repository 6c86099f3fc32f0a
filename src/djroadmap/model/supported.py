"""Which versions of Django features are written for."""

from __future__ import annotations

from djroadmap.regex import regex

OLDEST_DJANGO = (4, 2)
"""The oldest long-term support release that third-party packages of today still support."""

OLDEST_PYTHON = (3, 11)
"""What the code for domain events is written for: `typing.Self`, `datetime.UTC`."""

CLAUSE = regex(r"\s*(===?|~=|<=|<|>=|>|!=|\^|~)?\s*v?(\d+)(?:\.(\d+))?([.\d*]*)")


def is_too_old(version: str | None, oldest: tuple[int, int] = OLDEST_DJANGO) -> bool:
    """Does this specifier or version, as a project writes it, leave no release from `oldest` on?

    For 4.2, `3.2.25`, `~=4.1.0`, `^3.2` and `>=2.2,<4` do; `>=3.2`, `<5`, `~=4.1` and what cannot be read do not.
    """
    return any(_keeps_older(clause, oldest) for clause in (version or "").split(","))


def _keeps_older(clause: str, oldest: tuple[int, int]) -> bool:
    match = CLAUSE.match(clause)
    if match is None:
        return False
    operator, major, minor, patch = match[1] or "==", int(match[2]), match[3], match[4]
    if operator in {">=", ">", "!="}:
        return False
    if operator == "^" or (operator == "~=" and not patch) or minor is None:
        return major < oldest[0] or (operator == "<" and major == oldest[0])
    if operator == "<" and not patch.strip(".0"):
        return (major, int(minor)) <= oldest
    return (major, int(minor)) < oldest
