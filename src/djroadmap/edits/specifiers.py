"""Requirement strings (PEP 508): what they name, and how a file's neighbours pin."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REQUIREMENT = regex(
    r"""\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*
    (?:\[(?P<extras>[^\]]*)\])?\s*
    (?P<spec>\(?[<>=!~][^;]*|@[^;]*(?:\s;)?|)\s*
    (?P<marker>;.*)?$""",
    re.VERBOSE | re.DOTALL,
)
EGG = regex(r"[#&]egg=(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[(?P<extras>[^\]]*)\])?")
STYLES = ("==", "~=", ">=", "")
"""How neighbours may pin, in the order that breaks a tie."""
PIN = regex(r"==\s*([^\s=*,]+)")
CARET = regex(r"(==|\^)\s*([^\s=*,^]+)")
PINNED = regex(r"(?P<head>[^=<>!~;@\s]+)\s*(?P<pin>==[^;\s]+)(?P<tail>\s*(?:;.*)?)")
CONSTRAINT = regex(r"==|\^|~=|~|>=|\*|(?=\d)")
CONSTRAINT_STYLES = ("==", "^", "~=", "~", ">=", "", "*")


class Named(NamedTuple):
    """A requirement as far as it matters here. Names and extras are normalised."""

    name: str
    extras: frozenset[str]
    spec: str
    """`==5.0`, `>=4,<5`, nothing, or `@ https://...` for an address."""
    gap: str = ""
    """What stands between the name and the specifier: nothing, or a space."""


def normalise(name: str) -> str:
    """A distribution name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_requirement(text: str) -> Named | None:
    """What a requirement (without comment and options) names; None if it is none, or has no name."""
    gap = ""
    if match := EGG.search(text):
        spec = "@ " + text.strip()
    elif match := REQUIREMENT.match(text):
        spec = match["spec"].strip()
        gap = " " if spec and text[: match.start("spec")][-1:].isspace() else ""
    else:
        return None
    extras = frozenset(
        normalise(extra.strip()) for extra in (match["extras"] or "").split(",") if extra.strip()
    )
    return Named(normalise(match["name"]), extras, spec, gap)


def styled(specifier: str, neighbours: Iterable[Named]) -> str:
    """A pin like `==5.0.0` the way most neighbours have theirs: `==5.0.0`, ` ~= 5.0`, `>=5.0` or nothing.

    A specifier that is no pin is a condition, and stays. Adding what this returns never changes what
    it returns next, so the order of adding does not matter.
    """
    pin = PIN.fullmatch(specifier)
    if not pin:
        return specifier
    found = [(style, named) for named in neighbours if (style := _style(named.spec)) is not None]
    counts = Counter(style for style, _ in found)
    style = max(STYLES, key=lambda style: counts[style])
    same = [named for other, named in found if other == style]
    if not style:
        return ""
    gap = " " if 2 * sum(bool(named.gap) for named in same) > len(same) else ""
    spaced = sum(bool(re.search(rf"{style}\s", named.spec)) for named in same)
    version = _precise(pin[1], style, [named.spec for named in same])
    return f"{gap}{style}{' ' if 2 * spaced > len(same) else ''}{version}"


def _precise(version: str, style: str, specs: Sequence[str]) -> str:
    """The version with just as many parts as most neighbours write; a pin is always exact."""
    found = (re.search(rf"{re.escape(style)}\s*([\d.]+)", spec) for spec in specs)
    lengths = Counter(match[1].rstrip(".").count(".") + 1 for match in found if match)
    parts = version.split(".")
    if style == "==" or not lengths or not all(part.isdigit() for part in parts):
        return version
    most = max(lengths, key=lambda length: (lengths[length], length))
    most = max(most, 2) if style == "~=" else most  # ~=5 is no specifier
    return ".".join((*parts, *["0"] * most)[:most])


def restyled(requirement: str, neighbours: Sequence[Named]) -> str:
    """A whole requirement with its pin as `styled`, in parentheses if most neighbours have them (Poetry)."""
    match = PINNED.fullmatch(requirement)
    if not match:
        return requirement
    spec = styled(match["pin"], neighbours)
    if spec and sum(named.spec.startswith("(") for named in neighbours) * 2 > len(neighbours):
        spec = f" ({spec.strip()})"
    return f"{match['head']}{spec}{match['tail']}"


def styled_constraint(constraint: str, neighbours: Iterable[Any]) -> str:
    """The same for a table of constraints (Poetry, Pipfile), which knows `^5.0`, `5.0` and `*` too.

    `^5.0.0`, Poetry's own way, is a pin as well, and stays one where there are no neighbours.
    """
    pin = CARET.fullmatch(constraint)
    if not pin:
        return constraint
    found = [value.get("version") if isinstance(value, dict) else value for value in neighbours]
    texts = [value for value in found if isinstance(value, str)]
    counts = Counter(match[0] for match in map(CONSTRAINT.match, texts) if match)
    if not counts:
        return f"{pin[1]}{_precise(pin[2], pin[1], ['^1.0.0'])}"
    style = max(CONSTRAINT_STYLES, key=lambda style: counts[style])
    if style == "*":
        return style
    same = [text for text in texts if (match := CONSTRAINT.match(text)) and match[0] == style]
    return f"{style}{_precise(pin[2], style or '==', same)}"


def _style(spec: str) -> str | None:
    """The style of one specifier; None if it is of no style that can be followed."""
    if not spec:
        return ""
    if spec.startswith("@"):
        return None
    return next((style for style in STYLES[:3] if style in spec), None)
