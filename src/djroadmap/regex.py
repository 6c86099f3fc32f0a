"""Regular expressions that are compiled when they are first used: there are many, and a run needs few of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    from re import Pattern


def regex(pattern: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """`re.compile` for patterns at the top of a module, where it would cost every run that imports it.

    A mistake in one is found when it is used: `tests/test_regex.py` compiles all there are.
    """
    return cast("Pattern[AnyStr]", Uncompiled(pattern, flags))


class Uncompiled:
    """Stands for a pattern, and keeps each of its methods that was asked for."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._arguments = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._arguments), name)
        setattr(self, name, found)
        return found
